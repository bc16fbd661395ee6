"""A wipe that meets what it was not made for: it forgets all the same, and never keeps the profile shut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from byre.errors import EnvironmentFault
from byre.store import message_index, wipe
from byre.store import store as store_module
from byre.store.forensics_pages import PAGE_BYTES
from byre.store.wipe import WipeRoutine
from byre.store.wipe_report import Progress
from tests.fakes.key_store import FakeKeyStore
from tests.unit.store.examiner import Examiner
from tests.unit.store.profile import open_store, text
from tests.unit.store.wiped_profile import (
    GONE,
    STEP_NAMES,
    Reports,
    check_completed,
    profile_with_rooms,
    readable,
    reopened,
)


async def test_where_the_index_cannot_be_merged_to_its_end_it_is_built_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)
    monkeypatch.setattr(message_index, "_MOST_MERGES", 0)
    await store.wipe([1])
    await check_completed(vault, store)
    words = [body.split()[-1].encode() for body in GONE]
    await store.close()
    examiner = Examiner(vault.database_path, vault.database_key.reveal())
    assert examiner.count(words) == 0
    assert readable(vault, GONE) == 0


async def test_whatever_keeps_a_wipe_from_ending_does_not_keep_the_profile_shut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)

    def broken(*_: object, **__: object) -> None:
        raise ValueError("a bug of ours")

    with monkeypatch.context() as patched:
        patched.setattr("byre.store.wipe.Export", broken)
        with pytest.raises(ValueError, match="bug"):
            await store.wipe([1])
        await store.close()
        store = await open_store(vault)
        assert [row.id for row in await store.read(lambda tx: tx.rooms.all())] == [2]
        assert await store.read(lambda tx: tx.wipes.journal()) is not None
        await store.write(lambda tx: tx.messages.add(text(9000, "still here", in_room=2, at=900)))
    assert await store.resume_wipe() is not None
    rows = await store.read(lambda tx: tx.messages.page(2, 1))
    assert [row.body for row in rows] == ["still here"]
    await store.close()


async def test_files_that_may_not_be_read_or_written_do_not_keep_a_wipe_from_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)
    for name in ("somebody's", "snapshot.1.db", "damaged.1.1.db"):
        (tmp_path / name).write_bytes(b"of another user")
    real = Path.open

    def refused(path: Path, *arguments: object) -> object:
        if path.name in ("somebody's", "snapshot.1.db", "damaged.1.1.db"):
            raise PermissionError
        return real(path, *arguments)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refused)
    certificate = await store.wipe([1])
    assert 'remnants=("somebody\'s (could not be read)",)' in certificate.document
    (tmp_path / "somebody's").unlink()
    monkeypatch.undo()
    await check_completed(vault, store)
    await store.close()


@contextmanager
def files_of_at_most(pages: int) -> Iterator[None]:
    """Whatever this process writes beyond so many pages of a file fails, as on a disk that is worn."""
    resource = pytest.importorskip("resource", reason="limits of a process are POSIX's")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (pages * PAGE_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("pages", [0, 1, 9, 30])
async def test_a_database_is_not_damaged_because_the_next_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)
    write = wipe.Export.run

    def on_a_worn_disk(export: wipe.Export, on_progress: Progress) -> None:
        with files_of_at_most(pages):
            write(export, on_progress)

    with monkeypatch.context() as patched:
        patched.setattr(wipe.Export, "run", on_a_worn_disk)
        for attempt in (store.wipe([1]), store.resume_wipe()):
            with pytest.raises(EnvironmentFault) as caught:
                await attempt
            assert caught.value.code == "io_error"
        assert not store.is_damaged
        assert not vault.damage.is_known()
        await store.write(lambda tx: tx.drafts.put(2, "goes on", 1))
    assert await store.resume_wipe() is not None
    await check_completed(vault, store)
    await store.close()


async def test_a_copy_that_does_not_hold_is_no_damage_and_a_database_that_does_not_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)

    def refused(*_: object, **__: object) -> None:
        raise EnvironmentFault("the rebuilt database does not hold together", code="db_damaged")

    with monkeypatch.context() as patched:
        patched.setattr(wipe, "check_copy", refused)
        with pytest.raises(EnvironmentFault) as caught:
            await store.wipe([1])
        assert caught.value.code == "io_error"
        await store.fold()
        database = bytearray(vault.database_path.read_bytes())
        database[len(database) // 2] ^= 1
        vault.database_path.write_bytes(database)
        with pytest.raises(EnvironmentFault) as caught:
            await store.resume_wipe()
        assert caught.value.code == "db_damaged"
    await store.close()


@pytest.mark.parametrize("step", STEP_NAMES[: STEP_NAMES.index("destroyed")])
async def test_a_key_store_that_another_one_answers_for_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whose key went into it is not found there tomorrow; what it says is gone, lives on in the first one."""
    key_store = FakeKeyStore()
    vault, store = await profile_with_rooms(tmp_path / "p", key_store)
    ours, others = key_store.entries, dict[str, bytes]()

    def changes(reached: str) -> None:
        if reached == step:
            key_store.entries = others

    with monkeypatch.context() as patched:
        patched.setattr(store_module, "WipeRoutine", partial(WipeRoutine, on_step=changes))
        with pytest.raises(EnvironmentFault) as caught:
            await store.wipe([1])
    assert caught.value.code == "key_elsewhere"
    assert others == {}
    assert any(name.endswith(".1") for name in ours)
    await store.close()
    key_store.entries = ours
    vault, store = await reopened(tmp_path / "p", key_store, Reports())
    await check_completed(vault, store)
    assert [name.rpartition(".")[2] for name in ours] == ["2"]
    await store.close()


