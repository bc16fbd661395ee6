"""The files of a profile by name: manifest, key files, databases, and their destruction.

```
 profile/  manifest      names the generation g that counts; replaced as one step
           key.<g>       database key K(g), wrapped (vault_key_file)
           store.<g>.db  the database (with -wal and -shm while open)
           snapshot.<g>.db     an archive of it, under a key that K(g) yields (archive)
           kept.<n>/           a whole profile that was set aside, because its key cannot be had
           damaged.<g>.<n>.db  a database that was replaced by what could be salvaged of it
           creating      only while a profile is being made: what lies beside it never counted
           destroying    only while a profile is being destroyed
```
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from byre.crypto.random import Random
from byre.errors import EnvironmentFault, PeerError
from byre.store.vault_files import (
    file_faults,
    overwrite_and_unlink,
    read_whole,
    sync_folder,
    write_durably,
    write_over,
)
from byre.store.vault_key_file import KeyFile
from byre.store.vault_manifest import Manifest

MANIFEST, CREATING, DESTROYING = "manifest", "creating", "destroying"
_KEPT = "kept."
_OF_GENERATION = re.compile(
    r"(?:key|store|snapshot|salvage|damaged)\.(\d{1,9})(?:\.\d{1,4})?(?:\.part|(?:\.new)?\.db(?:-wal|-shm|-journal)?)?\Z"
)


def damaged(sentence: str) -> EnvironmentFault:
    """The error for a profile that does not fit together; its files stay as they are."""
    return EnvironmentFault(f"{sentence}; everything is kept as it is", code="db_damaged")


def snapshot_path(directory: Path, generation: int) -> Path:
    """Where the snapshot of a generation lies, or would lie."""
    return directory / f"snapshot.{generation:d}.db"


def salvaged_path(directory: Path, generation: int) -> Path:
    """Where a database is built out of a damaged one."""
    return directory / f"salvage.{generation:d}.db"


def aside_path(directory: Path, generation: int) -> Path:
    """A name that is free for a damaged database."""
    names = (directory / f"damaged.{generation:d}.{number:d}.db" for number in range(1, 10_000))
    return next(path for path in names if not path.exists())


def mark_name(generation: int) -> str:
    """The name of the mark that a database was found damaged: a file that is empty, or names where it is kept aside."""
    return f"damaged.{generation:d}"


class ProfileFiles:
    """One profile folder, which need not exist yet."""

    def __init__(self, directory: Path, random: Random) -> None:
        self.directory = directory
        self._random = random

    def database(self, generation: int) -> Path:
        return self.directory / f"store.{generation:d}.db"

    def key(self, generation: int) -> Path:
        return self.directory / f"key.{generation:d}"

    def is_emptied(self, generation: int) -> bool:
        """Whether the database has lost all of its bytes: SQLite would take that for a new one."""
        with file_faults():
            return self.database(generation).stat().st_size == 0

    def names(self) -> frozenset[str]:
        """Names of what lies in the folder."""
        with file_faults():
            if not self.directory.is_dir():
                return frozenset()
            return frozenset(entry.name for entry in self.directory.iterdir())

    def generations(self) -> list[int]:
        """Generations of which some file is left."""
        found = (_OF_GENERATION.match(name) for name in self.names())
        return sorted({int(match[1]) for match in found if match})

    def read_manifest(self, name: str = MANIFEST) -> Manifest:
        """Raises: EnvironmentFault `db_damaged`, `db_newer`."""
        raw = read_whole(self.directory / name)
        try:
            return Manifest.from_bytes(raw)
        except PeerError as error:
            raise _blamed_on_file(error) from None

    def write_manifest(self, manifest: Manifest, name: str = MANIFEST) -> None:
        write_durably(self.directory / name, manifest.to_bytes())

    def read_key_file(self, manifest: Manifest) -> KeyFile:
        """The key file of the generation that counts. Raises: EnvironmentFault `db_damaged`, `db_newer`."""
        if not self.key(manifest.generation).exists():
            raise damaged("the profile's key file is missing")
        key_file = parsed_key_file(self.key(manifest.generation))
        if (key_file.generation, key_file.profile_id) != (manifest.generation, manifest.profile_id):
            raise damaged("the profile's key file is another profile's")
        return key_file

    def write_key_file(self, key_file: KeyFile) -> None:
        write_durably(self.key(key_file.generation), key_file.to_bytes())

    def replace_key_file(self, key_file: KeyFile) -> None:
        """Replace the key file of a generation as one step, then overwrite the bytes of the one that was there."""
        path, data = self.key(key_file.generation), key_file.to_bytes()
        try:
            write_over(path, data, self._random)
        except EnvironmentFault:
            # Replaced, and only the folder's fsync failed: who is told that nothing changed does not get in any more.
            if read_whole(path) != data:
                raise

    def destroy_key(self, generation: int) -> None:
        self._destroy(self.key(generation))

    def destroy_generation(self, generation: int) -> None:
        """Overwrite and remove every file of a generation, the key file first. Missing ones are fine."""
        self.destroy_key(generation)
        for name in sorted(self.names()):  # what was half written under a temporary name holds the same
            match = _OF_GENERATION.match(name)
            if match and int(match[1]) == generation:
                self._destroy(self.directory / name)
        if self.directory.is_dir():
            sync_folder(self.directory)

    def destroy_half_written(self, generation: int) -> None:
        """What a crash left of a key file or a snapshot that never counted: another way to the key, an old text."""
        snapshot = snapshot_path(self.directory, generation).stem
        for name in (f"{MANIFEST}.part", f"{self.key(generation).name}.part"):
            self._destroy(self.directory / name)
        for suffix in ("", "-wal", "-shm", "-journal"):
            self._destroy(self.directory / f"{snapshot}.new.db{suffix}")

    def _destroy(self, path: Path) -> None:
        """Overwrite and remove a file. What is only another name of one that counts (a link) loses the name."""
        if not os.path.lexists(path):
            return
        living = []
        with suppress(EnvironmentFault):
            generation = self.read_manifest().generation
            living = [self.directory / MANIFEST, self.key(generation), self.database(generation)]
        overwrite_and_unlink(path, self._random, living=[other for other in living if other != path])

    def set_aside(self) -> None:
        """Move all files of the profile into a folder `kept.<n>` inside it: what is left counts as new.

        The manifest goes last: after a crash half way the profile is damaged, not new, and this goes on.
        """
        names = sorted(self.names(), key=lambda name: (name == MANIFEST, name))
        with file_faults():
            kept = [name for name in names if (self.directory / name).is_dir()]
            begun = [name for name in kept if not (self.directory / name / MANIFEST).exists()]
            folder = self.directory / (begun[0] if begun else f"{_KEPT}{len(kept) + 1:d}")
            folder.mkdir(mode=0o700, exist_ok=True)
            for name in names:
                if name not in kept:
                    os.replace(self.directory / name, folder / name)
        sync_folder(folder)
        sync_folder(self.directory)

    def unlink(self, name: str) -> None:
        """Remove a marker or the manifest, durably."""
        with file_faults():
            (self.directory / name).unlink(missing_ok=True)
        sync_folder(self.directory)


def mark_destroyed(files: ProfileFiles, manifest: Manifest) -> None:
    """Let the profile count as new from here on, also on a disk that is full: a name needs no room."""
    try:
        files.write_manifest(manifest, DESTROYING)
    except EnvironmentFault:
        with suppress(OSError):
            os.replace(files.directory / MANIFEST, files.directory / DESTROYING)


def parsed_key_file(path: Path) -> KeyFile:
    """A key file, whatever its manifest says. Raises: EnvironmentFault `db_damaged`, `db_newer`."""
    raw = read_whole(path)
    try:
        return KeyFile.from_bytes(raw)
    except PeerError as error:
        raise _blamed_on_file(error) from None


def mark_damage(files: ProfileFiles, generation: int, aside: str = "") -> None:
    """Remember that the database was found damaged, or that it is being moved to `aside`, durably."""
    write_durably(files.directory / mark_name(generation), aside.encode())


def damage_mark(files: ProfileFiles, generation: int) -> str | None:
    """None where no damage is remembered; else the name of the file that a salvage began to move it to, or ""."""
    if mark_name(generation) not in files.names():
        return None
    text = read_whole(files.directory / mark_name(generation)).decode("ascii", "replace")
    return text if re.fullmatch(rf"damaged\.{generation:d}\.\d{{1,4}}\.db", text) else ""


def _blamed_on_file(error: PeerError) -> EnvironmentFault:
    if error.code == "unsupported_version":
        return EnvironmentFault(error.sentence, code="db_newer")
    return damaged(error.sentence)
