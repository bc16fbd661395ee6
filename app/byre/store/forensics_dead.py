"""Which bytes of a database are dead: kept in the file, but reached by no row.

```
 page    │ b-tree: header · cell pointers │ page slack │ cells, with free blocks and other gaps between │
         │ overflow: next · content │ overflow slack │   free page │ unreachable page │ beyond the end │
 WAL     │ frames of an earlier round, or of a page that was written again later: stale frames │
```
SQLite's file format, sections 1.5, 1.6 and 4. Decided from bytes alone; a page that makes no sense is dead as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from byre.store.page_cells import (
    INDEX_LEAF,
    TABLE_LEAF,
    USABLE,
    cell_offsets,
    cells,
    kind_of,
    root_of,
    start_of,
    texts_of,
)

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
    gaps: dict[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """Page -> where between its cells there are bytes of none, and of no free block."""
    reached: frozenset[int] | None = None
    """The pages of all trees; None if it is not known."""
    count: int = 0
    """How many pages the database says it has; 0 if it is not known."""


def regions_of(number: int, data: bytes, pages: PageMap) -> list[Region]:
    """The regions of a current page, live and dead."""
    if number in pages.free:
        return [Region("free page", 0, len(data))]
    if pages.count and number > pages.count:
        return [Region("page beyond the end", 0, len(data))]
    if number in pages.overflow:
        used = min(len(data), pages.overflow[number])
        return [Region("", 0, used), Region("overflow slack", used, len(data))]
    start = _FILE_HEADER if number == 1 else 0
    header = _BTREE_HEADER.get(data[start]) if len(data) > start + 12 else None
    if header is None or (pages.reached is not None and number not in pages.reached):
        return [Region("unreachable page", 0, len(data))]
    cells = int.from_bytes(data[start + 3 : start + 5], "big")
    content = int.from_bytes(data[start + 5 : start + 7], "big") or 65536
    slack = start + header + 2 * cells
    if content > len(data) or slack > content:
        return [Region("unreachable page", 0, len(data))]
    gaps = pages.gaps.get(number, ())
    return [Region("", 0, slack), Region("page slack", slack, content), *_content(data, start, content, gaps)]


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


def gaps_of(number: int, data: bytes) -> tuple[tuple[int, int], ...]:
    """Where between the cells of a leaf there are four bytes and more of no cell and no free block."""
    if kind_of(number, data) not in (TABLE_LEAF, INDEX_LEAF):
        return ()
    start = start_of(number)
    content = int.from_bytes(data[start + 5 : start + 7], "big") or 65536
    placed = zip(cell_offsets(number, data), cells(number, data), strict=True)
    taken = [(at, max(at + 4, cell.end)) for at, cell in placed]
    found, at = [], content
    for first, end in sorted([*taken, *_free_blocks(data, start, content)]):
        if first >= at + 4:
            found.append((at, first))
        at = max(at, end)
    if len(data) >= at + 4:
        found.append((at, len(data)))
    return tuple(found)


def pieces_of(number: int, data: bytes) -> Iterator[bytes]:
    """What to look at of a page that does not count any more: value by value, and what in it was dead even then.

    A row that was written again has other neighbours for the same text: the bytes between two columns tell nothing.
    """
    if not kind_of(number, data):
        yield data
        return
    for cell in cells(number, data):
        yield from texts_of(cell.local)
    then = regions_of(number, data, PageMap(gaps={number: gaps_of(number, data)}))
    yield from (data[region.start : region.end] for region in then if region.kind)


def reached(below: Mapping[int, list[int]], page_at: Callable[[int], bytes]) -> frozenset[int]:
    """The pages of all trees that the schema lists, and of its own. `below`: what inner pages lead to."""
    found: set[int] = set()
    waiting = [1]
    while waiting:
        number = waiting.pop()
        if number in found:
            continue
        found.add(number)
        waiting += below.get(number, ())
    schema = sorted(found - below.keys())
    waiting = [root_of(cell) for number in schema for cell in cells(number, page_at(number))]
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += below.get(number, ())
    return frozenset(found)


def _free_blocks(data: bytes, start: int, content: int) -> list[tuple[int, int]]:
    blocks: list[tuple[int, int]] = []
    block = int.from_bytes(data[start + 1 : start + 3], "big")
    while content <= block <= len(data) - 4 and len(blocks) < USABLE // 4:
        size = int.from_bytes(data[block + 2 : block + 4], "big")
        blocks.append((block, min(len(data), block + max(4, size))))
        block = int.from_bytes(data[block : block + 2], "big")
    return blocks


def _content(data: bytes, start: int, content: int, gaps: Iterable[tuple[int, int]]) -> Iterator[Region]:
    """The cell area: free blocks are dead but for their link and size, and so are other gaps between the cells."""
    dead = [(first, first + 4, end, "free block") for first, end in _free_blocks(data, start, content)]
    dead += [(first, first, end, "page slack") for first, end in gaps]
    at = content
    for first, from_, end, kind in sorted(dead):
        if first >= at:
            yield Region("", at, first)
            yield Region(kind, from_, end)
            at = end
    yield Region("", at, len(data))
