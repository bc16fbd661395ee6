"""The rows of one bucket file: held messages and commit bodies, each body sealed under a key of its own.

```
held, commit_body   body = XChaCha20-Poly1305(key, AAD = what kind ‖ whose it is), nonce zero: a key seals once
key_slot            the keys; a row is erased by overwriting its key in the transaction that deletes the row
```
What a deletion leaves in the gaps of pages is sealed under a key that is nowhere. Of mailboxes and mids, which are
random and lie beside the body, copies may stay in such gaps until the last row of their table is gone: then the whole
table is cleared, which zeroes every page that it had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

from byre.crypto import aead
from byre.db import Connection, Database
from byre.db.transaction import write_transaction
from byre.errors import EnvironmentFault, PeerError
from byre.relay.key_slots import KEY_BYTES, KeySlots

NONCE: Final = bytes(aead.XCHACHA_NONCE_LENGTH)
HELD: Final = b"byre held message v1"
COMMIT: Final = b"byre commit body v1"
AT_ONCE: Final = 64
T = TypeVar("T")

# Each row that a statement steps over hands the interpreter's lock to the loop and waits to have it back: with many of
# them that costs more than all the rest. So rows go in by one statement (names and bodies end to end, numbers as JSON:
# seq, expires_at, slot, where its body begins, how long it is), and come out as one row of hexadecimal text; bodies are
# sealed before, on the loop's own thread, for the same reason.
_INSERT: Final = (
    "INSERT OR IGNORE INTO held (mailbox, mid, seq, expires_at, slot, body)"
    " SELECT substr(?1, 1 + 32 * key, 16), substr(?1, 17 + 32 * key, 16), value ->> 0, value ->> 1, value ->> 2,"
    " substr(?2, value ->> 3, value ->> 4) FROM json_each(?3)"
)


class NewRow(NamedTuple):
    """One message to hold, sealed under a key that seals nothing else."""

    mailbox: bytes
    mid: bytes
    seq: int
    expires_at: int
    key: bytes
    sealed: bytes


def sealed_row(mailbox: bytes, mid: bytes, seq: int, expires_at: int, body: bytes, key: bytes) -> NewRow:
    """Seal a message under a fresh key."""
    return NewRow(mailbox, mid, seq, expires_at, key, aead.seal(key, body, HELD + mailbox + mid, NONCE))


class BucketRows:
    """What is held in one open file.

    Args:
        random: where the keys of bodies come from.
    """

    def __init__(self, database: Database, random: Callable[[int], bytes]) -> None:
        self._database = database
        self._random = random
        self._slots = KeySlots()

    async def counts(self) -> tuple[int, int]:
        """Return how many messages are held, and how many commit bodies."""
        return await self._database.read(count_rows)

    # --- messages -----------------------------------------------------------------------------------------------

    async def put(self, rows: Sequence[NewRow]) -> int:
        """Write messages in one transaction; return how many were not there yet."""
        return await self._write(lambda connection: insert(connection, self._slots, rows))

    async def erase(self, pairs: Sequence[tuple[bytes, bytes]]) -> int:
        """Erase messages by (mailbox, mid); return how many were there."""
        return await self._write(lambda connection: delete(connection, self._slots, pairs))

    async def erase_mailbox(self, mailbox: bytes) -> int:
        """Erase all that is held for a mailbox; return how many it was."""

        def work(connection: Connection) -> int:
            found = connection.execute("SELECT slot FROM held WHERE mailbox = ?", (mailbox,)).fetchall()
            connection.execute("DELETE FROM held WHERE mailbox = ?", (mailbox,))
            self._slots.destroy(connection, [row[0] for row in found])
            clear_if_empty(connection, "held")
            return len(found)

        return await self._write(work)

    async def listed(self, mailbox: bytes) -> list[tuple[bytes, int, int, int]]:
        """Return (mid, seq, size of the body, expires_at) of all that is held for a mailbox."""

        def work(connection: Connection) -> list[tuple[bytes, int, int, int]]:
            rows = connection.execute(
                "SELECT mid, seq, length(body), expires_at FROM held WHERE mailbox = ?", (mailbox,)
            ).fetchall()
            return [(mid, seq, size - aead.TAG_LENGTH, expires_at) for mid, seq, size, expires_at in rows]

        return await self._database.read(work)

    async def bodies(self, mailbox: bytes, mids: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the bodies of these messages by mid; erased ones are left out.

        Raises:
            EnvironmentFault: "db_damaged": one does not open under its key.
        """
        return await self._database.read(lambda connection: read_bodies(connection, mailbox, mids))

    # --- commit bodies ------------------------------------------------------------------------------------------

    async def put_commit(self, group_tag: bytes, epoch: int, claim_id: bytes, expires_at: int, body: bytes) -> int:
        """Write a commit's body; return 0 when it was there already, else 1."""
        row = (group_tag, epoch, claim_id, expires_at, body)
        return await self._write(lambda connection: insert_commit(connection, self._slots, row, self._random))

    async def commit_body(self, group_tag: bytes, epoch: int, claim_id: bytes) -> bytes | None:
        """Return a commit's body, None when it is not there."""

        def work(connection: Connection) -> bytes | None:
            row = connection.execute(
                "SELECT key, body FROM commit_body JOIN key_slot ON key_slot.id = slot"
                " WHERE group_tag = ? AND epoch = ? AND claim_id = ?",
                (group_tag, epoch, claim_id),
            ).fetchone()
            return _opened(row[0], row[1], commit_aad(group_tag, epoch, claim_id)) if row else None

        return await self._database.read(work)

    # --- life ---------------------------------------------------------------------------------------------------

    async def expire(self, now_ms: int) -> tuple[list[tuple[bytes, bytes]], int]:
        """Erase all that is past its end; return (mailbox, mid) of the messages, and how many commit bodies."""
        if not await self._database.read(lambda connection: has_expired(connection, now_ms)):
            return [], 0

        def work(connection: Connection) -> tuple[list[tuple[bytes, bytes]], int]:
            held = connection.execute("SELECT slot, mailbox, mid FROM held WHERE expires_at <= ?", (now_ms,)).fetchall()
            bodies = connection.execute("SELECT slot FROM commit_body WHERE expires_at <= ?", (now_ms,)).fetchall()
            connection.execute("DELETE FROM held WHERE expires_at <= ?", (now_ms,))
            connection.execute("DELETE FROM commit_body WHERE expires_at <= ?", (now_ms,))
            self._slots.destroy(connection, [row[0] for row in (*held, *bodies)])
            clear_if_empty(connection, "held")
            clear_if_empty(connection, "commit_body")
            return [(mailbox, mid) for _, mailbox, mid in held], len(bodies)

        return await self._write(work)

    async def truncate_log(self) -> bool:
        """Fold the log into the file and truncate it; False when something was still in its way."""
        return await self._database.checkpoint()

    async def _write(self, work: Callable[[Connection], T]) -> T:
        def job(connection: Connection) -> T:
            try:
                return write_transaction(connection, work)
            except BaseException:
                self._slots.forget()
                raise

        return await self._database.run(job)


