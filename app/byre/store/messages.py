"""Messages of all rooms, in the order in which they are shown, and their search.

`id = min(sent_at, received_at) in ms << 20 | tie-breaker`: rowid order is the shown order, also for text that came
late or was sent again, so that a page is a range of the index (room, id) and never a sort. Search: `search`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from byre.crypto.hashes import sha256
from byre.db import Connection
from byre.store import message_index
from byre.store.message_index import IndexEntry
from byre.store.positions import AT_ONCE, TIE_BITS, FreePositions, pages

__all__ = ["NEWEST", "PREVIEW_CHARACTERS", "TIE_BITS", "MessageRepository", "MessageRow", "NewMessage"]

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


_new_message: Callable[[Iterable[Any]], MessageRow] = partial(tuple.__new__, MessageRow)
_IS_OWN, _HAS_FILE = map(MessageRow._fields.index, ("is_own", "has_file"))
_COLUMNS = (
    "m.id, m.room, m.message_id, a.account_id, a.device_id, m.kind, m.state, m.is_own, m.sent_at, m.received_at,"
    " m.unread_by, m.body, m.detail, m.content, m.has_file, m.timer_s, m.expires_at,"
    " m.run_id, m.counter"
)
_INSERT = (
    "INSERT INTO message (id, room, message_id, author, kind, state, is_own, sent_at, received_at, unread_by,"
    " body, detail, content, has_file, timer_s, expires_at, run_id, counter)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SAID = ("text", "unknown")
_Placed = tuple[int, "NewMessage", int]
"""(position, message, author's number)."""
_FROM = f"SELECT {_COLUMNS} FROM message m JOIN author a ON a.id = m.author"
_FROM_INDEX = (
    f"SELECT {_COLUMNS} FROM message_index i CROSS JOIN message m ON m.id = i.rowid"
    " CROSS JOIN author a ON a.id = m.author"
)
"""Driven by the search index, row by row: what the LIMIT leaves out is not read."""


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


def _apart(message_id: bytes, account_id: bytes, device_id: bytes) -> bytes:
    """The id under which an author's message is kept where another author's has taken its own one; always the same."""
    return sha256(b"byre message id taken v1" + message_id + account_id + device_id)[: len(message_id)]


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

        A message id counts as taken when it is stored or was wiped, in this room from this sender. Where another
        sender has used it before, what comes under it gets an id of its own: nobody replaces, or takes along when
        it is deleted, what somebody else has said.
        """
        return self.add_many([message])[0]

    def add_many(self, messages: Sequence[NewMessage]) -> list[MessageRow | None]:
        """Store and index messages in their order, as `add` one by one would, for a fraction of its statements."""
        taken = self._taken_names([message.message_id for message in messages])
        places = FreePositions(self._connection, [min(message.sent_at, message.received_at) for message in messages])
        rows: list[MessageRow | None] = []
        added: list[_Placed] = []
        known = {message_id for message_id, _, _ in taken}
        for message in messages:
            author = self._author(message.account_id, message.device_id)
            name = (message.message_id, message.room, author)
            if message.message_id in known and name not in taken:
                message = self._set_apart(message, author, taken)
                name = (message.message_id, message.room, author)
            if name in taken:
                rows.append(None)
                continue
            taken.add(name)
            known.add(message.message_id)
            position = places.take(min(message.sent_at, message.received_at))
            added.append((position, message, author))
            rows.append(_stored(position, message))
        self._connection.executemany(_INSERT, [_values(*each) for each in added])
        message_index.add(
            self._connection,
            [
                IndexEntry(position, message.room, author, message.has_file, message.body)
                for position, message, author in added
                if message.kind == "text"
            ],
        )
        self._update_rooms(added)
        return rows

    def is_known(self, room: int, account_id: bytes, device_id: bytes, message_id: bytes) -> bool:
        """Whether this message was stored before, also if it was wiped since."""
        author = _known_author(self._connection, account_id, device_id)
        while author is not None:
            taken = self._taken_names([message_id])
            if (message_id, room, author) in taken:
                return True
            if all(other == author for _, _, other in taken):
                return False
            message_id = _apart(message_id, account_id, device_id)
        return False

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
        return (row.message_id, room, author) in self._taken_names([row.message_id])

    def _set_apart(self, message: NewMessage, author: int, taken: set[tuple[bytes, int, int]]) -> NewMessage:
        """Give another member's message an id that nobody else has used; `taken` learns what is found on the way.

        One's own keep theirs, which receipts name; so do the transcript's lines.
        """
        while not message.is_own and message.kind in _SAID:
            if not any(name[0] == message.message_id and name[2] != author for name in taken):
                break
            message = replace(message, message_id=_apart(message.message_id, message.account_id, message.device_id))
            taken |= self._taken_names([message.message_id])
        return message

    def _author(self, account_id: bytes, device_id: bytes) -> int:
        """The sending device's number; asked for once per transaction."""
        found = self._authors.get((account_id, device_id))
        if found is None:
            found = author_number(self._connection, account_id, device_id)
            self._authors[account_id, device_id] = found
        return found

    def _taken_names(self, message_ids: Sequence[bytes]) -> set[tuple[bytes, int, int]]:
        """Which (message id, room, author) with one of these ids are stored or were wiped."""
        found: set[tuple[bytes, int, int]] = set()
        for page in pages(message_ids, AT_ONCE):
            marks = ", ".join(f"?{number}" for number in range(1, len(page) + 1))
            found.update(
                self._connection.execute(
                    f"SELECT message_id, room, author FROM message WHERE message_id IN ({marks}) UNION ALL"
                    f" SELECT message_id, room, author FROM seen_message WHERE message_id IN ({marks})",
                    page,
                )
            )
        return found

    def _update_rooms(self, added: Sequence[_Placed]) -> None:
        """Let the rooms' rows show what came."""
        by_room: dict[int, list[_Placed]] = {}
        for each in added:
            by_room.setdefault(each[1].room, []).append(each)
        for room, came in by_room.items():
            read_up_to, last, unread = self._connection.execute(
                "SELECT read_up_to, coalesce(last_message, -1), unread FROM room WHERE id = ?", (room,)
            ).fetchone() or (0, -1, 0)
            latest = max(min(message.sent_at, message.received_at) for _, message, _ in came)
            unread += sum(at > read_up_to and not m.is_own and m.kind != "system" for at, m, _ in came)
            position, message, author = max(came, key=itemgetter(0))
            seen = "last_activity = max(last_activity, ?), unread = ?"
            if position > last:
                self._connection.execute(
                    f"UPDATE room SET {seen}, last_message = ?, last_kind = ?, last_text = ?, last_author = ?"
                    " WHERE id = ?",
                    (latest, unread, position, message.kind, message.body[:PREVIEW_CHARACTERS], author, room),
                )
            else:
                self._connection.execute(f"UPDATE room SET {seen} WHERE id = ?", (latest, unread, room))

    def _one(self, tail: str, *parameters: Any) -> MessageRow | None:
        row = self._connection.execute(f"{_FROM} {tail}", parameters).fetchone()
        return None if row is None else _message(row)

    def _all(self, tail: str, *parameters: Any) -> list[MessageRow]:
        return select_messages(self._connection, tail, parameters)


def select_messages(connection: Connection, tail: str, parameters: Sequence[Any]) -> list[MessageRow]:
    """The messages that the rest of a SELECT over `message m JOIN author a` gives."""
    return [_message(row) for row in connection.execute(f"{_FROM} {tail}", parameters)]


def select_indexed(connection: Connection, tail: str, parameters: Sequence[Any]) -> list[MessageRow]:
    """As `select_messages`, of messages that the search index `i` leads to."""
    return [_message(row) for row in connection.execute(f"{_FROM_INDEX} {tail}", parameters)]


def _values(position: int, new: NewMessage, author: int) -> tuple[Any, ...]:
    """What `_INSERT` takes."""
    return (
        *(position, new.room, new.message_id, author, new.kind, new.state, new.is_own, new.sent_at, new.received_at),
        *(new.unread_by, new.body, new.detail, new.content, new.has_file, new.timer_s, new.expires_at),
        *(new.run_id, new.counter),
    )


def _stored(position: int, new: NewMessage) -> MessageRow:
    return MessageRow(
        *(position, new.room, new.message_id, new.account_id, new.device_id, new.kind, new.state, new.is_own),
        *(new.sent_at, new.received_at, new.unread_by, new.body, new.detail, new.content, new.has_file),
        *(new.timer_s, new.expires_at, new.run_id, new.counter),
    )


def _message(row: tuple[Any, ...]) -> MessageRow:
    values = list(row)
    values[_IS_OWN] = row[_IS_OWN] == 1
    values[_HAS_FILE] = row[_HAS_FILE] == 1
    return _new_message(values)
