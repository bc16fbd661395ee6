"""Dead bytes are told from live ones, in databases that SQLite wrote and in pages that make no sense."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from byre.store.forensics_dead import (
    PageMap,
    Region,
    chain,
    overflow_of,
    regions_of,
    stale_frames,
)
from byre.store.page_cells import USABLE
from tests.unit.store.profile import seeded


def plain_pages(tmp_path: Path, *statements: str) -> list[bytes]:
    """Pages of a database as SQLCipher lays them out: 4,096 bytes with 80 reserved ones."""
    path = tmp_path / "plain.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA page_size=4096")
    connection.execute("CREATE TABLE first (x)")
    connection.close()
    raw = bytearray(path.read_bytes())
    raw[20] = 80
    path.write_bytes(raw)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("VACUUM")
    for statement in statements:
        connection.execute(statement)
    connection.close()
    data = path.read_bytes()
    assert data[20] == 80
    return [data[at : at + USABLE] for at in range(0, len(data), 4096)]


def map_of(pages: list[bytes]) -> PageMap:
    next_of = {number: int.from_bytes(data[:4], "big") for number, data in enumerate(pages, 1)}
    chains = [found for number, data in enumerate(pages, 1) for found in overflow_of(number, data)]
    return PageMap(overflow={page: used for first, size in chains for page, used in chain(first, size, next_of)})


@pytest.mark.parametrize("index", ["", "CREATE INDEX i ON t (x)"])
@pytest.mark.parametrize("size", [10, 900, 1001, 1002, 3980, 3981, 3982, 4100, 9000, 30000])
def test_every_byte_of_every_value_is_live(tmp_path: Path, size: int, index: str) -> None:
    letters = [chr(ord("a") + n) for n in range(9)]
    inserts = [f"INSERT INTO t VALUES ('{letter * size}')" for letter in letters]
    pages = plain_pages(tmp_path, "CREATE TABLE t (x TEXT)", index, *inserts)
    found = map_of(pages)
    live = dict.fromkeys(letters, 0)
    for number, data in enumerate(pages, 1):
        regions = regions_of(number, data, found)
        assert "unreachable page" not in {region.kind for region in regions}
        assert [region.end for region in regions[:-1]] == [region.start for region in regions[1:]]
        for region in regions:
            piece = data[region.start : region.end]
            for letter in letters:
                live[letter] += 0 if region.kind else piece.count(letter.encode() * min(size, 9))
                assert not region.kind or letter.encode() * 9 not in piece
    assert all(live.values())


def test_what_was_deleted_is_dead(tmp_path: Path) -> None:
    inserts = [f"INSERT INTO t VALUES ({n}, '{'abc' * 20} {n:03d}')" for n in range(30)]
    pages = plain_pages(
        tmp_path,
        "PRAGMA secure_delete=OFF",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, x)",
        *inserts,
        "DELETE FROM t WHERE id IN (9, 29)",
    )
    kinds = {
        region.kind
        for number, data in enumerate(pages, 1)
        for region in regions_of(number, data, PageMap())
        if b" 009" in data[region.start : region.end] or b" 029" in data[region.start : region.end]
    }
    assert kinds <= {"free block", "page slack"}
    assert kinds


def test_pages_by_name() -> None:
    data = seeded("page")(USABLE)
    pages = PageMap(free=frozenset([7]), overflow={8: 100})
    assert regions_of(7, data, pages) == [Region("free page", 0, USABLE)]
    assert regions_of(8, data, pages) == [Region("", 0, 100), Region("overflow slack", 100, USABLE)]
    assert regions_of(9, b"\x01" + data[1:], pages) == [Region("unreachable page", 0, USABLE)]
    assert regions_of(9, b"\x0d\0\0\xff\xff\xff\xff" + data[7:], pages) == [Region("unreachable page", 0, USABLE)]
    assert regions_of(9, b"", pages) == [Region("unreachable page", 0, 0)]
    assert list(overflow_of(9, b"\x01" + data[1:])) == []


def test_a_chain_ends_also_when_it_is_a_circle() -> None:
    assert list(chain(5, 5000, {5: 6, 6: 0})) == [(5, USABLE), (6, 5000 - (USABLE - 4) + 4)]
    assert len(list(chain(5, 10_000, {5: 5}))) <= 4
    assert list(chain(0, 10, {})) == []


def test_the_frame_that_counts_is_the_newest_committed_one_of_this_round() -> None:
    now, old = b"now.now.", b"old.old."
    frames = [(1, 2, 0, now), (2, 3, 5, now), (3, 2, 5, now), (4, 4, 0, now), (5, 9, 5, old), (6, 8, 5, now)]
    assert stale_frames(frames, now) == {1, 4, 5, 6}
    assert stale_frames([], now) == set()
