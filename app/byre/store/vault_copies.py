"""What is copied out of an unlocked profile, and what comes back: snapshot, salvage, backup.

The vault lends its keys; nothing here outlives them. See `archive`, `salvage` and `backup`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from byre.crypto.random import Random
from byre.store.archive import write_archive
from byre.store.backup import read_backup, write_backup
from byre.store.forensics_pages import wal_of
from byre.store.salvage import Salvage, Usable, has_account, salvage_profile, whole_profile
from byre.store.vault_files import file_faults, overwrite_and_unlink, replace_over
from byre.store.vault_key_file import PassphraseCosts
from byre.store.vault_profile import ProfileFiles, snapshot_path
from byre.store.vault_rotation import OpenKeys
from byre.store.vault_sources import snapshot_key
from byre.store.vault_thread import on_thread

Progress = Callable[[float], None]
"""Called with 0..1, on the thread that works."""


def _ignore(fraction: float) -> None:
    pass


class Copies:
    """Copies of the generation that is open. `keys` gives what the vault holds, or raises `locked`."""

    def __init__(
        self, files: ProfileFiles, random: Random, costs: PassphraseCosts, keys: Callable[[], OpenKeys]
    ) -> None:
        self._files = files
        self._random = random
        self._costs = costs
        self._keys = keys

    def has_snapshot(self) -> bool:
        """Whether the open generation has one.

        Raises:
            UsageError: `locked`.
        """
        return snapshot_path(self._files.directory, self._keys().manifest.generation).exists()

    def source_bytes(self) -> int:
        """How large the open database is, with its WAL.

        Raises:
            UsageError: `locked`. EnvironmentFault: `io_error`.
        """
        database = self._files.database(self._keys().manifest.generation)
        log = wal_of(database)
        with file_faults():
            return database.stat().st_size + (log.stat().st_size if log.exists() else 0)

    def write_snapshot(self, on_progress: Progress = _ignore) -> None:
        """Write the rolling snapshot anew; blocking, on a thread of its own.

        Raises:
            UsageError: `locked`, `wrong_state` (a wipe is under way).
            EnvironmentFault: `db_damaged`, `disk_full`, `io_error`: the snapshot before is kept.
        """
        keys = self._keys()
        generation = keys.manifest.generation
        path = snapshot_path(self._files.directory, generation)
        built = path.with_suffix(".new.db")
        self._files.destroy_half_written(generation)
        write_archive(
            self._files.database(generation), keys.key, built, snapshot_key(keys.key), on_progress=on_progress
        )
        replace_over(built, path, self._random)

    def drop_snapshot(self) -> None:
        """Destroy the snapshot, and one that never came to its end; blocking. A missing one is fine."""
        generation = self._keys().manifest.generation
        overwrite_and_unlink(snapshot_path(self._files.directory, generation), self._random)
        self._files.destroy_half_written(generation)

    def write_backup(self, target: Path, code: str, on_progress: Progress = _ignore) -> None:
        """Write a backup; blocking, on a thread of its own. See `backup.write_backup`."""
        keys = self._keys()
        source = self._files.database(keys.manifest.generation)
        write_backup(source, keys.key, target, code, random=self._random, costs=self._costs, on_progress=on_progress)

    async def read_backup(self, backup: Path, code: str, *, now_ms: int, on_progress: Progress = _ignore) -> int:
        """Fill the new, empty profile with what a backup holds, see `backup.read_backup`; it must not be open."""
        keys = self._keys()
        target = self._files.database(keys.manifest.generation)
        return await on_thread(
            lambda: read_backup(
                backup,
                code,
                target,
                keys.key,
                random=self._random,
                costs=self._costs,
                now_ms=now_ms,
                on_progress=on_progress,
            )
        )

    async def salvage(self, *, now_ms: int, usable: Usable = has_account, keep_whole: bool = False) -> Salvage:
        """Replace the damaged database, see `salvage`; it must not be open.

        Args:
            usable: whether what came together can be opened; otherwise nothing is changed.
            keep_whole: leave a database as it is that turns out to be whole and was not found damaged.

        Raises:
            UsageError: `locked`. EnvironmentFault: `db_damaged` (nothing to be had), `disk_full`, `io_error`.
        """
        keys = self._keys()
        generation = keys.manifest.generation

        def work() -> Salvage:
            whole = whole_profile(self._files, generation, keys.key, usable=usable) if keep_whole else None
            return whole or salvage_profile(
                self._files,
                generation,
                keys.key,
                snapshot_key(keys.key),
                random=self._random,
                now_ms=now_ms,
                usable=usable,
            )

        return await on_thread(work)
