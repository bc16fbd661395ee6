"""Identifiers as typed bytes: whose id is it, and how long must it be.

All of them are opaque bytes; `AccountId` is computed from the account's key, the others are random. The sizes below
are what the formats of `wire` and `identity` check.
"""

from __future__ import annotations

from typing import Final, NewType

AccountId = NewType("AccountId", bytes)
"""SHA-256 of the account's public key under its domain string, 32 bytes."""
DeviceId = NewType("DeviceId", bytes)
"""16 random bytes, chosen by whoever issues the certificate."""
MailboxId = NewType("MailboxId", bytes)
"""16 random bytes, chosen by the device."""
GroupId = NewType("GroupId", bytes)
"""MLS group id: 1 to 64 bytes."""
MessageId = NewType("MessageId", bytes)
"""Names content, 16 random bytes: never changes, however often the content is encrypted anew."""
Mid = NewType("Mid", bytes)
"""Names ciphertext at the relay, 16 random bytes: new bytes, new mid."""
RunId = NewType("RunId", bytes)
"""64 random bits, new at the start of a profile and after every restore."""
WipeId = NewType("WipeId", bytes)
"""Names one wipe, 16 random bytes."""
GroupTag = NewType("GroupTag", bytes)
"""Names a room at its home relay, 16 random bytes that say nothing of the group id."""
ClaimId = NewType("ClaimId", bytes)
"""Names one attempt to commit, 16 random bytes."""
RendezvousId = NewType("RendezvousId", bytes)
"""Names the meeting point of one linking offer, 16 random bytes."""
DeliveryToken = NewType("DeliveryToken", bytes)
"""The right to send to a mailbox, 32 random bytes; the relay knows its SHA-256."""

ACCOUNT_ID_SIZE: Final = 32
DEVICE_ID_SIZE: Final = 16
MAILBOX_ID_SIZE: Final = 16
LARGEST_GROUP_ID: Final = 64
MESSAGE_ID_SIZE: Final = 16
MID_SIZE: Final = 16
RUN_ID_SIZE: Final = 8
WIPE_ID_SIZE: Final = 16
GROUP_TAG_SIZE: Final = 16
CLAIM_ID_SIZE: Final = 16
RENDEZVOUS_ID_SIZE: Final = 16
DELIVERY_TOKEN_SIZE: Final = 32
