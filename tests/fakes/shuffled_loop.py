"""A deterministic scheduler: an event loop that wakes its tasks in an order that a seed decides.

asyncio runs what is ready first in, first out, so a test sees one order of many that are allowed. Here the tasks that
are ready at one turn of the loop change places by dice; callbacks of transports, which rely on theirs, keep them. The
same seed gives the same order, as long as nothing waits for threads or sockets: databases run inline here.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest

from byre.db import CLIENT_PRAGMAS, Connection, Migration, Pragmas, migrate, open_connection
from byre.db.connection import DatabaseKey
from byre.db.faults import translated
from byre.db.transaction import read_transaction, write_transaction
from byre.errors import UsageError

T = TypeVar("T")


class ShuffledLoop(asyncio.SelectorEventLoop):
    """See above. `turns` counts the turns in which there was something to choose."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.dice = random.Random(seed)
        self.turns = 0

    def _run_once(self) -> None:
        ready: Any = self._ready  # type: ignore[attr-defined]
        places = [index for index, handle in enumerate(ready) if _is_task(handle)]
        if len(places) > 1:
            self.turns += 1
            handles = [ready[index] for index in places]
            self.dice.shuffle(handles)
            for index, handle in zip(places, handles, strict=True):
                ready[index] = handle
        super()._run_once()  # type: ignore[misc]


def _is_task(handle: asyncio.Handle) -> bool:
    callback = cast(Any, handle)._callback
    return isinstance(getattr(callback, "__self__", None), asyncio.Task)


class InlineDatabase:
    """`byre.db.Database` without its thread: a job waits some turns of the loop, and its answer some more."""

    def __init__(self, path: Path, connection: Connection) -> None:
        self.path = path
        self._connection = connection
        self._turn = asyncio.Lock()  # first come, first served, as the thread's queue is
        self._is_closed = False

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
    ) -> InlineDatabase:
        connection = open_connection(path, key, pragmas=pragmas, create=create)
        migrate(connection, migrations, application_id=application_id)
        return cls(path, connection)

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self.run(lambda connection: read_transaction(connection, work))

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await self.run(lambda connection: write_transaction(connection, work))

    async def run(self, work: Callable[[Connection], T]) -> T:
        if self._is_closed:
            raise UsageError("the database is closed", code="locked")
        async with self._turn:
            await some_turns(2)
            with translated(self.path):
                result = work(self._connection)
        await some_turns(2)
        return result

    async def checkpoint(self) -> bool:
        rows = await self.run(lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
        return bool(rows) and rows[0][0] == 0

    async def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            async with self._turn:
                self._connection.close()


async def some_turns(most: int) -> None:
    """Let the others go on for some turns of the loop, as many as the dice say."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, ShuffledLoop)
    for _ in range(loop.dice.randrange(most + 1)):
        await asyncio.sleep(0)


async def inline(work: Callable[..., T], *arguments: Any) -> T:
    """`asyncio.to_thread` without the thread."""
    await some_turns(1)
    return work(*arguments)


def play(patch: pytest.MonkeyPatch, seed: int, story: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a story over a relay's parts on a shuffled loop."""
    patch.setattr("byre.relay.buckets.Database", InlineDatabase)
    patch.setattr("byre.relay.durable.Database", InlineDatabase)
    patch.setattr(asyncio, "to_thread", inline)
    with asyncio.Runner(loop_factory=lambda: ShuffledLoop(seed)) as runner:
        return runner.run(story())
