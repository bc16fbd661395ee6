"""The vault: new, locked, ready; and what must never happen to an existing database."""

from __future__ import annotations

import os
import shutil
import unicodedata
from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.errors import ByreError, EnvironmentFault, UsageError
from byre.store import KeyMode, ProfileVault, Store, VaultState, vault, vault_files
from byre.store.vault_manifest import Manifest
from tests.fakes.key_store import FakeKeyStore
from tests.unit.store.profile import open_store, vault_at


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


async def mark(opened: ProfileVault, value: str) -> None:
    store = await open_store(opened)
    await store.write(lambda tx: tx.settings.put("mark", value))
    await store.close()


async def marked(opened: ProfileVault) -> object:
    store = await open_store(opened)
    value = await store.read(lambda tx: tx.settings.get("mark"))
    await store.close()
    return value


def content(profile: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in profile.iterdir() if path.is_file()}


async def refused(opened: ProfileVault, passphrase: str | None = None) -> str:
    with pytest.raises(ByreError) as caught:
        await opened.unlock(passphrase)
    return caught.value.code


async def test_a_profile_with_a_passphrase(profile: Path) -> None:
    first = vault_at(profile)
    assert (first.state(), first.mode()) == (VaultState.NEW, None)
    await first.create("비밀번호")
    assert (first.state(), first.mode(), first.generation) == (VaultState.READY, KeyMode.C, 1)
    await mark(first, "kept")
    first.lock()
    first.lock()
    assert (first.state(), first.mode()) == (VaultState.LOCKED, KeyMode.C)
    second = vault_at(profile)
    before = content(profile)
    assert await refused(second) == "passphrase_required"
    assert await refused(second, "") == "passphrase_required"
    assert await refused(second, "falsch") == "wrong_passphrase"
    assert content(profile) == before
    await second.unlock(unicodedata.normalize("NFD", "비밀번호"))
    await second.unlock("not asked while it is open")
    assert await marked(second) == "kept"
    assert second.directory == profile


async def test_a_profile_in_the_key_store(profile: Path) -> None:
    key_store = FakeKeyStore()
    first = vault_at(profile, key_store)
    await first.create()
    assert first.mode() is KeyMode.A
    await mark(first, "kept")
    (outer,) = key_store.entries.values()
    assert all(outer not in raw and outer.hex().encode() not in raw for raw in content(profile).values())
    second = vault_at(profile, key_store)
    await second.unlock()
    assert await marked(second) == "kept"


async def test_a_passphrase_and_a_key_store_are_both_asked(profile: Path) -> None:
    key_store = FakeKeyStore()
    first = vault_at(profile, key_store)
    await first.create("passphrase")
    assert first.mode() is KeyMode.B
    await mark(first, "kept")
    (outer,) = key_store.entries.values()
    assert all(outer not in raw and outer.hex().encode() not in raw for raw in content(profile).values())
    second = vault_at(profile, key_store)
    assert await refused(second) == "passphrase_required"
    assert await refused(second, "wrong") == "wrong_passphrase"
    assert await refused(vault_at(profile), "passphrase") == "key_unavailable"
    await second.unlock("passphrase")
    assert await marked(second) == "kept"


async def test_a_passphrase_makes_up_for_a_key_store_that_is_away(profile: Path) -> None:
    key_store = FakeKeyStore()
    key_store.is_away = True
    opened = vault_at(profile, key_store)
    await opened.create("passphrase")
    assert opened.mode() is KeyMode.C


async def test_a_key_file_that_was_altered_is_damage(profile: Path) -> None:
    key_store = FakeKeyStore()
    await vault_at(profile, key_store).create()
    raw = bytearray((profile / "key.1").read_bytes())
    raw[-1] ^= 1
    (profile / "key.1").write_bytes(raw)
    assert await refused(vault_at(profile, key_store)) == "db_damaged"
    assert (profile / "key.1").read_bytes() == raw


@pytest.mark.parametrize("has_key_store", [True, False])
async def test_neither_key_store_nor_passphrase(profile: Path, has_key_store: bool) -> None:
    key_store = FakeKeyStore()
    key_store.is_away = True
    opened = vault_at(profile, key_store if has_key_store else None)
    with pytest.raises(UsageError) as caught:
        await opened.create()
    assert caught.value.code == "passphrase_required"
    assert opened.state() is VaultState.NEW
    assert content(profile) == {}
    await opened.create("then a passphrase")
    assert opened.state() is VaultState.READY


async def test_a_locked_vault_gives_no_key(profile: Path) -> None:
    opened = vault_at(profile)
    for ask in (lambda: opened.generation, lambda: opened.database_key, opened.rotation):
        with pytest.raises(UsageError) as caught:
            ask()
        assert caught.value.code == "locked"
    assert await refused(opened, "x") == "wrong_state"


