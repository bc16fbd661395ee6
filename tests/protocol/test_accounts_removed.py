"""A PC that was removed: it says so, stays readable, and is linked again in the same profile, or erased."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from byre.client.events import DeviceRevoked, StatusChanged
from byre.client.views import DeviceId, ProfileState, RoomState
from byre.errors import ByreError
from tests.fakes.rooms import RoomHub
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_devices, joined, shows, texts
from tests.refusals import refused


async def remove(world: World, phone: Client, pc: Client) -> None:
    device_id = DeviceId(pc.engine.account.status().device_id or "")
    await phone.engine.devices.remove(device_id)
    await pc.wait(DeviceRevoked, lambda event: event.device_id == device_id)
    await world.until(lambda: pc.engine.account.status().is_removed)


async def test_a_removed_pc_keeps_its_history_and_is_linked_again_with_it(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(anna, "pc")
        room = await anna.engine.rooms.create(["ben"])
        await has_devices(world, ben, room, 3)
        await ben.engine.messages.send(room, "before")
        await shows(world, pc, room, "before")
        await remove(world, anna, pc)
        await pc.wait(StatusChanged, lambda event: event.status.is_removed)
        await has_devices(world, ben, room, 2)
        await ben.engine.messages.send(room, "not for the removed")
        await shows(world, anna, room, "before", "not for the removed")

        for _ in range(2):  # as it is, and after a restart
            status = pc.engine.account.status()
            assert (status.state, status.role, status.connected) == (ProfileState.NEW, None, False)
            assert (status.is_removed, status.handle) == (True, "anna")
            assert await texts(pc, room) == ["before"]
            assert [row.text for row in await pc.engine.messages.search("before")] == ["before"]
            assert {contact.handle for contact in await pc.engine.contacts.list()} == {"ben"}
            assert await refused(pc.engine.messages.send(room, "x")) == "not_allowed"
            assert await refused(pc.engine.contacts.add("ben")) == "not_allowed"
            assert await refused(pc.engine.devices.rename("x")) == "not_allowed"
            assert (
                await refused(pc.engine.account.create(handle="x1", name="x", relay=world.relay.url)) == "wrong_state"
            )
            pc = await world.restart(pc)

        await world.link(anna, pc)
        await has_devices(world, ben, room, 3)
        await ben.engine.messages.send(room, "after")
        await shows(world, pc, room, "before", "after")
        assert (await pc.engine.rooms.get(room)).state is RoomState.ACTIVE
        await pc.engine.messages.send(room, "here again")
        await shows(world, ben, room, "before", "not for the removed", "after", "here again")
        pc = await world.restart(pc)
        assert pc.engine.account.status().state is ProfileState.READY
        await shows(world, pc, room, "before", "after", "here again")


async def test_a_removed_pc_can_be_erased_and_used_by_somebody_else(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(anna, "pc")
        assert await refused(pc.engine.account.erase()) == "wrong_state"
        room = await anna.engine.rooms.create(["ben"])
        await joined((pc,), room)
        await remove(world, anna, pc)
        await world.link_until_ready(ben, pc)
        assert await refused(pc.engine.linking.finish(True)) == "other_account"
        assert pc.engine.account.status().is_removed
        await pc.engine.account.erase()
        assert pc.engine.account.status().state is ProfileState.NEW
        assert not pc.engine.account.status().is_removed
        assert [path.name for path in pc.folder.iterdir()] == []
        assert await pc.engine.linking.finish(True)
        assert pc.engine.account.status().handle == "ben"
        assert await texts(pc, room) == ["no_such_room"]


async def test_a_linking_that_comes_to_nothing_leaves_the_history(tmp_path: Path) -> None:
    hub = RoomHub()
    async with World(tmp_path, hub=hub) as world:
        phone = await world.account("cow")
        await world.account("ox")
        pc = await world.linked_pc(phone, "pc")
        await phone.engine.contacts.add("ox")
        await world.until(lambda: _knows(pc, "ox"))
        await remove(world, phone, pc)
        hub.holds_welcomes = True
        await world.link_until_ready(phone, pc)
        finishing = world.beside(pc.engine.linking.finish(True))
        await world.until(lambda: pc.engine._profile.incomplete is not None)
        pc = await world.restart(pc)  # killed between its yes and the Welcome
        with pytest.raises(ByreError):
            await finishing
        await world.until(lambda: pc.engine.account.status().is_removed, step_s=120)
        assert await _knows(pc, "ox")
        hub.holds_welcomes = False
        await asyncio.sleep(0)
        await world.link(phone, pc)
        assert not pc.engine.account.status().is_removed
        assert await _knows(pc, "ox")


async def _knows(client: Client, handle: str) -> bool:
    return [contact.handle for contact in await client.engine.contacts.list()] == [handle]


async def test_a_removed_pc_with_a_passphrase_keeps_its_lock(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone = await world.account("cow")
        pc = await world.client("pc", key_store=None)
        offer = {"relay": world.relay.url, "device_name": "pc", "passphrase": "open sesame"}
        await _link(world, phone, pc, offer)
        await remove(world, phone, pc)
        pc = await world.restart(pc)
        assert pc.engine.account.status().state is ProfileState.LOCKED
        await pc.engine.account.unlock("open sesame")
        assert pc.engine.account.status().is_removed
        await _link(world, phone, pc, {**offer, "passphrase": None})
        pc = await world.restart(pc)
        await pc.engine.account.unlock("open sesame")
        assert pc.engine.account.status().state is ProfileState.READY


async def _link(world: World, phone: Client, pc: Client, offer: dict[str, str | None]) -> None:
    from byre.client.events import LinkCodeShown, LinkReady

    since = len(pc.events)
    made = await pc.engine.linking.offer(**offer)  # type: ignore[arg-type]
    await phone.engine.linking.accept(made.uri)
    await phone.engine.linking.confirm((await pc.wait(LinkCodeShown, since=since)).code)
    await pc.wait(LinkReady, since=since)
    await pc.engine.linking.finish(True)
