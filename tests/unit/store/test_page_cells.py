"""Cells and records of pages that SQLite wrote, and of pages that make no sense."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byre.store.page_cells import (
    INDEX_INTERIOR,
    INDEX_LEAF,
    TABLE_INTERIOR,
    TABLE_LEAF,
    USABLE,
    cell_offsets,
    cells,
    children,
    kind_of,
    local_size,
    values_of,
    varint,
)
from tests.unit.store.test_forensics_dead import plain_pages

VALUES = (
    *(None, 0, 1, -1, 127, 128, -129, 40_000, -(1 << 23), (1 << 31) - 1, 1 << 40, (1 << 63) - 1, -(1 << 63)),
    *(1.5, "", "a", "회의", b"", b"\0\xff" * 100),
)


def numbered(pages: list[bytes], kind: int) -> list[tuple[int, bytes]]:
    return [(number, data) for number, data in enumerate(pages, 1) if kind_of(number, data) == kind]


def test_values_of_every_type_are_read_as_sqlite_wrote_them(tmp_path: Path) -> None:
    connection = sqlite3.connect(":memory:")
    literals = [connection.execute("SELECT quote(?)", (value,)).fetchone()[0] for value in VALUES]
    inserts = [f"INSERT INTO t (rowid, x, y) VALUES ({at - 5}, {text}, {at})" for at, text in enumerate(literals)]
    connection.close()
    pages = plain_pages(tmp_path, "CREATE TABLE t (x, y)", *inserts)
    ((number, data),) = [(n, d) for n, d in numbered(pages, TABLE_LEAF) if len(cell_offsets(n, d)) == len(VALUES)]
    found = [(cell.rowid, values_of(cell.local)) for cell in cells(number, data)]
    assert found == [(at - 5, (value, at)) for at, value in enumerate(VALUES)]


def test_trees_lead_to_every_leaf(tmp_path: Path) -> None:
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO"
    pages = plain_pages(
        tmp_path,
        "CREATE TABLE t (x)",
        "CREATE TABLE w (x INTEGER, y, PRIMARY KEY (x)) WITHOUT ROWID",
        f"{many} t SELECT i || hex(zeroblob(20)) FROM n",
        f"{many} w SELECT i, hex(zeroblob(20)) FROM n",
    )
    for interior, leaf in ((TABLE_INTERIOR, TABLE_LEAF), (INDEX_INTERIOR, INDEX_LEAF)):
        below = [child for number, data in numbered(pages, interior) for child in children(number, data)]
        assert len(below) > 20
        assert {kind_of(child, pages[child - 1]) for child in below} == {leaf}
    kept = [
        values_of(cell.local)
        for kind in (INDEX_LEAF, INDEX_INTERIOR)
        for number, data in numbered(pages, kind)
        for cell in cells(number, data)
    ]
    assert {row[0] for row in kept if row} == set(range(1, 3001))


@pytest.mark.parametrize("size", [10, 900, 1001, 3980, 3981, 3982, 4100, 9000])
def test_what_goes_on_elsewhere_is_said(tmp_path: Path, size: int) -> None:
    pages = plain_pages(tmp_path, "CREATE TABLE t (x)", f"INSERT INTO t VALUES ('{'a' * size}')")
    (cell,) = [cell for number, data in numbered(pages, TABLE_LEAF)[1:] for cell in cells(number, data)]
    assert (cell.overflow > 0) == (len(cell.local) < cell.size)
    assert len(cell.local) == local_size(cell.size, is_table=True)
    assert values_of(cell.local) == (None if cell.overflow else ("a" * size,))


def test_numbers_of_nine_bytes_and_cut_ones() -> None:
    assert varint(b"\xff" * 9, 0) == ((1 << 64) - 1, 9)
    assert varint(b"\xff" * 8, 0) == (((1 << 56) - 1) << 8, 9)
    assert varint(b"\x81\x00", 0) == (128, 2)
    assert varint(b"", 3) == (0, 4)


@pytest.mark.parametrize(
    "payload", [b"", b"\0", b"\2\x0a", b"\2\x0f", b"\x05\x01", b"\2\x0fx\0", b"\3\x0f\x81a", b"\2\x0f\xff"]
)
def test_what_is_no_record_has_no_values(payload: bytes) -> None:
    assert values_of(payload) is None


@settings(max_examples=500)
@given(st.binary(max_size=USABLE), st.integers(1, 2))
def test_junk_is_read_to_its_end(data: bytes, number: int) -> None:
    for cell in cells(number, data):
        assert len(cell.local) <= USABLE
        values_of(cell.local)
    assert len(children(number, data)) <= USABLE
    assert kind_of(number, data) in (0, INDEX_INTERIOR, TABLE_INTERIOR, INDEX_LEAF, TABLE_LEAF)
