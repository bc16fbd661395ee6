"""The wipe routine: proven by an examiner, completed after a power cut at any step, in both key modes."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from byre.crypto.secret import Secret
from byre.db import Connection
from byre.errors import ByreError, EnvironmentFault, InternalBug, UsageError
from byre.store import ProfileVault, Store, Transaction, WipeReport, WipeScope, wipe, wipe_beginning
from byre.store.archive import EXPORTS
from byre.store.wipe import WipeRoutine
from byre.store.wipe_report import STEPS
from tests.fakes.key_store import FakeKeyStore
from tests.unit.store.examiner import Examiner
from tests.unit.store.profile import NOW, found, seeded, text, vault_at
from tests.unit.store.wiped_profile import (
    GONE,
    KEPT,
    Reports,
    check_completed,
    needles_of,
    profile_with_rooms,
    readable,
    reopened,
)


@pytest.fixture(params=["A", "C"])
def key_store(request: pytest.FixtureRequest) -> FakeKeyStore | None:
    return FakeKeyStore() if request.param == "A" else None


async def test_a_wipe_leaves_nothing_and_says_what_it_did(tmp_path: Path, key_store: FakeKeyStore | None) -> None:
    vault, store = await profile_with_rooms(tmp_path / "p", key_store)
    assert readable(vault, GONE) == len(GONE)
    certificate = await store.wipe([1], wipe_id=b"w" * 16)
    await check_completed(vault, store)
    assert certificate.wipe_id == b"w" * 16
    assert "remnants=()" in certificate.document
    assert "'messages': 60" in certificate.document
    assert f"key_mode='{'A' if key_store else 'C'}'" in certificate.document
    assert await store.read(lambda tx: tx.wipes.certificates()) == [certificate]
    if key_store:
        assert [name.split(".")[1] for name in key_store.entries] == ["2"]
    await store.close()
    vault.lock()
    reports = Reports()
    vault, store = await reopened(tmp_path / "p", key_store, reports)
    await check_completed(vault, store)
    assert reports.seen == []
    await store.close()


async def test_progress_is_told_in_the_loop_in_order(tmp_path: Path) -> None:
    _, store = await profile_with_rooms(tmp_path / "p", None)
    told: list[tuple[str, float]] = []
    await store.wipe([1], on_progress=lambda step, fraction: told.append((step, fraction)))
    await store.close()
    fractions = [fraction for _, fraction in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    steps = list(dict.fromkeys(step for step, _ in told))
    assert steps == [step for step in STEPS if step in steps]
    assert {"hide", "delete", "rebuild", "switch", "destroy", "certify"} <= set(steps)


async def test_wipes_follow_one_another(tmp_path: Path, key_store: FakeKeyStore | None) -> None:
    vault, store = await profile_with_rooms(tmp_path / "p", key_store)
    await store.wipe([1])
    await store.write(lambda tx: tx.messages.add(text(5000, GONE[3], at=5000)))
    await store.wipe([1, 2, 1])
    assert store.generation == 3
    assert await store.read(lambda tx: (tx.messages.count(1), tx.messages.count(2))) == (0, 0)
    assert readable(vault, GONE + KEPT) == 0
    await store.close()


@pytest.mark.parametrize("rooms", [[], [9], [1, 9]])
async def test_an_unknown_room_is_refused_before_anything_happens(tmp_path: Path, rooms: list[int]) -> None:
    _, store = await profile_with_rooms(tmp_path / "p", None)
    with pytest.raises(UsageError) as caught:
        await store.wipe(rooms)
    assert caught.value.code == "no_such_room"
    assert await store.read(lambda tx: (tx.wipes.journal(), tx.messages.count(1))) == (None, len(GONE))
    assert store.generation == 1
    await store.close()


async def test_reads_and_writes_wait_and_go_on_in_the_new_generation(tmp_path: Path) -> None:
    vault, store = await profile_with_rooms(tmp_path / "p", None)
    wiping = asyncio.ensure_future(store.wipe([1]))
    writes = []
    for number in range(20):
        await asyncio.sleep(0)
        message = text(7000 + number, f"while wiping {number}", in_room=2, at=7000 + number)
        writes.append(asyncio.ensure_future(store.write(lambda tx, message=message: tx.messages.add(message))))
    await asyncio.gather(wiping, *writes)
    assert await store.read(lambda tx: tx.messages.count(2)) == len(KEPT) + 20
    assert store.generation == 2
    await store.close()
    vault, store = await reopened(tmp_path / "p", None, Reports())
    assert await store.read(lambda tx: tx.messages.count(2)) == len(KEPT) + 20
    assert readable(vault, GONE) == 0
    await store.close()


async def test_a_cancelled_caller_does_not_stop_a_wipe_and_closing_waits_for_it(tmp_path: Path) -> None:
    vault, store = await profile_with_rooms(tmp_path / "p", None)
    waiting = asyncio.ensure_future(store.wipe([1]))
    while await store.read(lambda tx: tx.wipes.journal()) is None and store.generation == 1:
        pass
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await store.close()
    assert store.generation == 2
    vault, store = await reopened(tmp_path / "p", None, reports := Reports())
    await check_completed(vault, store)
    assert reports.seen == []
    await store.close()


async def test_a_wipe_that_fails_after_its_caller_left_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, store = await profile_with_rooms(tmp_path / "p", None)
    with monkeypatch.context() as patched:
        patched.setattr(wipe, "Export", failing("Export"))
        waiting = asyncio.ensure_future(store.wipe([1]))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        while await store.read(lambda tx: tx.wipes.journal()) is None:
            pass
        with pytest.raises(EnvironmentFault):
            await store.resume_wipe()
    await store.resume_wipe()
    await check_completed(vault, store)
    await store.close()


# Faults: the machine says no, the process lives on.


def failing(name: str, code: str = "disk_full") -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise EnvironmentFault("injected", code=code)

    fail.__name__ = name
    return fail


@pytest.mark.parametrize("name", ["Export", "check_copy", "sync_file", "scan_database", "open_database"])
async def test_a_full_disk_before_the_switch_loses_nothing_and_goes_on_later(
    tmp_path: Path, key_store: FakeKeyStore | None, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    vault, store = await profile_with_rooms(tmp_path / "p", key_store)
    with monkeypatch.context() as patched:
        patched.setattr(wipe, name, failing(name))
        with pytest.raises(EnvironmentFault) as caught:
            await store.wipe([1])
        assert caught.value.code == "disk_full"
        assert "has begun and is completed when there is room" in caught.value.sentence
        assert store.generation == 1
        assert await store.read(lambda tx: [row.id for row in tx.rooms.all()]) == [2]
        await store.write(lambda tx: tx.drafts.put(2, "still works", NOW))
        # A restart on the full disk opens all the same.
        await store.close()
        vault, store = await reopened(tmp_path / "p", key_store, Reports())
        assert await store.read(lambda tx: tx.drafts.get(2)) == "still works"
        with pytest.raises(EnvironmentFault):
            await store.resume_wipe()
    certificate = await store.resume_wipe()
    assert certificate is not None
    await check_completed(vault, store)
    assert await store.resume_wipe() is None
    await store.close()


async def test_a_key_store_that_fails_at_the_switch_keeps_the_old_generation(tmp_path: Path) -> None:
    key_store = FakeKeyStore()
    vault, store = await profile_with_rooms(tmp_path / "p", key_store)
    real_put, key_store.put = key_store.put, failing("put", "key_unavailable")  # type: ignore[method-assign]
    with pytest.raises(EnvironmentFault) as caught:
        await store.wipe([1])
    assert caught.value.code == "key_unavailable"
    assert store.generation == 1
    key_store.put = real_put  # type: ignore[method-assign]
    await store.resume_wipe()
    await check_completed(vault, store)
    await store.close()


async def test_an_old_secret_that_cannot_be_deleted_is_no_finished_wipe(tmp_path: Path) -> None:
    key_store = FakeKeyStore()
    _, store = await profile_with_rooms(tmp_path / "p", key_store)
    key_store.is_delete_refused = True
    with pytest.raises(EnvironmentFault) as caught:
        await store.wipe([1])
    assert caught.value.code == "key_unavailable"
    assert store.generation == 2
    assert await store.read(lambda tx: tx.wipes.certificates()) == []
    await store.write(lambda tx: tx.drafts.put(2, GONE[0] + " (draft)", NOW))
    key_store.is_delete_refused = False
    # The next wipe first ends the one before.
    reports = await store.wipe([2])
    assert store.generation == 3
    assert len(await store.read(lambda tx: tx.wipes.certificates())) == 2
    assert "remnants=()" in reports.document
    await store.close()


async def test_a_switch_that_fails_leaves_the_next_generation_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, store = await profile_with_rooms(tmp_path / "p", None)
    with monkeypatch.context() as patched:
        patched.setattr("byre.store.vault_rotation.Rotation.switch", failing("switch", "io_error"))
        with pytest.raises(EnvironmentFault):
            await store.wipe([1])
    assert store.generation == 1
    await store.resume_wipe()
    await check_completed(vault, store)
    await store.close()


async def test_a_certifier_that_fails_leaves_the_wipe_to_be_finished(tmp_path: Path) -> None:
    vault, store = await profile_with_rooms(tmp_path / "p", None)
    await store.close()

    def refuse(tx: Transaction, report: WipeReport) -> tuple[str, bytes]:
        raise InternalBug("no device key")

    store = await Store.open(vault, certify=refuse, clock_ms=lambda: NOW, random=seeded("x"))
    with pytest.raises(InternalBug):
        await store.wipe([1])
    await store.close()
    store = await Store.open(vault, certify=refuse, clock_ms=lambda: NOW, random=seeded("x"))
    assert await store.read(lambda tx: tx.wipes.journal()) is not None
    await store.close()
    reports = Reports()
    store, (journal, rooms) = await Store.open_and_read(
        vault,
        lambda tx: (tx.wipes.journal(), [room.id for room in tx.rooms.all()]),
        certify=reports.certify,
        clock_ms=lambda: NOW,
        random=seeded("x"),
    )
    assert (journal, 1 in rooms) == (None, True), "what is read first is what the wipe left"
    await check_completed(vault, store)
    assert len(reports.seen) == 1
    await store.close()


async def test_a_damaged_journal_is_named(tmp_path: Path) -> None:
    vault, store = await profile_with_rooms(tmp_path / "p", None)

    await begun(vault, store, "UPDATE wipe_journal SET needles = x'00'")
    with pytest.raises(EnvironmentFault) as caught:
        await store.resume_wipe()
    assert caught.value.code == "db_damaged"
    await store.close()


async def begun(vault: ProfileVault, store: Store, then: str) -> None:
    """A wipe of the first room that was only written down, and what happens to the journal."""
    of_rooms = routine(vault)
    await store._database.share(store._opening())
    beginning = await store._database.run_beside(lambda: of_rooms.look(WipeScope.of_rooms([1])))

    def write(connection: Connection) -> None:
        of_rooms.begin(connection, beginning)
        of_rooms.call_off(connection)
        connection.execute(then)

    await store._database.run(write)


def routine(vault: ProfileVault) -> WipeRoutine:
    return WipeRoutine(
        vault, certify=Reports().certify, clock_ms=lambda: NOW, random=seeded("routine"), on_progress=lambda *_: None
    )


async def test_a_damaged_scope_is_named(tmp_path: Path) -> None:
    vault, store = await profile_with_rooms(tmp_path / "p", None)

    await begun(vault, store, "UPDATE wipe_journal SET scope = 'no scope'")
    with pytest.raises(EnvironmentFault) as caught:
        await store.resume_wipe()
    assert caught.value.code == "db_damaged"
    await store.close()


async def test_there_is_nothing_to_go_on_with_without_a_journal(tmp_path: Path) -> None:
    vault, store = await profile_with_rooms(tmp_path / "p", None)
    with pytest.raises(ByreError) as caught:
        await store._database.run(routine(vault).certify)
    assert caught.value.code == "no_wipe"
    await store.close()


# What was left behind is named, and what is none is not.


async def test_a_stray_file_with_a_wiped_text_is_named_in_the_certificate(tmp_path: Path) -> None:
    _, store = await profile_with_rooms(tmp_path / "p", None)
    (tmp_path / "p" / "debug.log").write_text(f"someone logged: {GONE[7]}\n", encoding="utf-8")
    certificate = await store.wipe([1])
    assert "debug.log at byte" in certificate.document
    assert GONE[7] not in certificate.document
    await store.close()


async def test_a_text_that_stands_in_another_room_too_is_no_remnant(tmp_path: Path) -> None:
    _, store = await profile_with_rooms(tmp_path / "p", None)
    await store.write(lambda tx: tx.messages.add(text(9000, GONE[5], in_room=2, at=9000)))
    certificate = await store.wipe([1])
    assert "remnants=()" in certificate.document
    assert await store.read(lambda tx: [row.body for row in found(tx, GONE[5][:9], 9)]) != []
    await store.close()


async def test_an_index_that_kept_entries_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, store = await profile_with_rooms(tmp_path / "p", None)
    monkeypatch.setattr(wipe, "has_index_entries", lambda connection, scope: True)
    certificate = await store.wipe([1])
    assert "remnants=('search index',)" in certificate.document
    await store.close()


# Images of the disk from before and after, and today's secrets.


async def test_an_image_from_before_is_dead_when_the_secret_was_off_the_disk(tmp_path: Path) -> None:
    key_store = FakeKeyStore()
    _, store = await profile_with_rooms(tmp_path / "p", key_store)
    await store.close()
    shutil.copytree(tmp_path / "p", tmp_path / "image")
    vault, store = await reopened(tmp_path / "p", key_store, Reports())
    await store.wipe([1])
    await store.close()
    before = vault_at(tmp_path / "image", key_store, seed="attack")
    with pytest.raises(EnvironmentFault) as caught:
        await before.unlock()
    assert caught.value.code == "key_unavailable"
    (today,) = key_store.entries.values()
    for key in (today, vault.database_key.reveal()):
        assert Examiner(tmp_path / "image" / "store.1.db", key).count(needles_of(GONE)) == 0


async def test_in_mode_c_an_image_from_before_opens_with_the_passphrase(tmp_path: Path) -> None:
    """The documented limit: the certificate of mode C says so."""
    _, store = await profile_with_rooms(tmp_path / "p", None)
    await store.close()
    shutil.copytree(tmp_path / "p", tmp_path / "image")
    _, store = await reopened(tmp_path / "p", None, reports := Reports())
    await store.wipe([1])
    await store.close()
    assert "before_and_after_images" in reports.seen[0].limits
    before = vault_at(tmp_path / "image", None, seed="attack")
    await before.unlock("pass")
    assert Examiner(tmp_path / "image" / "store.1.db", before.database_key.reveal()).count(needles_of(GONE)) == 60


async def test_the_journal_is_gone_from_the_pages(tmp_path: Path) -> None:
    vault, store = await profile_with_rooms(tmp_path / "p", None)
    kept: list[bytes] = []
    real = wipe_beginning.seal_needles

    def seal(needles: Any, key: Secret, random: Any) -> bytes:
        sealed = real(needles, key, random)
        kept.extend([sealed[100:130], sealed[-30:], key.reveal()])
        return sealed

    wipe_beginning.seal_needles = seal  # type: ignore[assignment]
    try:
        await store.wipe([1])
    finally:
        wipe_beginning.seal_needles = real
    assert len(kept) == 3
    assert Examiner(vault.database_path, vault.database_key.reveal()).count(kept) == 0
    await store.close()


async def test_backups_out_of_reach_are_named(tmp_path: Path) -> None:
    _, store = await profile_with_rooms(tmp_path / "p", None)
    await store.write(lambda tx: tx.settings.put(EXPORTS, [NOW]))
    certificate = await store.wipe([1])
    assert "exports=('backup 2025-10-09T08:53Z',)" in certificate.document
    await store.close()
