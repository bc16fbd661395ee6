"""Rows of a damaged database out of its leaves, also of those that no tree leads to any more.

```
 schema ──▶ root ──▶ interior ──▶ leaf      owned: the tree says whose rows these are
            ✗ lost      │ ✗ lost     leaf   orphan: its rows say so, by the number and types of their values
```
A root or an inner page that is lost takes every leaf below it out of SQLite's reach; here each page is looked at. What
an orphan's rows fit is decided for the page as a whole. Where they fit several tables or indexes, the length of ids and
what can be a time decide; where that decides nothing, the page is left: a row in the wrong table is worse than a lost
one.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from byre.db import Connection
from byre.store.page_cells import (
    INDEX_INTERIOR,
    INDEX_LEAF,
    TABLE_LEAF,
    USABLE,
    Cell,
    Value,
    cells,
    children,
    kind_of,
    values_of,
)
from byre.store.salvage_pages import SoundPages

_SCHEMA = "sqlite_schema"
_TYPES: dict[str, type] = {"INTEGER": int, "TEXT": str, "BLOB": bytes}
_ID_BYTES = {"account_id": 32, "device_id": 16, "mailbox_id": 16, "message_id": 16, "mid": 16, "run_id": 8}
"""How long ids are: what tells a table from an index whose values have the same types."""
_TIME, _LONG_AGO_MS = "_at", 100_000_000_000

Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    type: type
    is_null_fine: bool
    default: Value = None

    def fits(self, value: Value) -> bool:
        return self.is_null_fine if value is None else isinstance(value, self.type)

    @property
    def is_known(self) -> bool:
        return self.name in _ID_BYTES or self.name.endswith(_TIME)

    def is_likely(self, value: Value) -> bool:
        if isinstance(value, int) and self.name.endswith(_TIME):
            return value == 0 or value > _LONG_AGO_MS
        return not isinstance(value, bytes) or len(value) == _ID_BYTES.get(self.name, len(value))


@dataclass(frozen=True, slots=True)
class Shape:
    """How the records of a table or an index look: `columns` in the order of the record.

    order: for each column of the table in its own order, where in the record it stands.
    rowid: which of the record's columns is the rowid, and stands there as null.
    is_index: whether its pages are those of an index; that is where tables without rowid lie, too.
    """

    name: str
    columns: tuple[_Column, ...]
    order: tuple[int, ...]
    rowid: int | None
    is_index: bool

    def row(self, cell: Cell, values: Row) -> Row | None:
        """The values of a record in the order of the table's columns; None if it is not one of these."""
        if self.rowid is not None and len(values) > self.rowid:
            if values[self.rowid] is not None:
                return None
            values = (*values[: self.rowid], cell.rowid, *values[self.rowid + 1 :])
        missing = self.columns[len(values) :]  # added by a later version
        if len(values) > len(self.columns) or not values or any(not column.fits(column.default) for column in missing):
            return None
        values = (*values, *(column.default for column in missing))
        if not all(column.fits(value) for column, value in zip(self.columns, values, strict=True)):
            return None
        return tuple(values[at] for at in self.order)

    @property
    def is_loose(self) -> bool:
        """Whether a column takes anything."""
        return any(column.type is object for column in self.columns)

    @property
    def known(self) -> int:
        """How many of its columns are ids whose length is known, or times."""
        return sum(column.is_known for column in self.columns)

    def is_likely(self, row: Row) -> bool:
        """Whether ids are as long as ids are, and times are times."""
        return all(self.columns[at].is_likely(value) for at, value in zip(self.order, row, strict=True))


def shapes_of(connection: Connection) -> dict[str, Shape]:
    """The shapes of all tables and indexes of a sound database with the schema that the damaged one had, or a later."""
    found = {}
    for table, has_no_rowid in connection.execute(
        "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow')"
    ).fetchall():
        described = connection.execute(
            'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?) ORDER BY cid', (table,)
        ).fetchall()
        columns = [_column(connection, *rest) for *rest, _ in described]
        keys = [at for at in sorted(range(len(described)), key=lambda at: described[at][4]) if described[at][4]]
        rowid = keys[0] if len(keys) == 1 and not has_no_rowid and described[keys[0]][1] == "INTEGER" else None
        if rowid is not None:
            columns[rowid] = _Column(columns[rowid].name, int, is_null_fine=False)
        stored = [*keys, *(at for at in range(len(columns)) if at not in keys)] if has_no_rowid else range(len(columns))
        places = {at: place for place, at in enumerate(stored)}
        order = tuple(places[at] for at in range(len(columns)))
        found[table] = Shape(table, tuple(columns[at] for at in stored), order, rowid, bool(has_no_rowid))
        for index in _indexes(connection, table, columns, has_rowid=not has_no_rowid):
            found[index.name] = index
    return found


