"""The mark that a profile's database was found damaged: what one run has met, the next one knows.

```
 damaged.<g>   empty: damage was met    names damaged.<g>.<n>.db: a salvage is moving the database there
```
It is a suspicion: an unlock looks at every page, and forgets the mark where all of them hold (a cable, a memory
module). It dies with its generation. A log that ends too soon is met by the unlock itself, before SQLite takes it in.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault
from byre.store.log_check import ends_too_soon
from byre.store.page_check import is_whole
from byre.store.vault_files import require_file
from byre.store.vault_manifest import Manifest
from byre.store.vault_profile import (
    CREATING,
    DESTROYING,
    MANIFEST,
    ProfileFiles,
    damage_mark,
    damaged,
    mark_damage,
    mark_name,
)
from byre.store.vault_rotation import OpenKeys


class DamageMark:
    """The mark of one profile. `keys` gives what the vault holds, None while it is locked."""

    def __init__(self, files: ProfileFiles, keys: Callable[[], OpenKeys | None]) -> None:
        self._files = files
        self._keys = keys

    def remember(self) -> None:
        """Mark the open generation, on any thread. A disk that does not take it is passed over: damage is met again."""
        keys = self._keys()
        if keys is not None:
            with suppress(EnvironmentFault):
                mark_damage(self._files, keys.manifest.generation)

    def is_known(self) -> bool:
        """Whether a locked profile says by itself that it is damaged; what only an unlock can find out is not asked."""
        names = self._files.names()
        if DESTROYING in names or (CREATING in names and MANIFEST not in names):
            return False  # it counts as new
        if MANIFEST not in names:
            return bool(self._files.generations())
        try:
            manifest = self._files.read_manifest()
            self._files.read_key_file(manifest)
            self.require_database(manifest)
        except EnvironmentFault as fault:
            return fault.code == "db_damaged"
        return damage_mark(self._files, manifest.generation) is not None

    def require_database(self, manifest: Manifest) -> None:
        """Raises: EnvironmentFault `db_damaged`: the file is missing, empty or no file, or one beside it is none."""
        path = self._files.database(manifest.generation)
        for suffix in ("", "-wal", "-shm"):  # it would wait for a pipe, and for ever
            require_file(path.with_name(f"{path.name}{suffix}"))
        if not path.exists():
            raise damaged("the profile's database is missing")
        if self._files.is_emptied(manifest.generation):
            raise damaged("the profile's database is empty")

    def settle(self, manifest: Manifest, key: Secret) -> None:
        """Look at the log that a crash has left; where damage is remembered, at every page: forget the mark, or refuse.

        Blocking. Raises:
            EnvironmentFault: `db_damaged`, `io_error`.
        """
        path = self._files.database(manifest.generation)
        if ends_too_soon(path):
            mark_damage(self._files, manifest.generation)
            raise damaged("the log of the profile's database is damaged")
        if damage_mark(self._files, manifest.generation) is None:
            return
        if not is_whole(path, key):
            raise damaged("the profile's database is damaged")
        self._files.unlink(mark_name(manifest.generation))
