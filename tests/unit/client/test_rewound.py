"""The numbers by which an older copy is told, and what is dropped when one is."""

from __future__ import annotations

from pathlib import Path

from byre.client.rewound import LOOK_EVERY_S, Marking, begin_anew, raise_mark
from byre.store import EpochRow, MemberRow, OutboxRow, Store, Transaction
from tests.fakes.clock import FrozenClock
from tests.fakes.key_store import FakeKeyStore
from tests.unit.store.profile import BOB, LAPTOP, NOW, PHONE, room, seeded, sign, vault_at
from tests.unit.store.test_account import ACCOUNT


async def opened(folder: Path, key_store: FakeKeyStore | None) -> tuple[object, Store]:
    vault = vault_at(folder, key_store)
    await vault.create(None if key_store else "passphrase")
    store = await Store.open(vault, certify=sign, clock_ms=lambda: NOW, random=seeded("store"))
    return vault, store


async def test_a_database_that_is_behind_was_put_back(tmp_path: Path) -> None:
    key_store = FakeKeyStore()
    vault, store = await opened(tmp_path / "a", key_store)
    for _ in range(3):
        assert not await raise_mark(vault, store)  # type: ignore[arg-type]
    await store.write(lambda tx: tx.settings.put("engine.mark", 1))  # as in an older copy
    assert await raise_mark(vault, store)  # type: ignore[arg-type]
    assert not await raise_mark(vault, store)  # type: ignore[arg-type]
    key_store.is_away = True
    assert not await raise_mark(vault, store)  # type: ignore[arg-type]
    key_store.is_away = False
    assert not await raise_mark(vault, store)  # type: ignore[arg-type]
    await store.close()


async def test_the_number_is_raised_every_ten_minutes_and_soon_after_a_seal(tmp_path: Path) -> None:
    key_store, clock, marking = FakeKeyStore(), FrozenClock(NOW), Marking()
    vault, store = await opened(tmp_path / "a", key_store)
    await store.write(lambda tx: tx.rooms.add(room(1)))
    raised: list[str] = []
    key_store.on_change = raised.append

    async def raises() -> bool:
        raised.clear()
        clock.advance(LOOK_EVERY_S)
        await marking.keep_up(vault, store, clock)  # type: ignore[arg-type]
        return bool(raised)

    assert await raises()
    assert not await raises()
    await store.write(lambda tx: tx.outbox.add([_queued(1)]))
    assert await raises()
    await store.write(lambda tx: tx.outbox.settle(b"m" * 16, LAPTOP))
    assert not await raises()
    clock.advance(600)
    assert await raises()
    clock.advance(-3600)  # set back: nobody waits an hour
    assert await raises()
    key_store.on_change = lambda what: (raised.append(what), clock.advance(2))[0]  # it asks its user
    await store.write(lambda tx: tx.outbox.add([_queued(1)]))
    assert await raises()
    await store.write(lambda tx: tx.outbox.delete(2))
    await store.write(lambda tx: tx.outbox.add([_queued(1)]))
    assert not await raises()
    clock.advance(600)
    assert await raises()
    key_store.on_change = raised.append
    key_store.is_away = True
    await store.write(lambda tx: tx.outbox.delete(3))
    await store.write(lambda tx: tx.outbox.add([_queued(1)]))
    assert not await raises()
    key_store.is_away = False
    await store.write(lambda tx: tx.outbox.delete(4))
    await store.write(lambda tx: tx.outbox.add([_queued(1)]))
    assert not await raises()
    clock.advance(600)
    assert await raises()
    store._database.give_up()
    assert not await raises()
    await store.close()


async def test_without_a_key_store_nothing_is_raised_for_a_seal(tmp_path: Path) -> None:
    clock, marking = FrozenClock(NOW), Marking()
    vault, store = await opened(tmp_path / "c", None)
    await marking.keep_up(vault, store, clock)  # type: ignore[arg-type]
    number = await store.read(lambda tx: tx.settings.get("engine.mark"))
    await store.write(lambda tx: (tx.rooms.add(room(1)), tx.outbox.add([_queued(1)])))
    await marking.keep_up(vault, store, clock)  # type: ignore[arg-type]
    assert await store.read(lambda tx: tx.settings.get("engine.mark")) == number
    await store.close()


async def test_without_a_key_store_there_is_no_witness(tmp_path: Path) -> None:
    vault, store = await opened(tmp_path / "c", None)
    assert not await raise_mark(vault, store)  # type: ignore[arg-type]
    await store.write(lambda tx: tx.settings.put("engine.mark", 0))
    assert not await raise_mark(vault, store)  # type: ignore[arg-type]
    await store.close()


async def test_a_new_run_drops_the_ratchets_and_asks_to_be_brought_back(tmp_path: Path) -> None:
    _, store = await opened(tmp_path / "a", FakeKeyStore())

    def work(tx: Transaction) -> None:
        tx.account.put(ACCOUNT)
        shared, alone = tx.rooms.add(room(1)), tx.rooms.add(room(2, kind="note"))
        tx.rooms.add(room(3, state="left"))
        tx.members.replace(shared, [_member(shared, PHONE), _member(shared, LAPTOP)])
        tx.members.replace(alone, [_member(alone, PHONE)])
        tx.groups.save_epoch(bytes([1]) * 32, 3, b"epoch", b"ratchets")
        assert tx.groups.current(bytes([1]) * 32) == EpochRow(bytes([1]) * 32, 3, b"epoch", b"ratchets")
        tx.outbox.add([_queued(shared)])
        run_id = begin_anew(tx, random=seeded("run"), now_ms=NOW)
        account = tx.account.get()
        assert account is not None
        assert account.run_id == run_id != ACCOUNT.run_id
        assert tx.groups.current(bytes([1]) * 32) is None
        (waiting,) = tx.outbox.of_kind("message")
        assert (waiting.state, waiting.ciphertext) == ("expired", None)  # its key was used by somebody else since
        states = {row.id: row.state for row in tx.rooms.all(with_hidden=True)}
        assert list(states.values()).count("rejoining") == 2
        assert [row.group_id for row in tx.joins.rejoins_due(NOW)] == [bytes([1]) * 32]

    await store.write(work)
    await store.close()


def _member(number: int, device_id: bytes) -> MemberRow:
    return MemberRow(room=number, device_id=device_id, account_id=BOB, leaf=0, address=b"")


def _queued(number: int) -> OutboxRow:
    return OutboxRow(
        0, b"m" * 16, LAPTOP, BOB, number, "message", "relay", b"x" * 16, b"t" * 32, b"i" * 16, b"sealed", "queued",
        60, NOW, NOW + 60_000,
    )  # fmt: skip
