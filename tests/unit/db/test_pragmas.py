"""The settings of a connection, as SQLite takes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.db import open_connection
from byre.db.pragmas import CLIENT_PRAGMAS, Pragmas


def asked(path: Path, pragmas: Pragmas, *names: str) -> list[object]:
    """What an open connection answers."""
    connection = open_connection(path / "d.db", Secret(bytes(32)), pragmas=pragmas, create=True)
    try:
        return [(connection.execute(f"PRAGMA {name}").fetchone() or (None,))[0] for name in names]
    finally:
        connection.close()


def test_the_client_s_commits_are_on_the_disk_and_its_deletions_overwritten(tmp_path: Path) -> None:
    names = ("journal_mode", "synchronous", "secure_delete", "temp_store", "foreign_keys", "trusted_schema")
    assert asked(tmp_path, CLIENT_PRAGMAS, *names) == ["wal", 2, 1, 2, 1, 0]
    again = tmp_path / "again"
    again.mkdir()
    names = ("cache_size", "wal_autocheckpoint", "journal_size_limit", "busy_timeout")
    assert asked(again, CLIENT_PRAGMAS, *names) == [-32000, 1000, 0, 0]


@pytest.mark.parametrize(("limit", "answer"), [(77, 77), (None, 4294967294)])
def test_a_limit_of_pages_is_set_only_if_asked_for(tmp_path: Path, limit: int | None, answer: int) -> None:
    assert asked(tmp_path, replace(CLIENT_PRAGMAS, max_page_count=limit), "max_page_count") == [answer]


def test_an_exclusive_connection_keeps_its_wal_index_in_memory(tmp_path: Path) -> None:
    connection = open_connection(
        tmp_path / "d.db", Secret(bytes(32)), pragmas=replace(CLIENT_PRAGMAS, exclusive=True), create=True
    )
    connection.execute("CREATE TABLE t (a INTEGER)")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["d.db", "d.db-wal"]
    connection.close()


def test_the_statements_name_every_switch() -> None:
    statements = Pragmas(secure_delete=False, foreign_keys=False).statements()
    assert "PRAGMA secure_delete=OFF" in statements
    assert "PRAGMA foreign_keys=OFF" in statements
    assert not any("max_page_count" in each for each in statements)
