"""The client's database file: its migrations and its marks."""

from __future__ import annotations

from pathlib import Path

from byre.db import Connection, DatabaseKey, load_migrations, migrate, open_connection
from byre.db.faults import translated
from byre.store.vault_sources import salted

APPLICATION_ID = 0x42595245  # "BYRE"
MIGRATIONS = load_migrations("byre.store.migrations")
SCHEMA_VERSION = len(MIGRATIONS)


def create_database(path: Path, key: DatabaseKey) -> None:
    """Make a new, empty database with the newest schema and close it.

    Raises:
        EnvironmentFault: `db_exists`, `disk_full`, `io_error`.
    """
    connection = open_connection(path, salted(key), create=True)
    try:
        with translated(path):
            migrate(connection, MIGRATIONS, application_id=APPLICATION_ID)
    finally:
        connection.close()


def open_database(path: Path, key: DatabaseKey) -> Connection:
    """Open an existing database on this thread and bring it to the newest schema."""
    connection = open_connection(path, key)
    try:
        with translated(path):
            migrate(connection, MIGRATIONS, application_id=APPLICATION_ID)
    except BaseException:
        connection.close()
        raise
    return connection
