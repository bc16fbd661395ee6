"""The schema's rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.db import Connection, open_connection
from byre.errors import EnvironmentFault
from byre.store import account, claims, groups, inbox, joins, key_packages, outbox, peers, rooms, wipes
from byre.store.schema import APPLICATION_ID, SCHEMA_VERSION, create_database, open_database
from byre.store.table import Table
from tests.unit.store.schema_file import SCHEMA_FILE, schema_text

KEY = Secret(b"k" * 32)


def test_the_dump_is_up_to_date(tmp_path: Path) -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(tmp_path)


def test_every_table_is_strict(connection: Connection) -> None:
    loose = connection.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0"
        " AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'message_index%'"
    ).fetchall()
    assert loose == []


def test_every_row_type_names_columns_of_its_table(connection: Connection) -> None:
    modules = (account, claims, groups, inbox, joins, key_packages, outbox, peers, rooms, wipes)
    tables = [value for module in modules for value in vars(module).values() if isinstance(value, Table)]
    assert len(tables) >= 19
    whole = {table.name for table in tables if table is not rooms._LINE}
    for table in tables:
        columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
        assert set(table.columns) - {"id"} <= columns - {"id"}, table.name
        assert columns - {"id"} == set(table.columns) - {"id"} or (table is rooms._LINE and table.name in whole)


def test_a_new_database_carries_its_marks(tmp_path: Path) -> None:
    create_database(tmp_path / "a.db", KEY)
    connection = open_database(tmp_path / "a.db", KEY)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    connection.close()


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    connection = open_connection(tmp_path / "a.db", KEY, create=True)
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    with pytest.raises(EnvironmentFault) as caught:
        open_database(tmp_path / "a.db", KEY)
    assert caught.value.code == "db_foreign"
