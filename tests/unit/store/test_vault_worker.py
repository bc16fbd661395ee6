"""The thread of a profile: from its unlocking to its lock, and never longer."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.db import Worker
from byre.store import VaultState, vault, vault_change
from tests.unit.store.profile import open_store, vault_at
from tests.unit.store.test_vault import refused


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """The threads that vaults begin from here on."""
    begun: list[threading.Thread] = []

    class Noted(Worker):
        def __init__(self, name: str) -> None:
            before = set(threading.enumerate())
            super().__init__(name)
            begun.extend(set(threading.enumerate()) - before)

    monkeypatch.setattr(vault, "Worker", Noted)
    return begun


async def ended(begun: list[threading.Thread]) -> bool:
    for thread in begun:
        await asyncio.to_thread(thread.join, 60)
    return not any(thread.is_alive() for thread in begun)


async def test_one_thread_unlocks_a_profile_and_serves_its_database_until_it_is_locked(
    profile: Path, threads: list[threading.Thread]
) -> None:
    first = vault_at(profile)
    await first.create("pass")
    for _ in range(2):
        store = await open_store(first)
        assert [await store.read(lambda tx: threading.current_thread())] == threads
        await store.close()
    assert threads[0].is_alive()
    first.lock()
    assert await ended(threads)
    assert first.worker is None


async def test_no_thread_is_left_of_an_unlock_that_fails_and_of_a_profile_that_is_destroyed(
    profile: Path, threads: list[threading.Thread]
) -> None:
    first = vault_at(profile)
    await first.create("pass")
    first.lock()
    assert await refused(first, "wrong") == "wrong_passphrase"
    await first.unlock("pass")
    store = await open_store(first)
    await first.destroy(keys_only=True)
    await store.close()
    await first.destroy()
    assert len(threads) == 3
    assert await ended(threads)


async def test_an_unlock_that_is_given_up_leaves_the_profile_to_the_next_one(
    profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await vault_at(profile).create("pass")
    begun, may_go_on = threading.Event(), threading.Event()

    def slow(*arguments: object) -> Secret:
        begun.set()
        assert may_go_on.wait(60)
        return vault_change.stretched(*arguments)  # type: ignore[arg-type]

    second = vault_at(profile)
    with monkeypatch.context() as patched:
        patched.setattr(vault, "stretched", slow)
        unlocking = asyncio.ensure_future(second.unlock("pass"))
        await asyncio.to_thread(begun.wait, 60)
        unlocking.cancel()
        await asyncio.gather(unlocking, return_exceptions=True)
    assert second.state() is VaultState.LOCKED
    await second.unlock("pass")
    may_go_on.set()
    await (await open_store(second)).close()
    second.lock()
