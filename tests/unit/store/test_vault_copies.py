"""The vault's copies: they need its keys, and go where the generation says."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.errors import UsageError
from tests.unit.store.profile import NOW, vault_at
from tests.unit.store.test_archive import account
from tests.unit.store.wiped_profile import profile_with_rooms


async def test_a_locked_vault_copies_nothing(tmp_path: Path) -> None:
    vault = vault_at(tmp_path / "p", None)
    await vault.create("pass")
    vault.lock()
    for act in (
        vault.copies.write_snapshot,
        vault.copies.drop_snapshot,
        vault.copies.has_snapshot,
        vault.copies.source_bytes,
        lambda: vault.copies.write_backup(tmp_path / "b", "code"),
    ):
        with pytest.raises(UsageError) as caught:
            act()
        assert caught.value.code == "locked"
    for later in (
        vault.copies.salvage(now_ms=NOW),
        vault.copies.read_backup(tmp_path / "b", "code", now_ms=NOW),
    ):
        with pytest.raises(UsageError) as caught:
            await later
        assert caught.value.code == "locked"
    assert not (tmp_path / "b").exists()


async def test_snapshot_salvage_and_backup_work_on_the_generation_that_is_open(tmp_path: Path) -> None:
    vault, store = await profile_with_rooms(tmp_path / "p", None)
    await store.write(lambda tx: tx.account.put(account()))
    await store.wipe([1])
    assert vault.copies.source_bytes() >= vault.database_path.stat().st_size
    vault.copies.write_snapshot()
    vault.copies.write_backup(tmp_path / "b", "code")
    await store.close()
    assert (tmp_path / "p" / "snapshot.2.db").exists()
    assert (await vault.copies.salvage(now_ms=NOW)).from_database == 60
    assert (tmp_path / "p" / "damaged.2.1.db").exists()
    assert await vault.copies.read_backup(tmp_path / "b", "code", now_ms=NOW) == 60
    vault.copies.drop_snapshot()
    assert not (tmp_path / "p" / "snapshot.2.db").exists()


@pytest.mark.parametrize("is_dropped", [False, True])
async def test_what_a_crash_left_half_written_goes_with_the_snapshot_or_at_the_next_unlock(
    tmp_path: Path, is_dropped: bool
) -> None:
    """A key file under a lock that never came to be would be another way to the key; a snapshot holds old texts."""
    vault, store = await profile_with_rooms(tmp_path / "p", None)
    await store.close()
    before = {path.name for path in vault.directory.iterdir()}
    suffixes = ("", "-wal", "-shm", "-journal")
    for name in ("key.1.part", "manifest.part", *(f"snapshot.1.new.db{suffix}" for suffix in suffixes)):
        (vault.directory / name).write_bytes(b"half")
    if is_dropped:
        vault.copies.drop_snapshot()
    else:
        await vault_at(tmp_path / "p").unlock("pass")
    assert {path.name for path in vault.directory.iterdir()} == before


async def test_what_cannot_be_removed_keeps_nobody_out(tmp_path: Path) -> None:
    vault = vault_at(tmp_path / "p")
    await vault.create("pass")
    (vault.directory / "key.1.part").mkdir()
    again = vault_at(tmp_path / "p")
    await again.unlock("pass")
    assert again.database_key == vault.database_key
