"""Whether a database file is whole, page by page."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.db import open_connection
from byre.errors import EnvironmentFault
from byre.store.page_check import harmful, is_whole, unauthentic_pages
from byre.store.schema import create_database

KEY = Secret(b"k" * 32)
PAGE = 4096


def database(folder: Path) -> Path:
    path = folder / "whole.db"
    create_database(path, KEY)
    connection = open_connection(path, KEY)
    for number in range(40):
        connection.execute("INSERT INTO setting (name, value) VALUES (?, zeroblob(3000))", (f"n{number}",))
    connection.execute("DELETE FROM setting WHERE name > 'n2'")
    connection.close()
    return path


def flip(path: Path, page: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[(page - 1) * PAGE + 2000] ^= 1
    path.write_bytes(raw)


def test_a_whole_file_has_nothing_to_say(tmp_path: Path) -> None:
    path = database(tmp_path)
    assert unauthentic_pages(path, KEY) == []
    assert is_whole(path, KEY)


@pytest.mark.parametrize("page", [1, 7])
def test_one_flipped_bit_is_found(tmp_path: Path, page: int) -> None:
    path = database(tmp_path)
    flip(path, page)
    assert unauthentic_pages(path, KEY) == [page]
    assert unauthentic_pages(path, KEY, page, 1) == [page]
    assert unauthentic_pages(path, KEY, page + 1) == []
    assert not is_whole(path, KEY)


def test_a_torn_end_is_found_and_a_missing_file_is_not_whole(tmp_path: Path) -> None:
    path = database(tmp_path)
    pages = path.stat().st_size // PAGE
    path.write_bytes(path.read_bytes()[:-100])
    assert unauthentic_pages(path, KEY) == [pages]
    path.write_bytes(path.read_bytes()[: -3 * PAGE])
    assert not is_whole(path, KEY)
    path.unlink()
    assert not is_whole(path, KEY)


def test_a_free_page_harms_nobody(tmp_path: Path) -> None:
    path = database(tmp_path)
    last = path.stat().st_size // PAGE
    flip(path, last)
    connection = open_connection(path, KEY)
    assert int(connection.execute("PRAGMA freelist_count").fetchall()[0][0]) > 10
    assert not harmful(connection, path, KEY, [last])
    assert not harmful(connection, path, KEY, [last + 5])  # beyond the end
    connection.close()
    assert is_whole(path, KEY)


def test_a_fault_of_the_machine_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = database(tmp_path)

    def busy(*_: object) -> None:
        raise EnvironmentFault("busy", code="profile_in_use")

    monkeypatch.setattr("byre.store.page_check.open_connection", busy)
    with pytest.raises(EnvironmentFault) as caught:
        is_whole(path, KEY)
    assert caught.value.code == "profile_in_use"