@pytest.mark.parametrize("kind", ["folder", "link to itself"])
async def test_an_odd_thing_in_a_journals_place_does_not_keep_the_profile_shut(tmp_path: Path, kind: str) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)
    await store.close()
    vault.lock()
    journal = tmp_path / "store.1.db-journal"
    if kind == "folder":
        journal.mkdir()
    else:
        journal.symlink_to(journal.name)
    assert not vault.damage.is_known()
    vault, store = await reopened(tmp_path, None, Reports())
    assert await store.wipe([1])
    aside = tmp_path / f"{journal.name}.aside"
    aside.rename(tmp_path.parent / f"{tmp_path.name}.aside")
    await check_completed(vault, store)
    await store.close()


async def test_a_wipe_waits_for_an_entry_that_somebody_deleted_until_the_key_is_given_back(tmp_path: Path) -> None:
    """Whether it was deleted, or another key store answers, looks the same; so nothing is put there by ourselves."""
    key_store = FakeKeyStore()
    vault, store = await profile_with_rooms(tmp_path / "p", key_store)
    lent = vault.returning.copy()
    assert lent is not None
    key_store.entries.clear()
    for attempt in (store.wipe([1]), store.resume_wipe()):
        with pytest.raises(EnvironmentFault) as caught:
            await attempt
        assert caught.value.code == "key_elsewhere"
    assert key_store.entries == {}
    assert [row.id for row in await store.read(lambda tx: tx.rooms.all())] == [2]
    await store.close()
    vault.lock()
    assert await vault.returning.give(lent[2])
    await vault.unlock()
    store = await open_store(vault)
    await store.resume_wipe()
    await check_completed(vault, store)
    await store.close()


async def test_an_entry_that_somebody_changed_does_not_keep_a_wipe_from_ending(tmp_path: Path) -> None:
    key_store = FakeKeyStore()
    vault, store = await profile_with_rooms(tmp_path / "p", key_store)
    (name,) = key_store.entries
    key_store.entries[name] = b"changed by somebody else........"
    await store.wipe([1])
    await store.close()
    vault, store = await reopened(tmp_path / "p", key_store, Reports())
    await check_completed(vault, store)
    await store.close()


async def test_an_odd_thing_in_a_journals_place_is_named_and_does_not_keep_a_wipe_from_ending(tmp_path: Path) -> None:
    _, store = await profile_with_rooms(tmp_path, None)
    (tmp_path / "store.1.db-journal").mkdir()
    (tmp_path / "store.1.db-journal" / "text").write_bytes(GONE[0].encode())
    certificate = await store.wipe([1])
    assert "remnants=('store.1.db-journal.aside/text at byte 0 (plaintext)',)" in certificate.document
    assert (tmp_path / "store.1.db-journal.aside" / "text").exists()
    await store.close()


@pytest.mark.parametrize(
    "name", ["store.2.db", "store.2.db-wal", "key.2", "key.2.part", "manifest.part", "snapshot.1.db", "damaged.1.1.db"]
)
async def test_a_folder_in_a_files_place_does_not_keep_a_wipe_from_ending(tmp_path: Path, name: str) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)
    (tmp_path / name).mkdir()
    (tmp_path / name / "text").write_bytes(GONE[0].encode())
    certificate = await store.wipe([1])
    assert "remnants=()" in certificate.document
    await check_completed(vault, store)
    await store.close()
