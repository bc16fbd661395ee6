"""The messages of a room as its user works with them: pages, search, drafts, sending again."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.client.events import MessageReceived
from byre.client.views import MessageState
from byre.errors import UsageError
from tests.fakes.world import World
from tests.protocol.room_steps import acquainted, has_devices, joined, shows

HOUR_S = 3600


async def test_pages_search_and_drafts(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        for number in range(7):
            await anna.engine.messages.send(room, f"회의 {number}")
        page = await anna.engine.messages.list(room, 3)
        assert [row.text for row in page] == ["회의 6", "회의 5", "회의 4"]
        older = await anna.engine.messages.list(room, 3, before=page[-1].message_id)
        assert [row.text for row in older] == ["회의 3", "회의 2", "회의 1"]
        around = await anna.engine.messages.around(room, older[0].message_id, 3)
        assert "회의 3" in [row.text for row in around]
        assert [row.position for row in around] == sorted((row.position for row in around), reverse=True)
        assert len(await anna.engine.messages.search("회의", limit=50)) == 7
        assert [row.text for row in await anna.engine.messages.search("회의 5", room)] == ["회의 5"]
        await anna.engine.messages.save_draft(room, "half a sen")
        assert await anna.engine.messages.draft(room) == "half a sen"
        assert (await anna.engine.rooms.get(room)).draft == "half a sen"
        anna = await world.restart(anna)
        assert await anna.engine.messages.draft(room) == "half a sen"
        await anna.engine.messages.save_draft(room, "")
        assert await anna.engine.messages.draft(room) == ""


async def test_an_expired_message_is_sent_again_on_demand(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await world.stop(ben)
        sent = await anna.engine.messages.send(room, "again please")
        world.clock.advance(49 * HOUR_S)

        async def is_(*states: MessageState) -> bool:
            return (await anna.engine.messages.list(room, 1))[0].state in states

        await world.until(lambda: is_(MessageState.EXPIRED))
        await anna.engine.messages.retry(sent)
        await world.until(lambda: is_(MessageState.QUEUED, MessageState.STORED))
        ben = await world.restart(ben)
        await shows(world, ben, room, "again please")
        await world.until(lambda: is_(MessageState.DELIVERED))
        with pytest.raises(UsageError) as refused:
            await anna.engine.messages.retry("00" * 16)
        assert refused.value.code == "no_such_message"


async def test_notes_to_oneself_reach_one_s_own_devices(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna = await world.account("anna")
        rooms = await anna.engine.rooms.list()
        note = next(room for room in rooms if room.kind == "note")
        await anna.engine.messages.send(note.room_id, "alone")
        assert (await anna.engine.messages.list(note.room_id, 1))[0].state is MessageState.DELIVERED
        pc = await world.linked_pc(anna)
        await has_devices(world, pc, note.room_id, 2)
        await has_devices(world, anna, note.room_id, 2)
        await anna.engine.messages.send(note.room_id, "milk")
        got = await pc.wait(MessageReceived)
        assert got.message.text == "milk"
        assert got.message.is_own

        async def is_delivered() -> bool:
            return (await anna.engine.messages.list(note.room_id, 1))[0].state is MessageState.DELIVERED

        await world.until(is_delivered)


async def test_who_joined_by_the_last_resort_package_renews_its_leaf(tmp_path: Path) -> None:
    async with World(tmp_path, stock=0) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)

        async def epoch() -> bool:
            live = await anna.engine._profile.session.rooms._sending._groups.current(bytes.fromhex(room))
            return live is not None and live.epoch >= 2

        await world.until(epoch)
        await anna.engine.messages.send(room, "to a token of its own")
        await shows(world, ben, room, "to a token of its own")
