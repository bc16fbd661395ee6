"""`byre scan` on a profile: nothing in a clean one, and every planted remnant by its name."""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from byre.db import Connection, Pragmas, open_connection
from byre.store import ProfileVault, forensics_profile
from byre.store.forensics import Scan
from byre.store.forensics_profile import databases_of, scan_profile
from byre.store.vault_sources import snapshot_key
from tests.unit.store.examiner import Examiner
from tests.unit.store.profile import open_store
from tests.unit.store.wiped_profile import KEPT, profile_with_rooms

SECRET = "아무도 모르는 비밀 이야기 하나를 여기 남겨 둔다"


@pytest.fixture
async def vault(tmp_path: Path) -> ProfileVault:
    """A closed profile in which a room was wiped."""
    vault, store = await profile_with_rooms(tmp_path / "p", None)
    await store.wipe([1])
    await store.close()
    return vault


def scan(vault: ProfileVault, *texts: str) -> Scan:
    return scan_profile(vault.directory, vault.generation, databases_of(vault), texts=texts)


def names(vault: ProfileVault) -> list[str]:
    return [place.rsplit(" (", 1)[-1].rstrip(")") for place in scan(vault).places()]


def careless(vault: ProfileVault) -> Connection:
    return open_connection(vault.database_path, vault.database_key, pragmas=Pragmas(secure_delete=False))


def rewrite(vault: ProfileVault, number: int, change: Callable[[bytes], bytes]) -> None:
    """Change the plain content of one page and encrypt it again, as a forger with the key would."""
    path, key = vault.database_path, vault.database_key.reveal()
    raw = path.read_bytes()
    plain = change(Examiner(path, key).pages[number - 1][0])
    iv = bytes(range(16))
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    ciphertext = encryptor.update(plain) + encryptor.finalize()
    mac_key = hashlib.pbkdf2_hmac("sha512", key, bytes(byte ^ 0x3A for byte in raw[:16]), 2, 32)
    tag = hmac.digest(mac_key, ciphertext + iv + struct.pack("<I", number), "sha512")
    start = (number - 1) * 4096
    begin = start + 16 * (number == 1)  # the first page begins with the salt
    path.write_bytes(raw[:begin] + ciphertext + iv + tag + raw[start + 4096 :])


async def test_a_wiped_and_a_used_profile_are_clean(vault: ProfileVault) -> None:
    told: list[float] = []
    found = scan_profile(vault.directory, vault.generation, databases_of(vault), on_progress=told.append)
    assert found.places() == ()
    assert found.pages == vault.database_path.stat().st_size // 4096
    assert (found.not_authentic, found.files) == (0, 3)
    assert told == sorted(told)
    assert told[-1] == 1.0
    store = await open_store(vault)
    await store.write(lambda tx: tx.drafts.put(2, SECRET, 1))
    await store.write(lambda tx: tx.drafts.put(2, "", 1))
    await store.close()
    assert scan(vault).places() == ()


async def test_text_in_page_slack_is_found_and_named(vault: ProfileVault) -> None:
    examiner = Examiner(vault.database_path, vault.database_key.reveal())
    number = next(
        n for n, (page, _) in enumerate(examiner.pages, 1) if page[0] == 13 and page[3:5] < b"\0\x20" and n > 1
    )
    text = SECRET.encode()
    rewrite(vault, number, lambda page: page[:300] + text + page[300 + len(text) :])
    (place,) = scan(vault).places()
    assert place == f"store.2.db page {number} (page slack)"
    assert SECRET not in repr(scan(vault))


async def test_a_stale_wal_frame_is_found_and_named(vault: ProfileVault) -> None:
    connection = open_connection(vault.database_path, vault.database_key)
    connection.execute(
        "INSERT INTO draft (room, body, updated_at) VALUES (2, ?, 1) ON CONFLICT DO UPDATE SET body=excluded.body",
        (SECRET,),
    )
    connection.execute("DELETE FROM draft WHERE room = 2")
    connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
    assert set(names(vault)) == {"stale WAL frame"}
    connection.close()
    assert scan(vault).places() == ()


async def test_a_superseded_page_is_found_and_named(vault: ProfileVault) -> None:
    connection = careless(vault)
    connection.execute(
        "INSERT INTO draft (room, body, updated_at) VALUES (2, ?, 1) ON CONFLICT DO UPDATE SET body=excluded.body",
        (SECRET,),
    )
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.execute("PRAGMA secure_delete=ON").fetchall()
    connection.execute("DELETE FROM draft WHERE room = 2")
    assert set(names(vault)) == {"superseded page"}
    connection.close()


async def test_a_free_page_is_found_and_named(vault: ProfileVault) -> None:
    connection = careless(vault)
    connection.execute("CREATE TABLE gone (x TEXT)")
    connection.execute("INSERT INTO gone (x) VALUES (?)", (SECRET,))
    connection.execute("DROP TABLE gone")
    connection.close()
    assert "free page" in names(vault)


async def test_a_free_block_or_slack_of_a_careless_delete_is_named(vault: ProfileVault) -> None:
    connection = careless(vault)
    connection.execute("INSERT INTO setting (name, value) VALUES ('secret', ?)", (SECRET.encode(),))
    connection.execute("DELETE FROM setting WHERE name = 'secret'")
    connection.close()
    assert set(names(vault)) <= {"free block", "page slack"}
    assert names(vault)


