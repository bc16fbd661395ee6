"""What came in and is not a message yet: kept envelopes, mids already taken, what never became readable.

Kept envelopes are bounded: 72 h, 2,000 of them, 16 MiB; the oldest give way, each with a record of the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from byre.db import Connection
from byre.store.table import Table

KEPT_FOR_MS = 72 * 3600 * 1000
KEPT_COUNT = 2000
KEPT_BYTES = 16 << 20
MIDS_KEPT_FOR_MS = 7 * 24 * 3600 * 1000
UNDECRYPTABLE_KEPT = 10_000
MIDS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class KeptEnvelopeRow:
    """An envelope for an unknown group or a future epoch. `id` 0 in a new one."""

    id: int
    mailbox_id: bytes
    mid: bytes
    reason: str
    group_id: bytes | None
    epoch: int | None
    envelope: bytes = field(repr=False)
    received_at: int
    expires_at: int = 0


@dataclass(frozen=True, slots=True)
class UndecryptableRow:
    """Something that was acknowledged and could not be read. `id` 0 in a new one."""

    id: int
    mid: bytes
    group_id: bytes | None
    epoch: int | None
    reason: str
    received_at: int


_KEPT = Table.of("kept_envelope", KeptEnvelopeRow)
_UNDECRYPTABLE = Table.of("undecryptable", UndecryptableRow)


class InboxRepository:
    """Envelopes and mids."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take_mid(self, mailbox_id: bytes, mid: bytes, now_ms: int) -> bool:
        """Record a relay mid; False if it was taken within 7 days: acknowledge it again and drop it."""
        cursor = self._connection.execute(
            "INSERT INTO received_mid (mailbox_id, mid, received_at) VALUES (?, ?, ?)"
            " ON CONFLICT (mailbox_id, mid) DO NOTHING",
            (mailbox_id, mid, now_ms),
        )
        return cursor.rowcount == 1

    def take_mids(self, mailbox_id: bytes, mids: Sequence[bytes], now_ms: int) -> set[bytes]:
        """Record relay mids; returns those that were not taken before."""
        new: set[bytes] = set()
        ordered = sorted(set(mids))  # neighbours share pages
        for first in range(0, len(ordered), MIDS_AT_ONCE):
            page = ordered[first : first + MIDS_AT_ONCE]
            rows = ", ".join(f"(?1, ?{number}, ?2)" for number in range(3, len(page) + 3))
            written = self._connection.execute(
                f"INSERT INTO received_mid (mailbox_id, mid, received_at) VALUES {rows}"
                " ON CONFLICT (mailbox_id, mid) DO NOTHING RETURNING mid",
                (mailbox_id, now_ms, *page),
            ).fetchall()
            new.update(mid for (mid,) in written)
        return new

    def is_taken(self, mailbox_id: bytes, mid: bytes) -> bool:
        """Whether a relay mid was recorded."""
        row = self._connection.execute(
            "SELECT 1 FROM received_mid WHERE mailbox_id = ? AND mid = ?", (mailbox_id, mid)
        ).fetchone()
        return row is not None

    def keep(self, row: KeptEnvelopeRow) -> None:
        """Keep an envelope for 72 h from `received_at`; the oldest give way beyond the bounds."""
        self._connection.execute(
            "INSERT INTO kept_envelope (mailbox_id, mid, reason, group_id, epoch, envelope, received_at, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (mailbox_id, mid) DO NOTHING",
            (
                *(row.mailbox_id, row.mid, row.reason, row.group_id, row.epoch, row.envelope),
                *(row.received_at, row.received_at + KEPT_FOR_MS),
            ),
        )
        while self._is_over_bounds():
            for oldest in _KEPT.all(self._connection, "ORDER BY id LIMIT 1"):
                self._give_up(oldest, "inbox_full", row.received_at)

    def kept(self, group_id: bytes | None = None) -> list[KeptEnvelopeRow]:
        """Kept envelopes, oldest first: all, or those of a group."""
        if group_id is None:
            return _KEPT.all(self._connection, "ORDER BY id")
        return _KEPT.all(self._connection, "WHERE group_id = ? ORDER BY id", (group_id,))

    def drop(self, number: int) -> None:
        self._connection.execute("DELETE FROM kept_envelope WHERE id = ?", (number,))

    def drop_group(self, group_id: bytes) -> int:
        return self._connection.execute("DELETE FROM kept_envelope WHERE group_id = ?", (group_id,)).rowcount

    def expire(self, now_ms: int) -> int:
        """Give up envelopes whose time is over (with a record each) and forget old mids; returns how many envelopes."""
        over = _KEPT.all(self._connection, "WHERE expires_at <= ? ORDER BY id", (now_ms,))
        for row in over:
            self._give_up(row, "expired", now_ms)
        self._connection.execute("DELETE FROM received_mid WHERE received_at <= ?", (now_ms - MIDS_KEPT_FOR_MS,))
        return len(over)

    def add_undecryptable(self, row: UndecryptableRow) -> None:
        """Record what could not be read; the newest 10,000 records stay."""
        cursor = self._connection.execute(
            "INSERT INTO undecryptable (mid, group_id, epoch, reason, received_at) VALUES (?, ?, ?, ?, ?)",
            (row.mid, row.group_id, row.epoch, row.reason, row.received_at),
        )
        self._connection.execute(
            "DELETE FROM undecryptable WHERE id <= ?", ((cursor.lastrowid or 0) - UNDECRYPTABLE_KEPT,)
        )

    def undecryptable(self, limit: int = 100) -> list[UndecryptableRow]:
        """The newest records first."""
        return _UNDECRYPTABLE.all(self._connection, "ORDER BY id DESC LIMIT ?", (limit,))

    def _is_over_bounds(self) -> bool:
        row = self._connection.execute("SELECT count(*), sum(length(envelope)) FROM kept_envelope").fetchone()
        count, size = row if row else (0, 0)
        return count > KEPT_COUNT or (size or 0) > KEPT_BYTES

    def _give_up(self, row: KeptEnvelopeRow, reason: str, now_ms: int) -> None:
        self.drop(row.id)
        self.add_undecryptable(UndecryptableRow(0, row.mid, row.group_id, row.epoch, reason, now_ms))
