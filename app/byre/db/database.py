"""A database on a thread of its own: coroutines outside, plain functions inside.

```
 loop ── await write(fn) ──▶ queue ──▶ worker thread: BEGIN IMMEDIATE · fn(connection) · COMMIT ──▶ loop: result
```
Jobs run one after the other in the order of the calls; sqlcipher3 releases the GIL, so the loop stays smooth. A job
is a plain function over the connection and returns plain values; it must not keep the connection, and must not call
back into the loop. A cancelled caller whose job has begun does not stop it: it commits, only nobody is told.

A file that is held alone opens more quickly; `share` lets further connections in.

Damage is told once, on the thread that met it and before its caller hears of it; from there on every job is refused
without touching the file: nothing is written over what a salvage may still read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from sqlcipher3 import dbapi2

from byre.db.connection import Connection, DatabaseKey, open_connection
from byre.db.faults import damaged, is_damage, translated
from byre.db.migrations import Migration, migrate
from byre.db.pragmas import CLIENT_PRAGMAS, Pragmas
from byre.db.transaction import read_transaction, write_transaction
from byre.db.worker import Worker
from byre.errors import EnvironmentFault, UsageError

T = TypeVar("T")

Opening = Callable[[bool], Connection]
"""Opens another connection to a file; True: one that holds it alone."""


class Database:
    """One keyed connection and the thread that uses it. Build with `open`; end with `close`."""

    def __init__(
        self,
        path: Path,
        connection: Connection,
        worker: Worker,
        on_damage: Callable[[], None] | None = None,
        *,
        is_alone: bool = False,
        owns_worker: bool = True,
    ) -> None:
        self._path = path
        self._connection: Connection | None = connection
        self._worker = worker
        self._owns_worker = owns_worker
        self._is_alone = is_alone
        self._open_again: Callable[[], Connection] | None = None
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
        alone: bool = False,
        worker: Worker | None = None,
        prepare: Callable[[Connection], None] = lambda connection: None,
        on_damage: Callable[[], None] | None = None,
    ) -> Database:
        """Open (or with `create` make) the database and bring it to the newest of `migrations`.

        Args:
            alone: hold the file alone until `share`: opening it is quicker.
            worker: the thread to work on, which stays when the database is closed; without one it makes its own.
            prepare: what else is to be done before the first caller, outside a transaction and in the same job.
            on_damage: called once, on a thread, when a job meets a page that is damaged; from there on every job is
                refused with `db_damaged`. Without it each job is tried.

        Raises:
            EnvironmentFault: see `open_connection`; `db_newer` when a newer Byre wrote the file.
        """

        def begin() -> Connection:
            connection = open_connection(path, key, pragmas=pragmas, create=create, alone=alone)
            try:
                with translated(path):
                    migrate(connection, migrations, application_id=application_id)
                    prepare(connection)
            except BaseException:
                connection.close()
                raise
            return connection

        own = Worker("byre-db") if worker is None else worker
        try:
            connection = await _opened_on(own, begin)
        except BaseException:
            if worker is None:
                own.end()
            raise
        return cls(path, connection, own, on_damage, is_alone=alone, owns_worker=worker is None)

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

    async def run_beside(self, work: Callable[[], T]) -> T:
        """Run `work` on a thread of its own, with connections of its own to the file: jobs go on meanwhile.

        Damage that it meets is the file's.
        """

        def job() -> T:
            with translated(self._path):
                return self._harm.watched(work)

        worker = Worker("byre-db-beside")
        try:
            return await asyncio.shield(worker.run(job))
        finally:
            worker.end()

    async def checkpoint(self) -> bool:
        """Move the WAL into the database and truncate it, so that no stale frame is left in the file.

        Returns:
            False when a reader was in the way: the log is still there then, and whoever must have it gone tries again.
        """
        rows = await self.run(lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
        return bool(rows) and rows[0][0] == 0

    async def share(self, opening: Opening) -> None:
        """Let further connections in: where the file is held alone, it is closed and opened anew.

        Raises:
            EnvironmentFault: as `open_connection`: the next job opens it alone again.
        """
        if self._is_alone:
            await self._submit(lambda connection: self._let_in(connection, opening))

    @asynccontextmanager
    async def read_beside(self, opening: Opening) -> AsyncIterator[None]:
        """Let reads use a connection and a thread of their own, so that they do not wait for the jobs in here.

        After an `exchange` in here they see what the old file held when it was replaced, until this ends: so it has
        to end with it.

        Raises:
            EnvironmentFault: as `share`; nothing in here was begun then.
        """
        await self.share(opening)
        reader = await _Reader.open(self._path, lambda: opening(False), self._harm)
        self._reader = reader
        try:
            yield
        finally:
            self._reader = None
            await reader.close()

    async def exchange(self, work: Callable[[Connection], tuple[Path, Connection]]) -> None:
        """Replace the connection: `work` closes the one it is given and returns the next one with its file.

        Writes submitted meanwhile wait and run on the new connection. If `work` raises, it must have left the old
        connection open; it stays in use. The new file counts as shared.
        """

        def swap(connection: Connection) -> None:
            self._path, self._connection = work(connection)
            self._is_alone, self._open_again = False, None

        await self._submit(swap)

    async def close(self) -> None:
        """Finish the jobs that wait and close the file, which also folds the WAL in. Idempotent."""
        if self._is_closed:
            return
        closing = self._worker.run(self._put_down)
        self._is_closed = True
        if self._owns_worker:
            self._worker.end()
        await asyncio.shield(closing)

    async def _submit(self, work: Callable[[Connection], T]) -> T:
        if self._is_closed:
            self._harm.refuse()
            raise UsageError("the database is closed", code="locked")

        def job() -> T:
            with translated(self._path):
                return self._harm.watched(lambda: work(self._held()))

        return await self._worker.run(job)

    def _held(self) -> Connection:
        """The connection; where it could not be opened anew, that is tried again. On the thread."""
        if self._connection is None:
            assert self._open_again is not None
            self._connection = self._opened(self._open_again)
        return self._connection

    def _opened(self, opening: Callable[[], Connection]) -> Connection:
        try:
            return opening()
        except EnvironmentFault as fault:
            if fault.code == "db_damaged":
                self._harm.met()
            raise

    def _let_in(self, connection: Connection, opening: Opening) -> None:
        if self._is_alone:  # two may have asked
            connection.close()
            self._connection, self._open_again = None, lambda: opening(True)
            self._connection = self._opened(lambda: opening(False))
            self._is_alone, self._open_again = False, None

    def _put_down(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._open_again = None

    def give_up(self) -> None:
        """Take the file for damaged: told by who found it in another way than by a job here. On any thread."""
        self._harm.met()


async def _opened_on(worker: Worker, opening: Callable[[], Connection]) -> Connection:
    """Open a connection on a thread; who is cancelled meanwhile leaves none open: the file may be held alone."""
    opened: list[Connection] = []

    def begin() -> Connection:
        opened.append(opening())
        return opened[0]

    try:
        return await worker.run(begin)
    except asyncio.CancelledError:
        worker.run(lambda: _close_all(opened))
        raise


def _close_all(connections: Sequence[Connection]) -> None:
    for connection in connections:
        connection.close()


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

    def watched(self, work: Callable[[], T]) -> T:
        """Run `work`, unless the file is known to be damaged; damage that it meets is told."""
        self.refuse()
        try:
            return work()
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

    def __init__(self, path: Path, connection: Connection, worker: Worker, harm: _Harm) -> None:
        self._path = path
        self._connection = connection
        self._worker = worker
        self._harm = harm

    @classmethod
    async def open(cls, path: Path, opening: Callable[[], Connection], harm: _Harm) -> _Reader:
        worker = Worker("byre-db-reader")
        try:
            connection = await _opened_on(worker, opening)
        except BaseException:
            worker.end()
            raise
        return cls(path, connection, worker, harm)

    async def read(self, work: Callable[[Connection], T]) -> T:
        def job() -> T:
            with translated(self._path):
                return self._harm.watched(lambda: read_transaction(self._connection, work))

        return await self._worker.run(job)

    async def close(self) -> None:
        """Finish what waits and close the connection."""
        closing = self._worker.run(self._connection.close)
        self._worker.end()
        await asyncio.shield(closing)
