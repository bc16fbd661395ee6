"""A directory's answer about one account, checked as a whole: the relay may withhold, never invent.

The record verifies, its list is the end of an unbroken chain that continues what is known, the handle is the one that
was asked for, and of the device records only those count whose certificate the newest list names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from byre.errors import PeerError
from byre.identity.device_list import DeviceList
from byre.identity.fork import newest_of_chain
from byre.identity.records import AccountRecord, DeviceRecord
from byre.wire.ids import AccountId
from byre.wire.tls import malformed


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """A verified answer: the record, every list that was served in order, and the listed devices' records."""

    record: AccountRecord
    lists: tuple[DeviceList, ...]
    devices: tuple[DeviceRecord, ...]


def verify_lookup(
    account_record: bytes,
    lists: Sequence[bytes],
    device_records: Sequence[bytes],
    *,
    handle: str | None = None,
    host: str | None = None,
    account_id: AccountId | None = None,
    known: DeviceList | None = None,
) -> DirectoryEntry:
    """Verify a directory's answer.

    Args:
        account_record: as the account signed it.
        lists: its device lists in ascending order, from the one after `known` (or any earlier) to the newest; empty
            when `known` is the newest.
        device_records: in any order; unlisted ones are left out of the result, later ones of a device win.
        handle: what was asked for by handle, in its one spelling.
        host: the authority of the relay that was asked.
        account_id: what was asked for by id.
        known: the newest list seen of this account, wherever it came from.

    Raises:
        PeerError: code wrong_account (another handle or id), malformed, newer_version, bad_signature, bad_handle,
            bad_relay_url, list_rollback or list_fork.
    """
    record = AccountRecord.decode(account_record)
    if handle not in (None, record.binding.handle) or host not in (None, record.binding.host):
        raise PeerError("the directory answered for another handle", code="wrong_account")
    if account_id is not None and account_id != record.account_id:
        raise PeerError("the directory answered for another account", code="wrong_account")
    chain = tuple(DeviceList.decode(each, record.account_public) for each in lists) or (record.device_list,)
    newest = newest_of_chain(chain, known)
    if newest != record.device_list:
        raise malformed("the directory's lists do not end with the account record's")
    devices = {}
    for each in sorted(
        (DeviceRecord.decode(data, record.account_public) for data in device_records), key=lambda r: r.issued_at_ms
    ):
        if newest.has(each.certificate):
            devices[each.certificate.device_id] = each
    return DirectoryEntry(record, chain, tuple(devices.values()))
