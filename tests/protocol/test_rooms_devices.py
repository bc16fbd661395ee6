"""Own devices in rooms: a linked PC sees and says what the phone does, in every room, until it is removed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from byre.client.events import MessageReceived, MessageStateChanged, RoomChanged
from byre.client.reconcile import Reconcile
from byre.client.views import MessageState, RoomId
from byre.errors import UsageError
from byre.wire.ids import DeviceId
from tests.fakes.world import Client, World


async def texts(client: Client, room: RoomId) -> list[str]:
    try:
        rows = await client.engine.messages.list(room, 100)
    except UsageError as error:
        return [error.code]
    return sorted(row.text for row in rows if row.kind == "text")


def device_of(client: Client) -> str:
    device_id = client.engine.account.status().device_id
    assert device_id is not None
    return device_id


async def shows(world: World, client: Client, room: RoomId, *expected: str) -> None:
    try:
        await world.until(lambda: _equal(client, room, sorted(expected)))
    except TimeoutError:
        raise AssertionError(f"{client.folder.name} shows {await texts(client, room)}") from None


async def _equal(client: Client, room: RoomId, expected: list[str]) -> bool:
    return await texts(client, room) == expected


async def has_devices(client: Client, room: RoomId, count: int) -> bool:
    """Whether the client is in the room and sees so many devices."""
    try:
        members = await client.engine.rooms.members(room)
    except UsageError:
        return False
    return sum(len(member.devices) for member in members) == count


async def test_a_room_created_after_linking_holds_all_devices(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await world.account("anna"), await world.account("ben")
        anna_pc, ben_pc = await world.linked_pc(anna), await world.linked_pc(ben)
        await ben.engine.contacts.add("anna")
        room = await anna_pc.engine.rooms.create(["ben"])
        await world.until(lambda: has_devices(ben_pc, room, 4))
        await anna_pc.engine.messages.send(room, "from the PC")
        await ben_pc.wait(MessageReceived)
        await ben_pc.engine.messages.send(room, "to both")
        for client in (anna, anna_pc, ben, ben_pc):
            await shows(world, client, room, "from the PC", "to both")
        own = await anna.wait(MessageReceived, lambda e: e.message.text == "from the PC")
        assert own.message.is_own


async def test_a_pc_linked_later_joins_every_room(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await world.account("anna"), await world.account("ben")
        await ben.engine.contacts.add("anna")
        one = await anna.engine.rooms.create(["ben"])
        two = await anna.engine.rooms.create(["ben"], title="둘")
        await anna.engine.messages.send(one, "before")
        await ben.wait(MessageReceived)
        pc = await world.linked_pc(anna)
        for room in (one, two):
            await pc.wait(RoomChanged, lambda e, room=room: e.room_id == room)
        await ben.engine.messages.send(one, "after")
        await shows(world, pc, one, "after")
        await pc.engine.messages.send(two, "hello from the PC")
        await shows(world, ben, two, "hello from the PC")
        await shows(world, anna, two, "hello from the PC")


async def test_packages_for_rooms_go_to_who_asked_for_them_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that used one package for two rooms would lose the new PC one of them: their orders of rooms differ."""
    taken: list[tuple[bytes, bytes]] = []
    take = Reconcile.take

    async def noted(self: Reconcile, device_id: DeviceId, packages: Sequence[bytes]) -> None:
        taken.append((self._context.own.device_id, device_id))
        await take(self, device_id, packages)

    monkeypatch.setattr(Reconcile, "take", noted)
    async with World(tmp_path) as world:
        anna, ben = await world.account("anna"), await world.account("ben")
        await ben.engine.contacts.add("anna")
        rooms = [await anna.engine.rooms.create(["ben"], title=title) for title in ("one", "two")]
        pcs = [await world.linked_pc(anna, "first"), await world.linked_pc(anna, "second")]
        for room in rooms:
            for client in (anna, ben, *pcs):
                await world.until(partial(has_devices, client, room, 4))
        phone, first, second = (bytes.fromhex(device_of(client)) for client in (anna, *pcs))
        assert set(taken) == {(phone, first), (phone, second)}


async def test_receipts_and_read_state_follow_on_the_other_device(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await world.account("anna"), await world.account("ben")
        pc = await world.linked_pc(anna)
        await ben.engine.contacts.add("anna")
        room = await anna.engine.rooms.create(["ben"])
        await world.until(lambda: has_devices(pc, room, 3))
        sent = await anna.engine.messages.send(room, "one")
        await ben.wait(MessageReceived)
        await ben.engine.messages.mark_read(room, sent)
        for client in (anna, pc):
            await client.wait(MessageStateChanged, lambda e: e.message_id == sent and e.state is MessageState.READ)
        back = await ben.engine.messages.send(room, "two")
        await pc.wait(MessageReceived, lambda e: e.message.message_id == back)
        assert (await pc.engine.rooms.get(room)).unread == 1
        await shows(world, anna, room, "one", "two")
        await anna.engine.messages.mark_read(room, back)
        await world.until(lambda: _unread_is(pc, room, 0))


async def _unread_is(client: Client, room: RoomId, count: int) -> bool:
    return (await client.engine.rooms.get(room)).unread == count


async def test_a_removed_pc_reads_nothing_later(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await world.account("anna"), await world.account("ben")
        pc = await world.linked_pc(anna)
        await ben.engine.contacts.add("anna")
        room = await anna.engine.rooms.create(["ben"])
        await world.until(lambda: has_devices(pc, room, 3))
        await anna.engine.messages.send(room, "for all")
        await shows(world, pc, room, "for all")
        device = next(d for d in await anna.engine.devices.list() if not d.current)
        await anna.engine.devices.remove(device.device_id)

        async def is_gone() -> bool:
            members = await ben.engine.rooms.members(room)
            return {d.device_id for m in members for d in m.devices} & {device.device_id} == set()

        await world.until(is_gone)
        await ben.engine.messages.send(room, "not for the PC")
        await shows(world, anna, room, "for all", "not for the PC")
        await anna.engine.messages.send(room, "nor this")
        await shows(world, ben, room, "for all", "nor this", "not for the PC")
        assert await texts(pc, room) == ["for all"] or "for all" not in await texts(pc, room)