async def test_a_second_profile_is_not_created_over_the_first(profile: Path) -> None:
    opened = vault_at(profile)
    await opened.create("one")
    await mark(opened, "kept")
    opened.lock()
    before = content(profile)
    with pytest.raises(UsageError) as caught:
        await vault_at(profile).create("two")
    assert caught.value.code == "wrong_state"
    assert content(profile) == before


@pytest.mark.parametrize("passphrase", [None, "a passphrase"])
@pytest.mark.parametrize("failure", ["away", "missing", "other key", "no key store"])
async def test_a_changed_key_store_asks_and_loses_nothing(profile: Path, failure: str, passphrase: str | None) -> None:
    key_store = FakeKeyStore()
    first = vault_at(profile, key_store)
    await first.create(passphrase)
    await mark(first, "kept")
    before, entries = content(profile), dict(key_store.entries)
    if failure == "away":
        key_store.is_away = True
    elif failure == "missing":
        key_store.entries.clear()
    elif failure == "other key":
        key_store.entries = dict.fromkeys(entries, b"x" * 32)
    again = vault_at(profile, None if failure == "no key store" else key_store)
    assert await refused(again, passphrase) == "key_unavailable"
    assert again.state() is VaultState.LOCKED
    with pytest.raises(UsageError):
        await again.create("instead")
    assert content(profile) == before
    key_store.is_away, key_store.entries = False, entries
    healed = vault_at(profile, key_store)
    await healed.unlock(passphrase)
    assert await marked(healed) == "kept"


@pytest.mark.parametrize("gone", ["manifest", "key.1", "store.1.db"])
async def test_a_missing_file_is_damage_and_never_a_new_profile(profile: Path, gone: str) -> None:
    first = vault_at(profile)
    await first.create("pass")
    (profile / gone).rename(profile.parent / gone)
    before = content(profile)
    again = vault_at(profile)
    with pytest.raises(EnvironmentFault) as caught:
        await again.unlock("pass")
    assert caught.value.code == "db_damaged"
    with pytest.raises(ByreError):
        await again.create("pass")
    assert content(profile) == before
    (profile.parent / gone).rename(profile / gone)
    await again.unlock("pass")


@pytest.mark.parametrize("name", ["manifest", "key.1"])
async def test_a_damaged_file_is_named_and_kept(profile: Path, name: str) -> None:
    await vault_at(profile).create("pass")
    (profile / name).write_bytes(b"junk")
    before = content(profile)
    assert await refused(vault_at(profile), "pass") == "db_damaged"
    assert content(profile) == before


async def test_a_damaged_database_is_named_and_kept(profile: Path) -> None:
    await vault_at(profile).create("pass")
    raw = bytearray((profile / "store.1.db").read_bytes())
    raw[50] ^= 1
    (profile / "store.1.db").write_bytes(raw)
    opened = vault_at(profile)
    await opened.unlock("pass")
    with pytest.raises(EnvironmentFault) as caught:
        await open_store(opened)
    assert caught.value.code == "db_damaged"
    assert (profile / "store.1.db").read_bytes() == raw


async def test_an_emptied_database_is_damage_and_never_a_new_one(profile: Path) -> None:
    await vault_at(profile).create("pass")
    (profile / "store.1.db").write_bytes(b"")
    before = content(profile)
    opened = vault_at(profile)
    assert await refused(opened, "pass") == "db_damaged"
    with pytest.raises(ByreError):
        await opened.create("pass")
    assert content(profile) == before


