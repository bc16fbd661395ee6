"""Other accounts, their device records, and every signed device list ever seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from byre.db import Connection
from byre.store.positions import AT_ONCE, pages
from byre.store.table import Table


@dataclass(frozen=True, slots=True)
class PeerRow:
    """An account. `trust` is unverified, verified or changed; `changed_public` is the key that appeared instead.

    `device_list` is the newest signed list (bytes as received), `record` the account record of the directory.
    `name` is what the account calls itself since `name_at` (ms), 0 when nobody but an own device has told it.
    """

    account_id: bytes
    account_public: bytes
    handle: str
    host: str
    added_at: int
    name: str = ""
    name_at: int = 0
    is_contact: bool = False
    trust: str = "unverified"
    changed_public: bytes | None = None
    list_version: int = 0
    device_list: bytes = b""
    binding: bytes = b""
    record: bytes = b""
    fetched_at: int = 0


@dataclass(frozen=True, slots=True)
class DeviceRecordRow:
    """A device record of another account as the directory gave it."""

    device_id: bytes
    account_id: bytes
    bytes: bytes
    fetched_at: int


@dataclass(frozen=True, slots=True)
class SignedListRow:
    """One signed device list. `hash` is SHA-384 of it; two hashes of one version prove a fork."""

    account_id: bytes
    version: int
    hash: bytes
    bytes: bytes
    received_at: int
    is_published: bool = True


_PEER = Table.of("peer", PeerRow)
_DEVICE_RECORD = Table.of("device_record", DeviceRecordRow)
_SIGNED_LIST = Table.of("signed_list", SignedListRow)


class PeerRepository:
    """Accounts by id and by handle. To change one: `put(dataclasses.replace(row, …))`.

    Each is read once per transaction: the same few people are in most rooms of a list.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: dict[bytes, PeerRow | None] = {}

    def put(self, row: PeerRow) -> None:
        self._read.clear()
        _PEER.put(self._connection, row, "account_id")

    def get(self, account_id: bytes) -> PeerRow | None:
        if account_id not in self._read:
            self._read[account_id] = _PEER.one(self._connection, "WHERE account_id = ?", (account_id,))
        return self._read[account_id]

    def read(self, account_ids: Iterable[bytes]) -> None:
        """Read several at once, for `get`: a page of a large room has dozens of senders."""
        for page in pages([each for each in dict.fromkeys(account_ids) if each not in self._read], AT_ONCE):
            rows = _PEER.all(self._connection, f"WHERE account_id IN ({', '.join('?' * len(page))})", page)
            self._read |= dict.fromkeys(page) | {row.account_id: row for row in rows}

    def by_handle(self, handle: str, host: str) -> list[PeerRow]:
        """Newest first: more than one when the key behind a handle changed."""
        return _PEER.all(
            self._connection, "WHERE handle = ? AND host = ? ORDER BY added_at DESC, rowid DESC", (handle, host)
        )

    def contacts(self) -> list[PeerRow]:
        """Contacts by name, then handle."""
        return _PEER.all(self._connection, "WHERE is_contact = 1 ORDER BY name, handle, host")

    def all(self) -> list[PeerRow]:
        return _PEER.all(self._connection, "ORDER BY added_at, rowid")

    def set_trust(self, account_id: bytes, trust: str, *, changed_public: bytes | None = None) -> None:
        self._read.clear()
        self._connection.execute(
            "UPDATE peer SET trust = ?, changed_public = ? WHERE account_id = ?", (trust, changed_public, account_id)
        )

    def set_contact(self, account_id: bytes, is_contact: bool) -> None:
        self._read.clear()
        self._connection.execute("UPDATE peer SET is_contact = ? WHERE account_id = ?", (is_contact, account_id))

    def told(self, room: int) -> dict[bytes, int]:
        """Which own name, by the time of its change, each device of a room was told."""
        rows = self._connection.execute("SELECT device_id, name_at FROM name_told WHERE room = ?", (room,))
        return {bytes(device_id): int(name_at) for device_id, name_at in rows}

    def note_told(self, room: int, device_ids: Iterable[bytes], name_at: int) -> None:
        """Note that devices of a room were told the own name of `name_at`; an older one never replaces it."""
        self._connection.executemany(
            "INSERT INTO name_told (room, device_id, name_at) VALUES (?, ?, ?)"
            " ON CONFLICT (room, device_id) DO UPDATE SET name_at = max(name_at, excluded.name_at)",
            [(room, device_id, name_at) for device_id in device_ids],
        )

    def rooms_untold(self, own_account: bytes, name_at: int) -> set[int]:
        """Rooms with a device of somebody else that was not told the own name of `name_at`."""
        rows = self._connection.execute(
            "SELECT DISTINCT m.room FROM member m"
            " LEFT JOIN name_told t ON t.room = m.room AND t.device_id = m.device_id"
            " WHERE m.account_id != ? AND coalesce(t.name_at, 0) < ?",
            (own_account, name_at),
        )
        return {int(room) for (room,) in rows}

    def put_device_record(self, row: DeviceRecordRow) -> None:
        _DEVICE_RECORD.put(self._connection, row, "device_id")

    def device_records(self, account_id: bytes) -> list[DeviceRecordRow]:
        return _DEVICE_RECORD.all(self._connection, "WHERE account_id = ? ORDER BY device_id", (account_id,))

    def delete_device_record(self, device_id: bytes) -> None:
        self._connection.execute("DELETE FROM device_record WHERE device_id = ?", (device_id,))


class SignedListRepository:
    """Signed device lists of all accounts, never discarded."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, row: SignedListRow) -> bool:
        """Keep a list; False if it was there."""
        return _SIGNED_LIST.insert(self._connection, row, "ON CONFLICT DO NOTHING") == 1

    def newest(self, account_id: bytes, *, published_only: bool = False) -> SignedListRow | None:
        where = "AND is_published = 1" if published_only else ""
        return _SIGNED_LIST.one(
            self._connection, f"WHERE account_id = ? {where} ORDER BY version DESC LIMIT 1", (account_id,)
        )

    def at(self, account_id: bytes, version: int) -> list[SignedListRow]:
        """The lists of one version: more than one is a fork."""
        return _SIGNED_LIST.all(self._connection, "WHERE account_id = ? AND version = ?", (account_id, version))

    def since(self, account_id: bytes, version: int) -> list[SignedListRow]:
        """Lists of `version` and above, oldest first."""
        return _SIGNED_LIST.all(
            self._connection, "WHERE account_id = ? AND version >= ? ORDER BY version", (account_id, version)
        )

    def mark_published(self, account_id: bytes, version: int) -> None:
        self._connection.execute(
            "UPDATE signed_list SET is_published = 1 WHERE account_id = ? AND version = ?", (account_id, version)
        )
