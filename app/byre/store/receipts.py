"""Receipts that wait: for the next batch, one a second per room at most, or for the message that they confirm.

A receipt is written down in the transaction that stores the message, so that a crash loses none. One that others sent
for a message that is still on its way here is kept for as long as a relay may hold that message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from byre.db import Connection
from byre.store.positions import AT_ONCE, pages
from byre.store.table import Table

EARLY_KEPT_FOR_MS = 72 * 3600 * 1000
EARLY_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class ReceiptDueRow:
    """`message_id` is to be confirmed to its author `account_id`."""

    room: int
    account_id: bytes
    message_id: bytes
    due_at: int


@dataclass(frozen=True, slots=True)
class ReadDueRow:
    """The room was read up to position `read_up_to`, the message `message_id`."""

    room: int
    read_up_to: int
    message_id: bytes
    due_at: int


@dataclass(frozen=True, slots=True)
class EarlyReceiptRow:
    """A device of `account_id` has (or its account has read up to) a message that is not here yet."""

    message_id: bytes
    room: int
    account_id: bytes
    device_id: bytes
    is_read: bool
    received_at: int


_EARLY = Table.of("early_receipt", EarlyReceiptRow)


class ReceiptRepository:
    """Deliveries to confirm and reading positions to tell."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, *rows: ReceiptDueRow) -> None:
        """Note deliveries to confirm; twice is once."""
        self._connection.executemany(
            "INSERT INTO receipt_due (room, account_id, message_id, due_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (room, account_id, message_id) DO NOTHING",
            [(row.room, row.account_id, row.message_id, row.due_at) for row in rows],
        )

    def add_read(self, row: ReadDueRow) -> None:
        """Note a reading position; a later one replaces it, its time stays."""
        self._connection.execute(
            "INSERT INTO read_due (room, read_up_to, message_id, due_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (room) DO UPDATE SET read_up_to = excluded.read_up_to, message_id = excluded.message_id"
            " WHERE excluded.read_up_to > read_up_to",
            (row.room, row.read_up_to, row.message_id, row.due_at),
        )

    def due(self, now_ms: int) -> list[ReceiptDueRow]:
        rows = self._connection.execute(
            "SELECT room, account_id, message_id, due_at FROM receipt_due WHERE due_at <= ? ORDER BY room, due_at",
            (now_ms,),
        )
        return [ReceiptDueRow(*row) for row in rows]

    def due_in(self, room: int, now_ms: int, limit: int) -> list[ReceiptDueRow]:
        """What is to be confirmed in one room, oldest first, up to `limit`."""
        rows = self._connection.execute(
            "SELECT room, account_id, message_id, due_at FROM receipt_due WHERE room = ? AND due_at <= ?"
            " ORDER BY due_at LIMIT ?",
            (room, now_ms, limit),
        )
        return [ReceiptDueRow(*row) for row in rows]

    def due_reads(self, now_ms: int) -> list[ReadDueRow]:
        rows = self._connection.execute(
            "SELECT room, read_up_to, message_id, due_at FROM read_due WHERE due_at <= ? ORDER BY room", (now_ms,)
        )
        return [ReadDueRow(*row) for row in rows]

    def next_due(self) -> int | None:
        """When the earliest receipt falls due; None if nothing waits."""
        row = self._connection.execute(
            "SELECT min(due_at) FROM (SELECT due_at FROM receipt_due UNION ALL SELECT due_at FROM read_due)"
        ).fetchone()
        return None if row is None or row[0] is None else int(row[0])

    def done(self, *rows: ReceiptDueRow) -> None:
        """Forget deliveries that were confirmed."""
        self._connection.executemany(
            "DELETE FROM receipt_due WHERE room = ? AND account_id = ? AND message_id = ?",
            [(row.room, row.account_id, row.message_id) for row in rows],
        )

    def done_read(self, row: ReadDueRow) -> None:
        """Forget a reading position that was told; a later one stays."""
        self._connection.execute("DELETE FROM read_due WHERE room = ? AND read_up_to <= ?", (row.room, row.read_up_to))

    def delete_room(self, room: int) -> None:
        for table in ("receipt_due", "read_due", "early_receipt"):
            self._connection.execute(f"DELETE FROM {table} WHERE room = ?", (room,))

    def add_early(self, rows: Iterable[EarlyReceiptRow]) -> None:
        """Keep receipts for messages to come, unless they were wiped here; the newest 20,000 stay."""
        for row in rows:
            wiped = "SELECT 1 FROM seen_message WHERE message_id = ? AND room = ?"
            if self._connection.execute(wiped, (row.message_id, row.room)).fetchone() is None:
                _EARLY.insert(self._connection, row, "ON CONFLICT DO NOTHING")
        self._connection.execute(
            "DELETE FROM early_receipt WHERE id <= (SELECT max(id) FROM early_receipt) - ?", (EARLY_KEPT,)
        )

    def take_early(self, message_ids: Sequence[bytes]) -> list[EarlyReceiptRow]:
        """Take out what was kept for messages that have come, in the order in which it came."""
        if self._connection.execute("SELECT 1 FROM early_receipt LIMIT 1").fetchone() is None:
            return []
        found: list[EarlyReceiptRow] = []
        for page in pages(message_ids, AT_ONCE):
            which = f"WHERE message_id IN ({', '.join('?' * len(page))})"
            found += _EARLY.all(self._connection, f"{which} ORDER BY id", page)
            self._connection.execute(f"DELETE FROM early_receipt {which}", page)
        return found

    def expire_early(self, now_ms: int) -> None:
        """Forget receipts whose message no relay can hold any more."""
        self._connection.execute("DELETE FROM early_receipt WHERE received_at <= ?", (now_ms - EARLY_KEPT_FOR_MS,))
