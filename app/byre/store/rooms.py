"""Rooms, their members and drafts; each room row carries what the room list shows.

`room.id` is local and short (message table, search index); `group_id` is the MLS group. The last message, the unread
count and the read position are kept in the row: listing 500 rooms never touches the message table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from byre.db import Connection
from byre.errors import InternalBug
from byre.store.messages import MessageRow, select_messages
from byre.store.table import Table


class RoomRow(NamedTuple):
    """A room, as a named tuple: the list of rooms reads hundreds of them. `id` 0 asks `add` for a new number.

    kind: direct, group, device, note. state: active, request, left, removed, rejoining, jammed.
    `read_up_to`, `last_message` and `wiped_up_to` are message positions (`MessageRow.id`).
    `requester_*` say who invites, while the state is request. `timer_s`: the disappearing timer agreed in the room.
    """

    id: int
    group_id: bytes
    kind: str
    state: str
    relay: str
    group_tag: bytes
    created_at: int
    last_activity: int
    title: str = ""
    peer_account: bytes | None = None
    requester_account: bytes | None = None
    requester_device: bytes | None = None
    policy_version: int = 1
    predecessor: bytes | None = None
    superseded_by: bytes | None = None
    next_counter: int = 0
    last_message: int | None = None
    last_kind: str = ""
    last_text: str = ""
    last_author: int | None = None
    unread: int = 0
    read_up_to: int = 0
    wiped_up_to: int = 0
    is_hidden: bool = False
    timer_s: int = 0

    def __repr__(self) -> str:
        return f"RoomRow(id={self.id}, kind={self.kind!r}, state={self.state!r})"


class RoomLine(NamedTuple):
    """What the list shows of a room; fields as in `RoomRow`. Reading the others of 500 rooms costs as much again."""

    id: int
    group_id: bytes
    kind: str
    state: str
    title: str
    peer_account: bytes | None
    superseded_by: bytes | None
    last_message: int | None
    last_kind: str
    last_text: str
    last_author: int | None
    last_activity: int
    unread: int
    timer_s: int

    def __repr__(self) -> str:
        return f"RoomLine(id={self.id}, kind={self.kind!r}, state={self.state!r})"


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A leaf of the room's current epoch. `address` is its delivery address as encoded bytes."""

    room: int
    device_id: bytes
    account_id: bytes
    leaf: int
    address: bytes = field(repr=False)
    is_admin: bool = False
    is_revoked: bool = False
    heard_at: int = 0


_ROOM = Table.of("room", RoomRow)
_LINE = Table.of("room", RoomLine)
_latest = attrgetter("last_activity", "id")
_MEMBER = Table.of("member", MemberRow)
_CHANGEABLE = set(RoomRow._fields) - {"id", "group_id", "is_hidden"}


class RoomRepository:
    """Rooms by group id and by local number."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, row: RoomRow) -> int:
        """Insert a room; returns its local number."""
        columns = [column for column in _ROOM.columns if column != "id"]
        marks = ", ".join("?" * len(columns))
        cursor = self._connection.execute(
            f"INSERT INTO room ({', '.join(columns)}) VALUES ({marks})",
            [getattr(row, column) for column in columns],
        )
        return cursor.lastrowid or 0

    def get(self, group_id: bytes) -> RoomRow | None:
        return _ROOM.one(self._connection, "WHERE group_id = ?", (group_id,))

    def by_number(self, room: int) -> RoomRow | None:
        return _ROOM.one(self._connection, "WHERE id = ?", (room,))

    def all(self, *, with_hidden: bool = False) -> list[RoomRow]:
        """Rooms, the most recently active first. A room whose wipe is under way is hidden."""
        rows = _ROOM.all(self._connection, "" if with_hidden else "WHERE is_hidden = 0")
        rows.sort(
            key=_latest, reverse=True
        )  # cheaper than SQLite's sorter, and than an index that each message changes
        return rows

    def listed(self) -> list[RoomLine]:
        """What the list shows, the most recently active first; rooms whose wipe is under way are hidden."""
        lines = _LINE.all(self._connection, "WHERE is_hidden = 0")
        lines.sort(key=_latest, reverse=True)
        return lines

    def last_messages(self) -> dict[int, MessageRow]:
        """The last message of each room that is not hidden, by position: for the list, in one read."""
        rows = select_messages(
            self._connection, "WHERE m.id IN (SELECT last_message FROM room WHERE is_hidden = 0)", ()
        )
        return {row.id: row for row in rows}

    def of_kind(self, kind: str) -> list[RoomRow]:
        return _ROOM.all(self._connection, "WHERE kind = ? ORDER BY id", (kind,))

    def direct_with(self, account_id: bytes) -> list[RoomRow]:
        """Direct rooms with an account, lowest group id (the canonical one) first."""
        return _ROOM.all(
            self._connection, "WHERE peer_account = ? AND kind = 'direct' ORDER BY group_id", (account_id,)
        )

    def change(self, room: int, **columns: object) -> None:
        """Set columns of `RoomRow` by name, e.g. `change(room, state="left", title="…")`.

        Raises:
            InternalBug: a name that is not a changeable column.
        """
        if not columns or not columns.keys() <= _CHANGEABLE:
            raise InternalBug("not a column of a room", code="bad_column")
        assignments = ", ".join(f"{name} = ?" for name in columns)
        self._connection.execute(
            f"UPDATE room SET {assignments} WHERE id = ?",
            (*columns.values(), room),
        )

    def take_counter(self, room: int, count: int = 1) -> int:
        """The next counter of this device's contents in the room, the first of `count`; each is given out once."""
        row = self._connection.execute(
            "UPDATE room SET next_counter = next_counter + ?2 WHERE id = ?1 RETURNING next_counter - ?2", (room, count)
        ).fetchall()
        if not row:
            raise InternalBug("no such room", code="no_such_room")
        return int(row[0][0])

    def mark_read(self, room: int, up_to: int) -> bool:
        """Move the read position forward to message position `up_to` and count anew; False if it was there already."""
        changed = self._connection.execute(
            "UPDATE room SET read_up_to = ? WHERE id = ? AND read_up_to < ?", (up_to, room, up_to)
        ).rowcount
        if changed:
            self._connection.execute(
                "UPDATE room SET unread = (SELECT count(*) FROM message WHERE room = ?1 AND id > ?2 AND is_own = 0"
                " AND kind != 'system') WHERE id = ?1",
                (room, up_to),
            )
        return bool(changed)

    def delete(self, room: int) -> None:
        """Delete a room without content (its Welcome was refused). To erase content, wipe."""
        self._connection.execute("DELETE FROM room WHERE id = ?", (room,))


