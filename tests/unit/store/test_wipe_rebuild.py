"""The database written anew."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from byre.crypto.secret import Secret
from byre.db import Connection, dump_schema, open_connection
from byre.errors import EnvironmentFault, InternalBug
from byre.store import IntentRow, Transaction, WipeScope
from byre.store.schema import open_database
from byre.store.vault_rotation import NextGeneration
from byre.store.wipe_rebuild import Export, _in_database, check_copy
from tests.unit.store.profile import NOW, found, room, text
from tests.unit.store.wiped_content import export, run_export

NOTHING = WipeScope.rotation()


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
    export(connection, following(tmp_path), NOTHING)
    copy = open_database(tmp_path / "next.db", Secret(b"n" * 32))
    assert dump_schema(copy) == dump_schema(connection)
    assert rows(copy) == rows(connection)
    assert len(found(Transaction(copy), "회의", 99)) == 50
    assert copy.execute("PRAGMA user_version").fetchone() == connection.execute("PRAGMA user_version").fetchone()
    assert copy.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    copy.execute("INSERT INTO message_index (message_index) VALUES ('integrity-check')")
    copy.close()
    assert rows(connection)["room"]


def opening(tmp_path: Path) -> Callable[[], Connection]:
    return lambda: open_connection(tmp_path / "rows.db", Secret(b"k" * 32), any_thread=True)


def test_the_copy_is_of_the_moment_when_it_was_pinned(tx: Transaction, connection: Connection, tmp_path: Path) -> None:
    tx.rooms.add(room())
    for number in range(50):
        tx.messages.add(text(number, f"회의 {number}"))
    then = rows(connection)
    export = Export(opening(tmp_path), following(tmp_path), NOTHING)
    export.pin()
    tx.messages.add(text(50, "회의가 끝난 뒤"))
    tx.messages.set_state(1, "read")
    with ThreadPoolExecutor(1) as beside:
        beside.submit(export.run).result()
    export.close()
    copy = open_database(tmp_path / "next.db", Secret(b"n" * 32))
    assert rows(copy) == then
    assert len(found(Transaction(copy), "회의", 99)) == 50
    copy.execute("INSERT INTO message_index (message_index) VALUES ('integrity-check')")
    copy.close()


class Full:
    """A connection whose disk fills up when the rooms are copied."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, sql: str, *parameters: Any) -> Any:
        if "INTO next.room" in sql:
            raise EnvironmentFault("injected", code="disk_full")
        return self._connection.execute(sql, *parameters)

    def executemany(self, sql: str, rows: Any) -> Any:
        return self._connection.executemany(sql, rows)

    def close(self) -> None:
        self._connection.close()


def test_a_copy_that_fails_lets_go_of_the_database(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        run_export(lambda: Full(opening(tmp_path)()), following(tmp_path), NOTHING)  # type: ignore[arg-type, return-value]
    assert caught.value.code == "disk_full"
    connection.execute("CREATE TABLE works (x)")
    assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0] == 0


class Doubting:
    def execute(self, sql: str) -> Any:
        return self

    def fetchall(self) -> Any:
        return [("row 3 missing from index",)]


def test_a_copy_that_does_not_hold_together_is_refused(connection: Connection) -> None:
    check_copy(connection)
    with pytest.raises(EnvironmentFault) as caught:
        check_copy(Doubting())  # type: ignore[arg-type]
    assert caught.value.code == "db_damaged"


def test_a_schema_that_nobody_copies_is_a_bug(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(InternalBug):
        _in_database("CREATE TRIGGER t", "next")


def copied(connection: Connection, tmp_path: Path, scope: WipeScope) -> Connection:
    export(connection, following(tmp_path), scope.begun(NOW * 2))
    return open_database(tmp_path / "next.db", Secret(b"n" * 32))


def test_a_room_whose_newest_went_shows_what_stayed(tx: Transaction, connection: Connection, tmp_path: Path) -> None:
    tx.rooms.add(room(1))
    for number in range(6):
        tx.messages.add(text(number, f"글 {number}", at=number * 1000, expires_at=None))
    tx.rooms.add(room(2))
    tx.messages.add(text(7, "다른 방", in_room=2, at=100))
    last = tx.rooms.by_number(1)
    assert last is not None
    # Position order is the shown order: the newest are the first three here, as if the others were deleted singly.
    connection.execute("DELETE FROM message WHERE id > ?", ((NOW + 2500) << 20,))
    copy = Transaction(copied(connection, tmp_path, WipeScope.rotation()))
    row, other = copy.rooms.by_number(1), copy.rooms.by_number(2)
    assert row is not None
    assert (row.last_text, row.unread, row.last_message) == ("글 2", 3, (NOW + 2000) << 20)
    assert other == tx.rooms.by_number(2)


def test_counters_of_rows_that_never_come_back_are_kept(
    tx: Transaction, connection: Connection, tmp_path: Path
) -> None:
    tx.intents.add(IntentRow(0, b"g" * 32, "add", b"payload", NOW, NOW))
    connection.execute("DELETE FROM intent")
    copy = copied(connection, tmp_path, WipeScope.rotation())
    assert copy.execute("SELECT seq FROM sqlite_sequence WHERE name = 'intent'").fetchall() == [(1,)]
    copy.close()
