"""A lost phone: the account is restored by its code, the PC brings the new phone into every room, the old one goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.errors import UsageError
from tests.fakes.world import World
from tests.protocol.room_steps import acquainted, has_devices, has_members, shows, texts


async def test_a_restored_phone_is_brought_into_the_rooms_by_the_pc(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(anna)
        room = await anna.engine.rooms.create(["ben"])
        await has_devices(world, pc, room, 3)
        await ben.engine.messages.send(room, "to the old phone")
        await shows(world, anna, room, "to the old phone")
        created = anna.created
        assert created is not None
        await world.stop(anna)
        phone = await world.client("anna-new-phone")
        await phone.engine.account.restore(code=created.recovery_code, relay=world.relay.url, handle="anna")
        await has_devices(world, phone, room, 3)  # the phone greets its PC, which asks the directory at once
        await has_devices(world, ben, room, 3)
        await phone.engine.messages.send(room, "from the new phone")
        for client in (ben, pc):
            await shows(world, client, room, "to the old phone", "from the new phone")
        await ben.engine.messages.send(room, "welcome")
        await shows(world, phone, room, "from the new phone", "welcome")


async def test_without_a_pc_the_contacts_invite_again(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await has_devices(world, ben, room, 2)
        created = anna.created
        assert created is not None
        await world.stop(anna)
        phone = await world.client("anna-new-phone")
        await phone.engine.account.restore(code=created.recovery_code, relay=world.relay.url, handle="anna")
        assert await texts(phone, room) == ["no_such_room"]
        again = await ben.engine.rooms.create(["anna"], title="team again")
        await has_members(world, phone, again, "anna", "ben")
        await ben.engine.messages.send(again, "hello again")
        await shows(world, phone, again, "hello again")


@pytest.mark.parametrize("inviting", ["ben", "anna"])
async def test_without_a_pc_the_direct_room_is_opened_again_by_either(tmp_path: Path, inviting: str) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        first = await anna.engine.rooms.create(["ben"])
        await has_devices(world, ben, first, 2)
        await ben.engine.messages.send(first, "before")
        await shows(world, anna, first, "before")
        created = anna.created
        assert created is not None
        await world.stop(anna)
        phone = await world.client("anna-new-phone")
        await phone.engine.account.restore(code=created.recovery_code, relay=world.relay.url, handle="anna")
        await phone.engine.contacts.add("ben")
        if inviting == "anna":
            room = await phone.engine.rooms.create(["ben"])
            while room < first:  # the dead room has the lower id: it would win, were it counted
                await phone.engine.rooms.leave(room)
                room = await phone.engine.rooms.create(["ben"])
        else:
            room = await ben.engine.rooms.create(["anna"])
        assert room != first
        await has_members(world, phone, room, "anna", "ben")
        await phone.engine.messages.send(room, "from the new phone")
        await shows(world, ben, room, "before", "from the new phone")
        await ben.engine.messages.send(first, "welcome")  # what only the lost phone is in stands for the new one
        await shows(world, phone, room, "from the new phone", "welcome")
        directs = [each.room_id for each in await ben.engine.rooms.list() if each.kind == "direct"]
        assert directs == [room]


async def test_a_removed_pc_is_told_that_it_may_do_nothing(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(anna)
        room = await anna.engine.rooms.create(["ben"], title="team")
        await has_devices(world, pc, room, 3)
        device = next(d for d in await anna.engine.devices.list() if not d.current)
        await anna.engine.devices.remove(device.device_id)
        await world.until(lambda: pc.engine.account.status().is_removed)
        for work in (
            pc.engine.messages.send(room, "hello"),
            pc.engine.rooms.create(["ben"]),
            pc.engine.rooms.add(room, ["ben"]),
            pc.engine.rooms.leave(room),
            pc.engine.rooms.accept(room),
        ):
            with pytest.raises(UsageError) as refused:
                await work
            assert refused.value.code == "not_allowed"
        assert ben
