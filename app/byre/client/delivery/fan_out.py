"""One body sealed for many mailboxes, in an order that says nothing.

The relay sees which mailboxes receive at one moment; the order of a room's leaves, the sender's place in it and which
of them is the sender's own are kept from it by the shuffle and by the echo to one's own mailbox.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from byre.identity.leaf import DeliveryAddress
from byre.identity.mailbox import seal_envelope
from byre.wire.envelope import ECHO
from byre.wire.ids import MID_SIZE

Random = Callable[[int], bytes]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recipient:
    """One device of one account and where its leaf wants its envelopes."""

    account_id: bytes
    device_id: bytes
    address: DeliveryAddress


@dataclass(frozen=True, slots=True)
class Sealed:
    """One envelope for one mailbox under a fresh mid."""

    recipient: Recipient
    mid: bytes
    envelope: bytes = field(repr=False)


def seal_for_all(recipients: Sequence[Recipient], envelope_type: int, body: bytes, random: Random) -> list[Sealed]:
    """Return `body` sealed to every recipient, shuffled."""
    sealed = [
        Sealed(to, random(MID_SIZE), seal_envelope(to.address.mailbox_key, envelope_type, body)) for to in recipients
    ]
    return shuffled(sealed, random)


def echo(own: Recipient, size_bytes: int, random: Random) -> Sealed:
    """Return an envelope of the same bucket to one's own mailbox; whoever opens it drops it."""
    return Sealed(own, random(MID_SIZE), seal_envelope(own.address.mailbox_key, ECHO, random(size_bytes)))


def shuffled(items: Sequence[T], random: Random) -> list[T]:
    """Return `items` in random order (Fisher-Yates over `random`)."""
    result = list(items)
    for last in range(len(result) - 1, 0, -1):
        other = int.from_bytes(random(8), "big") % (last + 1)
        result[last], result[other] = result[other], result[last]
    return result
