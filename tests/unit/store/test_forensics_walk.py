"""A walk over a database that is in use: the WAL counts, what it replaces does not, and the free list is today's."""

from __future__ import annotations

from pathlib import Path

from byre.crypto.secret import Secret
from byre.store.forensics_walk import KeyedDatabase, Walk
from tests.unit.store.profile import open_memory

KEY = Secret(b"k" * 32)


def kinds(path: Path) -> dict[str, set[str]]:
    """What lies in the file and what in the WAL."""
    walk = Walk(KeyedDatabase(path, KEY))
    walk.look()
    found: dict[str, set[str]] = {"file": set(), "log": set()}
    for page, regions in walk.regions():
        assert page.is_authentic
        found["file" if page.frame is None else "log"].update(region.kind for region in regions if region.kind)
    return found


def test_pages_in_the_wal_count_in_place_of_those_in_the_file(tmp_path: Path) -> None:
    connection = open_memory(tmp_path)
    path = tmp_path / "rows.db"
    connection.execute("CREATE TABLE t (x TEXT)")
    connection.executemany("INSERT INTO t VALUES (?)", [(f"{n} " * 999,) for n in range(60)])
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert kinds(path)["file"] <= {"page slack", "overflow slack", "free block"}
    connection.execute("DELETE FROM t WHERE rowid > 3")
    found = kinds(path)
    assert "superseded page" in found["file"]
    assert "free page" in found["log"]
    assert "unreachable page" not in found["log"] | found["file"]
    connection.execute("UPDATE t SET x = 'again'")
    assert "stale WAL frame" in kinds(path)["log"]
    connection.close()
    assert kinds(path) == {"file": kinds(path)["file"], "log": set()}


def test_a_database_with_a_lost_page_is_not_judged_by_what_is_reached(tmp_path: Path) -> None:
    connection = open_memory(tmp_path)
    path = tmp_path / "rows.db"
    connection.execute("CREATE TABLE t (x TEXT)")
    connection.executemany("INSERT INTO t VALUES (?)", [(f"{n} " * 300,) for n in range(60)])
    connection.close()
    whole = Walk(KeyedDatabase(path, KEY))
    whole.look()
    assert whole.pages.count == path.stat().st_size // 4096
    assert whole.pages.reached is not None
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    walk = Walk(KeyedDatabase(path, KEY))
    walk.look()
    assert walk.pages.count == 0
    assert walk.pages.reached is None
