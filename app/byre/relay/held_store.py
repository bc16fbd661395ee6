"""Held messages and commit bodies on disk: written before anyone is told, erased when acknowledged or at their end.

Writes are grouped: while one commit runs, further rows gather and go into the next, so that a burst costs few
fsyncs and a single message waits for nothing. A deletion is followed by a truncating checkpoint of its file within
`erase_delay_ms`: until then the write-ahead log would still hold the erased body.

```
 put ─▶ gathered ─▶ one commit per bucket (synchronous=FULL) ─▶ on_stored(bucket) | on_failed: nothing written
 erase ─▶ gathered ─▶ row deleted, its body's key overwritten ─▶ wal_checkpoint(TRUNCATE)
```
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from byre.errors import ByreError, EnvironmentFault, UsageError
from byre.relay.bucket_rows import NewRow, sealed_row
from byre.relay.buckets import Bucket, Buckets
from byre.relay.clock import Clock, ExpiryClock
from byre.relay.counters import Counters

RETRY_S: Final = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One held message without its body."""

    mid: bytes
    seq: int
    size_bytes: int
    expires_at: int
    bucket: int


_Put = tuple[NewRow, Callable[[int], None], Callable[[ByreError], None]]


class HeldStore:
    """The bucket files behind one queue of writes. `run` must be running for anything to be written."""

    def __init__(
        self, buckets: Buckets, *, clock: Clock, expiry: ExpiryClock, counters: Counters, erase_delay_s: float
    ) -> None:
        self._buckets = buckets
        self._clock = clock
        self._expiry = expiry
        self._counters = counters
        self._erase_delay_s = erase_delay_s
        self._puts: list[_Put] = []
        self._erasures: dict[int, list[tuple[bytes, bytes]]] = {}
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._checkpointing: asyncio.Task[None] | None = None
        self.is_damaged = False
        """A file of held messages turned out not to hold."""
        self.pending_bytes = 0
        """Bytes given to `put` that are not on the disk yet."""

    # --- messages -----------------------------------------------------------------------------------------------

    def put(
        self,
        *,
        mailbox: bytes,
        mid: bytes,
        seq: int,
        expires_at: int,
        body: bytes,
        on_stored: Callable[[int], None],
        on_failed: Callable[[ByreError], None],
    ) -> None:
        """Queue one message for the disk; exactly one of the callbacks runs in the loop, after the commit."""
        row = sealed_row(mailbox, mid, seq, expires_at, body, self._buckets.fresh_keys.take())
        self._puts.append((row, on_stored, on_failed))
        self.pending_bytes += len(row.sealed)
        self._wake()

    def erase(self, bucket: int, mailbox: bytes, mid: bytes) -> None:
        """Queue the erasure of one message."""
        self._erasures.setdefault(bucket, []).append((mailbox, mid))
        self._wake()

    async def erase_mailbox(self, mailbox: bytes) -> None:
        """Erase everything held for a mailbox."""
        for bucket in self._buckets.all():
            deleted = await bucket.rows.erase_mailbox(mailbox)
            if deleted > 0:
                bucket.messages -= deleted
                self._note_residue(bucket)

    async def rows(self, mailbox: bytes) -> list[HeldRow]:
        """Return what is held for a mailbox, in order."""
        found: list[HeldRow] = []
        for bucket in self._buckets.all():
            try:
                rows = await bucket.rows.listed(mailbox)
            except UsageError:  # dropped while we waited: it was empty
                continue
            found += [HeldRow(mid, seq, size, expires_at, bucket.start) for mid, seq, size, expires_at in rows]
        return sorted(found, key=lambda row: row.seq)

    async def bodies(self, start: int, mailbox: bytes, mids: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the bodies of these messages by mid; erased ones are left out, and those that cannot be read any more.

        Raises:
            EnvironmentFault: they cannot be read now.
        """
        bucket = self._buckets.get(start)
        if bucket is None:
            return {}
        try:
            return await bucket.rows.bodies(mailbox, mids)
        except EnvironmentFault as fault:
            if fault.code != "db_damaged":
                raise
        self._note_damage(start)
        found: dict[bytes, bytes] = {}
        for mid in mids:  # one bad page must not silence a mailbox
            with contextlib.suppress(EnvironmentFault):
                found |= await bucket.rows.bodies(mailbox, [mid])
        return found

    def _note_damage(self, start: int) -> None:
        self._counters.count("disk_fail")
        self._buckets.note_damage(start)
        self.is_damaged = True
        log.warning("a file of held messages is damaged: restart the relay and see `byre relay losses`")

    # --- commit bodies ------------------------------------------------------------------------------------------

    async def put_commit(self, group_tag: bytes, epoch: int, claim_id: bytes, expires_at: int, body: bytes) -> int:
        """Write a commit's sealed body; return its bucket once it is on the disk.

        Raises:
            EnvironmentFault: "disk_full" or the like; nothing was written.
        """
        bucket = await self._buckets.current(self._expiry.now_ms())
        bucket.bodies += await bucket.rows.put_commit(group_tag, epoch, claim_id, expires_at, body)
        return bucket.start

    async def commit_body(self, start: int, group_tag: bytes, epoch: int, claim_id: bytes) -> bytes | None:
        """Return a commit's sealed body, None once it has expired."""
        bucket = self._buckets.get(start)
        return None if bucket is None else await bucket.rows.commit_body(group_tag, epoch, claim_id)

    # --- life ---------------------------------------------------------------------------------------------------

    def held_now(self) -> int:
        """Return how many messages are held."""
        return sum(bucket.messages for bucket in self._buckets.all())

    def bodies_now(self) -> int:
        """Return how many commit bodies are kept."""
        return sum(bucket.bodies for bucket in self._buckets.all())

    def oldest_age_s(self) -> int:
        """Return the age of the oldest file with a held message: at most a span more than the message's; 0 for none."""
        starts = [bucket.start for bucket in self._buckets.all() if bucket.messages]
        return max(0, self._expiry.now_ms() - min(starts)) // 1000 if starts else 0

    async def run(self) -> None:
        """Write what is queued, until cancelled; first erase what the last run left in a log."""
        for bucket in self._buckets.all():
            if bucket.has_residue:
                self._note_residue(bucket)
        while True:
            await self._work.wait()
            self._work.clear()
            await self._write_gathered()

    async def flush(self) -> None:
        """Return once everything queued so far is on the disk (or was refused)."""
        await self._idle.wait()

    async def expire(self) -> list[tuple[bytes, bytes]]:
        """Delete all that is past its end of life; return (mailbox, mid) of the messages, and drop spent buckets.

        A file that cannot be written now keeps no other from its turn, and has its own in the next round.
        """
        now_ms = self._expiry.now_ms()
        gone: list[tuple[bytes, bytes]] = []
        for bucket in self._buckets.all():
            try:
                messages, bodies = await bucket.rows.expire(now_ms)
            except UsageError:  # dropped while we waited: it was empty
                continue
            except EnvironmentFault:
                self._counters.count("disk_fail")
                continue
            if messages or bodies:
                bucket.messages -= len(messages)
                bucket.bodies -= bodies
                self._note_residue(bucket)
                gone += messages
        self._counters.count("expired", len(gone))
        await self.erase_residue()
        await self._buckets.drop_empty(now_ms)
        return gone

    async def erase_residue(self) -> bool:
        """Truncate the log of every file in which rows were deleted; False when one has to be tried again."""
        is_done = True
        for bucket in self._buckets.all():
            if not bucket.has_residue:
                continue
            bucket.has_residue = False
            try:
                if not await bucket.rows.truncate_log():
                    bucket.has_residue, is_done = True, False
                    continue
            except UsageError:  # dropped while we waited, key and file
                continue
            except EnvironmentFault:
                self._counters.count("disk_fail")
                bucket.has_residue, is_done = True, False
                continue
            self._counters.count("checkpoints")
        return is_done

    async def close(self) -> None:
        """Write what is queued, erase residue, close the files."""
        await self._write_gathered()
        if self._checkpointing is not None:
            self._checkpointing.cancel()
            await asyncio.gather(self._checkpointing, return_exceptions=True)
        for bucket in self._buckets.all():
            bucket.has_residue = True  # nothing stays in a log over a shutdown
        await self.erase_residue()
        await self._buckets.close()

    def _wake(self) -> None:
        self._idle.clear()
        self._work.set()

    async def _write_gathered(self) -> None:
        while self._puts or self._erasures:
            puts, self._puts = self._puts, []
            erasures, self._erasures = self._erasures, {}
            await self._write_puts(puts)
            for start, pairs in erasures.items():
                await self._write_erasures(start, pairs)
        self._idle.set()

    async def _write_puts(self, puts: list[_Put], *, is_second: bool = False) -> None:
        if not puts:
            return
        started_s = self._clock.monotonic_s()
        bucket: Bucket | None = None
        try:
            bucket = await self._buckets.current(self._expiry.now_ms())
            added = await bucket.rows.put([row for row, _, _ in puts])
        except ByreError as fault:
            if bucket is not None and fault.code == "db_damaged" and not is_second:
                self._note_damage(bucket.start)
                await self._write_puts(puts, is_second=True)  # into another file
                return
            self._counters.count("disk_fail", len(puts))
            for row, _, on_failed in puts:
                self.pending_bytes -= len(row.sealed)
                on_failed(fault)
            return
        bucket.messages += added
        self._counters.count("stored", len(puts))
        self._counters.count("commits")
        took_s = self._clock.monotonic_s() - started_s
        self._counters.count("commit_us", int(took_s * 1_000_000))
        self._counters.observe("fsync_s", took_s)
        for row, on_stored, _ in puts:
            self.pending_bytes -= len(row.sealed)
            on_stored(bucket.start)

    async def _write_erasures(self, start: int, pairs: list[tuple[bytes, bytes]]) -> None:
        bucket = self._buckets.get(start)
        if bucket is None:
            return
        try:
            deleted = await bucket.rows.erase(pairs)
        except ByreError:  # a full disk: the log cannot grow. Expiry or the next try erases them.
            self._counters.count("disk_fail")
            asyncio.get_running_loop().call_later(RETRY_S, self._retry_erasures, start, pairs)
            return
        bucket.messages -= deleted
        if deleted:
            self._note_residue(bucket)

    def _retry_erasures(self, start: int, pairs: list[tuple[bytes, bytes]]) -> None:
        for mailbox, mid in pairs:
            self.erase(start, mailbox, mid)

    def _note_residue(self, bucket: Bucket) -> None:
        bucket.has_residue = True
        if self._checkpointing is None or self._checkpointing.done():
            self._checkpointing = asyncio.get_running_loop().create_task(self._checkpoint_soon())

    async def _checkpoint_soon(self) -> None:
        while any(bucket.has_residue for bucket in self._buckets.all()):
            await asyncio.sleep(self._erase_delay_s)
            if not await self.erase_residue():
                await asyncio.sleep(RETRY_S)
