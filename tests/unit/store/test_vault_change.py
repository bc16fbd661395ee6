"""Another passphrase, another mode: only the key file changes, and no moment of it loses the profile."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from byre.errors import ByreError, EnvironmentFault, UsageError
from byre.store import KeyMode, ProfileVault, vault_files
from byre.store.vault_files import file_faults
from tests.fakes.key_store import FakeKeyStore
from tests.unit.store.profile import open_store, vault_at

PASSPHRASES = {KeyMode.A: None, KeyMode.B: "before", KeyMode.C: "before"}
LATER = {KeyMode.A: None, KeyMode.B: "after", KeyMode.C: "after"}
CHANGES = [(old, new) for old in KeyMode for new in KeyMode]


async def created(profile: Path, key_store: FakeKeyStore, mode: KeyMode) -> ProfileVault:
    opened = vault_at(profile, None if mode is KeyMode.C else key_store)
    await opened.create(PASSPHRASES[mode])
    store = await open_store(opened)
    await store.write(lambda tx: tx.settings.put("mark", "kept"))
    await store.close()
    opened.lock()
    opened = vault_at(profile, key_store, seed="later")
    await opened.unlock(PASSPHRASES[mode])
    assert opened.mode() is mode
    return opened


async def opens(profile: Path, key_store: FakeKeyStore | None, passphrase: str | None) -> bool:
    opened = vault_at(profile, key_store, seed="again")
    try:
        await opened.unlock(passphrase)
    except ByreError:
        return False
    store = await open_store(opened)
    value = await store.read(lambda tx: tx.settings.get("mark"))
    await store.close()
    return value == "kept"


@pytest.mark.parametrize(("old", "new"), CHANGES)
async def test_every_mode_becomes_every_other(tmp_path: Path, old: KeyMode, new: KeyMode) -> None:
    profile, key_store = tmp_path / "profile", FakeKeyStore()
    opened = await created(profile, key_store, old)
    before = {path.name: path.read_bytes() for path in profile.iterdir()}
    key = opened.database_key
    mode = await opened.change(PASSPHRASES[old], passphrase=LATER[new], use_key_store=new is not KeyMode.C)
    assert mode is opened.mode() is new
    assert opened.database_key == key
    after = {path.name: path.read_bytes() for path in profile.iterdir()}
    assert {name for name in after if before.get(name) != after[name]} == {"key.1"}
    assert len(key_store.entries) == (0 if new is KeyMode.C else 1)
    assert await opens(profile, key_store, LATER[new])
    if new is not KeyMode.A:
        assert not await opens(profile, key_store, PASSPHRASES[old] or "before")
        assert not await opens(profile, key_store, None)
    if new is not KeyMode.C:
        assert not await opens(profile, FakeKeyStore(), LATER[new])


@pytest.mark.parametrize("mode", [KeyMode.B, KeyMode.C])
async def test_who_does_not_know_the_passphrase_changes_nothing(tmp_path: Path, mode: KeyMode) -> None:
    profile, key_store = tmp_path / "profile", FakeKeyStore()
    opened = await created(profile, key_store, mode)
    before = (profile / "key.1").read_bytes()
    for typed, code in ((None, "passphrase_required"), ("", "passphrase_required"), ("wrong", "wrong_passphrase")):
        with pytest.raises(UsageError) as caught:
            await opened.change(typed, passphrase="mine")
        assert caught.value.code == code
    assert (profile / "key.1").read_bytes() == before
    assert await opens(profile, key_store, "before")


async def test_a_locked_profile_is_not_changed(tmp_path: Path) -> None:
    opened = await created(tmp_path, FakeKeyStore(), KeyMode.C)
    opened.lock()
    with pytest.raises(UsageError) as caught:
        await opened.change("before", passphrase="after")
    assert caught.value.code == "locked"


async def test_no_key_store_and_no_passphrase_is_no_lock(tmp_path: Path) -> None:
    key_store = FakeKeyStore()
    opened = await created(tmp_path, key_store, KeyMode.C)
    with pytest.raises(UsageError) as caught:
        await opened.change("before", passphrase=None, use_key_store=False)
    assert caught.value.code == "passphrase_required"
    key_store.is_away = True
    with pytest.raises(UsageError) as caught:
        await opened.change("before", passphrase="")
    assert caught.value.code == "passphrase_required"
    assert await opened.change("before", passphrase="after") is KeyMode.C
    assert await opens(tmp_path, key_store, "after")


@pytest.mark.parametrize("mode", [KeyMode.A, KeyMode.B])
async def test_a_key_store_that_is_away_keeps_the_mode(tmp_path: Path, mode: KeyMode) -> None:
    key_store = FakeKeyStore()
    opened = await created(tmp_path, key_store, mode)
    key_store.is_away = True
    with pytest.raises(EnvironmentFault) as caught:
        await opened.change(PASSPHRASES[mode], passphrase="after")
    assert caught.value.code == "key_unavailable"
    key_store.is_away = False
    assert await opens(tmp_path, key_store, PASSPHRASES[mode])


async def test_a_lost_entry_is_put_back_by_a_change(tmp_path: Path) -> None:
    key_store = FakeKeyStore()
    opened = await created(tmp_path, key_store, KeyMode.A)
    key_store.entries.clear()
    assert await opened.change(None, passphrase="after") is KeyMode.B
    assert await opens(tmp_path, key_store, "after")


async def test_an_old_secret_that_stays_behind_is_no_failure(tmp_path: Path) -> None:
    key_store = FakeKeyStore()
    opened = await created(tmp_path, key_store, KeyMode.A)
    key_store.is_delete_refused = True
    assert await opened.change(None, passphrase="after", use_key_store=False) is KeyMode.C
    assert await opens(tmp_path, None, "after")


@pytest.mark.parametrize(("old", "new"), CHANGES)
async def test_a_power_cut_anywhere_leaves_the_old_lock_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: KeyMode, new: KeyMode
) -> None:
    profile, key_store = tmp_path / "profile", FakeKeyStore()
    opened = await created(profile, key_store, old)
    copies: list[tuple[Path, FakeKeyStore]] = []

    def photograph(_: object = None) -> None:
        copy = tmp_path / f"copy {len(copies)}"
        shutil.copytree(profile, copy)
        copies.append((copy, key_store.copy()))

    real_fsync, real_replace = vault_files.os.fsync, vault_files.os.replace

    def fsync(descriptor: int) -> None:
        photograph()
        real_fsync(descriptor)
        photograph()

    def replace(*paths: Path) -> None:
        real_replace(*paths)
        photograph()

    monkeypatch.setattr(vault_files.os, "fsync", fsync)
    monkeypatch.setattr(vault_files.os, "replace", replace)
    key_store.on_change = photograph
    await opened.change(PASSPHRASES[old], passphrase=LATER[new], use_key_store=new is not KeyMode.C)
    monkeypatch.undo()
    assert len(copies) > 4
    for copy, entries in copies:
        assert await opens(copy, entries, PASSPHRASES[old]) or await opens(copy, entries, LATER[new])


async def test_a_full_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = await created(tmp_path, FakeKeyStore(), KeyMode.C)

    def full(*_: object) -> None:
        with file_faults():
            raise OSError(28, "no space")

    monkeypatch.setattr(vault_files, "write_durably", full)
    with pytest.raises(EnvironmentFault) as caught:
        await opened.change("before", passphrase="after")
    assert caught.value.code == "disk_full"
    monkeypatch.undo()
    assert await opens(tmp_path, None, "before")
    assert opened.mode() is KeyMode.C


@pytest.mark.parametrize("is_replaced", [True, False])
async def test_who_is_told_that_nothing_was_changed_still_gets_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_replaced: bool
) -> None:
    """The folder's fsync fails after the key file was replaced, or the key file's own before."""
    opened = await created(tmp_path, FakeKeyStore(), KeyMode.C)

    def worn(*_: object) -> None:
        raise EnvironmentFault("a file of the profile cannot be read or written", code="io_error")

    with monkeypatch.context() as patched:
        patched.setattr(vault_files, "sync_folder" if is_replaced else "write_durably", worn)
        if is_replaced:
            assert await opened.change("before", passphrase="after", use_key_store=False) is KeyMode.C
        else:
            with pytest.raises(EnvironmentFault):
                await opened.change("before", passphrase="after", use_key_store=False)
    assert await opens(tmp_path, None, "after" if is_replaced else "before")
    assert (
        await opened.change("after" if is_replaced else "before", passphrase="last", use_key_store=False) is KeyMode.C
    )
    assert await opens(tmp_path, None, "last")
