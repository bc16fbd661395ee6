"""What a wipe takes: counted for the preview and the certificate, sampled for the needles, looked for afterwards.

Gone: messages and their index entries, what waits in the outbox with content, receipts, drafts, kept envelopes, past
epochs. Kept: membership, the current MLS state, commits and Welcomes on their way, seen counters and message ids (so
that an old message sent again is not shown), and a watermark per sender, below which late copies are skipped. Which
rows these are, says `WipeScope.conditions`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from byre.db import Connection
from byre.store import bigrams
from byre.store.wipe_scope import WipeScope

_COUNTED = {"outbox": "outbox", "drafts": "draft", "envelopes": "kept_envelope", "past_epochs": "mls_epoch"}
_SAMPLED = {
    "message": ("body", "detail", "content"),
    "draft": ("body",),
    "outbox": ("ciphertext", "content"),
    "kept_envelope": ("envelope",),
    "mls_epoch": ("bytes",),
    "mls_ratchet": ("bytes",),
}
_MOST_MESSAGES_SAMPLED = 10_000
_NEWEST_SAMPLED = 500


def count_content(connection: Connection, scope: WipeScope) -> dict[str, int]:
    """How much of each kind a wipe erases."""
    conditions = scope.conditions()
    ((messages, entries),) = connection.execute(
        f"SELECT count(*), total(kind = 'text') FROM message WHERE {conditions.get('message', '0')}"
    ).fetchall()
    counts = {"messages": int(messages), "index_entries": int(entries)}
    for name, table in _COUNTED.items():
        counts[name] = _count(connection, table, conditions[table]) if table in conditions else 0
    return counts


def content_of(connection: Connection, scope: WipeScope, messages: int) -> Iterator[bytes]:
    """Byte strings that a wipe erases, for the choice of needles; of very many `messages` an even share."""
    conditions = scope.conditions()
    for table, columns in _SAMPLED.items():
        if table not in conditions:
            continue
        where = conditions[table]
        if table == "message":
            # Ids are random: so many of their last bytes are as many of the messages. A sender who chooses his does not
            # choose the newest ones, which are taken in any case.
            share = max(1, 256 * _MOST_MESSAGES_SAMPLED // max(1, messages))
            newest = (
                f"SELECT min(id) FROM (SELECT id FROM message WHERE {where} ORDER BY id DESC LIMIT {_NEWEST_SAMPLED:d})"
            )
            where += f" AND (substr(message_id, -1) < x'{share:02x}' OR id >= ({newest}))" if share < 256 else ""
        for row in connection.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE {where}"):
            for value in row:
                if value is not None:
                    yield value.encode() if isinstance(value, str) else bytes(value)


def last_positions(connection: Connection, rooms: Sequence[int]) -> dict[int, int]:
    """The newest position of each room; 0 of an empty one."""
    found = {}
    for room in rooms:
        row = connection.execute("SELECT coalesce(max(id), 0) FROM message WHERE room = ?", (room,)).fetchone()
        found[room] = int(row[0]) if row else 0
    return found


def has_index_entries(connection: Connection, scope: WipeScope) -> bool:
    """Whether the search index still holds an entry of `scope` whose message is not there any more."""
    rooms = scope.rooms or tuple(int(row[0]) for row in connection.execute("SELECT id FROM room"))
    return any(
        connection.execute(
            "SELECT rowid FROM message_index WHERE message_index MATCH ?"
            " AND NOT EXISTS (SELECT 1 FROM message m WHERE m.id = message_index.rowid AND m.room = ?) LIMIT 1",
            (f'"{bigrams.room_token(room)}"', room),
        ).fetchall()
        for room in rooms
    )


def newest_moment(connection: Connection, scope: WipeScope) -> int:
    """The latest time that anything in the rooms of `scope` bears: this clock may have been set back since."""
    in_rooms = scope.in_rooms
    groups = f"SELECT group_id FROM room WHERE {in_rooms.replace('room', 'id', 1)}"
    row = connection.execute(
        f"SELECT max(coalesce((SELECT max(received_at) FROM message WHERE {in_rooms}), 0),"
        f" coalesce((SELECT max(created_at) FROM outbox WHERE {in_rooms}), 0),"
        f" coalesce((SELECT max(updated_at) FROM draft WHERE {in_rooms}), 0),"
        f" coalesce((SELECT max(received_at) FROM kept_envelope WHERE group_id IN ({groups})), 0))"
    ).fetchone()
    return int(row[0]) if row else 0


def _count(connection: Connection, table: str, where: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()
    return int(row[0]) if row else 0
