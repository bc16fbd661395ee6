"""Rows of a table as frozen values: one mapping between fields and columns.

A row type is a frozen dataclass, or a named tuple where hundreds are read at once, whose fields carry the names of its
columns. Columns are named in every statement, so that a column added later never shifts a value. `bool` fields are
0/1 in the file, `Secret` fields are bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from byre.crypto.secret import Secret
from byre.db import Connection

R = TypeVar("R")
_new_tuple: Any = tuple.__new__  # what `_make` of a named tuple does, without counting


@dataclass(frozen=True, slots=True)
class Table(Generic[R]):
    """The mapping of one table (or query) to a row type, which `make` makes of values. Build with `of`."""

    name: str
    make: Callable[[Iterable[Any]], R]
    columns: tuple[str, ...]
    flags: tuple[int, ...]
    secrets: tuple[int, ...]

    @classmethod
    def of(cls, name: str, row_type: type[R]) -> Table[R]:
        """Read the columns off the fields of `row_type`, whose annotations must be strings."""
        described = _described(row_type)
        return cls(
            name=name,
            make=(lambda values: row_type(*values)) if is_dataclass(row_type) else partial(_new_tuple, row_type),
            columns=tuple(column for column, _ in described),
            flags=tuple(at for at, (_, kind) in enumerate(described) if kind == "bool"),
            secrets=tuple(at for at, (_, kind) in enumerate(described) if kind.startswith("Secret")),
        )

    def row(self, values: Sequence[Any]) -> R:
        """One result row as a value."""
        if not self.secrets and len(self.flags) < 2:
            for at in self.flags:
                values = (*values[:at], values[at] == 1, *values[at + 1 :])
            return self.make(values)
        converted = list(values)
        for at in self.flags:
            converted[at] = bool(converted[at])
        for at in self.secrets:
            if converted[at] is not None:
                converted[at] = Secret(converted[at])
        return self.make(converted)

    def one(self, connection: Connection, tail: str = "", parameters: Sequence[Any] = ()) -> R | None:
        """The first row of `SELECT … FROM table <tail>`, or None."""
        values = connection.execute(self._select(tail), parameters).fetchone()
        return None if values is None else self.row(values)

    def all(self, connection: Connection, tail: str = "", parameters: Sequence[Any] = ()) -> list[R]:
        """All rows of `SELECT … FROM table <tail>`."""
        return [self.row(values) for values in connection.execute(self._select(tail), parameters)]

    def insert(self, connection: Connection, row: R, tail: str = "") -> int:
        """Insert `row`; `tail` may hold an ON CONFLICT clause. Returns how many rows were written (0 or 1)."""
        return connection.execute(self._insert(tail), self._values(row)).rowcount

    def insert_many(self, connection: Connection, rows: Iterable[R], tail: str = "") -> None:
        """Insert all of `rows`."""
        connection.executemany(self._insert(tail), [self._values(row) for row in rows])

    def put(self, connection: Connection, row: R, *keys: str) -> None:
        """Insert `row`, or overwrite every other column of the row with the same `keys`."""
        changes = ", ".join(f"{column} = excluded.{column}" for column in self.columns if column not in keys)
        self.insert(connection, row, f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}")

    def _values(self, row: R) -> tuple[Any, ...]:
        return tuple(_stored(getattr(row, column)) for column in self.columns)

    def _select(self, tail: str) -> str:
        return f"SELECT {', '.join(self.columns)} FROM {self.name} {tail}"

    def _insert(self, tail: str) -> str:
        marks = ", ".join("?" * len(self.columns))
        return f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES ({marks}) {tail}"


def _described(row_type: type) -> list[tuple[str, str]]:
    """(name, annotation) of every field."""
    if is_dataclass(row_type):
        return [(field.name, str(field.type)) for field in fields(row_type)]
    annotations = row_type.__annotations__
    return [(name, str(getattr(kind, "__forward_arg__", kind))) for name, kind in annotations.items()]


def _stored(value: Any) -> Any:
    return value.reveal() if isinstance(value, Secret) else value
