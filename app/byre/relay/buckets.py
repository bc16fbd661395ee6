"""Bucket files: what is held for hours lies in one database per span of six hours, each under a key of its own.

```
held-<start>.db      created with its key; rows are erased one by one on acknowledgement or at their end of life;
                     once its span is over and it is empty (72 h later at most) key and file are destroyed
```
A key is on the disk before its file exists, and gone before its file is; so a file without a key is rubbish.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from byre.crypto.secret import Secret
from byre.db import CLIENT_PRAGMAS, Database, load_migrations
from byre.errors import EnvironmentFault, InternalBug
from byre.relay.bucket_rows import BucketRows
from byre.relay.bucket_upgrade import seal_first_form
from byre.relay.key_file import KeyFile
from byre.relay.key_slots import FreshKeys
from byre.relay.wreck import Wreck

GRACE_MS: Final = 60_000  # a commit that began before the end of the span may still be on its way
LONGEST_MS: Final = 72 * 3_600_000  # nothing is held longer
APPLICATION_ID: Final = 0x42795262  # "ByRb"
PRAGMAS: Final = replace(CLIENT_PRAGMAS, cache_kib=4_000, wal_autocheckpoint_pages=4000, exclusive=True)


@dataclass(slots=True)
class Bucket:
    """One open file; `messages` and `bodies` (of commits) count its rows."""

    start: int
    database: Database
    rows: BucketRows
    messages: int
    bodies: int
    has_residue: bool = False
    """Rows were deleted since the last truncating checkpoint."""
    is_damaged: bool = False
    """A page or a body of it did not hold: nothing new goes there, and nothing is asked of it until it is healed."""
    is_abandoned: bool = False
    """Nothing of it can be read: it waits for the operator's word, or until all in it would be over."""


class Buckets:
    """The bucket files of a data directory.

    Args:
        directory: where they lie.
        keys: the relay's key file.
        span_ms: how long one bucket takes new rows.
    """

    def __init__(self, directory: Path, keys: KeyFile, span_ms: int, random: Callable[[int], bytes]) -> None:
        self._directory = directory
        self._keys = keys
        self._span_ms = span_ms
        self._random = random
        self.fresh_keys = FreshKeys(random)
        """For bodies that are about to be held."""
        self._open: dict[int, Bucket] = {}
        self._moved: dict[int, int] = {}
        """Damaged file -> the file into which this process moved what could be read."""
        self.unopened: list[int] = []
        """Damaged files that the start has found, oldest first: to be healed before anything is asked of the others."""
        self._opening = asyncio.Lock()

    async def open_all(self) -> None:
        """Open every bucket that has a key; delete files that have none.

        A file of which a page does not hold is left unopened, to be healed.

        Raises:
            EnvironmentFault: nothing of a file can be read ("db_damaged"), or it is lost or emptied ("db_missing");
                nothing was changed.
        """
        for start in sorted(self._keys.buckets):
            path = self._path(start)
            if self._keys.is_bucket_made(start) and (not path.exists() or path.stat().st_size == 0):
                raise EnvironmentFault(
                    f"{path.name} is missing or empty; nothing was changed (see `byre relay losses`)", code="db_missing"
                )
        for start, key in sorted(self._keys.buckets.items()):
            path = self._path(start)
            if not path.exists():
                await asyncio.to_thread(self._keys.destroy_bucket, start)
                continue
            try:
                bucket = await self._connect(start, key, create=False)
            except EnvironmentFault as fault:
                if fault.code != "db_damaged" or not await asyncio.to_thread(self.wreck(start).can_be_read):
                    raise
                self.unopened.append(start)
                continue
            self._open[start] = bucket
            await self._note_made(bucket)
            bucket.has_residue = True  # the last run may have ended between an erasure and its checkpoint
        for path in sorted(self._directory.glob("held-*")):
            if not any(path.name.startswith(self._path(start).name) for start in self._keys.buckets):
                path.unlink()

    async def current(self, now_ms: int) -> Bucket:
        """Return the bucket that takes new rows now."""
        start = now_ms - now_ms % self._span_ms
        async with self._opening:
            while start in self._moved or (start in self._open and self._open[start].is_damaged):
                start += 1  # another file beside it
            bucket = self._open.get(start)
            if bucket is None:
                bucket = self._open[start] = await self._make(start)
        return bucket

    def all(self) -> list[Bucket]:
        """Return the open buckets, oldest first."""
        return [self._open[start] for start in sorted(self._open)]

    def key_of(self, start: int) -> Secret:
        """Return the key of a bucket that is there."""
        return self._keys.buckets[start]

    def wreck(self, start: int) -> Wreck:
        """Return what can still be read of a damaged file."""
        return Wreck(self._path(start), self.key_of(start), PRAGMAS)

    async def beside(self, start: int) -> Bucket:
        """Return the file that takes what can be read of a damaged one: the same after a kill half-way, and later.

        Else what was moved the first time would lie in two files, and be erased in one of them.
        """
        async with self._opening:
            whole = [each for each in self._open if is_beside(each, start) and not self._open[each].is_damaged]
            if whole:
                return self._open[max(whole)]
            others = {*self._open, *self._moved, *self.unopened}
            fresh = 1 + max(each for each in (start, *others) if each == start or is_beside(each, start))
            self._open[fresh] = bucket = await self._make(fresh)
            return bucket

    async def replace(self, start: int, by: Bucket, *, is_lossy: bool) -> None:
        """Destroy a damaged file; whoever asks for it is given the one that has what could be read.

        Args:
            is_lossy: something of it is lost: the store epoch is renewed in the same step.

        Raises:
            EnvironmentFault: its key could not be destroyed: nothing has changed.
        """
        renewed_by = self._random if is_lossy else None
        await asyncio.to_thread(partial(self._keys.destroy_bucket, start, renewed_by=renewed_by))
        self._moved[start] = by.start
        self._open.pop(start, None)
        self._delete_files(start)

    def get(self, start: int) -> Bucket | None:
        """Return one bucket, or the one that has taken its place; None once it is destroyed."""
        while start in self._moved:
            start = self._moved[start]
        return self._open.get(start)

    async def drop_empty(self, now_ms: int) -> None:
        """Destroy key and file of every bucket that is empty, or can hold only what is over, and takes nothing new."""
        for bucket in self.all():
            end_ms = bucket.start + self._span_ms + GRACE_MS
            is_over = bucket.is_damaged and now_ms >= end_ms + LONGEST_MS  # no row of it can be deleted any more
            if is_over or (bucket.messages + bucket.bodies == 0 and now_ms >= end_ms):
                await self._destroy(bucket)

    async def close(self) -> None:
        """Close every file."""
        for bucket in self.all():
            with contextlib.suppress(EnvironmentFault, InternalBug):  # a damaged one must not keep the others open
                await bucket.database.close()
        self._open.clear()

    async def _destroy(self, bucket: Bucket) -> None:
        with contextlib.suppress(EnvironmentFault, InternalBug):  # one that is damaged may not close
            await bucket.database.close()
        await asyncio.to_thread(self._keys.destroy_bucket, bucket.start)
        self._open.pop(bucket.start, None)
        self._delete_files(bucket.start)

    async def _make(self, start: int) -> Bucket:
        self._delete_files(start)  # the rest of an attempt that failed: nothing in it was ever confirmed
        key = await asyncio.to_thread(self._keys.add_bucket, start, self._random)
        bucket: Bucket | None = None
        try:
            bucket = await self._connect(start, key, create=True)
            await self._note_made(bucket)
        except BaseException:
            if bucket is not None:
                await bucket.database.close()
            self._delete_files(start)
            with contextlib.suppress(EnvironmentFault):  # a full disk: the key stays until the next attempt
                await asyncio.to_thread(self._keys.destroy_bucket, start)
            raise
        return bucket

    async def _note_made(self, bucket: Bucket) -> None:
        if not self._keys.is_bucket_made(bucket.start):
            await bucket.database.checkpoint()  # from here on the file itself is never empty
            await asyncio.to_thread(self._keys.note_bucket, bucket.start)

    async def _connect(self, start: int, key: Secret, *, create: bool) -> Bucket:
        database = await open_bucket(self._path(start), key, self._random, create=create)
        rows = BucketRows(database, self._random)
        messages, bodies = await rows.counts()
        return Bucket(start=start, database=database, rows=rows, messages=messages, bodies=bodies)

    def _delete_files(self, start: int) -> None:
        for path in bucket_files(self._directory, start):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()

    def _path(self, start: int) -> Path:
        return bucket_path(self._directory, start)


