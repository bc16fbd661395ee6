"""Cells of a b-tree page and the records in them, as SQLite lays them out: read without asking SQLite.

```
 table leaf      size · rowid · payload … [overflow]        table interior   left child 4 · rowid
 index leaf      size · payload … [overflow]                index interior   left child 4 · size · payload … [overflow]
 record          header size · serial type of each column · value of each column
```
SQLite's file format, sections 1.6 and 2.1. A page that makes no sense yields what of it does; nothing here raises.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

USABLE = 4016
TABLE_LEAF, TABLE_INTERIOR, INDEX_LEAF, INDEX_INTERIOR = 13, 5, 10, 2
_HEADER_BYTES = {INDEX_INTERIOR: 12, TABLE_INTERIOR: 12, INDEX_LEAF: 8, TABLE_LEAF: 8}
_FILE_HEADER = 100
_INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8)
_REAL, _ZERO, _ONE, _FIRST_BLOB = 7, 8, 9, 12

Value = int | float | str | bytes | None


class Cell(NamedTuple):
    """One cell. `rowid` is None in an index; `overflow` is the page where the rest of `size` bytes goes on, or 0.

    `end` is where in its page the cell ends.
    """

    rowid: int | None
    size: int
    local: bytes
    overflow: int
    end: int


def kind_of(number: int, data: bytes) -> int:
    """The kind of a b-tree page; 0 of any other."""
    start = start_of(number)
    kind = data[start] if len(data) > start + 12 else 0
    return kind if kind in _HEADER_BYTES else 0


def start_of(number: int) -> int:
    """Where in a page its b-tree begins: the first page carries the header of the file."""
    return _FILE_HEADER if number == 1 else 0


def cell_offsets(number: int, data: bytes) -> tuple[int, ...]:
    """Where the cells of a b-tree page begin, in the order of their keys."""
    kind = kind_of(number, data)
    if not kind:
        return ()
    start = start_of(number)
    first = start + _HEADER_BYTES[kind]
    count = min(int.from_bytes(data[start + 3 : start + 5], "big"), (len(data) - first) // 2)
    return struct.unpack_from(f">{count:d}H", data, first)


def children(number: int, data: bytes) -> list[int]:
    """The pages below an interior page, in the order of their keys."""
    if kind_of(number, data) not in (TABLE_INTERIOR, INDEX_INTERIOR):
        return []
    start = start_of(number)
    below = [int.from_bytes(data[at : at + 4], "big") for at in cell_offsets(number, data)]
    return [*below, int.from_bytes(data[start + 8 : start + 12], "big")]


def cells(number: int, data: bytes) -> Iterator[Cell]:
    """The cells with a payload."""
    kind = kind_of(number, data)
    if kind and kind != TABLE_INTERIOR:
        for at in cell_offsets(number, data):
            yield _cell_at(kind, data, at)


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of up to nine bytes, and where it ends; beyond the end of `data` there are zeros."""
    value = 0
    for index in range(8):
        byte = data[at + index] if at + index < len(data) else 0
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    return value << 8 | (data[at + 8] if at + 8 < len(data) else 0), at + 9


def local_size(size: int, *, is_table: bool) -> int:
    """How many bytes of a payload lie in the page itself."""
    most = USABLE - 35 if is_table else (USABLE - 12) * 64 // 255 - 23
    if size <= most:
        return size
    least = (USABLE - 12) * 32 // 255 - 23
    wanted = least + (size - least) % (USABLE - 4)
    return wanted if wanted <= most else least


def values_of(payload: bytes) -> tuple[Value, ...] | None:
    """The values of a record; None of bytes that are none."""
    header, at = varint(payload, 0)
    if not at <= header <= len(payload):
        return None
    found: list[Value] = []
    place = header
    while at < header:
        kind, at = varint(payload, at)
        size = _size_of(kind)
        raw = payload[place : place + size]
        if len(raw) < size or kind in (10, 11):
            return None
        place += size
        try:
            found.append(_value(kind, raw))
        except UnicodeDecodeError:
            return None
    return tuple(found) if at == header and place == len(payload) else None


def texts_of(payload: bytes) -> list[bytes]:
    """The bytes of each text and blob of a record, as far as they are in `payload`; all of it where it is no record."""
    header, at = varint(payload, 0)
    if not at <= header <= len(payload):
        return [payload]
    found, place = [], header
    while at < header:
        kind, at = varint(payload, at)
        if kind >= _FIRST_BLOB:
            found.append(payload[place : place + _size_of(kind)])
        place += _size_of(kind)
    return found


def root_of(cell: Cell) -> int:
    """The root page that a row of the schema names, which is its fourth value; 0 if it names none."""
    header, at = varint(cell.local, 0)
    place = header
    for _ in range(3):
        kind, at = varint(cell.local, at)
        place += _size_of(kind)
    kind, _ = varint(cell.local, at)
    return int.from_bytes(cell.local[place : place + _size_of(kind)], "big") if 0 < kind < _REAL else int(kind == _ONE)


def _size_of(kind: int) -> int:
    """How many bytes a value of a serial type has."""
    return _INTEGER_BYTES[kind] if kind < _REAL else 8 if kind == _REAL else max(0, (kind - _FIRST_BLOB) >> 1)


def _cell_at(kind: int, data: bytes, at: int) -> Cell:
    """The cell that begins at an offset of a page of some kind, which is not a table's interior."""
    size, at = varint(data, at + 4 if kind == INDEX_INTERIOR else at)
    rowid = None
    if kind == TABLE_LEAF:
        unsigned, at = varint(data, at)
        rowid = _signed(unsigned)
    local = local_size(size, is_table=kind == TABLE_LEAF)
    overflow = int.from_bytes(data[at + local : at + local + 4], "big") if local < size else 0
    return Cell(rowid, size, data[at : at + local], overflow, at + local + (4 if local < size else 0))


def _value(kind: int, raw: bytes) -> Value:
    if kind >= _FIRST_BLOB:
        return raw.decode() if kind & 1 else raw
    if kind == _REAL:
        (real,) = struct.unpack(">d", raw)
        return float(real)
    if kind in (_ZERO, _ONE):
        return kind - _ZERO
    return int.from_bytes(raw, "big", signed=True) if kind else None


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number
