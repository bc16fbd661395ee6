"""Rule 8: the schema that the migrations make is the one that was read and agreed: store/schema.sql."""

from __future__ import annotations

from pathlib import Path

from byre.crypto.secret import Secret
from byre.db import dump_schema
from byre.store.schema import create_database, open_database
from tests.checks.source import PACKAGE


def fresh_schema(folder: Path) -> str:
    """What a new profile's database looks like."""
    key = Secret(bytes(range(32)))
    create_database(folder / "fresh.db", key)
    connection = open_database(folder / "fresh.db", key)
    try:
        return dump_schema(connection)
    finally:
        connection.close()


def test_the_dump_is_the_committed_one(tmp_path: Path) -> None:
    assert fresh_schema(tmp_path) == (PACKAGE / "store" / "schema.sql").read_text()


def lax_tables(schema: str) -> tuple[int, list[str]]:
    """How many tables there are, and the first lines of those that are not STRICT."""
    statements = [s.strip() for s in schema.split(";")]
    tables = [s for s in statements if s.startswith("CREATE TABLE") and "sqlite_" not in s]
    return len(tables), [s.splitlines()[0] for s in tables if "STRICT" not in s.rsplit(")", 1)[-1]]


def test_every_table_is_strict(tmp_path: Path) -> None:
    count, lax = lax_tables(fresh_schema(tmp_path))
    assert count > 0
    assert lax == []


def test_a_lax_table_is_seen() -> None:
    schema = "CREATE TABLE good (\n  id INTEGER\n) STRICT;\n\nCREATE TABLE bad (\n  id INTEGER\n);\n"
    assert lax_tables(schema) == (2, ["CREATE TABLE bad ("])
