"""Backups: one file and its code; what it must not hold, and what opens it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from byre.errors import ByreError, EnvironmentFault, UsageError
from byre.store import ProfileVault, Store, Transaction, backup
from byre.store.archive import RESTORED
from tests.unit.store.profile import NOW, open_store, vault_at
from tests.unit.store.test_archive import EPOCH, RATCHET, account
from tests.unit.store.wiped_profile import GONE, KEPT, profile_with_rooms

CODE = "A7K2-M9PQ"


async def exported(tmp_path: Path, code: str = CODE) -> tuple[ProfileVault, Store, Path]:
    vault, store = await profile_with_rooms(tmp_path / "p", None)

    def more(tx: Transaction) -> None:
        tx.account.put(account())

    await store.write(more)
    path = tmp_path / "backup.byre"
    await store.snapshots.write_backup(path, code)
    return vault, store, path


async def restored(profile: Path, path: Path, code: str = CODE) -> tuple[ProfileVault, int]:
    vault = vault_at(profile, None, seed="restored")
    await vault.create("another passphrase")
    return vault, await vault.copies.read_backup(path, code, now_ms=NOW)


async def test_a_backup_is_restored_into_a_new_profile(tmp_path: Path) -> None:
    _, store, path = await exported(tmp_path)
    await store.close()
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    vault, count = await restored(tmp_path / "new", path)
    assert count == 120
    assert path.read_bytes() == before
    store = await open_store(vault)

    def read(tx: Transaction) -> tuple[object, ...]:
        own = tx.account.get()
        assert own is not None
        found = tx.search.find(GONE[7].split()[-1], 5)
        return own.handle, own.run_id, tx.settings.get(RESTORED), len(tx.messages.page(1, 500)), len(found)

    handle, run_id, when, messages, hits = await store.read(read)
    assert (handle, when, messages, hits) == ("alice", NOW, len(GONE), 1)
    assert run_id != account().run_id
    await store.close()
    assert {entry.name for entry in (tmp_path / "new").iterdir()} == {"manifest", "key.1", "store.1.db"}


async def test_the_file_shows_nothing_in_clear(tmp_path: Path) -> None:
    _, store, path = await exported(tmp_path)
    await store.close()
    raw = path.read_bytes()
    for needle in (RATCHET, EPOCH, b"SQLite format 3", b"alice", KEPT[0].encode()[:30], b"CREATE TABLE"):
        assert needle not in raw
    again = tmp_path / "again.byre"
    vault = vault_at(tmp_path / "p", None, seed="second")
    await vault.unlock("pass")
    store = await open_store(vault)
    steps: list[float] = []
    await store.snapshots.write_backup(again, CODE, steps.append)
    await store.snapshots.write_backup(again, CODE)
    assert steps[-1] == 1.0
    assert again.read_bytes()[:4096] != raw[:4096]
    assert set(os.listdir(tmp_path)) == {"p", "backup.byre", "again.byre"}
    await store.close()


@pytest.mark.parametrize("wrong", ["code", "junk", "short", "empty", "flipped", "cut"])
async def test_what_does_not_open_leaves_the_new_profile_empty(tmp_path: Path, wrong: str) -> None:
    _, store, path = await exported(tmp_path)
    await store.close()
    raw = bytearray(path.read_bytes())
    if wrong == "flipped":
        raw[2000] ^= 1
    content = {"junk": os.urandom(9000), "short": b"x", "empty": b"", "flipped": raw, "cut": raw[:6000]}.get(wrong, raw)
    path.write_bytes(content)
    vault = vault_at(tmp_path / "new", None, seed="restored")
    await vault.create("another passphrase")
    before = vault.database_path.read_bytes()
    with pytest.raises(UsageError) as caught:
        await vault.copies.read_backup(path, "other" if wrong == "code" else CODE, now_ms=NOW)
    assert caught.value.code == "wrong_backup_code"
    assert vault.database_path.read_bytes() == before
    assert path.read_bytes() == content
    assert {entry.name for entry in (tmp_path / "new").iterdir()} == {"manifest", "key.1", "store.1.db"}


async def test_whichever_page_is_damaged_the_backup_is_what_is_refused(tmp_path: Path) -> None:
    _, store, path = await exported(tmp_path)
    await store.close()
    whole = path.read_bytes()
    vault = vault_at(tmp_path / "new", None, seed="restored")
    await vault.create("another passphrase")
    codes = set()
    for page in range(1, len(whole) // 4096, 11):
        damaged = bytearray(whole)
        damaged[page * 4096 + 99] ^= 1
        path.write_bytes(damaged)
        try:
            await vault.copies.read_backup(path, CODE, now_ms=NOW)
        except ByreError as error:
            codes.add(error.code)
            assert {entry.name for entry in (tmp_path / "new").iterdir()} == {"manifest", "key.1", "store.1.db"}
    assert codes == {"wrong_backup_code"}


async def test_a_missing_file_or_folder_is_said(tmp_path: Path) -> None:
    vault, store, _ = await exported(tmp_path)
    with pytest.raises(EnvironmentFault) as caught:
        await store.snapshots.write_backup(tmp_path / "none" / "b", CODE)
    assert caught.value.code == "io_error"
    await store.close()
    with pytest.raises(EnvironmentFault) as caught:
        await vault.copies.read_backup(tmp_path / "none", CODE, now_ms=NOW)
    assert caught.value.code == "io_error"


async def test_only_a_file_gives_its_place_to_a_backup(tmp_path: Path) -> None:
    vault, store, path = await exported(tmp_path)
    pipe, link, folder = tmp_path / "pipe", tmp_path / "link", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()
    (tmp_path / "way").symlink_to(tmp_path / "p")
    held = vault.database_path
    inside = [held, held.with_name("manifest"), held.with_name("new"), tmp_path / "way" / "manifest"]
    before = {each.name: each.read_bytes() for each in held.parent.iterdir()}
    for target in (pipe, folder, *inside):
        with pytest.raises(EnvironmentFault) as caught:
            await store.snapshots.write_backup(target, CODE)
        assert caught.value.code == "io_error"
    assert pipe.is_fifo()
    assert {each.name: each.read_bytes() for each in held.parent.iterdir()} == before
    link.symlink_to(path)
    was = path.read_bytes()
    await store.snapshots.write_backup(link, CODE)  # the link gives way, not what it points to
    assert not link.is_symlink()
    assert path.read_bytes() == was
    await store.close()
    with pytest.raises(EnvironmentFault) as caught:
        await vault.copies.read_backup(pipe, CODE, now_ms=NOW)  # nobody will ever write there
    assert caught.value.code == "io_error"
    assert "pipe.part" not in os.listdir(tmp_path)


async def test_other_faults_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault, store, path = await exported(tmp_path)
    await store.close()

    def newer(*_: object) -> None:
        raise EnvironmentFault("a newer Byre wrote it", code="db_newer")

    monkeypatch.setattr(backup, "open_database", newer)
    with pytest.raises(ByreError) as caught:
        await vault.copies.read_backup(path, CODE, now_ms=NOW)
    assert caught.value.code == "db_newer"


async def test_a_failed_backup_keeps_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, store, path = await exported(tmp_path)
    before = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise EnvironmentFault("full", code="disk_full")

    monkeypatch.setattr(backup, "write_archive", full)
    with pytest.raises(EnvironmentFault):
        await store.snapshots.write_backup(path, CODE)
    assert path.read_bytes() == before
    await store.close()


@pytest.mark.parametrize("time", [1, 2])
async def test_who_gives_up_at_the_very_end_keeps_the_backup_before(tmp_path: Path, time: int) -> None:
    """The archive is whole by then; its code is shown to nobody."""
    _, store, path = await exported(tmp_path)
    before, ends = path.read_bytes(), list[float]()

    class GivenUpError(Exception):
        pass

    def progress(fraction: float) -> None:
        ends.extend([fraction] if fraction == 1.0 else [])
        if len(ends) == time:
            raise GivenUpError

    with pytest.raises(GivenUpError):
        await store.snapshots.write_backup(path, CODE, progress)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir() if ".part" in each.name] == []
    await store.close()


async def test_a_backup_in_its_place_counts_though_the_folder_cannot_be_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the one before would be gone, and nobody would see the code of the new one."""
    _, store, path = await exported(tmp_path)

    def broken(folder: Path) -> None:
        raise EnvironmentFault("injected", code="io_error")

    monkeypatch.setattr(backup, "sync_folder", broken)
    await store.snapshots.write_backup(path, "B-2")
    monkeypatch.undo()
    await store.close()
    assert (await restored(tmp_path / "new", path, "B-2"))[1] == 120
