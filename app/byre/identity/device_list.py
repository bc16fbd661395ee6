"""The signed device list: which devices are the account's now, each list chained to the one before.

    u16 format=1 ‖ u64 version ‖ previous[48] ‖ (device_id[16] ‖ certificate_hash[48])<V> ‖ u64 issued_at_ms
    ‖ signature[64]                                            account key, "byre device list v1"
    hash = SHA-384(domain ‖ all of it);  previous = the hash of list version-1, zeros for version 1

Entries ascend by device id, 1 to 32 of them. A list is re-signed (version + 1, same devices) at least every 30 days and
shown as stale after. Two lists of one version with different hashes, or a list whose predecessor is not the one that
was signed, are a signed proof of a fork (`fork.py`). A signed list is never discarded, a lower version never accepted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from byre.identity import domains
from byre.identity.account import AccountKey, account_id_of
from byre.identity.certificate import SIGNATURE_SIZE, DeviceCertificate
from byre.wire import ids
from byre.wire.fields import bad_field, blaming_the_peer, need_bytes, need_time_ms, need_uint
from byre.wire.ids import AccountId, DeviceId
from byre.wire.tls import Reader, Writer
from byre.wire.versions import STRUCTURE_VERSION, expect_version

HASH_SIZE: Final = 48
NO_PREVIOUS: Final = bytes(HASH_SIZE)
MOST_DEVICES: Final = 32
STALE_AFTER_MS: Final = 30 * 24 * 3600 * 1000
VERSION_BITS: Final = 53


@dataclass(frozen=True, slots=True, order=True)
class ListedDevice:
    """One entry: a device and the hash of its certificate."""

    device_id: DeviceId
    certificate_hash: bytes

    def __post_init__(self) -> None:
        need_bytes(self.device_id, ids.DEVICE_ID_SIZE, "a device id")
        need_bytes(self.certificate_hash, HASH_SIZE, "a certificate's hash")

    @classmethod
    def of(cls, certificate: DeviceCertificate) -> ListedDevice:
        """Return the entry of a certified device."""
        return cls(certificate.device_id, certificate.hash)

    @classmethod
    def read(cls, reader: Reader) -> ListedDevice:
        """Read one entry."""
        return cls(DeviceId(reader.fixed(ids.DEVICE_ID_SIZE)), reader.fixed(HASH_SIZE))


@dataclass(frozen=True, slots=True)
class DeviceList:
    """A verified list of one account; `encoded` is what was signed, with the signature."""

    account_id: AccountId
    version: int
    previous: bytes
    devices: tuple[ListedDevice, ...]
    issued_at_ms: int
    encoded: bytes = field(repr=False)

    @classmethod
    def issue(
        cls, account_key: AccountKey, *, devices: Iterable[ListedDevice], previous: DeviceList | None, now_ms: int
    ) -> DeviceList:
        """Sign the list that follows `previous`, or the account's first.

        Raises:
            UsageError: code bad_field; no device, too many, one twice, or `previous` of another account.
        """
        if previous is not None and previous.account_id != account_key.account_id:
            raise bad_field("a list follows a list of its own account")
        version = 1 if previous is None else previous.version + 1
        chain = NO_PREVIOUS if previous is None else previous.hash
        entries = tuple(sorted(devices))
        _check(version, entries, now_ms)
        writer = Writer().u16(STRUCTURE_VERSION).u64(version).fixed(chain)
        writer.vector([entry.device_id + entry.certificate_hash for entry in entries])
        structure = writer.u64(now_ms).done()
        signature = account_key.sign(domains.DEVICE_LIST, structure)
        return cls(account_key.account_id, version, chain, entries, now_ms, structure + signature)

    def with_device(self, account_key: AccountKey, certificate: DeviceCertificate, now_ms: int) -> DeviceList:
        """Sign the successor that names `certificate`'s device too (in place of an entry of the same id)."""
        kept = [entry for entry in self.devices if entry.device_id != certificate.device_id]
        entries = [*kept, ListedDevice.of(certificate)]
        return DeviceList.issue(account_key, devices=entries, previous=self, now_ms=now_ms)

    def without_devices(self, account_key: AccountKey, gone: Collection[DeviceId], now_ms: int) -> DeviceList:
        """Sign the successor without the devices `gone`."""
        kept = [entry for entry in self.devices if entry.device_id not in gone]
        return DeviceList.issue(account_key, devices=kept, previous=self, now_ms=now_ms)

    def renewed(self, account_key: AccountKey, now_ms: int) -> DeviceList:
        """Sign the successor with the same devices, before this list is stale."""
        return DeviceList.issue(account_key, devices=self.devices, previous=self, now_ms=now_ms)

    @classmethod
    def decode(cls, data: bytes, account_public: bytes) -> DeviceList:
        """Return the list that the account signed.

        Raises:
            PeerError: code malformed, newer_version or bad_signature.
        """
        reader = Reader(data)
        expect_version(reader.u16(), STRUCTURE_VERSION)
        version, previous = reader.u64(), reader.fixed(HASH_SIZE)
        entries = tuple(reader.vector(ListedDevice.read))
        issued_at_ms = reader.u64()
        structure = reader.since(0)
        signature = reader.fixed(SIGNATURE_SIZE)
        reader.end()
        domains.verify(account_public, domains.DEVICE_LIST, structure, signature)
        with blaming_the_peer():
            _check(version, entries, issued_at_ms)
            if (version == 1) != (previous == NO_PREVIOUS):
                raise bad_field("only the first list has no predecessor")
        return cls(account_id_of(account_public), version, previous, entries, issued_at_ms, data)

    @property
    def hash(self) -> bytes:
        """SHA-384 that the next list names this one by."""
        return domains.hash_of(domains.DEVICE_LIST, self.encoded)

    def has(self, certificate: DeviceCertificate) -> bool:
        """Tell whether this list names exactly this certificate."""
        return certificate.account_id == self.account_id and ListedDevice.of(certificate) in self.devices

    def has_device(self, device_id: DeviceId) -> bool:
        """Tell whether this list names the device."""
        return any(entry.device_id == device_id for entry in self.devices)

    def is_stale(self, now_ms: int) -> bool:
        """Tell whether the list is older than 30 days: shown as stale, nothing more."""
        return now_ms - self.issued_at_ms > STALE_AFTER_MS


def _check(version: int, entries: tuple[ListedDevice, ...], issued_at_ms: int) -> None:
    if need_uint(version, VERSION_BITS, "a list's version") == 0:
        raise bad_field("the first list has version 1")
    if not 1 <= len(entries) <= MOST_DEVICES:
        raise bad_field(f"a list names 1 to {MOST_DEVICES} devices")
    identifiers = [entry.device_id for entry in entries]
    if any(earlier >= later for earlier, later in pairwise(identifiers)):
        raise bad_field("entries of a list ascend by device id")
    need_time_ms(issued_at_ms, "the time of issue")