def count_rows(connection: Connection) -> tuple[int, int]:
    """Return how many messages are held in a bucket, and how many commit bodies."""
    row = connection.execute("SELECT (SELECT count(*) FROM held), (SELECT count(*) FROM commit_body)").fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def insert(connection: Connection, slots: KeySlots, rows: Sequence[NewRow]) -> int:
    """Insert messages; one that is there already stays as it is. Return how many are new."""
    taken = slots.fill(connection, [row.key for row in rows])
    before = connection.total_changes
    numbers: list[str] = []
    at = 1
    for (_, _, seq, expires_at, _, sealed), slot in zip(rows, taken, strict=True):
        size_bytes = len(sealed)
        numbers.append(f"[{seq},{expires_at},{slot},{at},{size_bytes}]")
        at += size_bytes
    names = b"".join([name for row in rows for name in row[:2]])
    bodies = b"".join([row.sealed for row in rows])
    connection.execute(_INSERT, (names, bodies, f"[{','.join(numbers)}]"))
    added = connection.total_changes - before
    if added < len(rows):  # repeats: their keys seal nothing that is here
        unused = [
            slot
            for row, slot in zip(rows, taken, strict=True)
            if not connection.execute(
                "SELECT 1 FROM held WHERE mailbox = ? AND mid = ? AND slot = ?", (row.mailbox, row.mid, slot)
            ).fetchone()
        ]
        slots.destroy(connection, unused)
    return added


