"""The database written anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from byre.crypto.secret import Secret
from byre.db import Connection, dump_schema
from byre.errors import EnvironmentFault
from byre.store import Transaction
from byre.store.schema import open_database
from byre.store.vault_rotation import NextGeneration
from byre.store.wipe_rebuild import export_to
from tests.unit.store.profile import found, room, text


def following(tmp_path: Path) -> NextGeneration:
    return NextGeneration(2, tmp_path / "next.db", Secret(b"n" * 32), None)


def rows(connection: Connection) -> dict[str, list[Any]]:
    names = connection.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name != 'sqlite_schema'"
    ).fetchall()
    return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in names}


def test_the_copy_is_equal_and_opens_under_its_own_key(tx: Transaction, connection: Connection, tmp_path: Path) -> None:
    tx.rooms.add(room())
    for number in range(50):
        tx.messages.add(text(number, f"회의 {number}"))
    tx.settings.put("a", "b")
    export_to(connection, following(tmp_path))
    copy = open_database(tmp_path / "next.db", Secret(b"n" * 32))
    assert dump_schema(copy) == dump_schema(connection)
    assert rows(copy) == rows(connection)
    assert len(found(Transaction(copy), "회의", 99)) == 50
    assert copy.execute("PRAGMA user_version").fetchone() == connection.execute("PRAGMA user_version").fetchone()
    assert copy.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    copy.execute("INSERT INTO message_index (message_index) VALUES ('integrity-check')")
    copy.close()
    assert rows(connection)["room"]


class Doubting:
    """A connection whose integrity check finds something, or whose disk fills up."""

    def __init__(self, connection: Connection, *, is_full: bool) -> None:
        self._connection = connection
        self._is_full = is_full

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, sql: str, *parameters: Any) -> Any:
        if self._is_full and "sqlcipher_export" in sql:
            self._connection.execute("BEGIN")
            raise EnvironmentFault("injected", code="disk_full")
        if "integrity_check" in sql:
            return self._connection.execute("SELECT 'row 3 missing from index'")
        return self._connection.execute(sql, *parameters)


@pytest.mark.parametrize(("is_full", "code"), [(False, "db_damaged"), (True, "disk_full")])
def test_a_copy_that_fails_is_refused_and_detached(
    connection: Connection, tmp_path: Path, is_full: bool, code: str
) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        export_to(Doubting(connection, is_full=is_full), following(tmp_path))  # type: ignore[arg-type]
    assert caught.value.code == code
    assert [row[1] for row in connection.execute("PRAGMA database_list")] == ["main"]
    connection.execute("CREATE TABLE works (x)")
