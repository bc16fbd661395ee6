"""The rolling snapshot of an open profile: what a damaged database is salvaged from.

It lies beside the database as `snapshot.<g>.db`, an archive under a key that the generation's key yields: it dies with
its generation, so a wipe needs no care for it. What is deleted singly must `drop` it.
"""

from __future__ import annotations

import asyncio

from byre.store.vault import ProfileVault


class Snapshots:
    """Takes and drops the snapshot. `undisturbed` is held by a wipe: the generation stays while one is written."""

    def __init__(self, vault: ProfileVault, undisturbed: asyncio.Lock) -> None:
        self._vault = vault
        self._undisturbed = undisturbed

    async def take(self) -> None:
        """Write the snapshot anew, on a thread, beside whatever goes on.

        Raises:
            UsageError: `locked`, `wrong_state` (a wipe is under way and cannot end).
            EnvironmentFault: `db_damaged`, `disk_full`, `io_error`: the snapshot before is kept.
        """
        async with self._undisturbed:
            await asyncio.get_running_loop().run_in_executor(None, self._vault.write_snapshot)

    async def drop(self) -> None:
        """Destroy the snapshot: it may hold what was deleted since; the next one is taken without that.

        Raises:
            UsageError: `locked`. EnvironmentFault: `io_error`.
        """
        async with self._undisturbed:
            await asyncio.get_running_loop().run_in_executor(None, self._vault.drop_snapshot)
