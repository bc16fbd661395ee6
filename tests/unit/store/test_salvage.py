"""A damaged database: what can be read of it and the snapshot become one that opens; nothing is overwritten."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from byre.db import open_connection
from byre.errors import EnvironmentFault, UsageError
from byre.store import ProfileVault, Transaction, VaultState, salvage
from byre.store.archive import RESTORED
from tests.unit.store.profile import NOW, open_store, text, vault_at
from tests.unit.store.test_archive import account
from tests.unit.store.wiped_profile import GONE, KEPT, profile_with_rooms

PAGE = 4096


async def damaged_profile(profile: Path, pages: range | str, *, snapshot: bool = True) -> ProfileVault:
    """A profile whose snapshot is older than its newest messages, with some pages of its database overwritten."""
    vault, store = await profile_with_rooms(profile, None)
    await store.write(lambda tx: tx.account.put(account()))
    if snapshot:
        await store.snapshots.take()
    await store.write(
        lambda tx: [tx.messages.add(text(5000 + n, f"새 소식 {n}", in_room=2, at=500 + n)) for n in range(20)]
    )
    await store.close()
    database = profile / "store.1.db"
    raw = bytearray(database.read_bytes())
    if pages == "all":
        raw[:] = os.urandom(len(raw))
    else:
        for number in pages:
            raw[number * PAGE : (number + 1) * PAGE] = os.urandom(len(raw[number * PAGE : (number + 1) * PAGE]))
    database.write_bytes(raw)
    vault.lock()
    again = vault_at(profile, None, seed="again")
    await again.unlock("pass")
    return again


async def bodies(vault: ProfileVault) -> set[str]:
    store = await open_store(vault)

    def read(tx: Transaction) -> set[str]:
        assert tx.account.get() is not None
        assert tx.settings.get(RESTORED) == NOW
        return {m.body for number in (1, 2) for m in tx.messages.page(number, 500)}

    found = await store.read(read)
    await store.close()
    return found


def content(profile: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in profile.iterdir()}


def names(profile: Path) -> set[str]:
    return {path.name for path in profile.iterdir() if not path.name.endswith(("-wal", "-shm"))}


async def test_a_database_that_is_all_junk_comes_back_from_its_snapshot(tmp_path: Path) -> None:
    vault = await damaged_profile(tmp_path, "all")
    junk = (tmp_path / "store.1.db").read_bytes()
    done = await vault.copies.salvage(now_ms=NOW)
    assert (done.from_database, done.from_snapshot) == (0, 120)
    assert await bodies(vault) == {*GONE, *KEPT}
    assert (tmp_path / "damaged.1.1.db").read_bytes() == junk
    assert names(tmp_path) == {"manifest", "key.1", "store.1.db", "snapshot.1.db", "damaged.1.1.db"}


async def test_a_single_damaged_page_leaves_the_rest_readable(tmp_path: Path) -> None:
    """Whichever page is lost, nothing of the snapshot is, and what is newer comes back unless it lay in that page."""
    await damaged_profile(tmp_path / "p", range(0))
    count = (tmp_path / "p" / "store.1.db").stat().st_size // PAGE
    whole = 0
    tried = range(0, count, 12)
    for number in tried:
        profile = tmp_path / f"page {number}"
        shutil.copytree(tmp_path / "p", profile)
        raw = bytearray((profile / "store.1.db").read_bytes())
        raw[number * PAGE + 100 : number * PAGE + 200] = os.urandom(100)
        (profile / "store.1.db").write_bytes(raw)
        vault = vault_at(profile, None, seed=f"page {number}")
        await vault.unlock("pass")
        await vault.copies.salvage(now_ms=NOW)
        found = await bodies(vault)
        assert found >= {*GONE, *KEPT}
        whole += {f"새 소식 {n}" for n in range(20)} <= found
    assert whole >= len(tried) * 3 // 4  # the others held the news themselves, or the schema, which leads to all


async def test_without_a_snapshot_what_can_be_read_is_taken(tmp_path: Path) -> None:
    vault = await damaged_profile(tmp_path, range(0), snapshot=False)
    done = await vault.copies.salvage(now_ms=NOW)
    assert (done.from_database, done.from_snapshot) == (140, 0)
    assert len(await bodies(vault)) == 140


@pytest.mark.parametrize("snapshot", ["none", "junk"])
async def test_where_nothing_can_be_had_everything_stays(tmp_path: Path, snapshot: str) -> None:
    vault = await damaged_profile(tmp_path, "all", snapshot=snapshot != "none")
    if snapshot == "junk":
        (tmp_path / "snapshot.1.db").write_bytes(os.urandom(8 * PAGE))
    before = content(tmp_path)
    with pytest.raises(EnvironmentFault) as caught:
        await vault.copies.salvage(now_ms=NOW)
    assert caught.value.code == "db_damaged"
    assert content(tmp_path) == before


async def test_a_locked_profile_is_not_salvaged(tmp_path: Path) -> None:
    vault = await damaged_profile(tmp_path, range(0))
    vault.lock()
    with pytest.raises(UsageError) as caught:
        await vault.copies.salvage(now_ms=NOW)
    assert caught.value.code == "locked"


async def test_a_missing_database_comes_back_too_and_twice_is_fine(tmp_path: Path) -> None:
    """Where a crash between the two renames leaves it: no database, and its snapshot and its remains beside it."""
    vault = await damaged_profile(tmp_path, range(0))
    vault.lock()
    (tmp_path / "store.1.db").rename(tmp_path / "damaged.1.1.db")
    with pytest.raises(EnvironmentFault):
        await vault.unlock("pass")
    await vault.unlock("pass", to_salvage=True)
    (tmp_path / "salvage.1.db").write_bytes(b"half written")
    await vault.copies.salvage(now_ms=NOW)
    assert await bodies(vault) == {*GONE, *KEPT}
    await vault.copies.salvage(now_ms=NOW)
    assert names(tmp_path) >= {"damaged.1.1.db", "damaged.1.2.db", "store.1.db"}
    assert await bodies(vault) == {*GONE, *KEPT}


async def test_a_wipe_destroys_what_was_kept_aside(tmp_path: Path) -> None:
    vault = await damaged_profile(tmp_path, range(0))
    await vault.copies.salvage(now_ms=NOW)
    store = await open_store(vault)
    await store.wipe([1])
    await store.close()
    assert names(tmp_path) == {"manifest", "key.2", "store.2.db"}
    assert vault.state() is VaultState.READY


async def test_a_full_disk_leaves_the_damaged_profile_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = await damaged_profile(tmp_path, range(0))
    before = names(tmp_path)

    def full(path: Path) -> None:
        raise EnvironmentFault("full", code="disk_full")

    with monkeypatch.context() as patched:
        patched.setattr(salvage, "sync_file", full)
        with pytest.raises(EnvironmentFault):
            await vault.copies.salvage(now_ms=NOW)
    assert names(tmp_path) - {"salvage.1.db"} == before
    await vault.copies.salvage(now_ms=NOW)
    assert len(await bodies(vault)) == 140


@pytest.mark.parametrize("with_indexes", [False, True])
@pytest.mark.parametrize("table", ["room", "author"])
async def test_messages_of_a_lost_room_or_author_are_read_all_the_same(
    tmp_path: Path, table: str, with_indexes: bool
) -> None:
    """It comes back out of its index, or, where that is lost, too, without a name."""
    vault = await damaged_profile(tmp_path, range(0), snapshot=False)
    connection = open_connection(vault.database_path, vault.database_key)
    query = "SELECT rootpage FROM sqlite_schema WHERE tbl_name = ? AND (name = tbl_name OR ?)"
    roots = connection.execute(query, (table, with_indexes)).fetchall()
    connection.close()
    assert (len(roots) > 1) is with_indexes
    raw = bytearray((tmp_path / "store.1.db").read_bytes())
    for (root,) in roots:
        raw[(root - 1) * PAGE + 1000] ^= 1
    (tmp_path / "store.1.db").write_bytes(raw)
    done = await vault.copies.salvage(now_ms=NOW)
    assert (done.from_database, done.from_snapshot) == (140, 0)
    assert len(await bodies(vault)) == 140


class Cut(BaseException):
    """The process ends here."""


STEPS = [(step, has_links) for has_links in (True, False) for step in range(9)]


@pytest.mark.parametrize(
    ("step", "has_links"), STEPS if os.environ.get("BYRE_KILL_EVERYWHERE") else [(2, True), (4, True), (3, False)]
)
async def test_a_crash_at_any_step_of_putting_in_place_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, has_links: bool
) -> None:
    """No snapshot, newest rows in the WAL: whatever a crash leaves, the next salvage has all of it."""
    vault = await damaged_profile(tmp_path, range(0), snapshot=False)
    connection = open_connection(vault.database_path, vault.database_key)
    connection.execute("UPDATE message SET detail = 'from the log'")
    log, database = tmp_path / "store.1.db-wal", tmp_path / "store.1.db"
    kept = log.read_bytes(), database.read_bytes()
    connection.close()
    database.write_bytes(kept[1])
    log.write_bytes(kept[0])
    steps = itertools.count()

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            if next(steps) == step:
                raise Cut
            return real(*arguments, **named)

        return call

    def no_links(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr("byre.store.salvage.os.link", counted(os.link) if has_links else no_links)
        patched.setattr("byre.store.salvage.os.replace", counted(os.replace))
        patched.setattr("byre.store.salvage.sync_folder", counted(salvage.sync_folder))
        is_cut = False
        try:
            await vault.copies.salvage(now_ms=NOW)
        except Cut:
            is_cut = True
    vault.lock()
    assert not is_cut or vault.damage.is_known() or database.exists()
    again = vault_at(tmp_path, None, seed="later")
    await again.unlock("pass", to_salvage=True)
    if is_cut:
        done = await again.copies.salvage(now_ms=NOW)
        assert done.from_database == 140
    assert len(await bodies(again)) == 140
    store = await open_store(again)
    details = await store.read(lambda tx: {m.detail for m in tx.messages.page(2, 500)})
    await store.close()
    assert details == {"from the log"}
    assert not (tmp_path / "damaged.1").exists()
    assert (tmp_path / "damaged.1.1.db").read_bytes() == kept[1]
    assert (tmp_path / "damaged.1.1.db-wal").read_bytes() == kept[0]
