"""What a wipe takes out of the database before it is rebuilt: the content of rooms, in one transaction.

Gone: messages and their index entries, what waits in the outbox with content, receipts, drafts, kept envelopes, past
epochs. Kept: membership, the current MLS state, commits and Welcomes on their way, seen counters and message ids (so
that an old message sent again is not shown), and a watermark per sender, below which late copies are skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from byre.db import Connection
from byre.store import bigrams, message_index
from byre.store.transaction import Transaction

CONTENTLESS_KINDS = ("commit", "welcome", "rejoin", "removed")
"""Outbox kinds that carry no content: without them the other members would lose the room."""

_BATCH = 5000
_OUTBOX_WHERE = f"room = ? AND kind NOT IN ({', '.join(repr(kind) for kind in CONTENTLESS_KINDS)})"
_COUNTS = {
    "messages": "SELECT count(*) FROM message WHERE room = ?1",
    "index_entries": "SELECT count(*) FROM message WHERE room = ?1 AND kind = 'text'",
    "outbox": f"SELECT count(*) FROM outbox WHERE {_OUTBOX_WHERE}",
    "drafts": "SELECT count(*) FROM draft WHERE room = ?1",
    "envelopes": "SELECT count(*) FROM kept_envelope WHERE group_id = (SELECT group_id FROM room WHERE id = ?1)",
    "past_epochs": "SELECT count(*) FROM mls_epoch WHERE expires_at IS NOT NULL"
    " AND group_id = (SELECT group_id FROM room WHERE id = ?1)",
}


def count_content(connection: Connection, rooms: Sequence[int]) -> dict[str, int]:
    """How much of each kind a wipe of `rooms` erases."""
    return {
        name: sum(int(row[0]) for room in rooms for row in connection.execute(sql, (room,)))
        for name, sql in _COUNTS.items()
    }


def content_of(connection: Connection, room: int) -> Iterator[bytes]:
    """Every byte string of a room that a wipe erases, for the choice of needles."""
    for sql in (
        "SELECT body FROM message WHERE room = ?1",
        "SELECT detail FROM message WHERE room = ?1",
        "SELECT content FROM message WHERE room = ?1 AND content IS NOT NULL",
        "SELECT body FROM draft WHERE room = ?1",
        f"SELECT ciphertext FROM outbox WHERE ciphertext IS NOT NULL AND {_OUTBOX_WHERE}",
        f"SELECT content FROM outbox WHERE content IS NOT NULL AND {_OUTBOX_WHERE}",
        "SELECT envelope FROM kept_envelope WHERE group_id = (SELECT group_id FROM room WHERE id = ?1)",
        "SELECT bytes FROM mls_epoch WHERE expires_at IS NOT NULL"
        " AND group_id = (SELECT group_id FROM room WHERE id = ?1)",
        "SELECT r.bytes FROM mls_ratchet r JOIN mls_epoch e ON e.group_id = r.group_id AND e.epoch = r.epoch"
        " WHERE e.expires_at IS NOT NULL AND e.group_id = (SELECT group_id FROM room WHERE id = ?1)",
    ):
        for (value,) in connection.execute(sql, (room,)):
            yield value.encode() if isinstance(value, str) else bytes(value)


def last_positions(connection: Connection, rooms: Sequence[int]) -> dict[int, int]:
    """The newest position of each room; 0 of an empty one."""
    found = {}
    for room in rooms:
        row = connection.execute("SELECT coalesce(max(id), 0) FROM message WHERE room = ?", (room,)).fetchone()
        found[room] = int(row[0]) if row else 0
    return found


def erase_content(connection: Connection, rooms: dict[int, int]) -> None:
    """Delete the content of `rooms` (number -> newest position) and compact the search index. Twice is once."""
    tx = Transaction(connection)
    for room, up_to in rooms.items():
        tx.seen.cover(room, tx.seen.current(room))
        _erase_messages(connection, room)
        connection.execute(f"DELETE FROM outbox WHERE {_OUTBOX_WHERE}", (room,))
        tx.receipts.delete_room(room)
        connection.execute("DELETE FROM draft WHERE room = ?", (room,))
        row = tx.rooms.by_number(room)
        if row is not None:
            tx.inbox.drop_group(row.group_id)
            tx.groups.erase_past(row.group_id)
            connection.execute("DELETE FROM undecryptable WHERE group_id = ?", (row.group_id,))
            tx.rooms.change(
                room,
                last_message=None,
                last_kind="",
                last_text="",
                last_author=None,
                unread=0,
                wiped_up_to=max(up_to, row.wiped_up_to),
                read_up_to=max(up_to, row.read_up_to),
            )
    # One segment without the deleted entries: 'delete' alone leaves them in older segments.
    message_index.optimise(connection)


def has_index_entries(connection: Connection, rooms: Iterable[int]) -> bool:
    """Whether the search index still holds an entry for a message of `rooms` that is not there any more."""
    return any(
        connection.execute(
            "SELECT rowid FROM message_index WHERE message_index MATCH ?"
            " AND rowid NOT IN (SELECT id FROM message WHERE room = ?) LIMIT 1",
            (f'"{bigrams.room_token(room)}"', room),
        ).fetchall()
        for room in rooms
    )


def _erase_messages(connection: Connection, room: int) -> None:
    connection.execute(
        "INSERT INTO seen_message (message_id, room, author) SELECT message_id, room, author FROM message"
        " WHERE room = ? ON CONFLICT DO NOTHING",
        (room,),
    )
    after = -1
    while True:
        batch = message_index.entries(connection, "room = ? AND id > ? ORDER BY id LIMIT ?", (room, after, _BATCH))
        if not batch:
            break
        message_index.remove(connection, batch)
        after = batch[-1].position
    connection.execute("DELETE FROM message WHERE room = ?", (room,))