class Leaves:
    """The leaves of one damaged database, and whose they are. `shapes` are those of its tables and indexes."""

    def __init__(self, pages: SoundPages, shapes: dict[str, Shape]) -> None:
        self._pages = pages
        self._shapes = shapes
        self._kinds: dict[int, int] = {}
        self._below: dict[int, list[int]] = {}
        self._roots: dict[int, str] = {1: _SCHEMA}
        self._look()
        self._owners: dict[int, str] = {}
        for root, name in self._roots.items():
            self._own(root, name)

    def rows(self, wanted: Container[str]) -> Iterator[tuple[str, list[Row]]]:
        """(table or index, its rows) page by page, of those that are wanted."""
        numbers = [
            number
            for number, kind in self._kinds.items()
            if kind in (TABLE_LEAF, INDEX_LEAF, INDEX_INTERIOR)
            and (number not in self._owners or self._owners[number] in wanted)
        ]
        for number, data in self._pages.contents(numbers):
            if data is None:
                continue
            records = list(self._records(number, data))
            owner = self._owners.get(number) or self._whose(self._kinds[number], records)
            if owner in self._shapes and owner in wanted:
                rows = (self._shapes[owner].row(cell, values) for cell, values in records)
                yield owner, [row for row in rows if row is not None]

    def names(self) -> frozenset[str]:
        """The tables and indexes that the database itself lists."""
        return frozenset(self._roots.values()) - {_SCHEMA}

    def leaves_of(self, table: str) -> list[int]:
        """The leaves that a table's tree leads to."""
        owned = (number for number, owner in self._owners.items() if owner == table)
        return [number for number in owned if self._kinds.get(number) == TABLE_LEAF]

    def lost(self, harmless: Container[str]) -> int:
        """How many pages do not hold, but for those of trees that are `harmless`, and free ones."""
        free = self._pages.free()
        overflow = 0
        missing = [n for n in range(2, self._pages.count + 1) if n not in self._kinds and n not in free]
        for number, data in self._pages.contents(missing):
            overflow += data is None and self._owners.get(number) not in harmless
        return overflow

    def _look(self) -> None:
        """Look at every page once: what it is, what lies below it, and which trees there are."""
        for number, data in self._pages.contents(range(1, self._pages.count + 1)):
            kind = 0 if data is None else kind_of(number, data)
            if data is None or not kind:
                continue
            self._kinds[number] = kind
            below = children(number, data)
            if below:
                self._below[number] = below
            elif kind == TABLE_LEAF:
                self._roots.update(_roots_in(self._records(number, data)))

    def _own(self, root: int, name: str) -> None:
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if number not in self._owners:
                self._owners[number] = name
                waiting += self._below.get(number, ())

    def _records(self, number: int, data: bytes) -> Iterator[tuple[Cell, Row]]:
        """The cells of a page that can be read as a whole."""
        for cell in cells(number, data):
            payload = self._payload(cell)
            values = None if payload is None else values_of(payload)
            if values is not None:
                yield cell, values

    def _payload(self, cell: Cell) -> bytes | None:
        if not cell.overflow:
            return cell.local if len(cell.local) == cell.size else None
        parts, left, number = [cell.local], cell.size - len(cell.local), cell.overflow
        while left > 0 and number and len(parts) <= self._pages.count:
            data = self._pages.content(number)
            if data is None:
                return None
            parts.append(data[4 : 4 + left])
            left, number = left - (USABLE - 4), int.from_bytes(data[:4], "big")
        return None if left > 0 else b"".join(parts)

    def _whose(self, kind: int, records: Sequence[tuple[Cell, Row]]) -> str:
        """The only table or index that all rows of an orphan fit; "" if there are none or several."""
        fits: dict[Shape, list[Row]] = {}
        for shape in self._shapes.values():
            if shape.is_index == (kind != TABLE_LEAF):
                rows = [row for cell, values in records if (row := shape.row(cell, values)) is not None]
                if rows and len(rows) == len(records):
                    fits[shape] = rows
        return _best(fits)


def _best(fits: dict[Shape, list[Row]]) -> str:
    """Of several that fit, the one that most is known of and true; "" where that decides nothing."""
    likely = [shape for shape, rows in fits.items() if len(fits) == 1 or all(map(shape.is_likely, rows))]
    known = {shape: shape.known for shape in likely}
    best = [shape for shape in known if known[shape] == max(known.values())]
    if len(best) > 1:  # the search index's own tables have columns that take anything
        best = [shape for shape in best if not shape.is_loose]
    return best[0].name if len(best) == 1 else ""


def _roots_in(records: Iterator[tuple[Cell, Row]]) -> Iterator[tuple[int, str]]:
    """(root page, name) of what a leaf of the schema lists; nothing of any other leaf."""
    for _, values in records:
        match values:
            case ("table" | "index", str(name), str(), int(root), str() | None) if root:
                yield root, name
            case ("table", str(), str(), 0 | None, str()):
                continue  # a virtual one
            case _:
                return


def _column(connection: Connection, name: str, kind: str, is_required: int, default: str | None) -> _Column:
    value = None if default is None else connection.execute(f"SELECT {default}").fetchall()[0][0]
    return _Column(name, _TYPES.get(kind, object), not is_required, value)


def _indexes(connection: Connection, table: str, columns: list[_Column], *, has_rowid: bool) -> Iterator[Shape]:
    """The indexes of a table: key columns, then the rowid or what is left of the key."""
    named = connection.execute("SELECT name, origin FROM pragma_index_list(?)", (table,)).fetchall()
    for index, origin in named:
        if origin == "pk" and not has_rowid:
            continue  # the table itself
        keys = connection.execute("SELECT cid FROM pragma_index_xinfo(?) ORDER BY seqno", (index,)).fetchall()
        held = tuple(columns[cid] if cid >= 0 else _Column("rowid", int, is_null_fine=False) for (cid,) in keys)
        yield Shape(index, held, tuple(range(len(held))), None, is_index=True)
