"""What a stranger or a bug may leave in a profile, piece by piece: each found by `byre scan`, and named."""

from __future__ import annotations

import os
import shutil
import struct
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from byre.db import open_connection
from byre.store import ProfileVault
from byre.store.vault_sources import snapshot_key
from tests.unit.store.examiner import Examiner
from tests.unit.store.profile import open_store, room, text, vault_at
from tests.unit.store.test_forensics_profile import SECRET, rewrite, scan, vault
from tests.unit.store.wiped_profile import KEPT

__all__ = ["vault"]
PAGE, CONTENT = 4096, 4016


def places(vault: ProfileVault) -> tuple[str, ...]:
    return scan(vault).places()


def database_pages(vault: ProfileVault) -> list[bytes]:
    return [page for page, _ in Examiner(vault.database_path, vault.database_key.reveal()).pages]


def append_leaf(vault: ProfileVault) -> int:
    """A leaf behind the last page that the database counts, encrypted as if it belonged to it; returns its number."""
    number = vault.database_path.stat().st_size // PAGE + 1
    with vault.database_path.open("ab") as file:
        file.write(bytes(PAGE))
    body = SECRET.encode()
    start = CONTENT - len(body) - 2
    head = struct.pack(">BHHHBH", 13, 0, 1, start, 0, start)
    rewrite(vault, number, lambda _: head.ljust(start, b"\0") + bytes([len(body), 1]) + body)
    return number


async def test_a_profile_whose_process_was_killed_is_clean(tmp_path: Path) -> None:
    vault = vault_at(tmp_path / "p")
    await vault.create("pass")
    store = await open_store(vault)
    await store.write(lambda tx: [tx.rooms.add(room(number)) for number in (1, 2)])
    for n in range(60):
        body = f"{KEPT[n]} {KEPT[n] * 60 if n % 20 == 0 else ''}"
        message = text(n, body, in_room=1 + n % 2, at=n, own=n % 3 == 0)
        row = await store.write(lambda tx, message=message: tx.messages.add(message))  # type: ignore[misc]
        if n == 30:
            await store.fold()
        if n % 3 == 0:
            await store.write(lambda tx, at=row.id: tx.messages.set_state(at, "delivered"))  # type: ignore[misc]
    shutil.copytree(tmp_path / "p", tmp_path / "killed")
    await store.close()
    killed = vault_at(tmp_path / "killed")
    await killed.unlock("pass")
    found = scan(killed)
    assert found.wal_frames > 100
    assert found.places() == ()


async def test_a_changed_hmac_is_named_whatever_the_page_holds(vault: ProfileVault) -> None:
    pages = database_pages(vault)
    number = next(n for n, page in enumerate(pages, 1) if not any(page[8:]))
    with vault.database_path.open("r+b") as file:
        file.seek(number * PAGE - 64)
        file.write(SECRET.encode()[:64])
    assert places(vault) == (f"store.2.db page {number} (not authentic)",)


@pytest.mark.parametrize("added", [b"hi mum", bytes(range(200))])
async def test_what_was_added_behind_the_last_page_is_named(vault: ProfileVault, added: bytes) -> None:
    last = vault.database_path.stat().st_size // PAGE
    with vault.database_path.open("ab") as file:
        file.write(added)
    assert places(vault) == (f"store.2.db page {last + 1} (not authentic)",)


async def test_a_page_that_the_database_does_not_count_is_named(vault: ProfileVault) -> None:
    number = append_leaf(vault)
    assert places(vault) == (f"store.2.db page {number} (page beyond the end)",)


async def test_a_page_that_no_tree_leads_to_is_named(vault: ProfileVault) -> None:
    number = append_leaf(vault)
    rewrite(vault, 1, lambda first: first[:12] + struct.pack(">I", number) + first[16:])
    assert places(vault) == (f"store.2.db page {number} (unreachable page)",)


async def test_bytes_between_the_cells_that_no_cell_has_are_named(vault: ProfileVault) -> None:
    body = SECRET.encode()
    for number, page in enumerate(database_pages(vault), 1):
        cells, content = struct.unpack_from(">HH", page, 3)
        if number > 1 and page[0] == 13 and content - 2 * cells > 300:
            break
    start = content - len(body) - 10

    def plant(page: bytes) -> bytes:
        moved = page[:5] + struct.pack(">H", start) + page[7:]
        return moved[: start + 5] + body + moved[start + 5 + len(body) :]

    rewrite(vault, number, plant)
    assert places(vault) == (f"store.2.db page {number} (page slack)",)


@pytest.mark.parametrize(("words", "is_alive"), [(KEPT[3], True), (SECRET, False)])
async def test_the_length_of_the_next_cell_is_no_letter_of_a_text(
    vault: ProfileVault, words: str, is_alive: bool
) -> None:
    """SQLite leaves copies of cells that it moves: a text at the end of one, then how long the next one was."""
    pages = database_pages(vault)
    number = next(n for n, page in enumerate(pages, 1) if page[0] == 13 and page[3:5] < b"\0\x20" and n > 1)
    left = words.encode() + b"J\x81\x9a"
    rewrite(vault, number, lambda page: page[:300] + left + page[300 + len(left) :])
    assert places(vault) == (() if is_alive else (f"store.2.db page {number} (page slack)",))


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="extended attributes are Linux's")
@pytest.mark.parametrize("name", ["store.2.db", "key.2", "manifest", "."])
async def test_an_extended_attribute_is_named(vault: ProfileVault, name: str) -> None:
    try:
        os.setxattr(vault.directory / name, "user.note", SECRET.encode())
    except OSError:
        pytest.skip("the file system keeps no such attributes")
    assert places(vault) == (f"{name} (extended attribute)",)


