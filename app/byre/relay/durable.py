"""The durable file: what outlives 72 hours, and the erasing checkpoint after deletions in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from byre.crypto.random import system_random
from byre.db import CLIENT_PRAGMAS, Connection, Database, load_migrations
from byre.errors import EnvironmentFault, UsageError
from byre.relay.durable_upgrade import bring_into_slots
from byre.relay.key_file import KeyFile
from byre.relay.tasks import Tasks

APPLICATION_ID: Final = 0x42795264  # "ByRd"
PRAGMAS: Final = replace(CLIENT_PRAGMAS, exclusive=True)
T = TypeVar("T")


class Durable:
    """The relay's durable database: the same `read` and `write`, and `erase` for writes that delete."""

    def __init__(
        self, database: Database, tasks: Tasks, erase_delay_s: float, random: Callable[[int], bytes] = system_random
    ) -> None:
        self.random = random
        """Where keys of what can be erased come from."""
        self._database = database
        self._tasks = tasks
        self._erase_delay_s = erase_delay_s
        self._has_residue = False

    @classmethod
    async def open(
        cls,
        directory: Path,
        keys: KeyFile,
        tasks: Tasks,
        *,
        erase_delay_s: float,
        random: Callable[[int], bytes] = system_random,
    ) -> Durable:
        """Open (or, for a new relay, make) the durable file.

        Args:
            random: where keys of what can be erased come from.

        Raises:
            EnvironmentFault: see `byre.db`; an existing file is never replaced. "db_missing": it was lost or emptied.
        """
        path = directory / "relay.db"
        if keys.is_database_made and (not path.exists() or path.stat().st_size == 0):
            raise EnvironmentFault("relay.db is missing or empty; nothing was changed", code="db_missing")
        database = await Database.open(
            path,
            keys.durable,
            pragmas=PRAGMAS,
            migrations=load_migrations("byre.relay.migrations.durable"),
            application_id=APPLICATION_ID,
            create=not path.exists(),
        )
        try:
            await database.run(lambda connection: bring_into_slots(connection, random))
            if not keys.is_database_made:
                await database.checkpoint()  # from here on the file itself is never empty
                await asyncio.to_thread(keys.note_database)
        except BaseException:
            await database.close()
            raise
        opened = cls(database, tasks, erase_delay_s, random)
        try:
            is_done = await database.checkpoint()  # the last run may have ended between an erasure and its checkpoint
        except EnvironmentFault:  # a full disk must not keep a relay from starting
            is_done = False
        if not is_done:
            opened._has_residue = True
            tasks.spawn(opened._checkpoint_soon())
        return opened

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a read transaction."""
        return await self._database.read(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a write transaction; it is on the disk when this returns."""
        return await self._database.write(work)

    async def erase(self, work: Callable[[Connection], T]) -> T:
        """Like `write`, for deletions: the log is truncated soon after."""
        result = await self._database.write(work)
        if not self._has_residue:
            self._has_residue = True
            self._tasks.spawn(self._checkpoint_soon())
        return result

    async def setting(self, name: str) -> int:
        """Return a number kept by name, 0 when there is none."""
        row = await self._database.read(
            lambda connection: connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        )
        return int(row[0]) if row else 0

    async def set_setting(self, name: str, value: int) -> None:
        """Keep a number by name."""
        await self._database.write(
            lambda connection: (
                connection.execute(
                    "INSERT INTO setting (name, value) VALUES (?, ?)"
                    " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    (name, value),
                ).rowcount
            )
        )

    async def close(self) -> None:
        """Truncate the log and close the file."""
        try:
            await self._database.checkpoint()
        except EnvironmentFault:  # a full disk: the next start folds the log in
            pass
        await self._database.close()

    async def _checkpoint_soon(self) -> None:
        await asyncio.sleep(self._erase_delay_s)
        self._has_residue = False
        try:
            is_done = await self._database.checkpoint()
        except UsageError:  # closed meanwhile, which truncates the log as well
            return
        except EnvironmentFault:
            is_done = False
        if not is_done:
            self._has_residue = True
            self._tasks.spawn(self._checkpoint_soon())
