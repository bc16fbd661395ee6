"""What is to be delivered, per device, and how far it has come per account.

An outbox row (message id, device) lives until the end-to-end receipt; the relay's word frees its ciphertext only. An
expired row is sealed anew (new bytes, new mid, new counter) when its device is heard again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from byre.db import Connection
from byre.store.positions import AT_ONCE, pages
from byre.store.table import Table

DELIVERY_ORDER = ("queued", "failed", "expired", "relayed", "stored", "delivered", "gone", "read")
"""States from the least to the most advanced; a delivery only moves forward."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One thing for one device. `id` 0 asks `add` for a new number; numbers are the queue's order.

    `message_id` is the content's id, or 16 random bytes for commits, Welcomes and the like. `ciphertext` is the sealed
    envelope, None once the relay has it. `content` keeps the plaintext of what is no message row, for sealing anew.
    state: queued, relayed, stored, acked, expired, failed.
    """

    id: int
    message_id: bytes
    device_id: bytes
    account_id: bytes
    room: int | None
    kind: str
    relay: str
    mailbox_id: bytes
    token: bytes = field(repr=False)
    mid: bytes | None
    ciphertext: bytes | None = field(repr=False)
    state: str
    ttl_s: int
    created_at: int
    expires_at: int
    sent_at: int | None = None
    attempts: int = 0
    content: bytes | None = field(default=None, repr=False)


_OUTBOX = Table.of("outbox", OutboxRow)


class OutboxRepository:
    """Rows by mid (the relay's answers), by content and by device."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, rows: Iterable[OutboxRow]) -> None:
        """Queue rows; a (message id, device) that is there already stays as it is."""
        columns = [column for column in _OUTBOX.columns if column != "id"]
        marks = ", ".join("?" * len(columns))
        self._connection.executemany(
            f"INSERT INTO outbox ({', '.join(columns)}) VALUES ({marks})"
            " ON CONFLICT (message_id, device_id) DO NOTHING",
            [[getattr(row, column) for column in columns] for row in rows],
        )

    def by_mid(self, mid: bytes) -> OutboxRow | None:
        return _OUTBOX.one(self._connection, "WHERE mid = ?", (mid,))

    def of_message(self, message_id: bytes) -> list[OutboxRow]:
        return _OUTBOX.all(self._connection, "WHERE message_id = ? ORDER BY id", (message_id,))

    def of_device(self, device_id: bytes, *, room: int | None = None, state: str | None = None) -> list[OutboxRow]:
        """Rows for one device, oldest first; in one room, in one state if given."""
        return _OUTBOX.all(
            self._connection,
            "WHERE device_id = ?1 AND (?2 IS NULL OR room = ?2) AND (?3 IS NULL OR state = ?3) ORDER BY id",
            (device_id, room, state),
        )

    def queued(self, limit: int = 1000, *, after: int = 0) -> list[OutboxRow]:
        """Rows to hand to the connection, oldest first, above row number `after`."""
        return _OUTBOX.all(self._connection, "WHERE state = 'queued' AND id > ? ORDER BY id LIMIT ?", (after, limit))

    def unconfirmed(self, limit: int = 1000, *, after: int = 0) -> list[OutboxRow]:
        """Rows whose envelope the relay has not confirmed for good, oldest first: what a restart sends again."""
        return _OUTBOX.all(
            self._connection,
            "WHERE state IN ('queued', 'relayed') AND ciphertext IS NOT NULL AND id > ? ORDER BY id LIMIT ?",
            (after, limit),
        )

    def lost_by(self, relay: str) -> list[OutboxRow]:
        """A relay has lost what it held: queue again what still has its ciphertext, expire the rest; returns all."""
        held = "relay = ? AND state = 'stored'"
        rows = _OUTBOX.all(self._connection, f"WHERE {held} ORDER BY id", (relay,))
        self._connection.execute(
            f"UPDATE outbox SET state = CASE WHEN ciphertext IS NULL THEN 'expired' ELSE 'queued' END WHERE {held}",
            (relay,),
        )
        return rows

    def of_kind(self, kind: str, *, room: int | None = None) -> list[OutboxRow]:
        """Rows of a kind, oldest first; of one room if given."""
        return _OUTBOX.all(self._connection, "WHERE kind = ?1 AND (?2 IS NULL OR room = ?2) ORDER BY id", (kind, room))

    def set_state(self, mid: bytes, state: str, *, now_ms: int, free_ciphertext: bool = False) -> OutboxRow | None:
        """Record the relay's answer for a mid; returns the row as it is now, None if the mid is not (any more) ours."""
        changed = self._connection.execute(
            "UPDATE outbox SET state = ?, sent_at = coalesce(sent_at, ?),"
            " ciphertext = CASE WHEN ? THEN NULL ELSE ciphertext END WHERE mid = ?",
            (state, now_ms, free_ciphertext, mid),
        ).rowcount
        return self.by_mid(mid) if changed else None

    def settle(self, message_id: bytes, device_id: bytes) -> bool:
        """Delete the row: the device confirmed end to end. False if there was none."""
        return bool(
            self._connection.execute(
                "DELETE FROM outbox WHERE message_id = ? AND device_id = ?", (message_id, device_id)
            ).rowcount
        )

    def delete(self, number: int) -> None:
        self._connection.execute("DELETE FROM outbox WHERE id = ?", (number,))

    def expire(self, now_ms: int, *, room: int | None = None, device_id: bytes | None = None) -> list[OutboxRow]:
        """Mark rows whose time is over as expired, free their ciphertext, and return them.

        With `room`: its messages and kept contents (for one device), whatever their time: nobody has that key any more.
        """
        which = "state IN ('queued', 'relayed', 'stored', 'acked')"
        if room is None:
            which += " AND expires_at <= ?1 AND ?2 IS NULL AND ?3 IS NULL"
        else:
            which += " AND ?1 IS NOT NULL AND room = ?2 AND (?3 IS NULL OR device_id = ?3)"
            which += " AND kind IN ('message', 'content')"
        due = _OUTBOX.all(self._connection, f"WHERE {which} ORDER BY id", (now_ms, room, device_id))
        self._connection.execute(
            f"UPDATE outbox SET state = 'expired', ciphertext = NULL, mid = NULL WHERE {which}",
            (now_ms, room, device_id),
        )
        return due

    def delete_device(self, device_id: bytes, *, room: int | None = None) -> int:
        """Delete what waits for a device that left; returns how many rows."""
        return self._connection.execute(
            "DELETE FROM outbox WHERE device_id = ?1 AND (?2 IS NULL OR room = ?2)", (device_id, room)
        ).rowcount

    def sealed_ever(self) -> int:
        """A number that grows with everything that is queued, whatever leaves the outbox again."""
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
        return 0 if row is None else int(row[0])

    def count(self) -> int:
        row = self._connection.execute("SELECT count(*) FROM outbox").fetchone()
        return int(row[0]) if row else 0


@dataclass(frozen=True, slots=True)
class Doubt:
    """When a relay's word that it has something is doubted at `now_ms`.

    `heard_ms`: its device spoke so long after that, and did not confirm it; then at the earliest `pause_ms` after it
    was sealed. `silence_ms` after it was sealed in any case, eight times that where the relay says that it holds it,
    as for who is away. All pauses double with each attempt.
    """

    now_ms: int
    heard_ms: int
    pause_ms: int
    silence_ms: int


_IN_DOUBT = (
    "kind IN ('message', 'content') AND state IN ('relayed', 'stored', 'acked') AND expires_at > ?2"
    " AND (created_at + (?5 << (min(attempts, 16) + 3 * (state = 'stored'))) <= ?2"
    " OR (created_at + (?4 << min(attempts, 16)) <= ?2"
    " AND EXISTS (SELECT 1 FROM member WHERE member.room = outbox.room AND member.device_id = outbox.device_id"
    " AND member.heard_at >= coalesce(outbox.sent_at, outbox.created_at) + ?3)))"
)


class ResealRepository:
    """What is to be sealed anew, content by content, for members of its room."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def oldest_expired(self, room: int, device_id: bytes | None = None) -> list[OutboxRow]:
        """Rows of the oldest content that expired in a room: for one device, or for all members."""
        return self._oldest("state = 'expired' AND (?2 IS NULL OR device_id = ?2)", (room, device_id))

    def oldest_refused(self, room: int, *, now_ms: int, attempts: int) -> list[OutboxRow]:
        """Rows of a room's oldest content that was refused, after so many tries, before its time was over."""
        which = "kind IN ('message', 'content') AND state = 'expired' AND expires_at > ?2 AND attempts = ?3"
        return self._oldest(which, (room, now_ms, attempts))

    def oldest_sealed_long_ago(self, room: int, *, sealed_by: int, handed_over_from: int) -> list[OutboxRow]:
        """Rows of a room's oldest content that was sealed up to one time and not handed over before another.

        Nobody may have its key any more by the time it arrives.
        """
        which = (
            "kind IN ('message', 'content') AND state IN ('queued', 'relayed', 'stored', 'acked', 'expired')"
            " AND created_at <= ?2 AND (sent_at IS NULL OR sent_at >= ?3)"
        )
        return self._oldest(which, (room, sealed_by, handed_over_from))

    def oldest_in_doubt(self, room: int, doubt: Doubt) -> list[OutboxRow]:
        """Rows of a room's oldest content that a relay has said to have, and that its devices should have confirmed."""
        return self._oldest(_IN_DOUBT, (room, doubt.now_ms, doubt.heard_ms, doubt.pause_ms, doubt.silence_ms))

    def rooms_in_doubt(self, doubt: Doubt) -> list[int]:
        """The rooms with such rows."""
        values = (None, doubt.now_ms, doubt.heard_ms, doubt.pause_ms, doubt.silence_ms)
        which = f"room > 0 AND ?1 IS NULL AND {_IN_DOUBT}"
        return [
            int(room) for (room,) in self._connection.execute(f"SELECT DISTINCT room FROM outbox WHERE {which}", values)
        ]

    def _oldest(self, which: str, values: tuple[object, ...]) -> list[OutboxRow]:
        """Rows for members of room `?1` that belong to the oldest content of those."""
        due = f"room = ?1 AND {which} AND device_id IN (SELECT device_id FROM member WHERE room = ?1)"
        oldest = f"SELECT message_id FROM outbox WHERE {due} ORDER BY id LIMIT 1"
        return _OUTBOX.all(self._connection, f"WHERE {due} AND message_id = ({oldest}) ORDER BY id", values)

    def rooms(self) -> list[int]:
        """The rooms in which something waits for a confirmation."""
        return [int(room) for (room,) in self._connection.execute("SELECT DISTINCT room FROM outbox WHERE room > 0")]


class AnswerRepository:
    """The relay's answers, many at once: a message to a large room is answered a thousand times."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, mids: Sequence[bytes]) -> dict[bytes, OutboxRow]:
        """Outbox rows by their mids."""
        found: dict[bytes, OutboxRow] = {}
        for page in pages(mids, AT_ONCE):
            rows = _OUTBOX.all(self._connection, f"WHERE mid IN ({', '.join('?' * len(page))})", page)
            found.update((row.mid, row) for row in rows if row.mid is not None)
        return found

    def states(self, message_id: bytes) -> list[tuple[bytes, str]]:
        """(account, state) of every row of a content, without the bytes that they carry."""
        rows = self._connection.execute("SELECT account_id, state FROM outbox WHERE message_id = ?", (message_id,))
        return [(bytes(account_id), str(state)) for account_id, state in rows]

    def set(self, mids: Sequence[bytes], state: str, *, now_ms: int, free_ciphertext: bool = False) -> None:
        """Record one answer of the relay for many mids."""
        for page in pages(mids, AT_ONCE):
            self._connection.execute(
                "UPDATE outbox SET state = ?, sent_at = coalesce(sent_at, ?),"
                " ciphertext = CASE WHEN ? THEN NULL ELSE ciphertext END"
                f" WHERE mid IN ({', '.join('?' * len(page))})",
                (state, now_ms, free_ciphertext, *page),
            )

    def end(self, numbers: Sequence[int]) -> None:
        """Delete rows that the relay's word ends."""
        for page in pages(numbers, AT_ONCE):
            self._connection.execute(f"DELETE FROM outbox WHERE id IN ({', '.join('?' * len(page))})", page)


class DeliveryRepository:
    """Own messages: how far each account is, by its most advanced device."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def start(self, position: int, accounts: Iterable[bytes], state: str = "queued") -> None:
        """Expect `accounts` to receive the own message at `position`."""
        self._connection.executemany(
            "INSERT INTO delivery (message, account_id, state) VALUES (?, ?, ?)"
            " ON CONFLICT (message, account_id) DO NOTHING",
            [(position, account_id, state) for account_id in accounts],
        )

    def advance(self, position: int, account_id: bytes, state: str) -> bool:
        """Move one account forward; False if it is not expected, or is as far already."""
        row = self._connection.execute(
            "SELECT state FROM delivery WHERE message = ? AND account_id = ?", (position, account_id)
        ).fetchone()
        if row is None or DELIVERY_ORDER.index(row[0]) >= DELIVERY_ORDER.index(state):
            return False
        self.set(position, account_id, state)
        return True

    def set(self, position: int, account_id: bytes, state: str) -> None:
        """Set an account's state, also backwards: expired, failed, queued again."""
        self.set_all(position, (account_id,), state)

    def set_all(self, position: int, account_ids: Sequence[bytes], state: str) -> None:
        """Set the state of several accounts, as `set` does."""
        for page in pages(account_ids, AT_ONCE):
            self._connection.execute(
                f"UPDATE delivery SET state = ? WHERE message = ? AND account_id IN ({', '.join('?' * len(page))})",
                (state, position, *page),
            )

    def states(self, position: int) -> dict[bytes, str]:
        rows = self._connection.execute("SELECT account_id, state FROM delivery WHERE message = ?", (position,))
        return {bytes(account_id): str(state) for account_id, state in rows}

    def forget_account(self, position: int, account_id: bytes) -> None:
        """Expect an account no longer: it left the room."""
        self._connection.execute("DELETE FROM delivery WHERE message = ? AND account_id = ?", (position, account_id))
