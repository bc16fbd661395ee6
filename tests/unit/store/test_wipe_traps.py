"""Mutations: with one guard of the product switched off, the examiner (who shares no code with the scanner) finds
something, and with the guard in place nothing. A wipe must stay clean even where a guard of daily use was off.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from byre.db import CLIENT_PRAGMAS, Connection
from byre.db import connection as connection_module
from byre.db.pragmas import Pragmas
from byre.store import ProfileVault, Store, Transaction, message_index, wipe_rebuild
from byre.store import wipe as wipe_module
from byre.store.vault_rotation import Rotation
from tests.unit.store.examiner import Examiner
from tests.unit.store.profile import open_store, room, seeded, text, vault_at
from tests.unit.store.wiped_profile import GONE, needles_of, profile_with_rooms, readable

SECRETS = [f"지울 이야기 {n:03d} {seeded(f'secret {n}')(6).hex()}" for n in range(40)]


async def after_daily_use(directory: Path, *, folds: bool = True, rotates: bool = False) -> int:
    """How many of forty texts an examiner reads after they were written and erased one by one."""
    vault = vault_at(directory)
    await vault.create("pass")
    store = await open_store(vault)

    def write(tx: Transaction) -> None:
        tx.rooms.add(room(1))
        for number, body in enumerate(SECRETS):
            tx.messages.add(text(number, body, at=number))

    await store.write(write)
    await store.write(lambda tx: tx.erasures.erase([row.id for row in tx.messages.page(1, 99)]))
    if folds:
        await store.fold()
    if rotates:
        await store.rotate()
    terms = [body.split()[-1].encode() for body in SECRETS]
    left = Examiner(vault.database_path, vault.database_key.reveal()).count([*needles_of(SECRETS), *terms])
    await store.close()
    return left


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Opens every connection with other PRAGMAs than the product's."""

    def switch(**pragmas: object) -> None:
        changed = Pragmas(**pragmas)  # type: ignore[arg-type]
        for function in (connection_module.open_connection,):
            defaults = {**(function.__kwdefaults__ or {}), "pragmas": changed}
            monkeypatch.setattr(function, "__kwdefaults__", defaults)
        from byre.db import Database

        opening = Database.open.__func__  # type: ignore[attr-defined]
        monkeypatch.setattr(opening, "__kwdefaults__", {**opening.__kwdefaults__, "pragmas": changed})

    return switch


async def test_with_every_guard_daily_use_leaves_nothing(tmp_path: Path) -> None:
    assert CLIENT_PRAGMAS.secure_delete
    assert await after_daily_use(tmp_path / "p") == 0


async def test_without_the_pragma_the_examiner_reads_them_until_the_rotation(
    tmp_path: Path, careless: Callable[..., None]
) -> None:
    careless(secure_delete=False)
    assert await after_daily_use(tmp_path / "p") > 30
    assert await after_daily_use(tmp_path / "q", rotates=True) == 0


async def test_without_the_truncated_wal_the_examiner_reads_them(tmp_path: Path) -> None:
    assert await after_daily_use(tmp_path / "p", folds=False) > 30


async def wiped(tmp_path: Path) -> tuple[Store, ProfileVault]:
    vault, store = await profile_with_rooms(tmp_path / "p", None)
    await store.wipe([1])
    return store, vault


async def test_a_wipe_is_clean_even_where_nothing_was_deleted_securely(
    tmp_path: Path, careless: Callable[..., None]
) -> None:
    careless(secure_delete=False)
    store, vault = await wiped(tmp_path)
    wal = vault.database_path.with_name(f"{vault.database_path.name}-wal")
    assert (wal.exists(), wal.stat().st_size) == (True, 0)  # the journal with its needles went out of it, too
    assert readable(vault, GONE) == 0
    await store.close()


async def test_an_index_that_is_not_optimised_keeps_the_words_and_the_certificate_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_index, "optimise", lambda connection, *, database="main": True)
    vault, store = await profile_with_rooms(tmp_path / "p", None)
    words = [body.split()[-1][2:].encode() for body in GONE]
    await store.wipe([1])
    assert Examiner(vault.database_path, vault.database_key.reveal()).count(words) > 30
    await store.close()


async def test_a_copy_that_takes_everything_is_caught_by_the_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = wipe_rebuild._copy

    def copy_all(connection: Connection, scope: Any, conditions: dict[str, str]) -> None:
        real(connection, scope, {})

    monkeypatch.setattr(wipe_rebuild, "_copy", copy_all)
    monkeypatch.setattr(wipe_module, "unexplained", lambda scan, connection: scan)
    store, _ = await wiped(tmp_path)
    (certificate,) = await store.read(lambda tx: tx.wipes.certificates())
    assert "remnants=()" not in certificate.document
    assert "page" in certificate.document
    await store.close()


async def test_an_old_key_file_and_database_that_stay_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Rotation, "destroy", lambda self, generation: None)
    store, _ = await wiped(tmp_path)
    (certificate,) = await store.read(lambda tx: tx.wipes.certificates())
    for name in ("key.1 (old key file)", "store.1.db (database of another generation)"):
        assert name in certificate.document
    await store.close()


@pytest.mark.parametrize("name", ["thumb.jpg", "cache/blob.bin"])
async def test_a_file_in_the_profile_that_holds_an_erased_text_is_named(tmp_path: Path, name: str) -> None:
    _, store = await profile_with_rooms(tmp_path / "p", None)
    path = tmp_path / "p" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\xff\xd8\xff\xe0" + bytes(50) + GONE[9].encode("utf-16-le") * 4)
    certificate = await store.wipe([1])
    assert f"{name} at byte" in certificate.document
    await store.close()
