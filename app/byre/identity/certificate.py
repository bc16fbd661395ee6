"""The device certificate: the account says "this key is a device of mine".

    u16 version=1 ‖ account_id[32] ‖ device_id[16] ‖ device_key[32] ‖ u8 role ‖ u64 issued_at_ms ‖ signature[64]
    signature: account key, "byre device certificate v1";  hash = SHA-384(domain ‖ all of it)

role 1 primary, 2 linked. No expiry in version 1: a device ends with the list that no longer names it. No device name:
names live in the device room. An instance is verified: there is no way to make one from unsigned bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from byre.identity import domains
from byre.identity.account import AccountKey, account_id_of
from byre.wire import ids
from byre.wire.fields import blaming_the_peer, need_bytes, need_time_ms
from byre.wire.ids import AccountId, DeviceId
from byre.wire.tls import Reader, Writer, malformed
from byre.wire.versions import STRUCTURE_VERSION, expect_version

SIGNATURE_SIZE: Final = 64
DEVICE_KEY_SIZE: Final = 32


class DeviceRole(IntEnum):
    """What a device may do: the primary holds the account's key."""

    PRIMARY = 1
    LINKED = 2


@dataclass(frozen=True, slots=True)
class DeviceCertificate:
    """A verified certificate; `encoded` is what was signed, with the signature."""

    account_id: AccountId
    device_id: DeviceId
    device_key: bytes
    role: DeviceRole
    issued_at_ms: int
    encoded: bytes = field(repr=False)

    @classmethod
    def issue(
        cls, account_key: AccountKey, *, device_id: DeviceId, device_key: bytes, role: DeviceRole, now_ms: int
    ) -> DeviceCertificate:
        """Certify the device whose public key (Ed25519, the MLS leaf key) is `device_key`."""
        need_bytes(device_id, ids.DEVICE_ID_SIZE, "a device id")
        need_bytes(device_key, DEVICE_KEY_SIZE, "a device key")
        need_time_ms(now_ms, "the time of issue")
        writer = Writer().u16(STRUCTURE_VERSION).fixed(account_key.account_id).fixed(device_id).fixed(device_key)
        structure = writer.u8(role).u64(now_ms).done()
        signature = account_key.sign(domains.CERTIFICATE, structure)
        return cls(account_key.account_id, device_id, device_key, role, now_ms, structure + signature)

    @classmethod
    def decode(cls, data: bytes, account_public: bytes) -> DeviceCertificate:
        """Return the certificate that the account signed.

        Raises:
            PeerError: code malformed, newer_version or bad_signature.
        """
        reader = Reader(data)
        expect_version(reader.u16(), STRUCTURE_VERSION)
        account_id = AccountId(reader.fixed(ids.ACCOUNT_ID_SIZE))
        device_id = DeviceId(reader.fixed(ids.DEVICE_ID_SIZE))
        device_key = reader.fixed(DEVICE_KEY_SIZE)
        role_number, issued_at_ms = reader.u8(), reader.u64()
        structure = reader.since(0)
        signature = reader.fixed(SIGNATURE_SIZE)
        reader.end()
        domains.verify(account_public, domains.CERTIFICATE, structure, signature)
        if role_number not in (DeviceRole.PRIMARY, DeviceRole.LINKED):
            raise malformed("a device's role is unknown")
        if account_id != account_id_of(account_public):
            raise malformed("a certificate names another account than its signer's")
        with blaming_the_peer():
            need_time_ms(issued_at_ms, "the time of issue")
        return cls(account_id, device_id, device_key, DeviceRole(role_number), issued_at_ms, data)

    @property
    def hash(self) -> bytes:
        """SHA-384 that device lists name this certificate by."""
        return domains.hash_of(domains.CERTIFICATE, self.encoded)
