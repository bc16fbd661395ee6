"""The whole way with real rooms: two accounts, a linked PC, a contact, a room, messages on all devices."""

from __future__ import annotations

from pathlib import Path

from byre.client.events import DeviceLinked, MessageReceived, RoomChanged, RoomRequested
from byre.client.views import RoomKind
from tests.fakes.world import Client, World


async def texts_of(client: Client, room_id: str) -> list[str]:
    return [view.text for view in await client.engine.messages.list(room_id, 50) if view.kind == "text"]


async def test_two_accounts_and_a_linked_pc_talk(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        cow, ox = await world.account("cow"), await world.account("ox")
        pc = await world.linked_pc(cow, "pc")
        await cow.engine.contacts.add("ox")
        await ox.engine.contacts.add("cow")
        room_id = await cow.engine.rooms.create(["ox"])
        await ox.wait(RoomChanged, lambda event: event.room_id == room_id)
        await pc.wait(RoomChanged, lambda event: event.room_id == room_id)
        await ox.engine.messages.send(room_id, "음매")
        for client in (cow, pc):
            received = await client.wait(MessageReceived)
            assert received.message.text == "음매"
        await pc.engine.messages.send(room_id, "안녕")
        await ox.wait(MessageReceived, lambda event: event.message.text == "안녕")
        await cow.wait(MessageReceived, lambda event: event.message.text == "안녕")
        for client in (cow, ox, pc):
            assert await texts_of(client, room_id) in (["안녕", "음매"], ["음매", "안녕"])
        kinds = {room.kind for room in await pc.engine.rooms.list()}
        assert kinds == {RoomKind.DIRECT, RoomKind.NOTE}


async def test_a_room_made_right_after_linking_has_the_pc_from_its_first_commit(tmp_path: Path) -> None:
    async with World(tmp_path, stock=40) as world:
        cow, ox = await world.account("cow"), await world.account("ox")
        pc = await world.linked_pc(cow, "pc")
        await cow.wait(DeviceLinked)
        room_id = await cow.engine.rooms.create(["ox"])
        mine, theirs = await cow.engine.rooms.members(room_id)
        if mine.account_id != cow.engine.account.status().account_id:
            mine, theirs = theirs, mine
        assert {device.device_id for device in mine.devices} == {
            cow.engine.account.status().device_id,
            pc.engine.account.status().device_id,
        }
        sent = await cow.engine.messages.send(room_id, "첫 소식")
        for client in (pc, ox):
            await client.wait(MessageReceived, lambda event: event.message.message_id == sent)


async def test_a_restored_phone_is_brought_back_into_every_room_by_its_pc(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        lost, ox = await world.account("cow"), await world.account("ox")
        pc = await world.linked_pc(lost, "pc")
        await ox.engine.contacts.add("cow")
        room_id = await lost.engine.rooms.create(["ox"])
        await pc.wait(RoomChanged, lambda event: event.room_id == room_id)
        assert lost.created is not None
        await world.stop(lost)

        phone = await world.client("new-phone")
        await phone.engine.account.restore(code=lost.created.recovery_code, relay=world.relay.url, handle="cow")
        await world.until(lambda: _has_rooms(phone, {room_id}), step_s=61)
        await world.until(lambda: _has_rooms(phone, await_kinds={RoomKind.DIRECT, RoomKind.NOTE}), step_s=61)

        sent = await ox.engine.messages.send(room_id, "다시 왔네")
        await phone.wait(MessageReceived, lambda event: event.message.message_id == sent)
        await pc.wait(MessageReceived, lambda event: event.message.message_id == sent)
        assert [contact.handle for contact in await phone.engine.contacts.list()] == ["ox"]
        back = await phone.engine.messages.send(room_id, "새 전화야")
        await ox.wait(MessageReceived, lambda event: event.message.message_id == back)
        devices = {d.device_id for m in await ox.engine.rooms.members(room_id) for d in m.devices}
        assert phone.engine.account.status().device_id in devices


async def _has_rooms(
    client: Client, room_ids: set[str] | None = None, await_kinds: set[RoomKind] | None = None
) -> bool:
    rooms = await client.engine.rooms.list()
    return (room_ids or set()) <= {room.room_id for room in rooms} and (await_kinds or set()) <= {r.kind for r in rooms}


async def test_a_strangers_invitation_says_who_asks(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        cow, ox = await world.account("cow"), await world.account("ox")
        room_id = await cow.engine.rooms.create(["ox"])
        asked = await ox.wait(RoomRequested)
        assert (asked.room_id, asked.sender.handle) == (room_id, "cow")
        await ox.engine.rooms.accept(asked.room_id)
        await ox.engine.messages.send(room_id, "음매")
        assert (await cow.wait(MessageReceived)).message.text == "음매"