async def test_plain_text_in_place_of_a_page_is_named(vault: ProfileVault) -> None:
    with vault.database_path.open("ab") as file:
        file.write((SECRET * 99).encode()[:4096])
    found = scan(vault, SECRET)
    assert found.not_authentic == 1
    assert any(place.endswith("(not authentic)") for place in found.places())
    assert "store.2.db (plaintext)" in found.places()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("key.1", b"x" * 126, "old key file"),
        ("store.1.db", b"x" * 4096, "database of another generation"),
        ("store.1.db-wal", b"", "database of another generation"),
        ("snapshot.1.db", b"x", "database of another generation"),
        ("key.2.part", b"x", "temporary file"),
        ("store.2.db-journal", b"x", "temporary file"),
        ("notes.tmp", b"x", "temporary file"),
        ("cache/thumb.0", b"\xff\xd8\xff\xe0" + bytes(99), "picture or thumbnail"),
        ("cache/a.bin", b"RIFF\0\0\0\0WEBPVP8 ", "picture or thumbnail"),
        ("debug.log", SECRET.encode() * 200, "stray file with readable text"),
        ("utf16.txt", "a secret text".encode("utf-16-le"), "stray file with readable text"),
        ("blob", bytes(range(128, 256)) * 9, "stray file"),
        ("empty", b"", "stray file"),
    ],
)
async def test_files_that_have_no_business_there_are_named(
    vault: ProfileVault, name: str, content: bytes, kind: str
) -> None:
    path = vault.directory / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    (place,) = scan(vault).places()
    assert place == f"{name} ({kind})"


async def test_a_link_is_not_followed(vault: ProfileVault, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text(SECRET, encoding="utf-8")
    (vault.directory / "link").symlink_to(tmp_path / "outside")
    assert scan(vault, SECRET).places() == ("link (stray link)",)


async def test_texts_that_one_gives_are_looked_for_everywhere(vault: ProfileVault) -> None:
    (vault.directory / "a.log").write_bytes(b"\x80" * 600 + KEPT[3].encode("utf-16-be"))
    places = scan(vault, KEPT[3], "", "nowhere").places()
    assert "a.log (plaintext)" in places
    assert any(place.startswith("store.2.db page") and place.endswith("(cell)") for place in places)
    assert len(places) == 3  # the cell, the stray file and the text in it


async def test_a_file_that_cannot_be_read_is_named(vault: ProfileVault, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = ("damaged.2.1.db", "locked", "snapshot.2.db", "snapshot.2.db-wal")
    for name in closed:
        (vault.directory / name).write_bytes(b"x")
    real = Path.open

    def open_some(path: Path, *arguments: object) -> object:
        if path.name in closed:
            raise PermissionError
        return real(path, *arguments)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", open_some)
    assert scan(vault).places() == tuple(f"{name} (could not be read)" for name in closed)


async def test_what_is_no_file_is_named(vault: ProfileVault) -> None:
    (vault.directory / "what somebody called it").mkdir()
    os.mkfifo(vault.directory / "pipe")
    assert scan(vault).places() == (
        "pipe (stray entry that is no file)",
        "what somebody called it (stray folder)",
    )


@pytest.mark.parametrize("name", ["profile.lock", "damaged.2", "store.2.db-shm"])
async def test_text_in_a_file_that_belongs_there_is_named(vault: ProfileVault, name: str) -> None:
    (vault.directory / name).write_bytes(bytes(100) if name.endswith("-shm") else b"")
    assert scan(vault).places() == ()
    (vault.directory / name).write_bytes(SECRET.encode())
    assert scan(vault).places() == (f"{name} (more than belongs into it)",)


async def test_checksums_that_look_like_text_in_the_index_of_a_wal_are_none(vault: ProfileVault) -> None:
    index = vault.directory / "store.2.db-shm"
    checksums = bytes(24) + b"readable by chance alone"
    index.write_bytes((2 * checksums).ljust(1 << 15, b"\0"))
    assert scan(vault).places() == ()
    index.write_bytes((2 * checksums).ljust(20_000, b"\0") + SECRET.encode().ljust((1 << 15) - 20_000, b"\0"))
    assert scan(vault).places() == ("store.2.db-shm (more than belongs into it)",)


async def test_a_snapshot_and_a_damaged_database_are_opened_too(vault: ProfileVault) -> None:
    key = vault.database_key
    for name, opened_by in (("snapshot.2.db", snapshot_key(key)), ("damaged.2.1.db", key)):
        connection = open_connection(vault.directory / name, opened_by, create=True)
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (?)", (SECRET,))
        connection.close()
    found = scan(vault, SECRET)
    assert found.not_authentic == 0
    assert found.places() == ("snapshot.2.db page 2 (cell)", "damaged.2.1.db page 2 (cell)")


async def test_memory_is_bounded(vault: ProfileVault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forensics_profile, "MOST_SAMPLES", 5)
    connection = careless(vault)
    connection.execute("CREATE TABLE gone (x TEXT)")
    connection.executemany("INSERT INTO gone (x) VALUES (?)", [(f"{SECRET} {n}",) for n in range(500)])
    connection.execute("DROP TABLE gone")
    connection.close()
    assert 1 <= len(scan(vault).findings) < 100