def delete(connection: Connection, slots: KeySlots, pairs: Sequence[tuple[bytes, bytes]]) -> int:
    """Delete messages and destroy their keys; return how many were there."""
    by_mailbox: dict[bytes, list[bytes]] = {}
    for mailbox, mid in pairs:
        by_mailbox.setdefault(mailbox, []).append(mid)
    ids: list[int] = []
    found: list[int] = []
    for mailbox, mids in by_mailbox.items():
        for some in _lots(mids):
            row = connection.execute(
                f"SELECT group_concat(id), group_concat(slot) FROM held WHERE mailbox = ? AND mid IN ({_marks(some)})",
                (mailbox, *some),
            ).fetchone()
            if row and row[0]:
                ids += map(int, str(row[0]).split(","))
                found += map(int, str(row[1]).split(","))
    connection.execute("DELETE FROM held WHERE id IN (SELECT value FROM json_each(?))", (str(ids),))
    slots.destroy(connection, found)
    clear_if_empty(connection, "held")
    return len(ids)


def insert_commit(
    connection: Connection,
    slots: KeySlots,
    row: tuple[bytes, int, bytes, int, bytes],
    random: Callable[[int], bytes],
) -> int:
    """Seal and insert a commit's body (group tag, epoch, claim id, expires_at, body); 0 when it is there already."""
    group_tag, epoch, claim_id, expires_at, body = row
    if connection.execute(
        "SELECT 1 FROM commit_body WHERE group_tag = ? AND epoch = ? AND claim_id = ?", (group_tag, epoch, claim_id)
    ).fetchone():
        return 0
    key = random(KEY_BYTES)
    (slot,) = slots.fill(connection, [key])
    connection.execute(
        "INSERT INTO commit_body (group_tag, epoch, claim_id, expires_at, slot, body) VALUES (?, ?, ?, ?, ?, ?)",
        (group_tag, epoch, claim_id, expires_at, slot, aead.seal(key, body, commit_aad(*row[:3]), NONCE)),
    )
    return 1


def read_bodies(connection: Connection, mailbox: bytes, mids: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return the bodies of these messages by mid; erased ones are left out."""
    found = {}
    for some in _lots(mids):
        row = connection.execute(
            "SELECT group_concat(hex(mid) || hex(key) || hex(body), ' ') FROM held JOIN key_slot ON key_slot.id = slot"
            f" WHERE mailbox = ? AND mid IN ({_marks(some)})",
            (mailbox, *some),
        ).fetchone()
        for each in str(row[0]).split(" ") if row and row[0] else ():
            data = bytes.fromhex(each)
            mid = data[:16]
            found[mid] = _opened(data[16:48], data[48:], HELD + mailbox + mid)
    return found


def has_expired(connection: Connection, now_ms: int) -> bool:
    """Tell whether something is past its end."""
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM held WHERE expires_at <= ?) OR EXISTS"
        " (SELECT 1 FROM commit_body WHERE expires_at <= ?)",
        (now_ms, now_ms),
    ).fetchone()
    return bool(row and row[0])


def clear_if_empty(connection: Connection, table: str) -> None:
    """Clear a table that has no row left: a DELETE without WHERE zeroes whole pages, with all their gaps."""
    if not connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():
        connection.execute(f"DELETE FROM {table}")


def commit_aad(group_tag: bytes, epoch: int, claim_id: bytes) -> bytes:
    """Return what a commit body's sealing is bound to."""
    return COMMIT + group_tag + epoch.to_bytes(8) + claim_id


def _lots(mids: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Give the mids in lots for one statement each: asking row by row costs more than finding them."""
    for at in range(0, len(mids), AT_ONCE):
        yield mids[at : at + AT_ONCE]


def _marks(some: Sequence[bytes]) -> str:
    return ",".join("?" * len(some))


def _opened(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    try:
        return aead.open(key, sealed, aad, NONCE)
    except PeerError:
        raise EnvironmentFault("a held body does not open under its key", code="db_damaged") from None