class MemberRepository:
    """The members cache of rooms."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def replace(self, room: int, members: Sequence[MemberRow]) -> None:
        """Make `members` the leaves of the room; `heard_at` of those who stay is kept."""
        heard = {row.device_id: row.heard_at for row in self.of_room(room)}
        self._connection.execute("DELETE FROM member WHERE room = ?", (room,))
        _MEMBER.insert_many(self._connection, members)
        self._connection.executemany(
            "UPDATE member SET heard_at = max(heard_at, ?) WHERE room = ? AND device_id = ?",
            [(at, room, device_id) for device_id, at in heard.items() if at],
        )

    def of_room(self, room: int) -> list[MemberRow]:
        return _MEMBER.all(self._connection, "WHERE room = ? ORDER BY leaf", (room,))

    def get(self, room: int, device_id: bytes) -> MemberRow | None:
        return _MEMBER.one(self._connection, "WHERE room = ? AND device_id = ?", (room, device_id))

    def rooms_of(self, account_id: bytes) -> list[int]:
        """Local numbers of the rooms in which an account has a leaf."""
        rows = self._connection.execute(
            "SELECT DISTINCT room FROM member WHERE account_id = ? ORDER BY room", (account_id,)
        )
        return [int(row[0]) for row in rows]

    def heard(self, room: int, device_id: bytes, now_ms: int) -> None:
        """Note that a device spoke in the room."""
        self._connection.execute(
            "UPDATE member SET heard_at = max(heard_at, ?) WHERE room = ? AND device_id = ?", (now_ms, room, device_id)
        )

    def set_revoked(self, account_id: bytes, device_id: bytes) -> list[int]:
        """Mark a device as listed out wherever it still has a leaf; returns the rooms."""
        rows = self._connection.execute(
            "UPDATE member SET is_revoked = 1 WHERE account_id = ? AND device_id = ? RETURNING room",
            (account_id, device_id),
        ).fetchall()
        return [int(row[0]) for row in rows]

    def accounts(self) -> dict[int, dict[bytes, bool]]:
        """Per room its accounts, and whether each is an admin: for the room list, in one read."""
        found: dict[int, dict[bytes, bool]] = {}
        for room, account_id, is_admin in self._connection.execute("SELECT room, account_id, is_admin FROM member"):
            accounts = found.setdefault(room, {})
            accounts[account_id] = accounts.get(account_id, False) or bool(is_admin)
        return found


class DraftRepository:
    """Unsent text per room."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, room: int) -> str:
        row = self._connection.execute("SELECT body FROM draft WHERE room = ?", (room,)).fetchone()
        return "" if row is None else str(row[0])

    def all(self) -> dict[int, str]:
        """The drafts of all rooms that have one."""
        return {int(room): str(body) for room, body in self._connection.execute("SELECT room, body FROM draft")}

    def put(self, room: int, body: str, now_ms: int) -> None:
        """Keep a draft; an empty one is deleted."""
        if not body:
            self._connection.execute("DELETE FROM draft WHERE room = ?", (room,))
            return
        self._connection.execute(
            "INSERT INTO draft (room, body, updated_at) VALUES (?, ?, ?)"
            " ON CONFLICT (room) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at",
            (room, body, now_ms),
        )
