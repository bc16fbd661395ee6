"""Rooms between two accounts over a real relay in one process: created, joined, spoken in, read."""

from __future__ import annotations

from pathlib import Path

from byre.client.events import MessageReceived, MessageStateChanged, RoomChanged
from byre.client.views import MessageState, RoomKind, RoomState
from tests.fakes.world import World


async def test_a_direct_room_carries_messages_both_ways(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await world.account("anna"), await world.account("ben")
        await ben.engine.contacts.add("anna")
        room = await anna.engine.rooms.create(["ben"])
        await anna.engine.messages.send(room, "안녕, ben")
        got = await ben.wait(MessageReceived)
        assert got.message.text == "안녕, ben"
        assert got.message.sender.handle == "anna"
        assert got.message.room_id == room
        assert (await ben.engine.rooms.get(room)).kind is RoomKind.DIRECT
        assert (await ben.engine.rooms.get(room)).state is RoomState.ACTIVE
        await ben.engine.messages.send(room, "hello")
        back = await anna.wait(MessageReceived)
        assert back.message.text == "hello"


async def test_receipts_bring_a_message_to_delivered_and_read(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await world.account("anna"), await world.account("ben")
        await ben.engine.contacts.add("anna")
        room = await anna.engine.rooms.create(["ben"])
        sent = await anna.engine.messages.send(room, "read me")
        await anna.wait(MessageStateChanged, lambda e: e.state is MessageState.DELIVERED)
        await ben.wait(MessageReceived)
        assert (await ben.engine.rooms.get(room)).unread == 1
        await ben.engine.messages.mark_read(room, sent)
        read = await anna.wait(MessageStateChanged, lambda e: e.state is MessageState.READ)
        assert (read.message_id, read.unread_by) == (sent, 0)
        assert (await ben.engine.rooms.get(room)).unread == 0


async def test_a_group_of_three_shows_everything_to_everybody(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = [await world.account(name) for name in ("anna", "ben", "carl")]
        for one in (ben, carl):
            await one.engine.contacts.add("anna")
        room = await anna.engine.rooms.create(["ben", "carl"], title="회의")
        for one in (ben, carl):
            await one.wait(RoomChanged, lambda e: e.room_id == room)
        for client, text in ((anna, "one"), (ben, "two"), (carl, "three")):
            await client.engine.messages.send(room, text)

        async def has_all(client: object) -> bool:
            rows = await client.engine.messages.list(room, 50)  # type: ignore[attr-defined]
            return sorted(row.text for row in rows if row.kind == "text") == ["one", "three", "two"]

        for client in (anna, ben, carl):
            await world.until(lambda client=client: has_all(client))  # type: ignore[misc]
        assert (await carl.engine.rooms.get(room)).title == "회의"
        members = await carl.engine.rooms.members(room)
        assert [member.handle for member in members] == ["carl", "anna", "ben"]
