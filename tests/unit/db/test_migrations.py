"""Numbered migrations and their files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from byre.db import Migration, dump_schema, load_migrations, migrate, open_connection
from byre.db.migrations import split_statements
from byre.errors import EnvironmentFault, InternalBug
from tests.unit.db.test_database import FIRST, Key


def test_statements_end_at_line_ends_only() -> None:
    sql = "-- a; b\nCREATE TABLE a (x); -- why\n\nINSERT INTO a (x) VALUES ('a;b');\nSELECT 1"
    assert split_statements(sql) == ("CREATE TABLE a (x)", "INSERT INTO a (x) VALUES ('a;b')", "SELECT 1")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "some_migrations"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "some_migrations", raising=False)
    return folder


def test_files_are_loaded_in_order(package: Path) -> None:
    (package / "0002_second.sql").write_text("SELECT 2;\n")
    (package / "0001_first.sql").write_text("SELECT 1;\n")
    assert [(m.number, m.name) for m in load_migrations("some_migrations")] == [(1, "first"), (2, "second")]


def test_a_missing_number_is_a_bug(package: Path) -> None:
    (package / "0002_second.sql").write_text("SELECT 2;\n")
    with pytest.raises(InternalBug):
        load_migrations("some_migrations")


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    connection = open_connection(tmp_path / "a.db", Key(), create=True)
    migrate(connection, (FIRST, Migration(2, "second", "CREATE TABLE b (x);")))
    with pytest.raises(EnvironmentFault) as caught:
        migrate(connection, (FIRST,))
    connection.close()
    assert caught.value.code == "db_newer"


def test_another_programs_file_is_refused(tmp_path: Path) -> None:
    connection = open_connection(tmp_path / "a.db", Key(), create=True)
    migrate(connection, (FIRST,), application_id=1)
    with pytest.raises(EnvironmentFault) as caught:
        migrate(connection, (FIRST,), application_id=2)
    connection.close()
    assert caught.value.code == "db_foreign"


def test_the_dump_leaves_shadow_tables_out(tmp_path: Path) -> None:
    connection = open_connection(tmp_path / "a.db", Key(), create=True)
    connection.execute("CREATE TABLE b (x)")
    connection.execute("CREATE VIRTUAL TABLE f USING fts5(body, content='')")
    connection.execute("CREATE INDEX b_x ON b (x)")
    dumped = dump_schema(connection)
    connection.close()
    assert dumped == (
        "CREATE TABLE b (x);\n\nCREATE VIRTUAL TABLE f USING fts5(body, content='');\n\nCREATE INDEX b_x ON b (x);\n\n"
    )
