"""Rows of a table as frozen values: one mapping between dataclass fields and columns.

A row type is a frozen dataclass whose fields carry the names of its columns. Columns are named in every statement,
so that a column added later never shifts a value. `bool` fields are 0/1 in the file, `Secret` fields are bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar, cast

from byre.crypto.secret import Secret
from byre.db import Connection

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Table(Generic[R]):
    """The mapping of one table (or query) to `row_type`. Build with `of`."""

    name: str
    row_type: type[R]
    columns: tuple[str, ...]
    flags: tuple[int, ...]
    secrets: tuple[int, ...]

    @classmethod
    def of(cls, name: str, row_type: type[R]) -> Table[R]:
        """Read the columns off the fields of `row_type`, whose annotations must be strings."""
        described = [(field.name, str(field.type)) for field in fields(cast(Any, row_type))]
        return cls(
            name=name,
            row_type=row_type,
            columns=tuple(column for column, _ in described),
            flags=tuple(at for at, (_, kind) in enumerate(described) if kind == "bool"),
            secrets=tuple(at for at, (_, kind) in enumerate(described) if kind.startswith("Secret")),
        )

    def row(self, values: Sequence[Any]) -> R:
        """One result row as a value."""
        converted = list(values)
        for at in self.flags:
            converted[at] = bool(converted[at])
        for at in self.secrets:
            if converted[at] is not None:
                converted[at] = Secret(converted[at])
        return self.row_type(*converted)

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


def _stored(value: Any) -> Any:
    return value.reveal() if isinstance(value, Secret) else value
