"""Groups in memory and in the store: never ahead of what was written, never behind."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, cast

import pytest

from byre.client.rooms import groups as groups_module
from byre.client.rooms.groups import PAST_EPOCH_LIFE_MS, Groups, write_epoch, write_ratchets
from byre.client.rooms.live_room import LiveRoom
from byre.store import EpochRow, Store, Transaction
from tests.fakes.identities import NOW_MS, Person
from tests.fakes.paper_rooms import PaperStore, room_of

GROUP = b"g" * 32


def groups_of(tx: Transaction) -> Groups:
    return Groups(cast(Store, PaperStore(tx)))


def stored(tx: Transaction) -> LiveRoom:
    room = room_of(Person("anna"), Person("ben"))["anna"]
    write_epoch(tx, None, room.group, NOW_MS)
    return room


def encrypted(room: LiveRoom) -> LiveRoom:
    return room.with_group(room.group.encrypt(b"text", random=Person("anna").random)[0])


async def test_a_group_that_is_not_there_is_none(tx: Transaction) -> None:
    groups = groups_of(tx)
    assert await groups.current(GROUP) is None
    async with groups.held(GROUP) as room:
        assert room is None


async def test_what_is_put_is_what_the_next_holder_gets(tx: Transaction) -> None:
    groups, room = groups_of(tx), stored(tx)
    async with groups.held(GROUP) as held:
        assert held is not None
        assert held.group.epoch_bytes() == room.group.epoch_bytes()
        after = encrypted(held)
        write_ratchets(tx, after.group)
        groups.put(after)
    async with groups.held(GROUP) as held:
        assert held is after
    groups.forget(GROUP)
    again = await groups.current(GROUP)
    assert again is not None
    assert again.group.ratchet_bytes() == after.group.ratchet_bytes()


async def test_who_reads_at_the_same_time_shares_one_reading(tx: Transaction, monkeypatch: pytest.MonkeyPatch) -> None:
    groups, room = groups_of(tx), stored(tx)
    loop = asyncio.get_running_loop()
    begun: asyncio.Queue[int] = asyncio.Queue()
    may_end = threading.Event()

    def slow(row: EpochRow, *, is_past: bool) -> LiveRoom:
        loop.call_soon_threadsafe(begun.put_nowait, len(row.ratchet_bytes))
        assert may_end.wait(60)
        return read(row, is_past=is_past)

    read = groups_module._read
    monkeypatch.setattr(groups_module, "_read", slow)
    first, second, cut_off = (loop.create_task(groups.current(GROUP)) for _ in range(3))
    await begun.get()
    cut_off.cancel()
    after = encrypted(room)
    write_ratchets(tx, after.group)
    third = loop.create_task(groups.current(GROUP))
    await begun.get()
    may_end.set()
    values: Any = await asyncio.gather(first, second, third, cut_off, return_exceptions=True)
    assert values[0] is values[1]
    assert isinstance(values[3], asyncio.CancelledError)
    assert begun.empty(), "two shared one"
    assert values[2] is not values[0], "whoever came after a write must not get what was read before it"
    assert values[2].group.ratchet_bytes() == after.group.ratchet_bytes() != room.group.ratchet_bytes()
    assert (await groups.current(GROUP)) is not values[2], "nothing is kept but what a holder keeps"


async def test_a_failed_write_drops_the_value_in_memory(tx: Transaction) -> None:
    groups, room = groups_of(tx), stored(tx)

    async def fails() -> None:
        async with groups.held(GROUP) as held:
            assert held is not None
            groups.put(encrypted(held))
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        await fails()
    again: Any = await groups.current(GROUP)
    assert again.group.ratchet_bytes() == room.group.ratchet_bytes(), "a key in memory only would be used twice"


async def test_an_ended_epoch_only_reads_and_has_its_time(tx: Transaction) -> None:
    groups, room = groups_of(tx), stored(tx)
    following = room.group.commit(now_s=NOW_MS // 1000, random=Person("anna").random).group
    write_epoch(tx, room.group, following, NOW_MS)
    current, past = await groups.current(GROUP), await groups.past(GROUP, room.epoch)
    assert current is not None
    assert past is not None
    assert (current.epoch, past.epoch) == (room.epoch + 1, room.epoch)
    assert past.group.is_past
    assert tx.groups.past(GROUP)[0].expires_at == NOW_MS + PAST_EPOCH_LIFE_MS
    assert await groups.past(GROUP, current.epoch) is None, "the current epoch is no past one"
    assert await groups.past(GROUP, 77) is None
    tx.groups.drop_expired(NOW_MS + PAST_EPOCH_LIFE_MS)
    assert await groups.past(GROUP, room.epoch) is None
