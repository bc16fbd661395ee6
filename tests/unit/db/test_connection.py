"""Opening keyed files: nothing is created or replaced by accident."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from byre.db import Pragmas, open_connection
from byre.db.connection import key_literal
from byre.errors import EnvironmentFault, InternalBug
from tests.unit.db.test_database import Key


def make(path: Path) -> None:
    connection = open_connection(path, Key(), create=True)
    connection.execute("CREATE TABLE t (x)")
    connection.executemany("INSERT INTO t VALUES (?)", [("z" * 500,)] * 200)
    connection.close()


@pytest.mark.parametrize(("create", "code"), [(True, "db_exists"), (False, "db_missing")])
def test_a_file_is_neither_replaced_nor_made_unasked(tmp_path: Path, create: bool, code: str) -> None:
    path = tmp_path / "a.db"
    if create:
        make(path)
    before = path.read_bytes() if create else None
    with pytest.raises(EnvironmentFault) as caught:
        open_connection(path, Key(), create=create)
    assert caught.value.code == code
    assert (path.read_bytes() if path.exists() else None) == before


@pytest.mark.parametrize("kind", ["empty folder", "folder", "pipe", "dangling link", "link to itself"])
def test_what_is_no_journal_and_lies_in_its_place_is_moved_aside(tmp_path: Path, kind: str) -> None:
    path, journal = tmp_path / "a.db", tmp_path / "a.db-journal"
    make(path)
    (tmp_path / "a.db-journal.aside").write_bytes(b"from another time")
    match kind:
        case "empty folder" | "folder":
            journal.mkdir()
            if kind == "folder":
                (journal / "somebody's").write_bytes(b"kept")
        case "pipe":
            if not hasattr(os, "mkfifo"):
                pytest.skip("pipes in folders are POSIX's")
            os.mkfifo(journal)
        case _:
            journal.symlink_to("a.db-journal" if kind == "link to itself" else "nowhere")
    connection = open_connection(path, Key())
    assert connection.execute("SELECT count(*) FROM t").fetchall() == [(200,)]
    connection.close()
    assert not os.path.lexists(journal)
    assert os.path.lexists(tmp_path / "a.db-journal.aside1")
    assert kind != "folder" or (tmp_path / "a.db-journal.aside1" / "somebody's").read_bytes() == b"kept"
    assert (tmp_path / "a.db-journal.aside").read_bytes() == b"from another time"


def test_the_file_holds_no_plaintext(tmp_path: Path) -> None:
    make(tmp_path / "a.db")
    raw = (tmp_path / "a.db").read_bytes()
    assert b"zzzz" not in raw
    assert b"SQLite format" not in raw


def test_another_key_is_a_damaged_database_and_changes_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / "a.db")
    before = (tmp_path / "a.db").read_bytes()
    with pytest.raises(EnvironmentFault) as caught:
        open_connection(tmp_path / "a.db", Key(9))
    assert caught.value.code == "db_damaged"
    assert (tmp_path / "a.db").read_bytes() == before
    assert capfd.readouterr() == ("", "")


def test_a_flipped_bit_is_found_where_it_is_read(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from byre.db.faults import translated

    path = tmp_path / "a.db"
    make(path)
    raw = bytearray(path.read_bytes())
    raw[4096 * 5 + 100] ^= 1
    path.write_bytes(raw)
    connection = open_connection(path, Key())
    with pytest.raises(EnvironmentFault) as caught, translated(path):
        connection.execute("SELECT sum(length(x)) FROM t").fetchall()
    connection.close()
    assert caught.value.code == "db_damaged"
    assert capfd.readouterr() == ("", "")


def test_a_folder_that_is_not_there_is_an_io_error(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        open_connection(tmp_path / "nowhere" / "a.db", Key(), create=True)
    assert caught.value.code == "io_error"


def test_a_short_key_is_a_bug() -> None:
    class Short:
        def reveal(self) -> bytes:
            return b"short"

    with pytest.raises(InternalBug):
        key_literal(Short())


def test_an_exclusive_connection_keeps_no_wal_index_on_disk_and_no_second_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    make(path)
    exclusive = open_connection(path, Key(), pragmas=Pragmas(exclusive=True))
    exclusive.execute("SELECT count(*) FROM t").fetchall()
    assert not (tmp_path / "a.db-shm").exists()
    with pytest.raises(EnvironmentFault) as caught:
        open_connection(path, Key())
    assert caught.value.code == "profile_in_use"
    exclusive.close()
