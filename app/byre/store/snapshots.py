"""Copies of an open profile: the rolling snapshot, what a damaged database is salvaged from, and backups.

The snapshot lies beside the database as `snapshot.<g>.db`, an archive under a key that the generation's key yields: it
dies with its generation, so a wipe needs no care for it. What is deleted singly must `drop` it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from byre.errors import EnvironmentFault
from byre.store.damage import DamageWatch
from byre.store.vault import ProfileVault


class Snapshots:
    """Takes and drops the snapshot, writes backups. A wipe holds `undisturbed`: the generation stays meanwhile."""

    def __init__(self, vault: ProfileVault, undisturbed: asyncio.Lock, watch: DamageWatch) -> None:
        self._copies = vault.copies
        self._undisturbed = undisturbed
        self._watch = watch

    def is_there(self) -> bool:
        """Whether this generation has a snapshot.

        Raises:
            UsageError: `locked`.
        """
        return self._copies.has_snapshot()

    def source_bytes(self) -> int:
        """How large the database is.

        Raises:
            UsageError: `locked`. EnvironmentFault: `io_error`.
        """
        return self._copies.source_bytes()

    async def take(self) -> None:
        """Write the snapshot anew, on a thread, beside whatever goes on; every page of the database is looked at first.

        Raises:
            UsageError: `locked`, `wrong_state` (a wipe is under way and cannot end).
            EnvironmentFault: `db_damaged`, `disk_full`, `io_error`: the snapshot before is kept.
        """
        async with self._undisturbed:
            await self._watch.check()
            await self._copied(self._copies.write_snapshot)

    async def drop(self) -> None:
        """Destroy the snapshot: it may hold what was deleted since; the next one is taken without that.

        Raises:
            UsageError: `locked`. EnvironmentFault: `io_error`.
        """
        async with self._undisturbed:
            await asyncio.get_running_loop().run_in_executor(None, self._copies.drop_snapshot)

    async def write_backup(
        self, target: Path, code: str, on_progress: Callable[[float], None] = lambda fraction: None
    ) -> None:
        """Write a backup to `target`, on a thread, beside whatever goes on; `on_progress` is called on that thread.

        Raises:
            UsageError: `locked`, `wrong_state`. EnvironmentFault: `disk_full`, `io_error`, `db_damaged`.
        """
        async with self._undisturbed:
            await self._copied(lambda: self._copies.write_backup(target, code, on_progress))

    async def _copied(self, copy: Callable[[], None]) -> None:
        """Run `copy` on a thread; where it met damage, the database is looked at: it may be the copy's alone."""
        try:
            await asyncio.get_running_loop().run_in_executor(None, copy)
        except EnvironmentFault as fault:
            if fault.code != "db_damaged":
                raise
            await self._watch.confirm()
            raise EnvironmentFault("the copy cannot be written; the database is whole", code="io_error") from None
