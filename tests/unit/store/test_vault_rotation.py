"""From one generation to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault, InternalBug
from byre.store import KeyMode, ProfileVault
from byre.store.schema import create_database
from byre.store.vault_rotation import NextGeneration, require
from tests.fakes.key_store import FakeKeyStore
from tests.unit.store.profile import vault_at


async def created(profile: Path, key_store: FakeKeyStore | None, mode: KeyMode | None = None) -> ProfileVault:
    opened = vault_at(profile, key_store)
    await opened.create(None if key_store and mode is not KeyMode.B else "pass")
    assert mode in (None, opened.mode())
    return opened


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def build(opened: ProfileVault) -> NextGeneration:
    following = opened.rotation().begin()
    create_database(following.path, following.key)
    return following


@pytest.mark.parametrize("mode", list(KeyMode))
async def test_a_switch_makes_the_next_generation_the_profile(tmp_path: Path, mode: KeyMode) -> None:
    key_store = None if mode is KeyMode.C else FakeKeyStore()
    opened = await created(tmp_path, key_store, mode)
    following = build(opened)
    rotation = opened.rotation()
    rotation.keep_outer_secret(following)
    key_file = rotation.write_key_file(following)
    old_key = opened.database_key
    opened.install(rotation.switch(following, key_file))
    assert opened.generation == 2
    assert opened.database_path == tmp_path / "store.2.db"
    assert len(old_key) == 0
    opened.rotation().destroy(1)
    opened.rotation().destroy(1)
    assert names(tmp_path) == {"manifest", "key.2", "store.2.db"}
    again = vault_at(tmp_path, key_store)
    await again.unlock(None if mode is KeyMode.A else "pass")
    assert again.mode() is mode
    assert again.database_key == following.key
    if key_store:
        assert [name[-2:] for name in key_store.entries] == [".2"]


async def test_before_the_switch_the_old_generation_counts(tmp_path: Path) -> None:
    key_store = FakeKeyStore()
    opened = await created(tmp_path, key_store)
    rotation = opened.rotation()
    following = build(opened)
    rotation.keep_outer_secret(following)
    rotation.write_key_file(following)
    again = vault_at(tmp_path, key_store, seed="again")
    await again.unlock()
    assert again.generation == 1
    assert len(key_store.entries) == 2
    again.rotation().begin()
    assert names(tmp_path) == {"manifest", "key.1", "store.1.db"}
    assert len(key_store.entries) == 1


async def test_the_generation_that_counts_is_not_destroyed(tmp_path: Path) -> None:
    opened = await created(tmp_path, None)
    with pytest.raises(InternalBug):
        opened.rotation().destroy(1)


async def test_an_old_secret_that_stays_is_an_error_before_any_file_goes(tmp_path: Path) -> None:
    key_store = FakeKeyStore()
    opened = await created(tmp_path, key_store)
    following = build(opened)
    rotation = opened.rotation()
    rotation.keep_outer_secret(following)
    opened.install(rotation.switch(following, rotation.write_key_file(following)))
    key_store.is_delete_refused = True
    with pytest.raises(EnvironmentFault) as caught:
        opened.rotation().destroy(1)
    assert caught.value.code == "key_unavailable"
    assert (tmp_path / "store.1.db").exists()


class Changed(FakeKeyStore):
    """A key store in which somebody has written into every entry: each is there and says nothing."""

    def get(self, name: str) -> Secret | None:
        if super().get(name) is None:
            return None
        raise EnvironmentFault("the entry was changed", code="key_unavailable")


async def test_an_entry_that_somebody_has_changed_is_one_too(tmp_path: Path) -> None:
    key_store = FakeKeyStore()
    opened = await created(tmp_path, key_store)
    key_store.__class__ = Changed
    following = build(opened)
    opened.rotation().keep_outer_secret(following)
    assert sorted(name[-2:] for name in key_store.entries) == [".1", ".2"]
    key_store.entries.clear()
    with pytest.raises(EnvironmentFault) as caught:
        opened.rotation().keep_outer_secret(following)
    assert caught.value.code == "key_elsewhere"
    assert key_store.entries == {}


@pytest.mark.parametrize("is_replaced", [True, False])
async def test_a_failing_switch_counts_only_if_the_manifest_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_replaced: bool
) -> None:
    opened = await created(tmp_path, None)
    following = build(opened)
    rotation = opened.rotation()
    key_file = rotation.write_key_file(following)
    from byre.store.vault_profile import ProfileFiles

    real = ProfileFiles.write_manifest

    def fails(files: ProfileFiles, *arguments: object) -> None:
        if is_replaced:
            real(files, *arguments)  # type: ignore[arg-type]
        raise EnvironmentFault("injected", code="io_error")

    monkeypatch.setattr(ProfileFiles, "write_manifest", fails)
    if is_replaced:
        assert rotation.switch(following, key_file).manifest.generation == 2
    else:
        with pytest.raises(EnvironmentFault):
            rotation.switch(following, key_file)
        assert opened.generation == 1


def test_without_a_key_store_there_is_no_outer_secret() -> None:
    with pytest.raises(EnvironmentFault) as caught:
        require(None)
    assert caught.value.code == "key_unavailable"