class PowerCut(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("with_passphrase", [True, False])
@pytest.mark.parametrize("writes", range(1, 4))
async def test_a_creation_that_was_cut_off_begins_anew(
    profile: Path, monkeypatch: pytest.MonkeyPatch, writes: int, with_passphrase: bool
) -> None:
    """The power goes after each durable write in turn; what lies there then is copied and started from."""
    copies: list[Path] = []
    key_store = FakeKeyStore()
    key_stores: list[FakeKeyStore] = []
    real = vault_files.sync_folder

    def snapshot(folder: Path) -> None:
        real(folder)
        copies.append(profile.parent / f"copy {len(copies)}")
        key_stores.append(key_store.copy())
        shutil.copytree(profile, copies[-1])

    for module in (vault_files, vault):
        monkeypatch.setattr(module, "sync_folder", snapshot)
    await vault_at(profile, key_store).create("pass" if with_passphrase else None)
    monkeypatch.undo()
    assert len(copies) == 4  # creating, key file, database, manifest
    again = vault_at(copies[writes - 1], key_stores[writes - 1], seed="again")
    if writes < 4 and again.state() is VaultState.NEW:
        await again.create("other" if with_passphrase else None)
        await mark(again, "works")
        assert {path.name for path in copies[writes - 1].iterdir()} == {"manifest", "key.1", "store.1.db"}
        assert len(key_stores[writes - 1].entries) == 1
    else:
        pytest.fail("a profile counted before its manifest")


async def test_a_left_over_marker_beside_a_manifest_means_nothing(profile: Path) -> None:
    opened = vault_at(profile)
    await opened.create("pass")
    await mark(opened, "kept")
    shutil.copy(profile / "manifest", profile / "creating")
    again = vault_at(profile)
    assert again.state() is VaultState.LOCKED
    await again.unlock("pass")
    assert await marked(again) == "kept"


async def test_a_half_created_profile_with_a_damaged_marker_begins_anew(profile: Path) -> None:
    os.mkdir(profile)
    (profile / "creating").write_bytes(b"")
    (profile / "key.1").write_bytes(b"half")
    opened = vault_at(profile, FakeKeyStore())
    await opened.create()
    assert opened.state() is VaultState.READY


async def test_a_key_store_that_left_does_not_hinder_a_new_beginning(profile: Path) -> None:
    os.mkdir(profile)
    (profile / "creating").write_bytes(Manifest(1, b"p" * 16).to_bytes())
    key_store = FakeKeyStore()
    key_store.is_away = True
    opened = vault_at(profile, key_store)
    await opened.create("pass")
    assert opened.state() is VaultState.READY


async def test_a_full_disk_at_creation_leaves_it_new(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, key: Secret) -> None:
        path.write_bytes(b"half a page")
        raise EnvironmentFault("full", code="disk_full")

    opened = vault_at(profile)
    with monkeypatch.context() as patched:
        patched.setattr(vault, "create_database", full)
        with pytest.raises(EnvironmentFault) as caught:
            await opened.create("pass")
    assert caught.value.code == "disk_full"
    assert opened.state() is VaultState.NEW
    assert content(profile) == {}
    await opened.create("pass")


@pytest.mark.parametrize("with_passphrase", [True, False])
async def test_destroying_a_profile_leaves_nothing(profile: Path, with_passphrase: bool) -> None:
    key_store = FakeKeyStore()
    opened = vault_at(profile, key_store)
    await opened.create("pass" if with_passphrase else None)
    await opened.destroy()
    assert content(profile) == {}
    assert key_store.entries == {}
    assert opened.state() is VaultState.NEW
    await opened.destroy()
    await vault_at(profile.parent / "never was").destroy()


async def test_destroying_goes_on_without_the_key_store_and_says_so(profile: Path) -> None:
    key_store = FakeKeyStore()
    opened = vault_at(profile, key_store)
    await opened.create()
    key_store.is_away = True
    with pytest.raises(EnvironmentFault) as caught:
        await opened.destroy()
    assert caught.value.code == "key_unavailable"
    assert content(profile) == {}


async def test_destroying_a_profile_with_a_passphrase_needs_no_key_store(profile: Path) -> None:
    key_store = FakeKeyStore()
    key_store.is_away = True
    opened = vault_at(profile, key_store)
    await opened.create("pass")
    await opened.destroy()
    assert content(profile) == {}


async def test_destroying_what_no_longer_says_its_mode_asks_the_key_store(profile: Path) -> None:
    key_store = FakeKeyStore()
    opened = vault_at(profile, key_store)
    await opened.create()
    (profile / "key.1").write_bytes(b"junk")
    await opened.destroy()
    assert (content(profile), key_store.entries) == ({}, {})


async def test_a_destruction_that_was_cut_off_is_finished(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key_store = FakeKeyStore()
    opened = vault_at(profile, key_store)
    await opened.create()

    def cut(self: object, generation: int) -> None:
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr("byre.store.vault_profile.ProfileFiles.destroy_key", cut)
        with pytest.raises(PowerCut):
            await opened.destroy()
    assert key_store.entries == {}
    again = vault_at(profile, key_store, seed="again")
    assert again.state() is VaultState.NEW
    await again.create()
    assert set(content(profile)) == {"manifest", "key.1", "store.1.db"}
    assert isinstance(await open_store(again), Store) is True


async def test_a_profile_that_cannot_be_opened_is_kept_and_makes_room(profile: Path) -> None:
    key_store = FakeKeyStore()
    first = vault_at(profile, key_store)
    with pytest.raises(UsageError):
        await first.set_aside()
    await first.create()
    await mark(first, "kept")
    with pytest.raises(UsageError) as caught:
        await first.set_aside()
    assert caught.value.code == "wrong_state"
    first.lock()
    entries, before = dict(key_store.entries), content(profile)
    key_store.entries.clear()
    second = vault_at(profile, key_store, seed="second")
    assert await refused(second) == "key_unavailable"
    await second.set_aside()
    assert second.state() is VaultState.NEW
    await second.create("a new beginning")
    await mark(second, "new")
    assert content(profile / "kept.1") == before
    healed = vault_at(profile / "kept.1", FakeKeyStore(entries), seed="healed")
    await healed.unlock()
    assert await marked(healed) == "kept"
