"""A changed lock and the wipe: the next generation has the new lock, and old images stay dead."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from byre.errors import ByreError
from byre.store import KeyMode
from tests.fakes.key_store import FakeKeyStore
from tests.unit.store.examiner import Examiner
from tests.unit.store.profile import open_store, vault_at
from tests.unit.store.wiped_profile import GONE, check_completed, needles_of, profile_with_rooms


async def test_a_wipe_in_mode_b_asks_nothing_and_kills_the_image_from_before(tmp_path: Path) -> None:
    """The passphrase is known and today's secrets too: an image from before the wipe stays unreadable."""
    profile, key_store = tmp_path / "p", FakeKeyStore()
    vault, store = await profile_with_rooms(profile, key_store)
    assert await store.change_lock(None, passphrase="later known") == "B"
    image = tmp_path / "image"
    shutil.copytree(profile, image)
    certificate = await store.wipe([1])
    await check_completed(vault, store)
    assert "key_mode='B'" in certificate.document
    await store.close()
    before = vault_at(image, key_store, seed="attack")
    with pytest.raises(ByreError) as caught:
        await before.unlock("later known")
    assert caught.value.code == "key_unavailable"
    (today,) = key_store.entries.values()
    for key in (today, vault.database_key.reveal()):
        assert Examiner(image / "store.1.db", key).count(needles_of(GONE)) == 0
    vault.lock()
    again = vault_at(profile, key_store, seed="again")
    await again.unlock("later known")
    assert again.mode() is KeyMode.B


async def test_a_change_waits_for_a_wipe_and_holds_in_the_next_generation(tmp_path: Path) -> None:
    profile, key_store = tmp_path / "p", FakeKeyStore()
    vault, store = await profile_with_rooms(profile, key_store)
    wipe = asyncio.ensure_future(store.wipe([1]))
    await asyncio.sleep(0)
    mode, _ = await asyncio.gather(store.change_lock(None, passphrase="new", use_key_store=False), wipe)
    assert (mode, store.key_mode, store.generation) == ("C", "C", 2)
    assert key_store.entries == {}
    await check_completed(vault, store)
    await store.close()
    vault.lock()
    again = vault_at(profile, None, seed="again")
    await again.unlock("new")
    store = await open_store(again)
    await check_completed(again, store)
    await store.close()
