"""Where in a page a byte lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.db import Pragmas, open_connection
from byre.store.forensics_layout import free_pages, place_in_page
from byre.store.forensics_pages import Page, PageReader

KEY = Secret(b"k" * 32)
CARELESS = Pragmas(secure_delete=False)


def page(data: bytes, number: int = 2, frame: int | None = None) -> Page:
    return Page("file", number, frame, data, True)


LEAF = bytes([13]) + (200).to_bytes(2, "big") + (2).to_bytes(2, "big") + (150).to_bytes(2, "big") + bytes(400)
WITH_BLOCK = LEAF[:200] + (0).to_bytes(2, "big") + (50).to_bytes(2, "big") + LEAF[204:]
LOOP = LEAF[:200] + (200).to_bytes(2, "big") + (4).to_bytes(2, "big") + LEAF[204:]


@pytest.mark.parametrize(
    ("data", "offset", "name"),
    [
        (WITH_BLOCK, 100, "page slack"),
        (WITH_BLOCK, 220, "free block"),
        (WITH_BLOCK, 300, "cell"),
        (WITH_BLOCK, 10, "cell"),
        (LOOP, 300, "cell"),
        (LEAF[:1] + b"\xff\xff" + LEAF[3:], 300, "cell"),
        (b"\x00" * 400, 100, "overflow page"),
        (b"\x0d", 0, "overflow page"),
    ],
)
def test_places_by_name(data: bytes, offset: int, name: str) -> None:
    assert place_in_page(page(data), offset, frozenset()) == name


def test_page_one_has_its_own_header() -> None:
    data = bytes(100) + LEAF
    assert place_in_page(page(data, 1), 140, frozenset()) == "page slack"


def test_a_free_page_is_free_in_the_database_only() -> None:
    assert place_in_page(page(LEAF, 7), 100, frozenset({7})) == "free page"
    assert place_in_page(page(LEAF, 7, frame=1), 100, frozenset({7})) == "page slack"


def test_the_free_list_of_a_real_database(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = open_connection(path, KEY, pragmas=CARELESS, create=True)
    connection.execute("CREATE TABLE t (x TEXT)")
    connection.executemany("INSERT INTO t VALUES (?)", [(f"row {n} " * 40,) for n in range(400)])
    connection.execute("DELETE FROM t")
    free = connection.execute("PRAGMA freelist_count").fetchone()
    connection.close()
    reader = PageReader.of_file(path, KEY)
    assert free is not None
    assert len(free_pages(lambda number: reader.page_at(path, number))) == free[0] > 10


def test_a_damaged_free_list_ends() -> None:
    head = bytearray(100)
    head[32:36] = (2).to_bytes(4, "big")
    trunk = (2).to_bytes(4, "big") + b"\xff\xff\xff\xff" + bytes(8)
    pages = {1: bytes(head), 2: trunk}
    assert free_pages(lambda number: pages.get(number, b"")) == frozenset({0, 2})
    assert free_pages(lambda number: b"") == frozenset()
    pages[2] = b"x"
    assert free_pages(lambda number: pages.get(number, b"")) == frozenset({2})
