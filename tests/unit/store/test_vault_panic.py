"""A panic: the keys first, everything else when there is time."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from pathlib import Path

import pytest

from byre.errors import EnvironmentFault
from byre.store import VaultState, vault_files
from tests.fakes.key_store import FakeKeyStore
from tests.unit.store.profile import vault_at
from tests.unit.store.test_vault import content
from tests.unit.store.wiped_profile import held_at, profile_with_rooms


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


async def test_a_panic_makes_everything_unreadable_at_once_and_is_finished_later(profile: Path) -> None:
    store = FakeKeyStore()
    opened = vault_at(profile, store)
    await opened.create()
    await opened.destroy(keys_only=True)
    assert store.entries == {}
    assert set(content(profile)) >= {"destroying", "store.1.db", "manifest"}
    assert "key.1" not in content(profile)
    later = vault_at(profile, store)
    assert later.state() is VaultState.NEW
    await later.destroy(to_finish=True)
    await later.destroy(to_finish=True)
    assert content(profile) == {}


async def test_a_panic_needs_no_room_on_the_disk(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for a marker, nor, on a copy-on-write disk, for what overwrites; and the room that it makes is there."""
    store = FakeKeyStore()
    opened = vault_at(profile, store)
    await opened.create()

    def full(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.ENOSPC, "injected")

    monkeypatch.setattr(vault_files.os, "fsync", full)
    await opened.destroy(keys_only=True)
    assert store.entries == {}
    assert "key.1" not in content(profile)
    assert vault_at(profile, store).state() is VaultState.NEW
    await opened.destroy()
    assert content(profile) == {}


async def test_a_panic_goes_on_without_the_key_store_and_says_so(profile: Path) -> None:
    store = FakeKeyStore()
    opened = vault_at(profile, store)
    await opened.create()
    store.is_away = True
    with pytest.raises(EnvironmentFault) as caught:
        await opened.destroy(keys_only=True)
    assert caught.value.code == "key_unavailable"
    assert "key.1" not in content(profile)


async def test_a_panic_needs_no_key_store_that_the_profile_never_used(profile: Path) -> None:
    store = FakeKeyStore()
    store.is_away = True
    opened = vault_at(profile, store)
    await opened.create("pass")
    await opened.destroy(keys_only=True)
    await opened.destroy()
    assert content(profile) == {}


async def test_a_profile_made_after_a_panic_is_known_to_the_key_store_again(profile: Path) -> None:
    store = FakeKeyStore()
    opened = vault_at(profile, store)
    await opened.create()
    await opened.destroy(keys_only=True)
    await opened.destroy()
    await opened.create()
    await opened.destroy()
    assert (content(profile), store.entries) == ({}, {})


@pytest.mark.parametrize("passphrase", [None, "pass"])
@pytest.mark.parametrize("step", ["look", "sync_file", "sync_folder", "scan_files"])
async def test_a_wipe_under_way_brings_back_no_key(
    profile: Path, monkeypatch: pytest.MonkeyPatch, step: str, passphrase: str | None
) -> None:
    key_store = None if passphrase else FakeKeyStore()
    vault, store = await profile_with_rooms(profile, key_store)
    has_begun, may_go_on = held_at(monkeypatch, step)
    wiping = asyncio.ensure_future(store.wipe([1]))
    await has_begun.wait()
    await vault.destroy(keys_only=True)
    may_go_on.set()
    await asyncio.gather(wiping, return_exceptions=True)
    assert [name for name in content(profile) if name.startswith("key")] == []
    assert key_store is None or key_store.entries == {}
    await store.close()
    await vault.destroy()
    assert content(profile) == {}
