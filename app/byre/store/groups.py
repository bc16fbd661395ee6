"""MLS state of every group as opaque bytes: epochs, ratchets, past epochs, pending commits, intents.

The epoch changes per commit, the ratchets per message, so that a message never rewrites the tree. A past epoch is
kept to read what was sent before a commit; it is bounded in number and time, because its secrets read old messages.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from byre.db import Connection
from byre.store.table import Table

PAST_EPOCHS_KEPT = 24
"""What was written without a connection comes late, in the epoch of then: rooms of 50 have seven commits a day."""
PAST_EPOCHS_SURE = 5
"""So many every member keeps, whatever the size of the room."""
PAST_BYTES = 2 << 20
"""Of large rooms fewer are kept: their epochs hold every member's leaf."""


@dataclass(frozen=True, slots=True)
class EpochRow:
    """State of one epoch. `expires_at` is None for the current one."""

    group_id: bytes
    epoch: int
    epoch_bytes: bytes = field(repr=False)
    ratchet_bytes: bytes = field(repr=False)
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class PendingCommitRow:
    """An own commit until the room's home has ordered it.

    `pending` is the state to merge, `message` the commit, `claim` the frame as it goes to the relay, `welcome` and
    `fan_out` wait for the grant, `note` is the caller's. `state`: built, sent, granted.
    """

    group_id: bytes
    epoch: int
    claim_id: bytes
    state: str
    pending: bytes = field(repr=False)
    message: bytes = field(repr=False)
    claim: bytes = field(repr=False)
    welcome: bytes | None = field(repr=False)
    fan_out: bytes = field(repr=False)
    created_at: int
    note: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class IntentRow:
    """A change that this device means to make in a group. `id` 0 asks for a new number."""

    id: int
    group_id: bytes
    kind: str
    payload: bytes = field(repr=False)
    created_at: int
    not_before: int
    attempts: int = 0


_PENDING = Table.of("pending_commit", PendingCommitRow)
_INTENT = Table.of("intent", IntentRow)
_EPOCHS = (
    "SELECT e.group_id, e.epoch, e.bytes, r.bytes, e.expires_at FROM mls_epoch e"
    " JOIN mls_ratchet r ON r.group_id = e.group_id AND r.epoch = e.epoch"
)


