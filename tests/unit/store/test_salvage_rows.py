"""Rows of a damaged database: from both ends, and from what stands between two damaged places."""

from __future__ import annotations

from pathlib import Path

from byre.crypto.secret import Secret
from byre.db import open_connection
from byre.store.page_check import unauthentic_pages
from byre.store.salvage_rows import Rescued, readable_copy
from byre.store.schema import create_database

KEY = Secret(b"k" * 32)
PAGE = 4096
ROWS = 400


def database(folder: Path, *, with_log: bool = False) -> Path:
    path = folder / "store.1.db"
    create_database(path, KEY)
    connection = open_connection(path, KEY)
    connection.execute("BEGIN")
    for number in range(ROWS):
        row = (number.to_bytes(8, "big"), b"m" * 16, number)
        connection.execute("INSERT INTO received_mid (mid, mailbox_id, received_at) VALUES (?, ?, ?)", row)
        late = (number << 20, number.to_bytes(16, "big"), number)
        connection.execute("INSERT INTO undecryptable (id, mid, reason, received_at) VALUES (?, ?, 'x', ?)", late)
    connection.execute("COMMIT")
    if with_log:
        log = path.with_name("store.1.db-wal")
        kept = log.read_bytes(), path.read_bytes()
        connection.close()
        path.write_bytes(kept[1])
        log.write_bytes(kept[0])
        return path
    connection.close()
    return path


def pages_of(path: Path, table: str) -> list[int]:
    """Leaf pages of a table in the order of their keys, told by what is unreadable without them."""
    whole = path.read_bytes()
    found = []
    for page in range(2, len(whole) // PAGE + 1):
        path.write_bytes(hurt(whole, [page]))
        lost = ROWS - len(values(path, table))
        if 0 < lost < ROWS // 2:
            found.append(page)
    path.write_bytes(whole)
    return found


def hurt(whole: bytes, pages: list[int]) -> bytes:
    raw = bytearray(whole)
    for page in pages:
        raw[(page - 1) * PAGE + 700] ^= 1
    return bytes(raw)


def values(path: Path, table: str) -> set[int]:
    rescued = Rescued.of_file(path, KEY, readable_copy(path.parent, 1))
    found = {row[0] for row in rescued.rows(table, "received_at")}
    for part in path.parent.glob("salvage.*"):
        part.unlink()
    return found


def test_one_lost_page_costs_its_own_rows_only(tmp_path: Path) -> None:
    path = database(tmp_path)
    whole = path.read_bytes()
    everything = set(range(ROWS))
    for table in ("received_mid", "undecryptable"):
        assert values(path, table) == everything
        leaves = pages_of(path, table)
        assert len(leaves) >= 4
        for page in leaves:
            path.write_bytes(hurt(whole, [page]))
            assert unauthentic_pages(path, KEY) == [page]
            lost = everything - values(path, table)
            assert lost == set(range(min(lost), max(lost) + 1))
        path.write_bytes(whole)


def test_a_log_is_read_and_the_damaged_file_stays_as_it_is(tmp_path: Path) -> None:
    path = database(tmp_path, with_log=True)
    files = {part.name: part.read_bytes() for part in tmp_path.iterdir()}
    assert "store.1.db-wal" in files
    assert values(path, "undecryptable") == set(range(ROWS))
    assert {part.name: part.read_bytes() for part in tmp_path.iterdir()} == files


def test_a_file_that_was_cut_off_is_read_up_to_its_end(tmp_path: Path) -> None:
    path = database(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 5 * PAGE])
    found = values(path, "undecryptable") | values(path, "received_mid")
    assert len(found) > ROWS // 2
    assert path.stat().st_size == len(whole) - 5 * PAGE


def test_junk_holds_nothing(tmp_path: Path) -> None:
    path = database(tmp_path)
    for content in (b"", b"x", b"x" * PAGE * 3, hurt(path.read_bytes(), [1])):
        path.write_bytes(content)
        assert values(path, "undecryptable") == set()
