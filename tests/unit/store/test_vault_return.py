"""The outer secret's way out of a profile and back: known again, or refused, and never in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.errors import ByreError
from byre.store import ProfileVault
from tests.fakes.key_store import FakeKeyStore
from tests.unit.store.profile import vault_at


async def refused(work: object) -> str:
    with pytest.raises(ByreError) as caught:
        await work  # type: ignore[misc]
    return caught.value.code


async def locked(folder: Path, store: FakeKeyStore, passphrase: str | None = None) -> tuple[ProfileVault, Secret]:
    """A locked profile and the secret that opened it."""
    vault = vault_at(folder, store)
    await vault.create(passphrase)
    copy = vault.returning.copy()
    assert copy is not None
    assert (copy[0].hex() + ".1", copy[1], copy[2].reveal()) == (*store.entries, 1, *store.entries.values())
    assert vault.returning.wanted() is None
    vault.lock()
    assert vault.returning.copy() is None
    return vault, copy[2]


async def test_what_a_key_store_lost_opens_the_profile_again_and_is_back_in_it(tmp_path: Path) -> None:
    store = FakeKeyStore()
    vault, secret = await locked(tmp_path / "p", store)
    before = dict(store.entries)
    store.entries.clear()
    assert await refused(vault.unlock()) == "key_unavailable"
    wanted = vault.returning.wanted()
    assert wanted is not None
    assert wanted[1] == 1
    assert await vault.returning.give(secret)
    assert store.entries == before
    await vault.unlock()
    vault.lock()
    await vault.unlock()


@pytest.mark.parametrize("harm", ["wrong", "away"])
async def test_a_key_store_that_refuses_or_holds_something_else(tmp_path: Path, harm: str) -> None:
    store = FakeKeyStore()
    vault, secret = await locked(tmp_path / "p", store, "pass")
    store.is_away = harm == "away"
    store.entries = dict.fromkeys(store.entries, bytes(32))
    assert await refused(vault.unlock("pass")) == "key_unavailable"
    assert await vault.returning.give(secret) is (harm == "wrong")
    assert await refused(vault.unlock("fail")) == "wrong_passphrase"
    await vault.unlock("pass")
    vault.lock()
    if harm == "away":  # it opened the profile in that process alone
        assert await refused(vault.unlock("pass")) == "key_unavailable"
    else:
        await vault.unlock("pass")


async def test_a_strange_secret_changes_nothing(tmp_path: Path) -> None:
    store = FakeKeyStore()
    vault, _ = await locked(tmp_path / "p", store)
    store.entries.clear()
    assert await refused(vault.returning.give(Secret(bytes(32)))) == "wrong_key"
    assert store.entries == {}
    assert await refused(vault.unlock()) == "key_unavailable"


async def test_only_a_locked_profile_with_such_a_key_waits_for_one(tmp_path: Path) -> None:
    new, alone = vault_at(tmp_path / "new", FakeKeyStore()), vault_at(tmp_path / "c", None)
    await alone.create("pass")
    assert alone.returning.copy() is None
    alone.lock()
    for vault in (new, alone):
        assert vault.returning.wanted() is None
        assert await refused(vault.returning.give(Secret(bytes(32)))) == "wrong_state"


async def test_what_was_given_is_forgotten_with_the_profile(tmp_path: Path) -> None:
    store = FakeKeyStore()
    vault, secret = await locked(tmp_path / "p", store)
    store.is_away = True
    await vault.returning.give(secret)
    vault.returning.forget()
    vault.returning.forget()
    assert await refused(vault.unlock()) == "key_unavailable"
