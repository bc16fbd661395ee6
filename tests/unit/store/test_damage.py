"""Damage that the opening does not meet: told once, remembered, and never copied into a snapshot."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.db import Connection, Database
from byre.db.transaction import write_transaction
from byre.errors import EnvironmentFault, UsageError
from byre.store import ProfileVault, Store
from byre.store.page_check import unauthentic_pages
from byre.store.schema import APPLICATION_ID, MIGRATIONS
from tests.unit.store.profile import NOW, seeded, text, vault_at
from tests.unit.store.wiped_profile import profile_with_rooms

PAGE = 4096


def certify(*_: object) -> bytes:
    raise AssertionError("nothing is wiped here")


async def opened(folder: Path, told: list[str]) -> tuple[ProfileVault, Store]:
    vault = vault_at(folder, None, seed="again")
    await vault.unlock("pass")
    store = await Store.open(
        vault,
        certify=certify,  # type: ignore[arg-type]
        clock_ms=lambda: NOW,
        random=seeded("store"),
        on_damage=lambda: told.append("damaged"),
    )
    return vault, store


async def profile(folder: Path) -> Path:
    vault, store = await profile_with_rooms(folder, None)
    await store.close()
    vault.lock()
    return folder / "store.1.db"


def flip(path: Path, page: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[(page - 1) * PAGE + 2000] ^= 1
    path.write_bytes(raw)


async def page_of(folder: Path, table: str) -> int:
    """The number of the last page of a table."""
    vault, store = await opened(folder, [])
    query = "SELECT max(pageno) FROM dbstat WHERE name = ?"
    try:
        found = await store._database.read(lambda c: c.execute(query, (table,)).fetchall())
    except Exception:  # this SQLite has no dbstat: the root then
        found = await store._database.read(
            lambda c: c.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchall()
        )
    await store.close()
    vault.lock()
    return int(found[0][0])


async def code_of(work: object) -> str:
    with pytest.raises((EnvironmentFault, UsageError)) as caught:
        await work  # type: ignore[misc]
    return caught.value.code


async def test_damage_that_the_first_read_meets_is_remembered(tmp_path: Path) -> None:
    path = await profile(tmp_path)
    flip(path, await page_of(tmp_path, "message"))
    vault = vault_at(tmp_path, None, seed="again")
    await vault.unlock("pass")
    told: list[str] = []
    opening = Store.open_and_read(
        vault,
        lambda tx: [tx.messages.page(room.id, 50) for room in tx.rooms.all()],
        certify=certify,  # type: ignore[arg-type]
        clock_ms=lambda: NOW,
        random=seeded("store"),
        on_damage=lambda: told.append("damaged"),
    )
    assert await code_of(opening) == "db_damaged"
    assert vault.damage.is_known()
    await asyncio.sleep(0)
    assert told == ["damaged"]
    vault.lock()


async def test_the_first_page_that_fails_ends_all_work_and_is_remembered(tmp_path: Path) -> None:
    path = await profile(tmp_path)
    flip(path, await page_of(tmp_path, "message"))
    told: list[str] = []
    vault, store = await opened(tmp_path, told)
    assert not store.is_damaged
    add = lambda tx: tx.messages.add(text(9000, "neu", in_room=1, at=9000))  # noqa: E731
    everything = store.read(lambda tx: [tx.messages.page(number, 500) for number in (1, 2)])
    assert await code_of(everything) == "db_damaged"
    assert told == ["damaged"]
    assert store.is_damaged
    assert (tmp_path / "damaged.1").exists()
    assert await code_of(store.write(add)) == "db_damaged"
    assert await code_of(store.read(lambda tx: tx.rooms.all())) == "db_damaged"
    assert await code_of(store.snapshots.take()) == "db_damaged"
    assert told == ["damaged"]
    await store.close()
    vault.lock()


async def test_a_write_that_meets_damage_is_no_io_error(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    key = Secret(b"k" * 32)
    told: list[str] = []

    async def database(on_damage: object = None) -> Database:
        return await Database.open(
            path,
            key,
            migrations=MIGRATIONS,
            application_id=APPLICATION_ID,
            create=not path.exists(),
            on_damage=on_damage,  # type: ignore[arg-type]
        )

    def fill(connection: Connection) -> None:
        for number in range(300):
            connection.execute("INSERT INTO setting (name, value) VALUES (?, zeroblob(300))", (f"n{number:03}",))

    first = await database()
    await first.write(fill)
    await first.close()
    raw = bytearray(path.read_bytes())
    for page in range(len(raw) // PAGE - 20, len(raw) // PAGE):
        raw[page * PAGE + 50] ^= 1
    path.write_bytes(raw)
    count = "SELECT sum(length(value)) FROM setting"
    insert = "INSERT INTO setting (name, value) SELECT name || 'x', value FROM setting"
    for on_damage in (None, lambda: told.append("once")):
        hurt = await database(on_damage)
        for _ in range(2):
            assert await code_of(hurt.read(lambda c: c.execute(count).fetchall())) == "db_damaged"
            assert await code_of(hurt.write(lambda c: c.execute(insert))) == "db_damaged"
            assert await code_of(hurt.run(lambda c: write_transaction(c, lambda i: i.execute(insert)))) == "db_damaged"
        await hurt.close()
    assert told == ["once"]


async def test_the_sweep_meets_what_nobody_reads_and_spares_the_snapshot(tmp_path: Path) -> None:
    path = await profile(tmp_path)
    told: list[str] = []
    vault, store = await opened(tmp_path, told)
    await store.snapshots.take()
    following: int | None = 1
    while following is not None:
        following = await store.sweep.slice(following)
    await store.sweep.whole()
    await store.close()
    vault.lock()
    snapshot = (tmp_path / "snapshot.1.db").read_bytes()
    flip(path, await page_of(tmp_path, "message_index_data"))
    vault, store = await opened(tmp_path, told)
    assert told == []
    assert await code_of(store.snapshots.take()) == "db_damaged"
    assert (tmp_path / "snapshot.1.db").read_bytes() == snapshot
    await asyncio.sleep(0)
    assert told == ["damaged"]
    await store.close()
    vault.lock()
    (tmp_path / "damaged.1").unlink()
    vault, store = await opened(tmp_path, told)
    assert await code_of(store.sweep.slice()) == "db_damaged"
    await asyncio.sleep(0)
    assert told == ["damaged", "damaged"]
    await store.close()
    vault.lock()


async def test_a_page_that_is_just_being_written_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await profile(tmp_path)
    told: list[str] = []
    vault, store = await opened(tmp_path, told)

    def torn(*arguments: object) -> list[int]:
        return [5]

    monkeypatch.setattr("byre.store.damage.unauthentic_pages", torn)
    assert await store.sweep.slice() is None
    assert told == []
    assert unauthentic_pages(vault.database_path, vault.database_key) == []
    await store.close()


async def test_damage_that_only_the_copy_meets_is_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await profile(tmp_path)
    told: list[str] = []
    vault, store = await opened(tmp_path, told)

    def fails(*_: object) -> None:
        raise EnvironmentFault("damaged", code="db_damaged")

    monkeypatch.setattr(vault.copies, "write_backup", fails)
    assert await code_of(store.snapshots.write_backup(tmp_path / "b", "code")) == "io_error"
    assert told == []  # it was the copy that did not hold together
    flip(path, path.stat().st_size // PAGE)
    assert await code_of(store.snapshots.write_backup(tmp_path / "b", "code")) == "db_damaged"
    await asyncio.sleep(0)
    assert told == ["damaged"]
    await store.close()
