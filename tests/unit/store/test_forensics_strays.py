"""Files are told by their names and by what they begin with."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from byre.store.forensics_entries import FILE, Entry
from byre.store.forensics_strays import TEXT, kind_of_file, kind_of_known, left_behind

BLOCK = 1 << 15


def entry(path: Path, name: str, content: bytes) -> Entry:
    (path / name).write_bytes(content)
    return Entry(path / name, name, FILE)


def test_text_is_five_characters_of_any_script() -> None:
    assert TEXT.fullmatch("이야기 하나".encode())
    assert TEXT.fullmatch(b"hello")
    assert not TEXT.search(b"hell\0hell\xff\xed\x95\xed\x95")


@pytest.mark.parametrize(
    ("content", "is_an_index"),
    [
        (b"", True),
        (bytes(BLOCK), True),
        (b"\xff" * 136 + bytes(BLOCK - 136), True),
        (bytes(136) + struct.pack("I", 70_000) + bytes(BLOCK - 140), True),
        (bytes(BLOCK) + struct.pack("I", 70_000) + bytes(BLOCK - 4), True),
        (bytes(136) + b"text" + bytes(BLOCK - 140), False),
        (bytes(1 << 14) + struct.pack("H", 4096) + bytes((1 << 14) - 2), True),
        (bytes(1 << 14) + struct.pack("H", 4097) + bytes((1 << 14) - 2), False),
        (bytes(BLOCK) + b"text" + bytes(BLOCK - 4), False),
        (b"some words", False),
    ],
)
def test_the_index_of_a_wal_holds_numbers(tmp_path: Path, content: bytes, is_an_index: bool) -> None:
    kind = kind_of_known(entry(tmp_path, "store.1.db-shm", content))
    assert kind == (None if is_an_index else "more than belongs into it")


@pytest.mark.parametrize(
    ("content", "is_a_log"),
    [
        (b"", True),
        (bytes(9), True),
        (bytes(99), True),
        (bytes.fromhex("377f0682") + bytes(28), True),
        (bytes.fromhex("377f0683") + bytes(99), True),
        (bytes.fromhex("377f0682"), False),
        (b"some words", False),
    ],
)
def test_a_wal_begins_as_one(tmp_path: Path, content: bytes, is_a_log: bool) -> None:
    assert kind_of_known(entry(tmp_path, "store.1.db-wal", content)) == (None if is_a_log else "no WAL")


def test_a_key_file_is_known_by_its_beginning(tmp_path: Path) -> None:
    assert kind_of_file(entry(tmp_path, "x", b"BYREKEYF" + bytes(134)), 1) == "key file under another name"
    assert kind_of_file(entry(tmp_path, "key.1", b"BYREKEYF" + bytes(134)), 1) is None
    assert kind_of_file(entry(tmp_path, "key.3", b""), 1) == "old key file"


def test_what_a_wipe_leaves_behind_is_told_by_its_name(tmp_path: Path) -> None:
    for name in ("manifest", "key.2", "store.2.db", "store.2.db-wal", "damaged.2", "damaged.2.1.db", "a note"):
        (tmp_path / name).write_bytes(b"")
    assert left_behind(tmp_path, 2).places() == ()
    for name in ("key.1", "store.1.db-shm", "x.part"):
        (tmp_path / name).write_bytes(b"")
    kinds = ("key.1 (old key file)", "store.1.db-shm (database of another generation)", "x.part (temporary file)")
    assert left_behind(tmp_path, 2).places() == kinds
