"""A profile whose manifest is lost while key file and database are whole: told, kept, and mended when asked."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from byre.errors import EnvironmentFault, UsageError
from byre.store import KeyMode, ProfileVault, VaultState
from byre.store import store as store_module
from byre.store.vault_manifest import Manifest
from byre.store.vault_presumed import manifest_or_presumed
from byre.store.vault_profile import ProfileFiles
from byre.store.wipe import WipeRoutine
from tests.fakes.key_store import FakeKeyStore
from tests.unit.store.profile import NOW, open_store, text, vault_at
from tests.unit.store.wiped_profile import KEPT, Reports, check_completed, profile_with_rooms, reopened

DAMAGES: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "half": lambda path: path.write_bytes(path.read_bytes()[:30]),
    "zeros": lambda path: path.write_bytes(bytes(61)),
    "another's end": lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\0"),
}


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def code_of(vault: ProfileVault, passphrase: str | None, *, to_salvage: bool = False) -> str:
    with pytest.raises((EnvironmentFault, UsageError)) as caught:
        await vault.unlock(passphrase, to_salvage=to_salvage)
    return caught.value.code


@pytest.mark.parametrize("mode", list(KeyMode))
@pytest.mark.parametrize("damage", DAMAGES)
async def test_the_manifest_is_written_anew_by_a_salvage_and_nothing_else_changes(
    tmp_path: Path, mode: KeyMode, damage: str
) -> None:
    key_store = None if mode is KeyMode.C else FakeKeyStore()
    passphrase = None if mode is KeyMode.A else "pass"
    vault = vault_at(tmp_path, key_store)
    await vault.create(passphrase)
    key = vault.database_key.reveal()
    vault.lock()
    before = everything(tmp_path)
    DAMAGES[damage](tmp_path / "manifest")
    harmed = everything(tmp_path)

    again = vault_at(tmp_path, key_store, seed="again")
    with pytest.raises(EnvironmentFault) as told:
        again.state()
    assert told.value.code == "db_damaged"
    assert again.damage.is_known()
    assert again.mode() is mode
    assert await code_of(again, passphrase) == "db_damaged"
    if passphrase is not None:
        assert await code_of(again, None, to_salvage=True) == "passphrase_required"
        assert await code_of(again, "wrong", to_salvage=True) == "wrong_passphrase"
    assert everything(tmp_path) == harmed

    await again.unlock(passphrase, to_salvage=True)
    done = await again.copies.salvage(now_ms=NOW, usable=lambda tx: True, keep_whole=True)
    assert (done.was_whole, done.from_database) == (True, 0)
    assert again.database_key.reveal() == key
    again.lock()
    assert everything(tmp_path) == before
    await again.unlock(passphrase)


async def test_a_database_that_is_damaged_as_well_is_salvaged(tmp_path: Path) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)
    await store.close()
    vault.lock()
    (tmp_path / "manifest").unlink()
    raw = bytearray((tmp_path / "store.1.db").read_bytes())
    raw[-4096 + 100] ^= 1
    (tmp_path / "store.1.db").write_bytes(raw)
    await vault.unlock("pass", to_salvage=True)
    done = await vault.copies.salvage(now_ms=NOW, usable=lambda tx: True, keep_whole=True)
    assert not done.was_whole
    assert done.from_database > 0
    assert (tmp_path / "damaged.1.1.db").exists()
    vault.lock()
    await vault.unlock("pass")


@pytest.mark.parametrize("harm", ["missing", "empty", "marked", "unusable"])
async def test_what_is_not_known_to_be_whole_is_not_called_so(tmp_path: Path, harm: str) -> None:
    vault = vault_at(tmp_path)
    await vault.create("pass")
    if harm == "marked":
        vault.damage.remember()
    vault.lock()
    (tmp_path / "manifest").unlink()
    if harm == "missing":
        (tmp_path / "store.1.db").unlink()
    elif harm == "empty":
        (tmp_path / "store.1.db").write_bytes(b"")
    await vault.unlock("pass", to_salvage=True)
    with pytest.raises(EnvironmentFault) as caught:
        await vault.copies.salvage(now_ms=NOW, keep_whole=True)
    assert caught.value.code == "db_damaged"


async def test_a_manifest_of_a_newer_version_is_not_replaced(tmp_path: Path) -> None:
    vault = vault_at(tmp_path)
    await vault.create("pass")
    vault.lock()
    raw = bytearray((tmp_path / "manifest").read_bytes())
    raw[8] = 2
    (tmp_path / "manifest").write_bytes(raw)
    assert await code_of(vault, "pass", to_salvage=True) == "db_newer"
    assert (tmp_path / "manifest").read_bytes() == raw


async def cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> FakeKeyStore:
    """A profile in mode A, cut off at a step of a wipe, without its manifest; returns its key store of then."""
    key_store = FakeKeyStore()
    _, store = await profile_with_rooms(tmp_path / "used", key_store)
    kept: list[FakeKeyStore] = []

    def take(step: str) -> None:
        if step == at:
            shutil.copytree(tmp_path / "used", tmp_path / "cut")
            kept.append(key_store.copy())

    with monkeypatch.context() as patched:
        patched.setattr(store_module, "WipeRoutine", partial(WipeRoutine, on_step=take))
        await store.wipe([1])
    await store.close()
    (tmp_path / "cut" / "manifest").unlink()
    return kept[0]


@pytest.mark.parametrize("harm", ["no secret", "key store away", "half a key file", "another's key file", "newer"])
async def test_what_a_wipe_was_about_to_erase_does_not_count_again_where_the_next_one_does_not_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    key_store = await cut_off(tmp_path, monkeypatch, "switched")
    cut, key = tmp_path / "cut", tmp_path / "cut" / "key.2"
    assert {"key.1", "key.2", "store.1.db", "store.2.db"} <= everything(cut).keys()
    expected = "db_damaged"
    if harm == "no secret":
        key_store.entries = {name: entry for name, entry in key_store.entries.items() if name.endswith(".1")}
        expected = "key_unavailable"
    elif harm == "key store away":
        key_store.is_away = True
        expected = "key_unavailable"
    elif harm == "half a key file":
        key.write_bytes(key.read_bytes()[:60])
    elif harm == "another's key file":
        key.write_bytes((cut / "key.1").read_bytes())
    else:
        raw = bytearray(key.read_bytes())
        raw[8] = 2
        key.write_bytes(raw)
        expected = "db_newer"
    before = everything(cut)
    vault = vault_at(cut, key_store)
    assert await code_of(vault, None, to_salvage=True) == expected
    assert everything(cut) == before
    assert len(key_store.entries) >= 1


@pytest.mark.parametrize("step", ["rebuilt", "secret_kept", "key_file_written", "switched", "destroyed", "certified"])
async def test_a_wipe_that_was_under_way_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    key_store = await cut_off(tmp_path, monkeypatch, step)
    vault = vault_at(tmp_path / "cut", key_store)
    await vault.unlock(to_salvage=True)
    done = await vault.copies.salvage(now_ms=NOW, usable=lambda tx: True, keep_whole=True)
    assert done.was_whole
    vault.lock()
    vault, store = await reopened(tmp_path / "cut", key_store, Reports())
    await check_completed(vault, store)
    assert [name[-2:] for name in key_store.entries] == [".2"]
    await store.close()


async def test_a_generation_that_never_came_to_count_has_no_key_file_once_the_other_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be taken for the profile, and what was stored since would be lost."""
    vault, store = await profile_with_rooms(tmp_path, None)
    write = ProfileFiles.write_manifest

    def full(self: ProfileFiles, manifest: Manifest, name: str = "manifest") -> None:
        assert (tmp_path / "key.2").exists()
        raise EnvironmentFault("the disk is full; nothing was changed", code="disk_full")

    monkeypatch.setattr(ProfileFiles, "write_manifest", full)
    with pytest.raises(EnvironmentFault):
        await store.wipe([1])
    monkeypatch.setattr(ProfileFiles, "write_manifest", write)
    assert not (tmp_path / "key.2").exists()
    assert await store.write(lambda tx: tx.messages.add(text(9000, "stored since", in_room=2, at=900)))
    await store.close()
    vault.lock()
    (tmp_path / "manifest").unlink()
    await vault.unlock("pass", to_salvage=True)
    assert vault.generation == 1
    store = await open_store(vault)
    rows = await store.read(lambda tx: tx.messages.page(2, 99))
    assert [row.body for row in reversed(rows)] == [*KEPT, "stored since"]
    await store.close()


