"""Every page and WAL frame of one database in turn, each with what of it is alive.

```
 1st pass   pages as a reader sees them now ──▶ PageMap: free, overflow, reached from the schema, gaps between cells
 2nd pass   frames, then pages, with their regions              (as often as somebody walks)
```
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from byre.crypto.secret import Secret
from byre.store.forensics_dead import PageMap, Region, chain, gaps_of, overflow_of, reached, regions_of, stale_frames
from byre.store.forensics_layout import free_pages
from byre.store.forensics_pages import PAGE_BYTES, Page, PageReader, wal_of
from byre.store.page_cells import children

_HEADER = struct.Struct(">IIII8s8s")
_FRAME = struct.Struct(">II8s8s")
_WAL_MAGIC = (0x377F0682, 0x377F0683)


@dataclass(frozen=True, slots=True)
class KeyedDatabase:
    """A database of the profile and what opens it."""

    path: Path
    key: Secret


class Walk:
    """One database. `pages` tells what is known of them as a whole, once `look` has looked at each."""

    def __init__(self, database: KeyedDatabase) -> None:
        self._path = database.path
        self._reader = PageReader.of_file(database.path, database.key)
        self._wal = wal_of(database.path)
        self._stale, self._current = _frames(self._wal)
        self.pages = PageMap()

    def look(self) -> None:
        """One pass over the current pages."""
        first = b""
        next_of: dict[int, int] = {}
        below: dict[int, list[int]] = {}
        chains: list[tuple[int, int]] = []
        gaps: dict[int, tuple[tuple[int, int], ...]] = {}
        is_whole = True
        for page in self._current_pages():
            number, data = page.number, page.data
            is_whole = is_whole and (page.is_authentic or not any(page.raw))
            next_of[number] = int.from_bytes(data[:4], "big")
            if number == 1:
                first = data
            if under := children(number, data):
                below[number] = under
            chains += overflow_of(number, data)
            if found := gaps_of(number, data):
                gaps[number] = found

        overflow = {number: used for start, size in chains for number, used in chain(start, size, next_of)}
        self.pages = PageMap(
            free_pages(self._current_page),
            overflow,
            gaps,
            # Of a database with damage it is not known what its lost pages led to.
            reached(below, self._current_page) if is_whole else None,
            int.from_bytes(first[28:32], "big") if is_whole else 0,
        )

    def regions(self) -> Iterator[tuple[Page, list[Region]]]:
        """Every frame and every page, live or not, with its regions."""
        for page in self._reader.frames(self._wal):
            if page.frame in self._stale:
                yield page, [Region("stale WAL frame", 0, len(page.data))]
            else:
                yield page, regions_of(page.number, page.data, self.pages)
        for page in self._reader.pages(self._path):
            if page.number in self._current:
                yield page, [Region("superseded page", 0, len(page.data))]
            elif not page.is_authentic:
                yield page, []
            else:
                yield page, regions_of(page.number, page.data, self.pages)

    def _current_pages(self) -> Iterator[Page]:
        """Every page as a reader of the database sees it now."""
        taken = set(self._current.values())
        yield from (page for page in self._reader.frames(self._wal) if page.frame in taken)
        yield from (page for page in self._reader.pages(self._path) if page.number not in self._current)

    def _current_page(self, number: int) -> bytes:
        if number in self._current:
            return self._reader.frame_at(self._wal, self._current[number])
        return self._reader.page_at(self._path, number)


def is_log(path: Path) -> bool:
    """Whether a file begins as a WAL does: nothing, zeros, or SQLite's mark."""
    with path.open("rb") as file:
        head = file.read(_HEADER.size)
    return not any(head) or (len(head) == _HEADER.size and _HEADER.unpack(head)[0] in _WAL_MAGIC)


def _frames(wal: Path) -> tuple[set[int], dict[int, int]]:
    """Stale frames, and for each page that the WAL holds the frame that counts."""
    if not wal.is_file() or wal.stat().st_size < _HEADER.size:
        return set(), {}
    headers = []
    with wal.open("rb") as file:
        salts = _HEADER.unpack(file.read(_HEADER.size))[4]
        frame = 0
        while len(head := file.read(_FRAME.size)) == _FRAME.size:
            frame += 1
            page, committed, frame_salts, _ = _FRAME.unpack(head)
            headers.append((frame, page, committed, frame_salts))
            file.seek(PAGE_BYTES, 1)
    stale = stale_frames(headers, salts)
    return stale, {page: frame for frame, page, _, _ in headers if frame not in stale}
