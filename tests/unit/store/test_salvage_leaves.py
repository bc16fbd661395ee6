"""Whose rows a page holds: by the tree that leads to it, or by what its rows are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.db import Connection, open_connection
from byre.store.archive import KEPT, columns
from byre.store.forensics_pages import PAGE_BYTES
from byre.store.salvage_leaves import Leaves, shapes_of
from byre.store.salvage_pages import SoundPages
from byre.store.schema import create_database
from tests.migrations.first_schema import CONTENT

KEY = Secret(b"k" * 32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.1.db"
    create_database(path, KEY)
    connection = open_connection(path, KEY)
    for statement in CONTENT:
        connection.execute(statement)
    connection.close()
    return path


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    create_database(tmp_path / "empty.db", KEY)
    opened = open_connection(tmp_path / "empty.db", KEY)
    yield opened
    opened.close()


def found(path: Path, connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    rows: dict[str, list[tuple[object, ...]]] = {}
    with SoundPages(path, KEY) as pages:
        for name, some in Leaves(pages, shapes_of(connection)).rows(KEPT):
            rows.setdefault(name, []).extend(some)
    return {name: sorted(some, key=repr) for name, some in rows.items() if some}


def expected(path: Path) -> dict[str, list[tuple[object, ...]]]:
    source = open_connection(path, KEY)
    rows = {
        table: sorted(source.execute(f"SELECT {columns(source, table)} FROM {table}").fetchall(), key=repr)
        for table in KEPT
    }
    source.close()
    return {table: some for table, some in rows.items() if some}


def test_every_row_of_every_kept_table_is_read_out_of_its_leaves(path: Path, connection: Connection) -> None:
    assert found(path, connection) == expected(path)


def test_without_any_tree_rows_say_themselves_whose_they_are(path: Path, connection: Connection) -> None:
    """Every page that lists roots is lost: all others are orphans."""
    rows = expected(path)
    raw = bytearray(path.read_bytes())
    for number in schema_pages(path):
        raw[(number - 1) * PAGE_BYTES + 500] ^= 1
    path.write_bytes(raw)
    del rows["wipe_watermark"]  # an index of `wipe_late` looks the same: a lost row is better than a wrong one
    assert found(path, connection) == rows


def schema_pages(path: Path) -> list[int]:
    with SoundPages(path, KEY) as pages:
        return [
            number
            for number, data in pages.contents(range(1, pages.count + 1))
            if number == 1 or (data is not None and b"CREATE " in data)
        ]


def test_an_index_is_not_taken_for_a_table(path: Path, connection: Connection) -> None:
    shapes = shapes_of(connection)
    assert shapes["setting"].is_index
    assert not shapes["message"].is_index
    assert shapes["message"].rowid == 0
    assert shapes["received_mid_age"].columns[0].name == "received_at"
    assert shapes["seen_message"].order == (0, 1, 2)


def test_columns_of_a_later_version_get_their_defaults(path: Path, connection: Connection) -> None:
    connection.execute("ALTER TABLE draft ADD COLUMN mood TEXT NOT NULL DEFAULT 'fine'")
    connection.execute("ALTER TABLE draft ADD COLUMN at INTEGER")
    assert found(path, connection)["draft"] == [(*expected(path)["draft"][0], "fine", None)]


def test_what_is_lost_is_counted_but_not_what_is_made_anew(path: Path, connection: Connection) -> None:
    shapes = shapes_of(connection)
    roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_schema").fetchall())
    for name, lost in (("draft", 1), ("message_index_data", 0), ("sqlite_autoindex_room_1", 0)):
        whole = path.read_bytes()
        raw = bytearray(whole)
        raw[(roots[name] - 1) * PAGE_BYTES + 500] ^= 1
        path.write_bytes(raw)
        with SoundPages(path, KEY) as pages:
            assert Leaves(pages, shapes).lost(set(shapes) - set(KEPT)) == lost
        path.write_bytes(whole)
