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
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from byre.errors import ByreError, EnvironmentFault, UsageError
from byre.relay.bucket_rows import BucketRows, NewRow, sealed_row
from byre.relay.buckets import Bucket, Buckets
from byre.relay.clock import Clock, ExpiryClock
from byre.relay.counters import Counters
from byre.relay.healing import Healing

RETRY_S: Final = 1.0
TRIES: Final = 3  # the file, what took its place, and what took the place of that
T = TypeVar("T")


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
        self._flushes: list[asyncio.Future[None]] = []
        self._checkpointing: asyncio.Task[None] | None = None
        self.healing = Healing(buckets, counters=counters)
        self._late_erasures: dict[int, list[tuple[bytes, bytes]]] = {}
        """Those of files that are being healed."""
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
        """Erase everything held for a mailbox.

        Raises:
            EnvironmentFault: not everything could be erased now.
        """
        for bucket in await self._whole():
            deleted = await self._asked(bucket.start, lambda rows: rows.erase_mailbox(mailbox))
            if deleted:
                now = self._buckets.get(bucket.start)
                if now is not None:
                    now.messages -= deleted
                    self._note_residue(now)

    async def rows(self, mailbox: bytes) -> list[HeldRow]:
        """Return what is held for a mailbox, in order; what a damaged file has lost is left out.

        Raises:
            EnvironmentFault: a file cannot be read now.
        """
        found: dict[bytes, HeldRow] = {}  # by mid: what moved while we asked was perhaps seen twice
        for bucket in await self._whole():
            rows = await self._asked(bucket.start, lambda rows: rows.listed(mailbox))
            for mid, seq, size, expires_at in rows or ():
                found[mid] = HeldRow(mid, seq, size, expires_at, bucket.start)
        return sorted(found.values(), key=lambda row: row.seq)

    async def bodies(self, start: int, mailbox: bytes, mids: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the bodies of these messages by mid; erased ones are left out, and those that were lost.

        Raises:
            EnvironmentFault: they cannot be read now.
        """
        return await self._asked(start, lambda rows: rows.bodies(mailbox, mids)) or {}

    async def _whole(self) -> list[Bucket]:
        await self.healing.done()
        return [bucket for bucket in self._buckets.all() if not bucket.is_abandoned]

    async def _asked(self, start: int, question: Callable[[BucketRows], Awaitable[T]]) -> T | None:
        """Ask one file; one that turns out damaged is healed first, and what took its place is asked.

        Returns:
            None when the file is gone: it was empty, or nothing of it can be read.

        Raises:
            EnvironmentFault: it cannot be read or written now, nor be healed.
        """
        for _ in range(TRIES):
            await self.healing.done()
            bucket = self._buckets.get(start)
            if bucket is None or bucket.is_abandoned:
                return None
            try:
                return await question(bucket.rows)
            except UsageError:  # closed while we waited
                if not bucket.is_damaged:
                    return None
            except EnvironmentFault as fault:
                if not self._is_damage(bucket, fault):
                    raise
        raise EnvironmentFault("a file of held messages is damaged and cannot be healed now", code="db_damaged")

    def _is_damage(self, bucket: Bucket, fault: ByreError) -> bool:
        """Tell whether a fault means that a file is damaged; its healing begins."""
        if fault.code != "db_damaged":
            return False
        self._counters.count("disk_fail")
        self.healing.begin(bucket, self._resume_erasures)
        return True

    def _resume_erasures(self) -> None:
        late, self._late_erasures = self._late_erasures, {}
        for start, pairs in late.items():
            self._erasures.setdefault(start, []).extend(pairs)
        if late:
            self._wake()

    # --- commit bodies ------------------------------------------------------------------------------------------

    async def put_commit(self, group_tag: bytes, epoch: int, claim_id: bytes, expires_at: int, body: bytes) -> int:
        """Write a commit's sealed body; return its bucket once it is on the disk.

        Raises:
            EnvironmentFault: "disk_full" or the like; nothing was written.
        """
        for is_second in (False, True):
            bucket = await self._buckets.current(self._expiry.now_ms())
            try:
                bucket.bodies += await bucket.rows.put_commit(group_tag, epoch, claim_id, expires_at, body)
            except ByreError as fault:
                if is_second or not (self._is_damage(bucket, fault) or bucket.is_damaged):
                    raise
            else:
                break
        return bucket.start

    async def commit_body(self, start: int, group_tag: bytes, epoch: int, claim_id: bytes) -> bytes | None:
        """Return a commit's sealed body, None once it has expired.

        Raises:
            EnvironmentFault: it cannot be read now.
        """
        others = [bucket.start for bucket in await self._whole() if bucket.start != start]  # an earlier run healed it
        for each in (start, *others):
            body = await self._asked(each, lambda rows: rows.commit_body(group_tag, epoch, claim_id))
            if body is not None:
                return body
        return None

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
        """Return once everything queued so far, and what follows from it, is on the disk (or was refused).

        Not once nothing is queued: a relay that goes down while others write to it would wait for them.
        """
        for _ in range(2):  # a message that was acknowledged on its way to the disk is erased in the next round
            if self._idle.is_set():
                return
            done = asyncio.get_running_loop().create_future()
            self._flushes.append(done)
            await done

    async def expire(self) -> list[tuple[bytes, bytes]]:
        """Delete all that is past its end of life; return (mailbox, mid) of the messages, and drop spent buckets.

        A file that cannot be written now keeps no other from its turn, and has its own in the next round.
        """
        now_ms = self._expiry.now_ms()
        gone: list[tuple[bytes, bytes]] = []
        for bucket in self._buckets.all():
            if bucket.is_damaged:
                self.healing.begin(bucket, self._resume_erasures)  # again, if the disk was full
                continue
            try:
                messages, bodies = await bucket.rows.expire(now_ms)
            except UsageError:  # dropped while we waited: it was empty
                continue
            except EnvironmentFault as fault:
                if not self._is_damage(bucket, fault):
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
            if not bucket.has_residue or bucket.is_damaged:
                continue
            bucket.has_residue = False
            try:
                if not await bucket.rows.truncate_log():
                    bucket.has_residue, is_done = True, False
                    continue
            except UsageError:  # dropped while we waited, key and file
                continue
            except EnvironmentFault as fault:
                if self._is_damage(bucket, fault):
                    continue
                self._counters.count("disk_fail")
                bucket.has_residue, is_done = True, False
                continue
            self._counters.count("checkpoints")
        return is_done

    async def close(self) -> None:
        """Write what is queued, erase residue, close the files."""
        await self._write_gathered()
        await self.healing.stop()
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
        while self._puts or self._erasures or self._flushes:
            puts, self._puts = self._puts, []
            flushes, self._flushes = self._flushes, []
            erasures, self._erasures = self._erasures, {}
            await self._write_puts(puts)
            for start, pairs in erasures.items():
                await self._write_erasures(start, pairs)
            for done in flushes:
                if not done.done():  # whoever waited may have gone
                    done.set_result(None)
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
            if bucket is not None and not is_second and (self._is_damage(bucket, fault) or bucket.is_damaged):
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
        if bucket is None or bucket.is_abandoned:
            return
        if bucket.is_damaged:
            self._late_erasures.setdefault(start, []).extend(pairs)
            return
        try:
            deleted = await bucket.rows.erase(pairs)
        except ByreError as fault:
            if self._is_damage(bucket, fault) or bucket.is_damaged:
                self._late_erasures.setdefault(start, []).extend(pairs)
                return
            self._counters.count("disk_fail")  # a full disk: the log cannot grow. Expiry or the next try erases them.
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
        while any(bucket.has_residue and not bucket.is_damaged for bucket in self._buckets.all()):
            await asyncio.sleep(self._erase_delay_s)
            if not await self.erase_residue():
                await asyncio.sleep(RETRY_S)
