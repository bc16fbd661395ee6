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

USABLE = 4016
_FILE_HEADER = 100
_BTREE_HEADER = {2: 12, 5: 12, 10: 8, 13: 8}  # interior index, interior table, leaf index, leaf table
_TABLE_LEAF, _TABLE_INTERIOR = 13, 5


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
    start = _FILE_HEADER if number == 1 else 0
    kind = data[start] if len(data) > start + 12 else 0
    if kind not in _BTREE_HEADER or kind == _TABLE_INTERIOR:
        return
    cells = int.from_bytes(data[start + 3 : start + 5], "big")
    pointers = start + _BTREE_HEADER[kind]
    for at in range(pointers, min(pointers + 2 * cells, len(data) - 1), 2):
        cell = int.from_bytes(data[at : at + 2], "big") + (4 if kind == 2 else 0)
        size, cell = _varint(data, cell)
        if kind == _TABLE_LEAF:
            _, cell = _varint(data, cell)
        local = _local(size, is_table=kind == _TABLE_LEAF)
        first = int.from_bytes(data[cell + local : cell + local + 4], "big")
        if local < size and first:
            yield first, size - local


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


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(9):
        byte = data[at + index] if at + index < len(data) else 0
        if index == 8:
            return (value << 8) | byte, at + 9
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, at + index + 1
    return value, at + 9  # pragma: no cover


def _local(size: int, *, is_table: bool) -> int:
    """How many bytes of a payload lie in the page itself."""
    most = USABLE - 35 if is_table else (USABLE - 12) * 64 // 255 - 23
    if size <= most:
        return size
    least = (USABLE - 12) * 32 // 255 - 23
    wanted = least + (size - least) % (USABLE - 4)
    return wanted if wanted <= most else least