def is_beside(start: int, damaged: int) -> bool:
    """Tell whether a file was made to take the place of a damaged one: spans begin at whole seconds."""
    return start > damaged and start // 1000 == damaged // 1000


def bucket_path(directory: Path, start: int) -> Path:
    """Return where the bucket that begins at `start` lies."""
    return directory / f"held-{start}.db"


def bucket_files(directory: Path, start: int) -> list[Path]:
    """Return all files that a bucket may have."""
    return [Path(f"{bucket_path(directory, start)}{suffix}") for suffix in ("", "-wal", "-shm")]


async def open_bucket(path: Path, key: Secret, random: Callable[[int], bytes], *, create: bool = False) -> Database:
    """Open (or make) one bucket's file, in today's form.

    Raises:
        EnvironmentFault: see `byre.db`.
    """
    database = await Database.open(
        path,
        key,
        pragmas=PRAGMAS,
        migrations=load_migrations("byre.relay.migrations.bucket"),
        application_id=APPLICATION_ID,
        create=create,
    )
    try:
        if not create:
            await _require_whole(database)
        await database.run(lambda connection: seal_first_form(connection, random))
    except BaseException:
        await database.close()
        raise
    return database


async def _require_whole(database: Database) -> None:
    """Look at every page of a file: one that does not hold would silence the mailboxes that it is about, unseen.

    Raises:
        EnvironmentFault: "db_damaged".
    """
    try:
        await database.checkpoint()  # a kill in the middle of one may have torn a page, whose whole copy is in the log
    except EnvironmentFault as fault:
        if fault.code == "db_damaged":
            raise
        return  # a full or read-only disk must not keep a relay from starting
    if await database.run(lambda connection: connection.execute("PRAGMA cipher_integrity_check").fetchall()):
        raise EnvironmentFault("a file of held messages is damaged; see `byre relay losses`", code="db_damaged")
