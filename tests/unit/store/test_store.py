"""The store's life: transactions, faults, closing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from byre.errors import EnvironmentFault, InternalBug, UsageError
from byre.store import Store, Transaction
from byre.store.store import _in_loop
from tests.unit.store.profile import found, open_store, room, text, vault_at


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
