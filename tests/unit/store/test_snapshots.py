"""The rolling snapshot: taken, dropped, and gone with its generation."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from byre.crypto.secret import Secret
from byre.errors import ByreError
from byre.store import archive, vault_files
from byre.store.archive import check_archive
from byre.store.vault_sources import snapshot_key
from tests.unit.store.examiner import Examiner
from tests.unit.store.test_archive import account
from tests.unit.store.wiped_profile import GONE, check_completed, needles_of, profile_with_rooms


def names(profile: Path) -> set[str]:
    return {path.name for path in profile.iterdir() if not path.name.endswith(("-wal", "-shm"))}


async def test_a_snapshot_is_an_archive_under_a_key_of_its_own(tmp_path: Path) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)
    await store.write(lambda tx: tx.account.put(account()))
    assert not store.snapshots.is_there()
    await store.snapshots.take()
    await store.snapshots.take()
    assert store.snapshots.is_there()
    assert names(tmp_path) == {"manifest", "key.1", "store.1.db", "snapshot.1.db"}
    assert check_archive(tmp_path / "snapshot.1.db", snapshot_key(vault.database_key)) == 120
    with pytest.raises(ByreError):
        check_archive(tmp_path / "snapshot.1.db", vault.database_key)
    await store.snapshots.drop()
    await store.snapshots.drop()
    assert names(tmp_path) == {"manifest", "key.1", "store.1.db"}
    await store.close()


async def test_the_snapshot_before_is_overwritten(tmp_path: Path) -> None:
    vault, store = await profile_with_rooms(tmp_path / "p", None)
    await store.snapshots.take()
    second_name = tmp_path / "the old one by another name"
    second_name.hardlink_to(tmp_path / "p" / "snapshot.1.db")
    before = second_name.read_bytes()
    await store.snapshots.take()
    assert second_name.read_bytes() != before
    assert Examiner(second_name, snapshot_key(vault.database_key).reveal()).count(needles_of(GONE)) == 0
    await store.close()


async def test_a_wipe_takes_the_snapshot_with_its_generation(tmp_path: Path) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)
    await store.snapshots.take()
    image = (tmp_path / "snapshot.1.db").read_bytes()
    old_key = Secret(snapshot_key(vault.database_key).reveal())
    await asyncio.gather(store.wipe([1]), store.snapshots.take())
    await check_completed(vault, store)
    assert "snapshot.1.db" not in names(tmp_path)
    assert not store.snapshots.is_there()
    await store.snapshots.take()
    snapshot = Examiner(tmp_path / "snapshot.2.db", snapshot_key(vault.database_key).reveal())
    assert snapshot.count(needles_of(GONE)) == 0
    assert old_key != snapshot_key(vault.database_key)
    (tmp_path / "image").write_bytes(image)
    assert Examiner(tmp_path / "image", snapshot_key(vault.database_key).reveal()).count(needles_of(GONE)) == 0
    await store.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a name is always text")
async def test_a_profile_whose_folders_name_is_no_text_is_copied_and_wiped(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    vault, store = await profile_with_rooms(folder, None)
    await store.snapshots.take()
    assert store.snapshots.is_there()
    await store.wipe([1])
    await check_completed(vault, store)
    await store.close()


async def test_a_full_disk_keeps_the_snapshot_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, store = await profile_with_rooms(tmp_path, None)
    await store.snapshots.take()
    before = (tmp_path / "snapshot.1.db").read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "injected")

    with monkeypatch.context() as patched:
        patched.setattr(vault_files.os, "fsync", full)
        with pytest.raises(ByreError) as caught:
            await store.snapshots.take()
    assert caught.value.code == "disk_full"
    assert (tmp_path / "snapshot.1.db").read_bytes() == before
    await store.snapshots.take()
    assert "snapshot.1.new.db" not in names(tmp_path)
    await store.close()


async def test_a_locked_profile_has_no_snapshot(tmp_path: Path) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)
    await store.close()
    vault.lock()
    for act in (store.snapshots.take, store.snapshots.drop):
        with pytest.raises(ByreError) as caught:
            await act()
        assert caught.value.code == "locked"


@pytest.mark.parametrize("times", [1, 3])
async def test_who_is_cancelled_leaves_no_thread_that_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """A lock, a stop or a panic amid a copy: nothing reads or writes the profile after it."""
    _, store = await profile_with_rooms(tmp_path, None)
    monkeypatch.setattr(archive, "_BATCH", 1)
    loop, begun, goes_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    copy_messages = archive._copy_messages

    def held_up(*args: Any) -> None:
        loop.call_soon_threadsafe(begun.set)
        assert goes_on.wait(30)
        copy_messages(*args)

    monkeypatch.setattr(archive, "_copy_messages", held_up)
    taking = asyncio.ensure_future(store.snapshots.take())
    await begun.wait()
    for _ in range(times):
        taking.cancel()
        await asyncio.sleep(0)
        assert not taking.done()
    closing = asyncio.ensure_future(store.snapshots.drop())
    await asyncio.sleep(0)
    goes_on.set()
    await asyncio.wait([taking])
    assert taking.cancelled()
    assert {name for name in names(tmp_path) if name.startswith("snapshot")} == set()
    await closing
    await store.snapshots.take()
    assert store.snapshots.is_there()
    await store.close()
