"""The store's life: transactions, faults, closing."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from byre.errors import EnvironmentFault, InternalBug, UsageError
from byre.store import Store, Transaction
from byre.store.store import _in_loop
from tests.unit.store.profile import found, open_store, opened_and_read, room, text, vault_at
from tests.unit.store.wiped_profile import profile_with_rooms


@pytest.fixture
async def store(tmp_path: Path) -> Store:
    vault = vault_at(tmp_path / "p")
    await vault.create("pass")
    return await open_store(vault)


async def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    def half(tx: Transaction) -> None:
        tx.settings.put("a", 1)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        await store.write(half)
    assert await store.read(lambda tx: tx.settings.get("a")) is None
    await store.close()


async def test_a_read_does_not_write(store: Store) -> None:
    with pytest.raises(InternalBug):
        await store.read(lambda tx: tx.settings.put("a", 1))
    assert await store.read(lambda tx: tx.settings.get("a")) is None
    await store.close()


async def test_generation_and_mode(store: Store) -> None:
    assert (store.generation, store.key_mode) == (1, "C")
    await store.close()
    store._vault.lock()
    assert store.key_mode == "C"


async def test_a_closed_store_says_so(store: Store) -> None:
    await store.close()
    await store.close()
    with pytest.raises(UsageError) as caught:
        await store.read(lambda tx: tx.settings.names())
    assert caught.value.code == "locked"


async def test_a_full_disk_is_named_and_loses_nothing(store: Store) -> None:
    await store.write(lambda tx: tx.rooms.add(room()))
    await store.write(lambda tx: tx.messages.add(text(1, "저장됨")))
    pages = await store._database.run(lambda c: c.execute("PRAGMA page_count").fetchone())
    assert pages is not None
    await store._database.run(lambda c: c.execute(f"PRAGMA max_page_count={pages[0] + 2}").fetchall())

    def flood(tx: Transaction) -> None:
        tx.drafts.put(1, "초안", 0)
        for number in range(2, 200):
            tx.messages.add(text(number, "가득 " * 100))

    with pytest.raises(EnvironmentFault) as caught:
        await store.write(flood)
    assert caught.value.code == "disk_full"
    assert await store.read(lambda tx: (tx.messages.count(1), tx.drafts.get(1))) == (1, "")
    await store._database.run(lambda c: c.execute("PRAGMA max_page_count=1000000").fetchall())
    await store.write(flood)
    assert await store.read(lambda tx: len(found(tx, "가득", 999))) == 198
    await store.close()


async def test_a_preview_counts(store: Store) -> None:
    await store.write(lambda tx: tx.rooms.add(room()))
    await store.write(lambda tx: tx.messages.add(text(1, "글")))
    assert (await store.preview_wipe([1]))["messages"] == 1
    await store.close()


async def test_a_store_that_cannot_open_leaves_no_thread_and_no_lock(tmp_path: Path) -> None:
    vault = vault_at(tmp_path / "p")
    with pytest.raises(UsageError) as caught:
        await open_store(vault)
    assert caught.value.code == "locked"


def test_progress_after_the_loop_ended_is_dropped() -> None:
    told: list[str] = []
    loop = asyncio.new_event_loop()

    async def get() -> object:
        return _in_loop(lambda step, fraction: told.append(step))

    tell = loop.run_until_complete(get())
    loop.close()
    tell("hide", 0.0)  # type: ignore[operator]
    assert told == []


async def test_an_open_store_keeps_to_its_settings_and_others_out_until_they_are_let_in(store: Store) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "temp_store": 2,
        "cache_size": -32000,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "wal_autocheckpoint": 1000,
        "journal_size_limit": 0,
        "busy_timeout": 0,
        "cipher_memory_security": "0",
        "cipher_page_size": "4096",
        "cipher_hmac_algorithm": "HMAC_SHA512",
    }

    async def settings() -> dict[str, object]:
        return await store._database.run(
            lambda c: {name: c.execute(f"PRAGMA {name}").fetchall()[0][0] for name in (*wanted, "locking_mode")}
        )

    assert await settings() == {**wanted, "locking_mode": "exclusive"}
    await store.write(lambda tx: tx.settings.put("a", 1))
    log = {path.name for path in store._vault.directory.iterdir()} - {"manifest", "key.1"}
    assert log == {"store.1.db", "store.1.db-wal"}
    await store.snapshots.take()
    assert await settings() == {**wanted, "locking_mode": "normal"}
    assert await store.read(lambda tx: tx.settings.get("a")) == 1
    await store.close()


async def test_what_was_acknowledged_outlives_a_cut_while_the_file_is_held_alone(store: Store, tmp_path: Path) -> None:
    await store.write(lambda tx: tx.rooms.add(room()))
    for number in range(40):
        await store.write(lambda tx, n=number: tx.messages.add(text(n, f"bestätigt {n}", at=n)))  # type: ignore[misc]
    assert (tmp_path / "p" / "store.1.db-wal").stat().st_size > 0
    shutil.copytree(tmp_path / "p", tmp_path / "cut")
    await store.close()
    vault = vault_at(tmp_path / "cut")
    await vault.unlock("pass")
    again = await open_store(vault)
    assert len(await again.read(lambda tx: found(tx, "bestätigt", 99))) == 40
    await again.close()


async def test_what_is_read_first_comes_with_the_open_store(tmp_path: Path) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)
    bodies = await store.read(_bodies)
    await store.close()
    store, found = await opened_and_read(vault, _bodies)
    assert found == bodies != []
    assert await store.read(_bodies) == bodies
    await store.close()


async def test_what_fails_in_the_first_read_leaves_nothing_open(tmp_path: Path) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)
    await store.close()

    def refuse(tx: Transaction) -> None:
        raise InternalBug("no")

    def write(tx: Transaction) -> None:
        tx.settings.put("a", 1)

    for first in (refuse, write):
        with pytest.raises(InternalBug):
            await opened_and_read(vault, first)
    store, found = await opened_and_read(vault, lambda tx: tx.settings.get("a"))
    assert found is None
    assert not vault.damage.is_known()
    await store.close()


def _bodies(tx: Transaction) -> list[str]:
    return [row.body for room in tx.rooms.all() for row in tx.messages.page(room.id, 50)]
