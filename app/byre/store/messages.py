"""Messages of all rooms, in the order in which they are shown, and their search.

`id = min(sent_at, received_at) in ms << 20 | tie-breaker`: rowid order is the shown order, also for text that came
late or was sent again, so that a page is a range of the index (room, id) and never a sort. Search: `search`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from byre.db import Connection
from byre.errors import InternalBug
from byre.store import message_index
from byre.store.message_index import IndexEntry

TIE_BITS = 20
NEWEST = (1 << 63) - 1
"""Above every position."""
PREVIEW_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to store. `content` keeps the raw content map of a kind that this version does not know.

    `timer_s` is the disappearing timer that it was sent under, 0 for none; `expires_at` (ms) is set once it runs.
    `run_id` and `counter` are its author device's: what a wipe's watermark compares.
    """

    room: int
    message_id: bytes
    account_id: bytes
    device_id: bytes
    kind: str
    state: str
    is_own: bool
    sent_at: int
    received_at: int
    body: str = field(repr=False)
    detail: str = ""
    content: bytes | None = field(default=None, repr=False)
    unread_by: int = 0
    has_file: bool = False
    timer_s: int = 0
    expires_at: int | None = None
    run_id: bytes | None = None
    counter: int | None = None


class MessageRow(NamedTuple):
    """A stored message; `id` is its position. A named tuple: a page of them costs a tenth of as many dataclasses."""

    id: int
    room: int
    message_id: bytes
    account_id: bytes
    device_id: bytes
    kind: str
    state: str
    is_own: bool
    sent_at: int
    received_at: int
    unread_by: int
    body: str
    detail: str
    content: bytes | None
    has_file: bool = False
    timer_s: int = 0
    expires_at: int | None = None
    run_id: bytes | None = None
    counter: int | None = None

    def __repr__(self) -> str:
        return f"MessageRow(id={self.id}, room={self.room}, kind={self.kind!r}, state={self.state!r})"


_COLUMNS = (
    "m.id, m.room, m.message_id, a.account_id, a.device_id, m.kind, m.state, m.is_own, m.sent_at, m.received_at,"
    " m.unread_by, m.body, m.detail, m.content, m.has_file, m.timer_s, m.expires_at,"
    " m.run_id, m.counter"
)
_FROM = f"SELECT {_COLUMNS} FROM message m JOIN author a ON a.id = m.author"


def author_number(connection: Connection, account_id: bytes, device_id: bytes) -> int:
    """The short number of a sending device; made on first use."""
    found = _known_author(connection, account_id, device_id)
    if found is not None:
        return found
    return (
        connection.execute(
            "INSERT INTO author (account_id, device_id) VALUES (?, ?)", (account_id, device_id)
        ).lastrowid
        or 0
    )


def _known_author(connection: Connection, account_id: bytes, device_id: bytes) -> int | None:
    found = connection.execute(
        "SELECT id FROM author WHERE account_id = ? AND device_id = ?", (account_id, device_id)
    ).fetchone()
    return None if found is None else int(found[0])


