"""A database on a thread of its own: coroutines outside, plain functions inside.

```
 loop ── await write(fn) ──▶ queue ──▶ worker thread: BEGIN IMMEDIATE · fn(connection) · COMMIT ──▶ loop: result
```
Jobs run one after the other in the order of the calls; sqlcipher3 releases the GIL, so the loop stays smooth. A job
is a plain function over the connection and returns plain values; it must not keep the connection, and must not call
back into the loop. A cancelled caller whose job has begun does not stop it: it commits, only nobody is told.

Damage is told once, on the thread that met it and before its caller hears of it; from there on every job is refused
without touching the file: nothing is written over what a salvage may still read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlcipher3 import dbapi2

from byre.db.connection import Connection, DatabaseKey, open_connection
from byre.db.faults import damaged, is_damage, translated
from byre.db.migrations import Migration, migrate
from byre.db.pragmas import CLIENT_PRAGMAS, Pragmas
from byre.db.transaction import read_transaction, write_transaction
from byre.errors import UsageError

T = TypeVar("T")


class Database:
    """One keyed connection and its worker thread. Build with `open`; end with `close`."""

    def __init__(
        self,
        path: Path,
        connection: Connection,
        worker: ThreadPoolExecutor,
        on_damage: Callable[[], None] | None = None,
    ) -> None:
        self._path = path
        self._connection = connection
        self._worker = worker
        self._is_closed = False
        self._reader: _Reader | None = None
        self._harm = _Harm(on_damage)

    @classmethod
    async def open(
        cls,
        path: Path,
        key: DatabaseKey,
        *,
        pragmas: Pragmas = CLIENT_PRAGMAS,
        migrations: Sequence[Migration] = (),
        application_id: int = 0,
        create: bool = False,
        prepare: Callable[[Connection], None] = lambda connection: None,
        on_damage: Callable[[], None] | None = None,
    ) -> Database:
        """Open (or with `create` make) the database and bring it to the newest of `migrations`.

        Args:
            prepare: what else is to be done before the first caller, outside a transaction and in the same job.
            on_damage: called once, on a thread, when a job meets a page that is damaged; from there on every job is
                refused with `db_damaged`. Without it each job is tried.

        Raises:
            EnvironmentFault: see `open_connection`; `db_newer` when a newer Byre wrote the file.
        """
        worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="byre-db")

        def begin() -> Connection:
            connection = open_connection(path, key, pragmas=pragmas, create=create)
            try:
                with translated(path):
                    migrate(connection, migrations, application_id=application_id)
                    prepare(connection)
            except BaseException:
                connection.close()
                raise
            return connection

        try:
            connection = await asyncio.wrap_future(worker.submit(begin))
        except BaseException:
            worker.shutdown(wait=False)
            raise
        return cls(path, connection, worker, on_damage)

    @property
    def path(self) -> Path:
        """The file of the connection that is open now."""
        return self._path

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one read transaction (one snapshot) and give back its value.

        Raises:
            EnvironmentFault: see `faults.translated`.
            InternalBug: `work` wrote; the write was rolled back.
        """
        if self._reader is not None and not self._is_closed:
            return await self._reader.read(work)
        return await self._submit(lambda connection: read_transaction(connection, work))

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one write transaction: all of it is on the disk when this returns, or none of it.

        Raises:
            EnvironmentFault: `disk_full` and the like: nothing was changed.
        """
        return await self._submit(lambda connection: write_transaction(connection, work))

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` outside any transaction: PRAGMAs, checkpoints, ATTACH."""
        return await self._submit(work)

    async def checkpoint(self) -> bool:
        """Move the WAL into the database and truncate it, so that no stale frame is left in the file.

        Returns:
            False when a reader was in the way: the log is still there then, and whoever must have it gone tries again.
        """
        rows = await self.run(lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
        return bool(rows) and rows[0][0] == 0

    async def exchange(
        self,
        work: Callable[[Connection], tuple[Path, Connection]],
        *,
        open_reader: Callable[[], Connection] | None = None,
    ) -> None:
        """Replace the connection: `work` closes the one it is given and returns the next one with its file.

        Writes submitted meanwhile wait and run on the new connection. If `work` raises, it must have left the old
        connection open; it stays in use.

        Args:
            open_reader: opens another connection to the old file, on a thread of its own: reads then do not wait but
                see what the old file held when `work` began. It is closed before this returns.
        """

        def swap(connection: Connection) -> None:
            self._path, self._connection = work(connection)

        if open_reader is None:
            await self._submit(swap)
            return
        reader = await _Reader.open(self._path, open_reader, self._harm)
        self._reader = reader
        try:
            await self._submit(swap)
        finally:
            self._reader = None
            await reader.close()

    async def close(self) -> None:
        """Finish the jobs that wait, close the file (which also folds the WAL in) and end the thread. Idempotent."""
        if self._is_closed:
            return
        closing = asyncio.wrap_future(self._worker.submit(lambda: self._connection.close()))
        self._is_closed = True
        try:
            await closing
        finally:
            self._worker.shutdown(wait=False)

    async def _submit(self, work: Callable[[Connection], T]) -> T:
        if self._is_closed:
            self._harm.refuse()
            raise UsageError("the database is closed", code="locked")

        def job() -> T:
            with translated(self._path):
                return self._harm.watched(work, self._connection)

        return await asyncio.wrap_future(self._worker.submit(job))

    def give_up(self) -> None:
        """Take the file for damaged: told by who found it in another way than by a job here. On any thread."""
        self._harm.met()


class _Harm:
    """Whether a database is known to be damaged, and whom to tell. Shared by its connections, on any thread."""

    def __init__(self, tell: Callable[[], None] | None) -> None:
        self._tell = tell
        self._is_known = False
        self._was_met = False

    def met(self) -> None:
        if self._tell is not None and not self._is_known:
            self._is_known = True
            self._tell()

    def watched(self, work: Callable[[Connection], T], connection: Connection) -> T:
        """Run `work`, unless the file is known to be damaged; damage that it meets is told."""
        self.refuse()
        try:
            return work(connection)
        except dbapi2.Error as error:
            if not is_damage(error, was_met=self._was_met):
                raise
        self._was_met = True
        self.met()
        raise damaged()

    def refuse(self) -> None:
        if self._is_known:
            raise damaged()


class _Reader:
    """A second connection for reading, on its own thread, while the first one is busy."""

    def __init__(self, path: Path, connection: Connection, worker: ThreadPoolExecutor, harm: _Harm) -> None:
        self._path = path
        self._connection = connection
        self._worker = worker
        self._harm = harm

    @classmethod
    async def open(cls, path: Path, opening: Callable[[], Connection], harm: _Harm) -> _Reader:
        worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="byre-db-reader")
        try:
            connection = await asyncio.wrap_future(worker.submit(opening))
        except BaseException:
            worker.shutdown(wait=False)
            raise
        return cls(path, connection, worker, harm)

    async def read(self, work: Callable[[Connection], T]) -> T:
        def job() -> T:
            with translated(self._path):
                return self._harm.watched(lambda connection: read_transaction(connection, work), self._connection)

        return await asyncio.wrap_future(self._worker.submit(job))

    async def close(self) -> None:
        """Finish what waits and close the connection."""
        closing = asyncio.wrap_future(self._worker.submit(self._connection.close))
        try:
            await closing
        finally:
            self._worker.shutdown(wait=False)