class GroupRepository:
    """MLS state by (group, epoch)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save_epoch(self, group_id: bytes, epoch: int, epoch_bytes: bytes, ratchet_bytes: bytes) -> None:
        """Store the (new) current epoch. The one before is ended with `end_epoch`, in the same transaction."""
        self._connection.execute(
            "INSERT INTO mls_epoch (group_id, epoch, bytes, expires_at) VALUES (?, ?, ?, NULL)"
            " ON CONFLICT (group_id, epoch) DO UPDATE SET bytes = excluded.bytes, expires_at = NULL",
            (group_id, epoch, epoch_bytes),
        )
        self.save_ratchets(group_id, epoch, ratchet_bytes)

    def save_ratchets(self, group_id: bytes, epoch: int, ratchet_bytes: bytes) -> None:
        self._connection.execute(
            "INSERT INTO mls_ratchet (group_id, epoch, bytes) VALUES (?, ?, ?)"
            " ON CONFLICT (group_id, epoch) DO UPDATE SET bytes = excluded.bytes",
            (group_id, epoch, ratchet_bytes),
        )

    def current(self, group_id: bytes) -> EpochRow | None:
        return self._one("WHERE e.group_id = ? AND e.expires_at IS NULL ORDER BY e.epoch DESC LIMIT 1", group_id)

    def at(self, group_id: bytes, epoch: int) -> EpochRow | None:
        """The current or a past epoch."""
        return self._one("WHERE e.group_id = ? AND e.epoch = ?", group_id, epoch)

    def past(self, group_id: bytes) -> list[EpochRow]:
        """Past epochs, newest first."""
        rows = self._connection.execute(
            f"{_EPOCHS} WHERE e.group_id = ? AND e.expires_at IS NOT NULL ORDER BY e.epoch DESC", (group_id,)
        )
        return [EpochRow(*row) for row in rows]

    def expiries(self, group_id: bytes) -> list[int]:
        """When each past epoch expires, in milliseconds, newest first."""
        rows = self._connection.execute(
            "SELECT expires_at FROM mls_epoch WHERE group_id = ? AND expires_at IS NOT NULL ORDER BY epoch DESC",
            (group_id,),
        )
        return [int(expires_at) for (expires_at,) in rows]

    def ended_by(self, group_id: bytes, epoch: int) -> bytes | None:
        """Hash of the commit that ended a past epoch; None where it is not known."""
        row = self._connection.execute(
            "SELECT ended_by FROM mls_epoch WHERE group_id = ? AND epoch = ?", (group_id, epoch)
        ).fetchone()
        return None if row is None else row[0]

    def end_epoch(
        self,
        group_id: bytes,
        epoch: int,
        *,
        expires_at: int,
        epoch_bytes: bytes | None = None,
        ratchet_bytes: bytes | None = None,
        ended_by: bytes | None = None,
        keep: int = PAST_EPOCHS_KEPT,
    ) -> None:
        """Make an epoch a past one, stripped to the given bytes; only the newest `keep` past ones stay.

        Of large rooms fewer stay. `ended_by`: hash of the commit that ended it, where it is known.
        """
        self._connection.execute(
            "UPDATE mls_epoch SET expires_at = ?, bytes = coalesce(?, bytes), ended_by = ?"
            " WHERE group_id = ? AND epoch = ?",
            (expires_at, epoch_bytes, ended_by, group_id, epoch),
        )
        if ratchet_bytes is not None:
            self.save_ratchets(group_id, epoch, ratchet_bytes)
        past = self._connection.execute(
            "SELECT epoch, length(bytes) FROM mls_epoch WHERE group_id = ? AND expires_at IS NOT NULL"
            " ORDER BY epoch DESC",
            (group_id,),
        ).fetchall()
        total_bytes = 0
        for place, (past_epoch, size_bytes) in enumerate(past, 1):
            total_bytes += size_bytes
            if place > keep or (place > PAST_EPOCHS_SURE and total_bytes > PAST_BYTES):
                self._delete(group_id, past_epoch)

    def drop_expired(self, now_ms: int) -> int:
        """Delete past epochs whose time is over; returns how many."""
        rows = self._connection.execute(
            "SELECT group_id, epoch FROM mls_epoch WHERE expires_at <= ?", (now_ms,)
        ).fetchall()
        for group_id, epoch in rows:
            self._delete(group_id, epoch)
        return len(rows)

    def erase_past(self, group_id: bytes) -> int:
        """Delete all past epochs of a group; returns how many."""
        rows = self.past(group_id)
        for row in rows:
            self._delete(group_id, row.epoch)
        return len(rows)

    def delete(self, group_id: bytes) -> None:
        """Delete every secret of a group: it was left, or is joined anew."""
        for table in ("mls_epoch", "mls_ratchet", "pending_commit"):
            self._connection.execute(f"DELETE FROM {table} WHERE group_id = ?", (group_id,))

    def put_pending(self, row: PendingCommitRow) -> None:
        """Store the one pending commit of a group."""
        _PENDING.put(self._connection, row, "group_id")

    def pending(self, group_id: bytes) -> PendingCommitRow | None:
        return _PENDING.one(self._connection, "WHERE group_id = ?", (group_id,))

    def all_pending(self) -> list[PendingCommitRow]:
        return _PENDING.all(self._connection, "ORDER BY created_at")

    def delete_pending(self, group_id: bytes) -> None:
        self._connection.execute("DELETE FROM pending_commit WHERE group_id = ?", (group_id,))

    def _delete(self, group_id: bytes, epoch: int) -> None:
        for table in ("mls_epoch", "mls_ratchet"):
            self._connection.execute(
                f"DELETE FROM {table} WHERE group_id = ? AND epoch = ?",
                (group_id, epoch),
            )

    def _one(self, tail: str, *parameters: object) -> EpochRow | None:
        row = self._connection.execute(f"{_EPOCHS} {tail}", parameters).fetchone()
        return None if row is None else EpochRow(*row)


class IntentRepository:
    """Changes waiting for a commit, in order of arrival."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, row: IntentRow) -> int:
        """Queue an intent; returns its number."""
        cursor = self._connection.execute(
            "INSERT INTO intent (group_id, kind, payload, attempts, created_at, not_before) VALUES (?, ?, ?, ?, ?, ?)",
            (row.group_id, row.kind, row.payload, row.attempts, row.created_at, row.not_before),
        )
        return cursor.lastrowid or 0

    def of_group(self, group_id: bytes) -> list[IntentRow]:
        return _INTENT.all(self._connection, "WHERE group_id = ? ORDER BY id", (group_id,))

    def due(self, now_ms: int) -> list[IntentRow]:
        return _INTENT.all(self._connection, "WHERE not_before <= ? ORDER BY id", (now_ms,))

    def postpone(self, number: int, not_before: int) -> None:
        """Count one more attempt and wait until `not_before`."""
        self._connection.execute(
            "UPDATE intent SET attempts = attempts + 1, not_before = ? WHERE id = ?", (not_before, number)
        )

    def delete(self, number: int) -> None:
        self._connection.execute("DELETE FROM intent WHERE id = ?", (number,))

    def delete_group(self, group_id: bytes) -> None:
        self._connection.execute("DELETE FROM intent WHERE group_id = ?", (group_id,))
