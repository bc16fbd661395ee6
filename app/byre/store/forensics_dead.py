"""Which bytes of a database are dead: kept in the file, but reached by no row.

```
 page    │ b-tree: header · cell pointers │ page slack │ cells, with free blocks between │
         │ overflow: next · content │ overflow slack │        free page │ unreachable page │
 WAL     │ frames of an earlier round, or of a page that was written again later: stale frames │
```
SQLite's file format, sections 1.5, 1.6 and 4. Decided from bytes alone; a page that makes no sense is dead as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from byre.store.page_cells import USABLE, cells

_FILE_HEADER = 100
_BTREE_HEADER = {2: 12, 5: 12, 10: 8, 13: 8}  # interior index, interior table, leaf index, leaf table


@dataclass(frozen=True, slots=True)
class Region:
    """Bytes of one page with one name: `kind` is empty for live ones."""

    kind: str
    start: int
    end: int


@dataclass(slots=True)
class PageMap:
    """What is known of a database's pages before they are looked at one by one."""

    free: frozenset[int] = frozenset()
    overflow: dict[int, int] = field(default_factory=dict)
    """Overflow page -> how many of its bytes are used."""


def regions_of(number: int, data: bytes, pages: PageMap) -> list[Region]:
    """The regions of a current page, live and dead."""
    if number in pages.free:
        return [Region("free page", 0, len(data))]
    if number in pages.overflow:
        used = min(len(data), pages.overflow[number])
        return [Region("", 0, used), Region("overflow slack", used, len(data))]
    start = _FILE_HEADER if number == 1 else 0
    header = _BTREE_HEADER.get(data[start]) if len(data) > start + 12 else None
    if header is None:
        return [Region("unreachable page", 0, len(data))]
    cells = int.from_bytes(data[start + 3 : start + 5], "big")
    content = int.from_bytes(data[start + 5 : start + 7], "big") or 65536
    slack = start + header + 2 * cells
    if content > len(data) or slack > content:
        return [Region("unreachable page", 0, len(data))]
    return [Region("", 0, slack), Region("page slack", slack, content), *_content(data, start, content)]


def overflow_of(number: int, data: bytes) -> Iterator[tuple[int, int]]:
    """(first overflow page, bytes in the chain) of every cell of a b-tree page that does not fit into it."""
    return ((cell.overflow, cell.size - len(cell.local)) for cell in cells(number, data) if cell.overflow)


def chain(first: int, size: int, next_of: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """(page, used bytes) of an overflow chain, given each page's first four bytes."""
    number, left, seen = first, size, 0
    while number and left > 0 and seen <= size // (USABLE - 4) + 1:
        used = min(left, USABLE - 4)
        yield number, used + 4
        number, left, seen = next_of.get(number, 0), left - used, seen + 1


def stale_frames(frames: Iterable[tuple[int, int, int, bytes]], salts: bytes) -> set[int]:
    """Numbers of the frames that no reader takes: given (frame, page, size after commit, salts) of all in order.

    A frame counts up to the last commit of the WAL's present round, and only if no later one holds its page.
    """
    newest: dict[int, int] = {}
    pending: dict[int, int] = {}
    every: list[int] = []
    is_broken = False
    for frame, page, committed, frame_salts in frames:
        every.append(frame)
        is_broken = is_broken or frame_salts != salts
        if is_broken:
            continue
        pending[page] = frame
        if committed:
            newest.update(pending)
            pending.clear()
    return set(every) - set(newest.values())


def _content(data: bytes, start: int, content: int) -> Iterator[Region]:
    """The cell area: free blocks are dead but for their link and size."""
    blocks: list[tuple[int, int]] = []
    block = int.from_bytes(data[start + 1 : start + 3], "big")
    while content <= block <= len(data) - 4 and len(blocks) < USABLE // 4:
        size = int.from_bytes(data[block + 2 : block + 4], "big")
        blocks.append((block, min(len(data), block + max(4, size))))
        block = int.from_bytes(data[block : block + 2], "big")
    at = content
    for first, end in sorted(blocks):
        if first >= at:
            yield Region("", at, first)
            yield Region("free block", first + 4, end)
            at = end
    yield Region("", at, len(data))
