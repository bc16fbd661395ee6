"""Messages erased one by one: nothing of them is left but that they were seen."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from byre.client.wiping.erasing import forget_traces
from byre.db import Connection
from byre.store import ProfileVault, ReceiptDueRow, Store, Transaction, message_index
from tests.unit.store.examiner import Examiner
from tests.unit.store.profile import BOB, NOW, found, open_store, room, seeded, text, vault_at
from tests.unit.store.test_outbox import ROW

SECRET = "혼자만 아는 비밀 이야기 하나"
WORDS = [word.encode() for word in ("혼자", "자만", "아는", "비밀")]


@pytest.fixture
def filled(tx: Transaction) -> Transaction:
    tx.rooms.add(room(1))
    tx.rooms.add(room(2))
    for number in range(5):
        tx.messages.add(text(number, f"남는 글 {number}", at=number))
    return tx


def position(tx: Transaction, number: int) -> int:
    (found,) = tx.erasures.positions(number.to_bytes(16, "big"))
    return found


def test_an_erased_message_is_gone_everywhere_and_stays_seen(filled: Transaction, connection: Connection) -> None:
    secret = text(9, SECRET, at=9, own=True)
    filled.messages.add(secret)
    at = position(filled, 9)
    filled.deliveries.start(at, [BOB])
    filled.receipts.add(ReceiptDueRow(1, BOB, secret.message_id, NOW))
    fields = {name: getattr(ROW, name) for name in ROW.__dataclass_fields__}
    filled.outbox.add([type(ROW)(**{**fields, "room": 1, "message_id": secret.message_id})])
    assert filled.erasures.erase([at, 12345]) == [1]
    assert filled.messages.at(at) is None
    assert found(filled, "비밀", 9) == []
    assert filled.outbox.of_message(secret.message_id) == []
    assert filled.receipts.due(NOW) == []
    assert connection.execute("SELECT count(*) FROM delivery").fetchone() == (0,)
    row = filled.rooms.by_number(1)
    assert row is not None
    assert (row.last_text, row.unread) == ("남는 글 4", 5)
    assert filled.messages.add(secret) is None
    assert filled.erasures.debt() == 1
    assert filled.erasures.erase([at]) == filled.erasures.erase([]) == []


def test_two_senders_with_one_id_are_both_found(filled: Transaction) -> None:
    filled.messages.add(text(1, "elsewhere", in_room=2, at=7))
    positions = filled.erasures.positions((1).to_bytes(16, "big"))
    assert len(positions) == 2
    assert filled.erasures.erase(positions) == [1, 2]
    other = filled.rooms.by_number(2)
    assert other is not None
    assert (other.last_message, other.last_text, other.unread) == (None, "", 0)


def test_an_own_timer_runs_when_it_is_sent_and_another_s_when_it_is_read(filled: Transaction) -> None:
    filled.messages.add(text(10, "own", own=True, at=10, timer_s=60, expires_at=NOW + 60_000))
    filled.messages.add(text(11, "another's", at=11, timer_s=5))
    filled.messages.add(text(12, "later", at=12, timer_s=5))
    assert filled.erasures.next_due() == NOW + 60_000
    read_up_to = position(filled, 11)
    assert filled.erasures.start_timers(1, read_up_to, NOW + 1000) == 1
    assert filled.erasures.start_timers(1, read_up_to, NOW + 9000) == 0
    assert filled.erasures.next_due() == NOW + 6000
    assert filled.erasures.due(NOW + 5999, 9) == []
    assert filled.erasures.due(NOW + 6000, 9) == [read_up_to]
    assert filled.erasures.due(NOW + 60_000, 9) == [read_up_to, position(filled, 10)]
    assert filled.erasures.due(NOW + 60_000, 1) == [read_up_to]


def test_what_will_not_go_out_any_more_disappears_too(filled: Transaction) -> None:
    for number, in_room in ((10, 1), (11, 2)):
        filled.messages.add(text(number, "held", in_room=in_room, own=True, at=number, timer_s=60))
    filled.messages.add(text(12, "another's", at=12, timer_s=60))
    filled.messages.add(text(13, "stays", at=13, own=True))
    for room_number, count in ((2, 1), (None, 2), (None, 2)):
        filled.erasures.start_all_own(NOW, room_number)
        assert len(filled.erasures.due(NOW + 60_000, 9)) == count
    assert filled.erasures.due(NOW + 59_999, 9) == []


def test_what_is_older_is_told_oldest_first(filled: Transaction) -> None:
    assert filled.erasures.older(NOW + 3, 2) == [position(filled, 0), position(filled, 1)]
    assert len(filled.erasures.older(NOW + 3, 9)) == 3
    assert filled.erasures.next_due() is None


async def residue(tmp_path: Path, *, rotates: bool = False) -> int:
    """How many words of an erased message an examiner with the key reads afterwards."""
    vault = vault_at(tmp_path / "p")
    await vault.create("pass")
    store = await open_store(vault)
    noise = [f"{seeded(str(n))(40).hex()} 글" for n in range(200)]

    def write(tx: Transaction) -> None:
        tx.rooms.add(room(1))
        for number, body in enumerate(noise):
            tx.messages.add(text(number, body, at=number))

    await store.write(write)
    await store.write(lambda tx: tx.messages.add(text(999, SECRET, at=999)))
    await store.fold()
    assert Examiner(vault.database_path, vault.database_key.reveal()).count([SECRET.encode(), *WORDS]) == 5
    await store.write(lambda tx: tx.erasures.erase([position(tx, 999)]))
    await store.fold()
    if rotates:
        await store.rotate()
    left = Examiner(vault.database_path, vault.database_key.reveal()).count([SECRET.encode(), *WORDS])
    await store.close()
    return left


async def test_an_examiner_with_the_key_finds_nothing(tmp_path: Path) -> None:
    assert await residue(tmp_path) == 0


async def test_without_secure_delete_the_examiner_would_find_the_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Careless:
        def __init__(self, connection: Connection) -> None:
            pass

        def __enter__(self) -> None:
            pass

        def __exit__(self, *_: object) -> None:
            pass

    with monkeypatch.context() as patched:
        patched.setattr(message_index, "forgetting", Careless)
        assert await residue(tmp_path / "careless") > 0
        assert await residue(tmp_path / "rotated", rotates=True) == 0


async def with_a_secret(tmp_path: Path) -> tuple[ProfileVault, Store]:
    vault = vault_at(tmp_path / "p")
    await vault.create("pass")
    store = await open_store(vault)
    await store.write(lambda tx: (tx.rooms.add(room(1)), tx.messages.add(text(9, SECRET, at=9))))
    return vault, store


async def test_a_copy_under_way_keeps_no_trace_once_it_has_ended(tmp_path: Path) -> None:
    """A reader keeps the WAL from being truncated, and what it copies is as old as its beginning."""
    vault, store = await with_a_secret(tmp_path)
    loop, begun, goes_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def progress(fraction: float) -> None:
        loop.call_soon_threadsafe(begun.set)
        assert goes_on.wait(30)

    copying = asyncio.ensure_future(store.snapshots.write_backup(tmp_path / "backup", "code", progress))
    await begun.wait()
    await store.write(lambda tx: tx.erasures.erase([position(tx, 9)]))
    assert not await store.fold()
    forgetting = asyncio.ensure_future(forget_traces(store))
    await store.read(lambda tx: None)
    assert await store.read(lambda tx: tx.erasures.traces()) == 1
    goes_on.set()
    await asyncio.gather(copying, forgetting)
    assert Examiner(vault.database_path, vault.database_key.reveal()).count([SECRET.encode(), *WORDS]) == 0
    assert await store.read(lambda tx: tx.erasures.traces()) == 0
    await store.close()


async def test_a_crash_before_the_copies_were_destroyed_leaves_word_of_them(tmp_path: Path) -> None:
    vault, store = await with_a_secret(tmp_path)
    await store.snapshots.take()
    await store.write(lambda tx: tx.erasures.erase([position(tx, 9)]))
    await store.close()
    store = await open_store(vault)
    assert store.snapshots.is_there()
    assert await store.read(lambda tx: tx.erasures.traces()) == 1
    await store.write(lambda tx: tx.erasures.note_forgotten(0))  # another erasure came meanwhile
    assert await store.read(lambda tx: tx.erasures.traces()) == 1
    await forget_traces(store)
    assert not store.snapshots.is_there()
    assert await store.read(lambda tx: tx.erasures.traces()) == 0
    await store.close()


async def test_a_rotation_pays_the_debt_and_changes_nothing_else(tmp_path: Path) -> None:
    vault = vault_at(tmp_path / "p")
    await vault.create("pass")
    store = await open_store(vault)

    def write(tx: Transaction) -> None:
        tx.rooms.add(room(1))
        for number in range(9):
            tx.messages.add(text(number, f"글 {number}", at=number))
        tx.erasures.erase([position(tx, 3)])

    await store.write(write)
    before = await store.read(lambda tx: (tx.messages.page(1, 99), tx.rooms.all()))
    assert await store.read(lambda tx: tx.erasures.debt()) == 1
    await store.rotate()
    assert store.generation == 2
    assert await store.read(lambda tx: (tx.messages.page(1, 99), tx.rooms.all())) == before
    assert await store.read(lambda tx: (tx.erasures.debt(), tx.wipes.certificates(), tx.wipes.journal())) == (
        0,
        [],
        None,
    )
    await store.close()