@pytest.mark.parametrize("name", ["store.2.db", "key.2", "manifest"])
async def test_another_name_of_a_file_is_named(vault: ProfileVault, name: str, tmp_path: Path) -> None:
    os.link(vault.directory / name, tmp_path / "elsewhere")
    assert places(vault) == (f"{name} (has another name elsewhere)",)


@pytest.mark.parametrize("name", ["schlüssel", "KEY.2", "cache/k"])
async def test_a_key_file_is_known_under_any_name(vault: ProfileVault, name: str) -> None:
    (vault.directory / name).parent.mkdir(exist_ok=True)
    shutil.copy(vault.directory / "key.2", vault.directory / name)
    assert places(vault) == (f"{name} (key file under another name)",)


def _a_folder(path: Path) -> None:
    path.mkdir()


def _a_pipe(path: Path) -> None:
    os.mkfifo(path)


def _a_link(path: Path) -> None:
    path.symlink_to(path.with_name("store.2.db"))


_KINDS = ((_a_folder, "stray folder"), (_a_pipe, "stray entry that is no file"), (_a_link, "stray link"))
_NAMES = ("snapshot.2.db", "damaged.2.1.db", "store.2.db-wal")
_READ_AS_A_WAL = (_a_link, "store.2.db-wal")


@pytest.mark.parametrize(
    ("name", "make", "kind"),
    [(name, make, kind) for name in _NAMES for make, kind in _KINDS if (make, name) != _READ_AS_A_WAL],
)
async def test_what_lies_in_the_place_of_a_database_and_is_none_is_named_and_not_opened(
    vault: ProfileVault, name: str, make: Callable[[Path], None], kind: str
) -> None:
    make(vault.directory / name)
    assert places(vault) == (f"{name} ({kind})",)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("store.2.db-wal", SECRET.encode()[:20], "no WAL"),
        ("store.2.db-wal", SECRET.encode()[:32], "no WAL"),
        ("snapshot.2.db", b"", "empty database"),
        (
            "store.2.db-shm",
            bytes(300) + SECRET.encode("utf-16-le").ljust((1 << 15) - 300, b"\0"),
            "more than belongs into it",
        ),
        (
            "store.2.db-shm",
            bytes(20_000) + SECRET.encode("utf-16-le").ljust((1 << 15) - 20_000, b"\0"),
            "more than belongs into it",
        ),
        (
            "store.2.db-shm",
            bytes(300) + "plain".encode("utf-16-le").ljust((1 << 15) - 300, b"\0"),
            "more than belongs into it",
        ),
    ],
)
async def test_what_a_log_and_its_index_hold_besides_is_named(
    vault: ProfileVault, name: str, content: bytes, kind: str
) -> None:
    (vault.directory / name).write_bytes(content)
    assert places(vault) == (f"{name} ({kind})",)


@pytest.mark.parametrize(
    "statement",
    [
        f"CREATE VIEW note AS SELECT '{SECRET}' AS words",
        f"CREATE TRIGGER note AFTER DELETE ON draft BEGIN SELECT '{SECRET}'; END",
    ],
)
async def test_views_and_triggers_that_are_none_of_ours_are_named(vault: ProfileVault, statement: str) -> None:
    connection = open_connection(vault.database_path, vault.database_key)
    connection.execute(statement)
    connection.close()
    assert places(vault) == ("store.2.db (1 tables, indexes, views or triggers that are none of ours)",)


@pytest.mark.parametrize("name", ["snapshot.2.db", "damaged.2.1.db"])
async def test_messages_that_only_a_copy_has_are_counted(vault: ProfileVault, name: str) -> None:
    key = vault.database_key if name.startswith("damaged") else snapshot_key(vault.database_key)
    connection = open_connection(vault.directory / name, key, create=True)
    connection.execute("ATTACH DATABASE ? AS whole KEY ?", (str(vault.database_path), _literal(vault)))
    connection.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, body TEXT)")
    connection.execute("INSERT INTO message SELECT id, body FROM whole.message")
    connection.close()
    assert places(vault) == ()
    store = await open_store(vault)
    row = (await store.read(lambda tx: tx.messages.page(2, 9)))[3]
    await store.write(lambda tx: tx.erasures.erase([row.id]))
    await store.fold()
    await store.close()
    assert f"{name} (1 messages that the profile has no more)" in places(vault)


def _literal(vault: ProfileVault) -> str:
    return f"x'{vault.database_key.reveal().hex()}'"


async def test_a_text_is_looked_for_however_it_is_spelled(vault: ProfileVault) -> None:
    (vault.directory / "note").write_bytes(b"\x80" * 600 + unicodedata.normalize("NFD", SECRET).encode())
    assert "note (plaintext)" in scan(vault, SECRET).places()


async def test_a_long_text_is_found_across_the_pieces_that_a_file_is_read_in(vault: ProfileVault) -> None:
    long = SECRET * 20
    (vault.directory / "note").write_bytes(bytes((1 << 20) - 700) + long.encode())
    assert "note (plaintext)" in scan(vault, long).places()
