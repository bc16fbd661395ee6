"""Numbered SQL migrations, applied in order, each in one transaction together with its number.

A migration is a file `NNNN_what_it_does.sql` in a package folder; NNNN counts from 0001 without gaps and is kept in
`PRAGMA user_version`. Released files never change. A file written by a newer Byre is refused, never downgraded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from byre.db.connection import Connection
from byre.db.transaction import write_transaction
from byre.errors import EnvironmentFault, InternalBug

_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql\Z")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: `number` from 1, `name` for people, `sql` statements separated by semicolons."""

    number: int
    name: str
    sql: str


def load_migrations(package: str) -> tuple[Migration, ...]:
    """The migrations in the folder of `package`, e.g. `byre.store.migrations`, in order.

    Raises:
        InternalBug: a number is missing or doubled.
    """
    found = []
    for entry in resources.files(package).iterdir():
        match = _NAME.match(entry.name)
        if match:
            found.append(Migration(int(match[1]), match[2], entry.read_text(encoding="utf-8")))
    found.sort(key=lambda migration: migration.number)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise InternalBug(f"the migrations of {package} are not numbered 1, 2, 3 …", code="bad_migrations")
    return tuple(found)


def migrate(connection: Connection, migrations: Sequence[Migration], *, application_id: int = 0) -> None:
    """Bring the database to the newest migration.

    Raises:
        EnvironmentFault: `db_newer` (a newer Byre wrote it), `db_foreign` (another application's file).
    """
    version = _pragma(connection, "user_version")
    if version > len(migrations):
        raise EnvironmentFault("a newer version of Byre wrote this database", code="db_newer")
    if version > 0 and _pragma(connection, "application_id") != application_id:
        raise EnvironmentFault("this database belongs to another program", code="db_foreign")
    for migration in migrations[version:]:
        _apply(connection, migration, application_id)


def split_statements(sql: str) -> tuple[str, ...]:
    """The statements of a script, without comments. A semicolon ends a statement only at the end of a line."""
    lines = [line for line in sql.splitlines() if not line.lstrip().startswith("--")]
    parts = re.split(r";[ \t]*(?:--[^\n]*)?(?:\n|\Z)", "\n".join(lines))
    return tuple(part.strip() for part in parts if part.strip())


def _apply(connection: Connection, migration: Migration, application_id: int) -> None:
    def work(inside: Connection) -> None:
        for statement in split_statements(migration.sql):
            inside.execute(statement)
        inside.execute(f"PRAGMA application_id={application_id:d}")
        inside.execute(f"PRAGMA user_version={migration.number:d}")

    write_transaction(connection, work)


def _pragma(connection: Connection, name: str) -> int:
    row = connection.execute(f"PRAGMA {name}").fetchone()
    return int(row[0]) if row else 0
