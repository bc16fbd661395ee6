"""Receipts that wait for the next batch: one a second per room, at most.

A receipt is written down in the transaction that stores the message, so that a crash loses none.
"""

from __future__ import annotations

from dataclasses import dataclass

from byre.db import Connection


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
        for table in ("receipt_due", "read_due"):
            self._connection.execute(f"DELETE FROM {table} WHERE room = ?", (room,))
