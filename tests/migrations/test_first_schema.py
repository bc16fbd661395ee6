"""A database of the first schema opens in today's app, with everything in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from byre.db import dump_schema
from byre.store import EpochRow, Transaction
from byre.store.schema import SCHEMA_VERSION, create_database, open_database
from tests.migrations.first_schema import KEY, RELEASED_FILE, write_first_schema
from tests.unit.store.profile import found


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    path = tmp_path / "old.db"
    if RELEASED_FILE.exists():
        shutil.copy(RELEASED_FILE, path)
    else:
        write_first_schema(path)
    return path


def test_an_old_file_opens_and_keeps_its_content(old_file: Path) -> None:
    connection = open_database(old_file, KEY)
    tx = Transaction(connection)
    account = tx.account.get()
    assert account is not None
    assert (account.handle, account.name, account.is_linked) == ("alice", "앨리스", True)
    assert tx.settings.get("theme") == "dark"
    assert [row.title for row in tx.rooms.all()] == ["외양간"]
    assert [row.body for row in found(tx, "래된", 9, room=1)] == ["오래된 글"]
    assert tx.groups.current(bytes(32)) == EpochRow(bytes(32), 3, b"\xaa", b"\xbb")
    assert not tx.seen.accept(1, bytes(16), bytes(8), 9)
    assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    connection.close()


def test_a_migrated_file_has_the_schema_of_a_new_one(old_file: Path, tmp_path: Path) -> None:
    migrated = open_database(old_file, KEY)
    create_database(tmp_path / "new.db", KEY)
    new = open_database(tmp_path / "new.db", KEY)
    assert dump_schema(migrated) == dump_schema(new)
    migrated.close()
    new.close()
