"""The mark: it grows, is the profile's own, and goes with it."""

from __future__ import annotations

from pathlib import Path

from byre.crypto.secret import Secret
from byre.store.vault_mark import RunMark
from tests.fakes.key_store import FakeKeyStore
from tests.unit.store.profile import vault_at

PROFILE = b"p" * 16


def test_a_mark_only_grows() -> None:
    store = FakeKeyStore()
    mark = RunMark(store, PROFILE)
    assert mark.read() is None
    mark.put(3)
    mark.put(2)
    assert (mark.read(), RunMark(store, b"q" * 16).read()) == (3, None)
    assert len(store.entries[f"{PROFILE.hex()}.mark"]) == 32


def test_an_entry_of_somebody_elses_is_no_mark() -> None:
    store = FakeKeyStore()
    store.put(f"{PROFILE.hex()}.mark", Secret(b"\xff" * 32))
    assert RunMark(store, PROFILE).read() is None


def test_a_mark_is_forgotten_and_a_refusal_is_told() -> None:
    store = FakeKeyStore()
    mark = RunMark(store, PROFILE)
    mark.put(1)
    store.is_delete_refused = True
    refused = mark.forget()
    assert refused is not None
    assert refused.code == "key_unavailable"
    store.is_delete_refused = False
    assert mark.forget() is None
    assert store.entries == {}


async def test_a_vault_has_a_mark_where_it_has_a_key_store_and_takes_it_along(tmp_path: Path) -> None:
    store = FakeKeyStore()
    vault = vault_at(tmp_path / "a", store)
    await vault.create()
    assert await vault.mark() is None
    assert await vault.mark(4) == 4
    assert await vault.mark() == 4
    await vault.destroy()
    assert store.entries == {}
    locked = vault_at(tmp_path / "c", None)
    await locked.create("passphrase")
    assert await locked.mark(4) is None
