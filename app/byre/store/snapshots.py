"""Copies of an open profile: the rolling snapshot, what a damaged database is salvaged from, and backups.

The snapshot lies beside the database as `snapshot.<g>.db`, an archive under a key that the generation's key yields: it
dies with its generation, so a wipe needs no care for it. What is deleted singly must `drop` it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

from byre.errors import EnvironmentFault
from byre.store.archive import Progress
from byre.store.damage import DamageWatch
from byre.store.vault import ProfileVault
from byre.store.vault_thread import to_its_end


class _GivenUpError(Exception):
    """Nobody waits for this copy any more."""


class Snapshots:
    """Takes and drops the snapshot, writes backups. A wipe holds `undisturbed`: the generation stays meanwhile.

    Args:
        share: lets a copy's own connection into the database.
    """

    def __init__(
        self,
        vault: ProfileVault,
        undisturbed: asyncio.Lock,
        watch: DamageWatch,
        share: Callable[[], Awaitable[None]],
    ) -> None:
        self._copies = vault.copies
        self._undisturbed = undisturbed
        self._watch = watch
        self._share = share

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
            await self._copied(self._copies.write_snapshot, lambda fraction: None)

    async def drop(self) -> None:
        """Destroy the snapshot: it may hold what was deleted since; the next one is taken without that.

        Raises:
            UsageError: `locked`. EnvironmentFault: `io_error`.
        """
        async with self._undisturbed:
            await to_its_end(self._copies.drop_snapshot)

    async def write_backup(
        self, target: Path, code: str, on_progress: Callable[[float], None] = lambda fraction: None
    ) -> None:
        """Write a backup to `target`, on a thread, beside whatever goes on; `on_progress` is called on that thread.

        Raises:
            UsageError: `locked`, `wrong_state`. EnvironmentFault: `disk_full`, `io_error`, `db_damaged`.
        """
        async with self._undisturbed:
            await self._copied(lambda progress: self._copies.write_backup(target, code, progress), on_progress)

    async def _copied(self, copy: Callable[[Progress], None], on_progress: Progress) -> None:
        """Run `copy` on a thread; where it met damage, the database is looked at: it may be the copy's alone.

        A caller that is cancelled goes once the thread has given up and removed what it had written: a profile that
        was closed, or destroyed, is read and written by nobody.
        """
        given_up = threading.Event()

        def progress(fraction: float) -> None:
            if given_up.is_set():
                raise _GivenUpError
            on_progress(fraction)

        await self._share()
        try:
            await to_its_end(lambda: copy(progress), given_up.set)
        except EnvironmentFault as fault:
            if fault.code != "db_damaged":
                raise
            await self._watch.confirm()
            raise EnvironmentFault("the copy cannot be written; the database is whole", code="io_error") from None