class MessageRepository:
    """Messages by position and by id."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._authors: dict[tuple[bytes, bytes], int] = {}

    def add(self, message: NewMessage) -> MessageRow | None:
        """Store and index a message and update its room's row; None if this device's message id was taken before.

        A message id counts as taken when it is stored or was wiped, in this room from this sender.
        """
        author = self._author(message.account_id, message.device_id)
        if self._was_wiped((message.message_id, message.room, author)):
            return None
        position = self._free_position(min(message.sent_at, message.received_at))
        added = self._connection.execute(
            "INSERT INTO message (id, room, message_id, author, kind, state, is_own, sent_at, received_at, unread_by,"
            " body, detail, content, has_file, timer_s, expires_at, run_id, counter)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (message_id, room, author) DO NOTHING",
            (
                *(position, message.room, message.message_id, author, message.kind, message.state),
                *(message.is_own, message.sent_at, message.received_at, message.unread_by),
                *(message.body, message.detail, message.content),
                *(message.has_file, message.timer_s, message.expires_at, message.run_id, message.counter),
            ),
        ).rowcount
        if not added:
            return None
        if message.kind == "text":
            entry = IndexEntry(position, message.room, author, message.has_file, message.body)
            message_index.add(self._connection, [entry])
        self._update_room(message, position, author)
        return MessageRow(
            id=position,
            room=message.room,
            message_id=message.message_id,
            account_id=message.account_id,
            device_id=message.device_id,
            kind=message.kind,
            state=message.state,
            is_own=message.is_own,
            sent_at=message.sent_at,
            received_at=message.received_at,
            unread_by=message.unread_by,
            body=message.body,
            detail=message.detail,
            content=message.content,
            has_file=message.has_file,
            timer_s=message.timer_s,
            expires_at=message.expires_at,
            run_id=message.run_id,
            counter=message.counter,
        )

    def is_known(self, room: int, account_id: bytes, device_id: bytes, message_id: bytes) -> bool:
        """Whether this message was stored before, also if it was wiped since."""
        author = _known_author(self._connection, account_id, device_id)
        return author is not None and self._is_taken((message_id, room, author))

    def at(self, position: int) -> MessageRow | None:
        return self._one("WHERE m.id = ?", position)

    def get(self, room: int, message_id: bytes) -> MessageRow | None:
        """A message of a room by its id; if two senders use one id, the first."""
        return self._one("WHERE m.message_id = ? AND m.room = ? ORDER BY m.id LIMIT 1", message_id, room)

    def own(self, message_id: bytes) -> MessageRow | None:
        """An own message by id alone: own ids are random and unique."""
        return self._one("WHERE m.message_id = ? AND m.is_own = 1 LIMIT 1", message_id)

    def page(self, room: int, limit: int, *, before: int | None = None) -> list[MessageRow]:
        """The newest `limit` messages of a room below position `before`, newest first."""
        top = NEWEST if before is None else before
        return self._all("WHERE m.room = ? AND m.id < ? ORDER BY m.id DESC LIMIT ?", room, top, limit)

    def after(self, room: int, limit: int, position: int) -> list[MessageRow]:
        """The oldest `limit` messages above `position`, oldest first."""
        return self._all("WHERE m.room = ? AND m.id > ? ORDER BY m.id LIMIT ?", room, position, limit)

    def around(self, room: int, position: int, limit: int) -> list[MessageRow]:
        """About `limit` messages with the one at `position` in the middle, newest first."""
        older = self.page(room, limit - limit // 2, before=position + 1)
        return [*reversed(self.after(room, limit // 2, position)), *older]

    def unsettled(self, room: int, up_to: int) -> list[MessageRow]:
        """Own messages at or below a position that not everybody has read."""
        return self._all(
            "WHERE m.room = ? AND m.id <= ? AND m.is_own = 1"
            " AND m.state IN ('queued', 'relayed', 'stored', 'delivered', 'expired') ORDER BY m.id",
            room,
            up_to,
        )

    def set_state(self, position: int, state: str, *, unread_by: int | None = None) -> None:
        """Set an own message's state, and how many accounts have not read it."""
        self._connection.execute(
            "UPDATE message SET state = ?, unread_by = coalesce(?, unread_by) WHERE id = ?",
            (state, unread_by, position),
        )

    def set_counter(self, position: int, run_id: bytes, counter: int) -> None:
        """Note under which counter of this device's run an own message went out."""
        self._connection.execute("UPDATE message SET run_id = ?, counter = ? WHERE id = ?", (run_id, counter, position))

    def move(self, room: int, to_room: int) -> int:
        """Show the messages of one room in another one (twin direct rooms); returns how many.

        A message that is there under the same name already is left where it is.
        """
        rows = [row for row in self._all("WHERE m.room = ? ORDER BY m.id", room) if not self._has_twin(row, to_room)]
        for row in rows:
            indexed = message_index.entries(self._connection, "id = ?", (row.id,))
            message_index.remove(self._connection, indexed)
            message_index.add(self._connection, [replace(entry, room=to_room) for entry in indexed])
            self._connection.execute("UPDATE message SET room = ? WHERE id = ?", (to_room, row.id))
        for number in (room, to_room):
            self.recount(number)
        return len(rows)

    def count(self, room: int) -> int:
        row = self._connection.execute("SELECT count(*) FROM message WHERE room = ?", (room,)).fetchone()
        return int(row[0]) if row else 0

    def recount(self, room: int) -> None:
        """Take what the room's row shows from its messages anew: nothing of a moved text may stay behind."""
        self._connection.execute(
            "UPDATE room SET (last_message, last_kind, last_text, last_author) = (SELECT max(m.id),"
            " coalesce(m.kind, ''), coalesce(substr(m.body, 1, ?2), ''), m.author FROM message m WHERE m.room = ?1),"
            " unread = (SELECT count(*) FROM message WHERE room = ?1 AND id > read_up_to AND is_own = 0"
            " AND kind != 'system') WHERE id = ?1",
            (room, PREVIEW_CHARACTERS),
        )

    def _has_twin(self, row: MessageRow, room: int) -> bool:
        author = self._author(row.account_id, row.device_id)
        return self._is_taken((row.message_id, room, author))

    def _author(self, account_id: bytes, device_id: bytes) -> int:
        """The sending device's number; asked for once per transaction."""
        found = self._authors.get((account_id, device_id))
        if found is None:
            found = author_number(self._connection, account_id, device_id)
            self._authors[account_id, device_id] = found
        return found

    def _is_taken(self, name: tuple[bytes, int, int]) -> bool:
        stored = "SELECT 1 FROM message WHERE message_id = ? AND room = ? AND author = ?"
        return self._connection.execute(stored, name).fetchone() is not None or self._was_wiped(name)

    def _was_wiped(self, name: tuple[bytes, int, int]) -> bool:
        wiped = "SELECT 1 FROM seen_message WHERE message_id = ? AND room = ? AND author = ?"
        return self._connection.execute(wiped, name).fetchone() is not None

    def _free_position(self, at_ms: int) -> int:
        first = max(at_ms, 0) << TIE_BITS
        if first >= 1 << 62:
            raise InternalBug("a time beyond the range of positions", code="bad_time")
        row = self._connection.execute(
            "SELECT max(id) FROM message WHERE id >= ? AND id < ?", (first, first + (1 << TIE_BITS))
        ).fetchone()
        # A full millisecond (2^20 messages of one sender's false clock) runs over into the next one.
        while row is not None and row[0] is not None and int(row[0]) + 1 == first + (1 << TIE_BITS):
            first += 1 << TIE_BITS
            row = self._connection.execute(
                "SELECT max(id) FROM message WHERE id >= ? AND id < ?", (first, first + (1 << TIE_BITS))
            ).fetchone()
        return first if row is None or row[0] is None else int(row[0]) + 1

    def _update_room(self, message: NewMessage, position: int, author: int) -> None:
        self._connection.execute(
            "UPDATE room SET last_activity = max(last_activity, ?2), unread = unread + (?3 AND read_up_to < ?1),"
            " last_kind = iif(coalesce(last_message, -1) < ?1, ?4, last_kind),"
            " last_text = iif(coalesce(last_message, -1) < ?1, ?5, last_text),"
            " last_author = iif(coalesce(last_message, -1) < ?1, ?6, last_author),"
            " last_message = max(coalesce(last_message, -1), ?1) WHERE id = ?7",
            (
                position,
                min(message.sent_at, message.received_at),
                not message.is_own and message.kind != "system",
                message.kind,
                message.body[:PREVIEW_CHARACTERS],
                author,
                message.room,
            ),
        )

    def _one(self, tail: str, *parameters: Any) -> MessageRow | None:
        row = self._connection.execute(f"{_FROM} {tail}", parameters).fetchone()
        return None if row is None else _message(row)

    def _all(self, tail: str, *parameters: Any) -> list[MessageRow]:
        return select_messages(self._connection, tail, parameters)


def select_messages(connection: Connection, tail: str, parameters: Sequence[Any]) -> list[MessageRow]:
    """The messages that the rest of a SELECT over `message m JOIN author a` gives."""
    return [_message(row) for row in connection.execute(f"{_FROM} {tail}", parameters)]


def _message(row: tuple[Any, ...]) -> MessageRow:
    # is_own and has_file are flags; the rest is as it stands.
    return MessageRow._make((*row[:7], row[7] == 1, *row[8:14], row[14] == 1, *row[15:]))
