"""Blobs: large sealed files that a sender leaves for a number of readers. See README.md, Blobs.

```
 create (delivery token of one reader) ─▶ row with key, write capability, n read capabilities (hashes only)
 put_chunk ─▶ file synced, then row: a chunk counts once both are on the disk          any order, repeated is fine
 all chunks there ─▶ readable ── each reader: fetched ─▶ its capability dies ── the last one ─▶ erased
 erased also by the write capability, at expiry (72 h at most), and when no chunk came for a day
```
Erasing deletes the row first and overwrites the only copy of the key; the file follows. Whatever a crash leaves (a file
without a row, a row whose file is short) is dropped at the next start. Nothing here knows who made a blob or who reads
it: the token is looked at and forgotten. An unknown blob and a wrong, used or expired capability are one refusal.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final
from weakref import WeakValueDictionary

from byre.crypto.hashes import sha256
from byre.crypto.secret import same
from byre.relay import blob_rows
from byre.relay.blob_files import BlobFiles
from byre.relay.blob_rows import Blob
from byre.relay.clock import Clock, ExpiryClock
from byre.relay.counters import Counters
from byre.relay.durable import Durable
from byre.relay.lane import Lane
from byre.relay.quotas import DAY_S, Quotas
from byre.relay.refusal import Refusal
from byre.relay.settings import Limits
from byre.wire.frames import BLOB_CHUNK_BYTES, TOKEN_INTRO, BlobMade, BlobNew

REPEAT_S: Final = 60.0
REPEATS_KEPT: Final = 256


class Blobs:
    """All blobs of this relay.

    Args:
        lane_of: returns a mailbox's lane, None for an unknown mailbox.
        free_percent_after: how much of the disk is free once so many more bytes are written.
    """

    def __init__(
        self,
        *,
        durable: Durable,
        files: BlobFiles,
        lane_of: Callable[[bytes], Awaitable[Lane | None]],
        limits: Limits,
        counters: Counters,
        clock: Clock,
        expiry: ExpiryClock,
        random: Callable[[int], bytes],
        free_percent_after: Callable[[int], float],
    ) -> None:
        self._durable = durable
        self._files = files
        self._lane_of = lane_of
        self._limits = limits
        self._counters = counters
        self._clock = clock
        self._expiry = expiry
        self._random = random
        self._free_percent_after = free_percent_after
        self._by_token = Quotas(limits.blob_bytes_per_token_day, clock.monotonic_s)
        self._by_address = Quotas(limits.blob_bytes_per_address_day, clock.monotonic_s)
        self._recent: OrderedDict[tuple[bytes, bytes], tuple[float, BlobMade]] = OrderedDict()
        self._locks: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()
        self._sizes: dict[bytes, int] = {}
        self._missing: dict[bytes, int] = {}
        """Bytes of unfinished blobs that are still to come: room is kept for them."""

    async def start(self) -> None:
        """Count what is there, and drop what a crash left: files without a row, rows whose file is short."""
        files = await asyncio.to_thread(self._files.sizes)
        rows = await self._durable.read(blob_rows.survey)
        broken = [row.blob_id for row in rows if files.get(row.blob_id, 0) < row.least_file_bytes]
        if broken:
            await self._durable.erase(lambda connection: blob_rows.delete(connection, broken))
        whole = [row for row in rows if row.blob_id not in set(broken)]
        self._sizes = {row.blob_id: row.size_bytes for row in whole}
        self._missing = {row.blob_id: row.missing_bytes for row in whole}
        for blob_id in files.keys() - self._sizes.keys():
            await asyncio.to_thread(self._files.delete, blob_id)

    def count_now(self) -> int:
        """Return how many blobs are held."""
        return len(self._sizes)

    def bytes_now(self) -> int:
        """Return how many bytes they have, or will have."""
        return sum(self._sizes.values())

    # --- writers ------------------------------------------------------------------------------------------------

    async def create(self, frame: BlobNew, address: str | None) -> BlobMade:
        """Make room for a blob; the same request within a minute gets the same answer.

        Raises:
            Refusal: "size", "token" (unknown mailbox, token or both, an introduction token), "quota", "disk", "busy".
        """
        if frame.size_bytes > self._limits.blob_bytes or frame.readers > self._limits.blob_readers:
            raise Refusal("size")
        token_hash = sha256(frame.token)
        lane = await self._lane_of(frame.mailbox)
        kind = None if lane is None else lane.token_kind(token_hash, self._expiry.now_ms())
        if kind is None or kind == TOKEN_INTRO:
            self._counters.count("token_fail")
            raise Refusal("token")
        async with self._lock(token_hash + frame.req_id):  # the same request twice at once makes one blob
            return await self._create(frame, token_hash, address)

    async def _create(self, frame: BlobNew, token_hash: bytes, address: str | None) -> BlobMade:
        now_s, now_ms = self._clock.monotonic_s(), self._expiry.now_ms()
        recent = self._recent.get((token_hash, frame.req_id))
        if recent is not None and now_s - recent[0] <= REPEAT_S:
            return recent[1]
        charge = _charge(frame.size_bytes)
        self._check_quota(self._by_address, address, charge)
        await self._recall(frame.token, token_hash)
        self._check_room(frame.size_bytes)
        self._take_quota(charge, token_hash, address)
        made = BlobMade(
            req_id=frame.req_id,
            blob_id=self._random(16),
            write_capability=self._random(32),
            read_capabilities=tuple(self._random(32) for _ in range(frame.readers)),
            chunk_bytes=BLOB_CHUNK_BYTES,
            expires_ms=now_ms + 1000 * self._limits.ttl_s(frame.ttl_s),
        )
        self._sizes[made.blob_id] = frame.size_bytes  # counted before the write: two at once must not both fit
        self._missing[made.blob_id] = frame.size_bytes
        key = self._random(32)
        try:
            await self._durable.write(
                lambda connection: blob_rows.insert(connection, made, key, frame.size_bytes, now_ms, token=frame.token)
            )
        except BaseException:
            self._uncount(made.blob_id)
            self._by_token.give_back(token_hash, charge)
            self._by_address.give_back(address, charge)
            raise
        self._counters.count("blobs_made")
        self._recent[token_hash, frame.req_id] = (now_s, made)
        while len(self._recent) > REPEATS_KEPT or next(iter(self._recent.values()))[0] < now_s - REPEAT_S:
            self._recent.popitem(last=False)
        return made

    async def open_for_writing(self, blob_id: bytes, capability: bytes) -> Blob:
        """Return the blob whose write capability this is.

        Raises:
            Refusal: "absent".
        """
        blob, is_writer, _ = await self._look(blob_id, capability)
        if blob is None or not is_writer:
            raise self._absent()
        return blob

    async def put_chunk(self, blob: Blob, index: int, digest: bytes, chunk: bytes) -> None:
        """Write a chunk whose SHA-256 was checked; it is on the disk when this returns.

        Raises:
            Refusal: "taken" (another chunk is there), "absent" (the blob is gone by now), "disk".
            EnvironmentFault: "disk_full" or "io_error"; the chunk is not there.
        """
        async with self._lock(blob.blob_id):
            there = await self._durable.read(lambda connection: blob_rows.chunk_hash(connection, blob.blob_id, index))
            if there is None or blob.expires_at <= self._expiry.now_ms():
                raise self._absent()
            if there:
                if not same(there, digest):
                    raise Refusal("taken")
                return
            if self._free_percent_after(len(chunk)) < self._limits.free_disk_store_percent:
                self._counters.count("disk_fail")
                raise Refusal("disk", retry_after_ms=60_000)
            started_s = self._clock.monotonic_s()
            await asyncio.to_thread(self._files.write, blob.blob_id, blob.key, index, chunk)
            self._counters.observe("blob_chunk_s", self._clock.monotonic_s() - started_s)
            now_ms = self._expiry.now_ms()
            if not await self._durable.write(
                lambda connection: blob_rows.add_chunk(connection, blob.blob_id, index, digest, now_ms)
            ):
                raise self._absent()  # whoever erased it waits for the lock, to delete the file
            self._missing[blob.blob_id] = max(0, self._missing.get(blob.blob_id, 0) - len(chunk))
            self._counters.count("blob_bytes_in", len(chunk))

    # --- readers ------------------------------------------------------------------------------------------------

    async def open_for_reading(self, blob_id: bytes, capability: bytes) -> Blob:
        """Return the finished blob that this read capability is for.

        Raises:
            Refusal: "absent"; "busy" while its upload is not finished.
        """
        blob, _, is_reader = await self._look(blob_id, capability)
        if blob is None or not is_reader:
            raise self._absent()
        if not blob.is_complete:
            raise Refusal("busy", retry_after_ms=2000)
        return blob

    async def read_chunk(self, blob: Blob, index: int, size_bytes: int) -> bytes:
        """Return one chunk.

        Raises:
            EnvironmentFault: "io_error"; also when the blob was erased meanwhile.
        """
        chunk = await asyncio.to_thread(self._files.read, blob.blob_id, blob.key, index, size_bytes)
        self._counters.count("blob_bytes_out", size_bytes)
        return chunk

    async def finish(self, blob_id: bytes, capability: bytes) -> None:
        """Use a read capability up, or withdraw the blob by its write capability.

        Raises:
            Refusal: "absent".
        """
        blob, is_writer, is_reader = await self._look(blob_id, capability)
        if blob is None or not (is_writer or is_reader):
            raise self._absent()
        digest = sha256(capability)
        is_over = await self._durable.erase(
            lambda connection: blob_rows.use_up(connection, blob_id, digest, is_writer=is_writer)
        )
        self._counters.count("blobs_fetched")
        if is_over:
            await self._drop_files([blob_id])
            self._counters.count("blobs_erased")

    # --- time ---------------------------------------------------------------------------------------------------

    async def expire(self) -> None:
        """Erase blobs past their life, and unfinished ones to which no chunk came for long."""
        before_s = self._clock.monotonic_s() - REPEAT_S
        while self._recent and next(iter(self._recent.values()))[0] < before_s:
            self._recent.popitem(last=False)
        now_ms = self._expiry.now_ms()
        idle_ms = now_ms - 1000 * self._limits.blob_idle_s

        gone = await self._durable.read(lambda connection: blob_rows.due(connection, now_ms, idle_ms))
        if gone:
            await self._durable.erase(lambda connection: blob_rows.delete(connection, gone))
            self._counters.count("blobs_expired", len(gone))
            await self._drop_files(gone)

    # --- inside -------------------------------------------------------------------------------------------------

    def _check_room(self, size_bytes: int) -> None:
        if len(self._sizes) >= self._limits.blobs_open or self.bytes_now() + size_bytes > self._limits.blobs_bytes:
            self._counters.count("quota_fail")
            raise Refusal("busy", retry_after_ms=600_000)
        if self._free_percent_after(sum(self._missing.values()) + size_bytes) < self._limits.free_disk_new_percent:
            self._counters.count("disk_fail")
            raise Refusal("disk", retry_after_ms=600_000)

    async def _recall(self, token: bytes, token_hash: bytes) -> None:
        """Know again what a token made before this process: from the blobs that are here and the token itself."""
        if token_hash in self._by_token:
            return
        now_ms = self._expiry.now_ms()
        made = await self._durable.read(lambda connection: blob_rows.paid_by(connection, token, now_ms - 1000 * DAY_S))
        if token_hash not in self._by_token:  # another request of the same token may have been faster
            self._by_token.restore(
                token_hash, [(max(0, now_ms - at_ms) / 1000, _charge(size_bytes)) for at_ms, size_bytes in made]
            )

    def _take_quota(self, size_bytes: int, token_hash: bytes, address: str | None) -> None:
        self._check_quota(self._by_token, token_hash, size_bytes)
        self._check_quota(self._by_address, address, size_bytes)
        self._by_token.take(token_hash, size_bytes)
        if address is not None:
            self._by_address.take(address, size_bytes)

    def _check_quota(self, quotas: Quotas, key: bytes | str | None, size_bytes: int) -> None:
        wait_ms = quotas.wait_ms(key, size_bytes) if key is not None else 0
        if wait_ms:
            self._counters.count("quota_fail")
            raise Refusal("quota", retry_after_ms=wait_ms)

    async def _look(self, blob_id: bytes, capability: bytes) -> tuple[Blob | None, bool, bool]:
        digest, now_ms = sha256(capability), self._expiry.now_ms()
        return await self._durable.read(lambda connection: blob_rows.look(connection, blob_id, digest, now_ms))

    async def _drop_files(self, blob_ids: list[bytes]) -> None:
        for blob_id in blob_ids:
            async with self._lock(blob_id):  # a chunk that is being written must not bring the file back
                await asyncio.to_thread(self._files.delete, blob_id)
            self._uncount(blob_id)

    def _uncount(self, blob_id: bytes) -> None:
        self._sizes.pop(blob_id, None)
        self._missing.pop(blob_id, None)

    def _lock(self, blob_id: bytes) -> asyncio.Lock:
        return self._locks.setdefault(blob_id, asyncio.Lock())

    def _absent(self) -> Refusal:
        self._counters.count("token_fail")
        return Refusal("absent")


def _charge(size_bytes: int) -> int:
    """Return what a blob counts: a small one costs a row, a file and a place as well."""
    return max(size_bytes, BLOB_CHUNK_BYTES)