async def test_after_a_cut_before_the_switch_the_unlock_withdraws_what_never_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_store = await cut_off(tmp_path, monkeypatch, "key_file_written")
    cut = tmp_path / "cut"
    profile_id = manifest_or_presumed(ProfileFiles(cut, lambda n: b"")).profile_id
    (cut / "manifest").write_bytes(Manifest(1, profile_id).to_bytes())
    vault = vault_at(cut, key_store)
    await vault.unlock()
    assert vault.generation == 1
    assert not (cut / "key.2").exists()


async def test_panic_reaches_the_key_store_also_without_a_manifest(tmp_path: Path) -> None:
    key_store = FakeKeyStore()
    vault = vault_at(tmp_path, key_store)
    await vault.create()
    vault.lock()
    (tmp_path / "manifest").write_bytes(b"")
    await vault.destroy()
    assert key_store.entries == {}
    assert vault.state() is VaultState.NEW


async def test_without_any_key_file_nothing_can_be_said(tmp_path: Path) -> None:
    vault = vault_at(tmp_path)
    await vault.create("pass")
    vault.lock()
    for name in ("manifest", "key.1"):
        (tmp_path / name).unlink()
    assert await code_of(vault, "pass", to_salvage=True) == "db_damaged"
    assert (tmp_path / "store.1.db").exists()
