"""The relay's key file: its id, the key of the durable file, and one key per bucket of held messages.

```
relay.keys = msgpack {v: 1, relay_id: 32, store_epoch: 16, durable: 32, buckets: {start: 32}, made: true,
                      made_buckets: [start]}                                                             mode 0600
```
`made` stands there once relay.db was made, a bucket in `made_buckets` once its file was: from then on one that is
missing or empty is a loss, never a new one.
It lies beside the databases, so it protects against a lost copy of the databases without it, not against who has the
whole data directory. Its purpose is erasure: a bucket whose key is destroyed is unreadable whatever the disk still
holds. Every change writes a new file, syncs it, renames it over the old one and overwrites the old one's bytes. Changes
come from worker threads, one bucket's end beside the beginning of the next: one after the other, or the key of the one
would be missing in what the other writes.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgpack

from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault

Random = Callable[[int], bytes]
VERSION: Final = 1


class KeyFile:
    """The keys of one relay, kept in step with their file."""

    def __init__(
        self,
        path: Path,
        *,
        relay_id: bytes,
        store_epoch: bytes,
        durable: Secret,
        buckets: dict[int, Secret],
        is_database_made: bool = False,
        made_buckets: frozenset[int] = frozenset(),
    ) -> None:
        self._path = path
        self.relay_id = relay_id
        self.store_epoch = store_epoch
        self.durable = durable
        self._buckets = buckets
        self.is_database_made = is_database_made
        self._made_buckets = set(made_buckets)
        self._changing = threading.Lock()

    @classmethod
    def create(cls, path: Path, random: Random) -> KeyFile:
        """Make a new relay's keys and write them.

        Raises:
            EnvironmentFault: "io_error" or "disk_full" when the file cannot be written.
        """
        keys = cls(path, relay_id=random(32), store_epoch=random(16), durable=Secret(random(32)), buckets={})
        keys._write()
        return keys

    @classmethod
    def restore(cls, path: Path, data: bytes) -> KeyFile:
        """Read keys that were written to `path`.

        Raises:
            EnvironmentFault: "key_file_damaged"; nothing is changed then.
        """
        damaged = EnvironmentFault("The relay's key file is damaged; nothing was changed.", code="key_file_damaged")
        try:
            fields = msgpack.unpackb(data, strict_map_key=False)
        except (ValueError, TypeError, RecursionError, msgpack.UnpackException):
            raise damaged from None
        if not isinstance(fields, dict) or fields.get("v") != VERSION or not isinstance(fields.get("buckets"), dict):
            raise damaged
        sizes = {"relay_id": 32, "store_epoch": 16, "durable": 32}
        if any(not isinstance(fields.get(name), bytes) or len(fields[name]) != size for name, size in sizes.items()):
            raise damaged
        buckets = fields["buckets"]
        if any(
            type(start) is not int or not isinstance(key, bytes) or len(key) != 32 for start, key in buckets.items()
        ):
            raise damaged
        made_buckets = fields.get("made_buckets", [])
        if not isinstance(made_buckets, list) or any(type(start) is not int for start in made_buckets):
            raise damaged
        return cls(
            path,
            relay_id=fields["relay_id"],
            store_epoch=fields["store_epoch"],
            durable=Secret(fields["durable"]),
            buckets={start: Secret(key) for start, key in buckets.items()},
            is_database_made=fields.get("made") is True,
            made_buckets=frozenset(made_buckets),
        )

    @property
    def buckets(self) -> dict[int, Secret]:
        """Return the keys of the buckets by their start."""
        return dict(self._buckets)

    def note_database(self) -> None:
        """Remember that the durable file was made; it is on the disk when this returns."""
        with self._changing:
            self.is_database_made = True
            self._write()

    def note_bucket(self, start: int) -> None:
        """Remember that a bucket's file was made; it is on the disk when this returns."""
        with self._changing:
            self._made_buckets.add(start)
            self._write()

    def is_bucket_made(self, start: int) -> bool:
        """Tell whether a bucket's file must be there."""
        return start in self._made_buckets

    def renew_store_epoch(self, random: Random) -> None:
        """Say by a new store epoch that what was stored here may be gone; it is on the disk when this returns."""
        with self._changing:
            self.store_epoch = random(16)
            self._write()

    def add_bucket(self, start: int, random: Random) -> Secret:
        """Make the key of a new bucket; it is on the disk when this returns."""
        with self._changing:
            self._buckets[start] = key = Secret(random(32))
            try:
                self._write()
            except EnvironmentFault:
                del self._buckets[start]
                raise
            return key

    def destroy_bucket(self, start: int, *, renewed_by: Random | None = None) -> None:
        """Forget a bucket's key, in the file and in memory: its data is unreadable from now on.

        Args:
            renewed_by: something in it is lost: with the same write the store epoch is renewed, so that a kill at any
                moment leaves both or neither.

        Raises:
            EnvironmentFault: "io_error": nothing has changed.
        """
        with self._changing:
            if start not in self._buckets:
                self._made_buckets.discard(start)
                return
            before = (self._buckets, self._made_buckets, self.store_epoch)
            self._buckets = {each: key for each, key in self._buckets.items() if each != start}
            self._made_buckets = self._made_buckets - {start}
            if renewed_by is not None:
                self.store_epoch = renewed_by(16)
            try:
                self._write()
            except EnvironmentFault:
                self._buckets, self._made_buckets, self.store_epoch = before
                raise
            before[0][start].wipe()

    def _write(self) -> None:
        data = msgpack.packb(
            {
                "v": VERSION,
                "relay_id": self.relay_id,
                "store_epoch": self.store_epoch,
                "durable": self.durable.reveal(),
                "buckets": {start: key.reveal() for start, key in self._buckets.items()},
                "made": self.is_database_made,
                "made_buckets": sorted(self._made_buckets),
            }
        )
        fresh = self._path.with_suffix(".new")
        old: int | None = None
        try:
            with contextlib.suppress(FileNotFoundError):
                old = os.open(self._path, os.O_WRONLY)
            with contextlib.suppress(FileNotFoundError):
                fresh.unlink()
            target = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(target, data)
                os.fsync(target)
            finally:
                os.close(target)
            os.replace(fresh, self._path)
            _sync_directory(self._path.parent)
            if old is not None:  # the unlinked file: its bytes should not wait for the file system to reuse them
                os.write(old, bytes(os.fstat(old).st_size))
                os.fsync(old)
        except OSError:
            raise EnvironmentFault("The relay's key file cannot be written.", code="io_error") from None
        finally:
            if old is not None:
                os.close(old)


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
