"""What can still be read of a damaged database, row by row.

```
 rows of a table, by their key:   ├──── forwards ────▶ ✗ · · · · · · ✗ ◀──── backwards ────┤
```
From both ends up to the first page that does not hold; what lies between, `salvage_leaves` reads. A page that fails
poisons SQLCipher's connection, so each reading has one of its own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from byre.crypto.secret import Secret
from byre.db import open_connection
from byre.db.faults import translated
from byre.db.transaction import require_sound
from byre.errors import ByreError
from byre.store.forensics_pages import PAGE_BYTES, PageReader, wal_of
from byre.store.log_check import ends_too_soon
from byre.store.salvage_pages import SoundPages
from byre.store.vault_files import file_faults

_LOWEST = -(1 << 63)
_FEWEST_THAT_GO_ON = 900
"""Bytes of the shortest row that goes on in another page; a character of a text has up to four."""

Row = tuple[Any, ...]


def readable_copy(directory: Path, generation: int) -> Path:
    """Where a copy of the damaged file lies while it is read, if it needs one."""
    return directory / f"salvage.{generation:d}.new.db"


class Rescued:
    """The rows of a database, as far as its pages hold."""

    def __init__(self, path: Path, key: Secret) -> None:
        self._path = path
        self._key = key
        self._is_open: bool | None = None
        self.incomplete: set[str] = set()
        """Tables that were asked for and could not be read to their end."""

    @classmethod
    def of_file(cls, path: Path, key: Secret, copy: Path) -> Rescued:
        """Reads `path`, which stays as it is to the last byte.

        A file with a WAL would take it in when the last connection closes, and one that was cut off is refused as a
        whole: both are read as a copy, the latter filled up with nothing to its old length. Of a WAL that SQLite would
        end too soon the copy has all pages that hold.

        Raises:
            EnvironmentFault: `disk_full`, `io_error`.
        """
        with file_faults():
            log = wal_of(path)
            has_log = log.exists() and log.stat().st_size > 0
            missing = _bytes_cut_off(path, key)
            if not has_log and not missing:
                return cls(path, key)
            shutil.copyfile(path, copy)
            if missing:
                os.truncate(copy, copy.stat().st_size + missing)
            if has_log and ends_too_soon(path):
                _take_in(path, key, copy)
            elif has_log:
                shutil.copyfile(log, wal_of(copy))
        return cls(copy, key)

    def rows(self, table: str, names: str) -> Iterator[Row]:
        """Rows of a table; some may come twice."""
        is_complete = False
        if self._opens():
            has_no_rowid = "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?"
            is_keyed = any(found for (found,) in self._read(has_no_rowid, (table,)))
            is_complete = yield from (self._of_key if is_keyed else self._of_rowid)(table, names)
        if not is_complete:
            self.incomplete.add(table)

    def keys(self, table: str, names: str) -> Iterator[Row]:
        """Rowid and unique columns of a table, out of the index over them: they outlive the table's own pages."""
        if self._opens():
            yield from self._read(f"SELECT {names} FROM {table} INDEXED BY sqlite_autoindex_{table}_1", ())

    def _opens(self) -> bool:
        if self._is_open is None:
            try:
                open_connection(self._path, self._key).close()
                self._is_open = True
            except ByreError:
                self._is_open = False
        return self._is_open

    def _of_key(self, table: str, names: str) -> Generator[Row, None, bool]:
        key = [
            name for (name,) in self._read("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (table,))
        ]
        is_complete = yield from self._read(f"SELECT {names} FROM {table} ORDER BY {', '.join(key) or '1'}", ())
        if not is_complete and key:
            backwards = ", ".join(f"{column} DESC" for column in key)
            yield from self._read(f"SELECT {names} FROM {table} ORDER BY {backwards}", ())
        return is_complete

    def _of_rowid(self, table: str, names: str) -> Generator[Row, None, bool]:
        where = f"SELECT rowid, {names} FROM {table} WHERE rowid >= ? ORDER BY rowid"
        low, is_complete = yield from self._upwards(where, _LOWEST)
        if not is_complete:
            for row in self._read(f"{where} DESC", (low,)):
                yield row[1:]
        return is_complete

    def _upwards(self, query: str, low: int) -> Generator[Row, None, tuple[int, bool]]:
        """The rows from `low` on; returns where the first one that cannot be read may be, and whether that were all."""
        reading = self._read(query, (low,))
        while True:
            try:
                row = next(reading)
            except StopIteration as end:
                return low, bool(end.value)
            low = row[0] + 1
            yield row[1:]

    def _read(self, query: str, parameters: tuple[object, ...]) -> Generator[Row, None, bool]:
        """The rows up to the first page that does not hold; returns whether that were all."""
        try:
            with translated(self._path):
                connection = open_connection(self._path, self._key)
                try:
                    for row in connection.execute(query, parameters):
                        if _may_go_on(row):
                            require_sound(connection)
                        yield row
                finally:
                    connection.close()
        except ByreError:
            return False
        return True


def _take_in(path: Path, key: Secret, copy: Path) -> None:
    """Write into a copy what the log of the database holds, also behind a frame that is lost."""
    with SoundPages(path, key) as pages, copy.open("r+b") as file:
        for number, raw in pages.in_log.items():
            file.seek((number - 1) * PAGE_BYTES)
            file.write(raw)
        file.truncate(pages.count * PAGE_BYTES)


def _may_go_on(row: Row) -> bool:
    """Whether a row may have more bytes than go into one page."""
    return sum(len(value) for value in row if isinstance(value, bytes | str)) > _FEWEST_THAT_GO_ON // 4


def _bytes_cut_off(path: Path, key: Secret) -> int:
    """How many bytes the file is shorter than its first page says; 0 where that page does not hold."""
    size = path.stat().st_size
    if size < PAGE_BYTES:
        return 0
    with path.open("rb") as file:
        raw = file.read(PAGE_BYTES)
    reader = PageReader.of_file(path, key)
    if not reader.is_authentic(1, raw):
        return 0
    pages = int.from_bytes(reader.page_at(path, 1)[28:32], "big")
    return max(0, pages * PAGE_BYTES - size)
