"""A device that was removed, and whose thief kept it from hearing of that, goes on speaking with the keys it has."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from byre.client.rooms.live_room import LiveRoom
from byre.client.views import AccountId as ShownAccountId
from byre.client.views import DeviceId as ShownDeviceId
from byre.client.views import RoomId
from byre.crypto.signature import SigningKey
from byre.identity.mailbox import seal_envelope
from byre.wire.content import Content, encode_content
from byre.wire.content_bodies import (
    Body,
    Contact,
    DeviceName,
    Profile,
    RemovalWanted,
    Text,
    Unknown,
    Watermark,
    Wipe,
    WipeReport,
)
from byre.wire.envelope import MLS_MESSAGE
from byre.wire.ids import AccountId, DeviceId, GroupId, MessageId, RunId, WipeId
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_devices, shows, texts
from tests.protocol.test_rooms_guard import _nothing

FOR_EVER = 2**62


class Thief:
    """What a PC knew just before its removal, and the right to say anything with it."""

    def __init__(self, pc: Client, rooms: Mapping[str, LiveRoom]) -> None:
        self.own = pc.engine._profile.session.context.own
        self._context: Any = SimpleNamespace(
            random=pc.engine._profile.session.context.random, clock=pc.engine._profile.session.context.clock
        )
        self._rooms = dict(rooms)
        self._counter = 900

    @classmethod
    async def of(cls, pc: Client, *rooms: RoomId) -> Thief:
        """Take everything off a PC; "devices" names its device room."""
        session = pc.engine._profile.session
        device_room = await session.context.store.read(lambda tx: tx.rooms.of_kind("device"))
        groups = session.rooms._sending._groups
        names = {**{str(room): bytes.fromhex(room) for room in rooms}, "devices": device_room[0].group_id}
        known = {name: await groups.current(group_id) for name, group_id in names.items()}
        return cls(pc, {name: _further_on(room) for name, room in known.items() if room is not None})

    async def say(self, receiver: Client, room: str, *bodies: Body) -> None:
        """Hand the receiver what the thief says, past outbox and relay."""
        other = receiver.engine._profile.session
        keys = other.context.own.mailbox
        for body in bodies:
            self._counter += 1
            name = MessageId(self._context.random(16))
            content = Content(name, self.own.run_id, self._counter, self._context.clock.now_ms(), body)
            live = self._rooms[room]
            group, message = live.group.encrypt(encode_content(content), random=self._context.random)
            self._rooms[room] = live.with_group(group)
            sealed = seal_envelope(keys.box_public, MLS_MESSAGE, message)
            await other.rooms.on_envelopes(
                other.context.own.relay, keys.mailbox_id, [(self._context.random(16), sealed)]
            )

    def erase_all(self, room: RoomId, *clients: Client) -> Wipe:
        """An order that names what nobody has said yet."""
        owns = [client.engine._profile.session.context.own for client in clients]
        marks = [
            Watermark(AccountId(own.account_id), DeviceId(own.device_id), RunId(own.run_id), FOR_EVER) for own in owns
        ]
        return Wipe(WipeId(self._context.random(16)), GroupId(bytes.fromhex(room)), tuple(marks))


def _further_on(room: LiveRoom) -> LiveRoom:
    """A ratchet some steps on: the device may say something between the theft and its removal."""
    group = room.group
    for _ in range(32):
        group, _ = group.encrypt(b"", random=os.urandom)
    return room.with_group(group)


async def reasons(client: Client) -> set[str]:
    store = client.engine._profile.session.context.store
    return {row.reason for row in await store.read(lambda tx: tx.inbox.undecryptable())}


async def test_a_removed_pc_is_obeyed_by_nobody(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(anna)
        room = await anna.engine.rooms.create(["ben"], title="team")
        await has_devices(world, pc, room, 3)
        await has_devices(world, ben, room, 3)
        await ben.engine.messages.send(room, "before")
        await shows(world, anna, room, "before")
        thief = await Thief.of(pc, room)
        await anna.engine.devices.remove(ShownDeviceId(thief.own.device_id.hex()))
        for client in (anna, ben):
            await has_devices(world, client, room, 2)
        await world.until(lambda: _devices(anna, 1))
        own = anna.engine._profile.session.context.own
        stranger = Contact(SigningKey(b"s" * 32).public, "ben", world.relay.url.split("//")[1], "Ben", True)
        await thief.say(
            anna,
            "devices",
            *(stranger, RemovalWanted(DeviceId(b"r" * 16)), DeviceName(DeviceId(own.device_id), "mine")),
            *(Profile("Mallory", world.clock.now_ms() + 1), thief.erase_all(room, anna, ben)),
        )
        await thief.say(
            ben,
            room,
            Profile("Mallory", world.clock.now_ms() + 1),
            thief.erase_all(room, anna, ben),
            Unknown("new", {}),
        )
        contacts = await anna.engine.contacts.list()
        assert [(each.handle, each.trust.value) for each in contacts] == [("ben", "unverified")]
        rows = await anna.engine._profile.session.context.store.read(lambda tx: tx.own_devices.all())
        assert [row.is_removal_wanted for row in rows if row.removed_at is None] == [False]
        assert "mine" not in {row.name for row in rows}
        assert await anna.engine.wipes.pending() == []
        assert [each.name for each in await ben.engine.contacts.list()] == ["Anna"]
        assert await texts(ben, room) == ["before"]
        assert await reasons(anna) == await reasons(ben) == {"departed"}
        await thief.say(ben, room, Text("was on its way"), WipeReport(WipeId(b"w" * 16), "{}"))
        await shows(world, ben, room, "before", "was on its way")
        world.clock.advance(15 * 60 + 1)
        await thief.say(ben, room, Text("it is me, anna"))
        await thief.say(ben, room, Text("really"))
        await anna.engine.messages.send(room, "after")  # no order of the thief's silences the phone
        await shows(world, ben, room, "after", "before", "was on its way")


async def _devices(client: Client, count: int) -> bool:
    store = client.engine._profile.session.context.store
    device_room = (await store.read(lambda tx: tx.rooms.of_kind("device")))[0]
    live = await client.engine._profile.session.rooms._sending._groups.current(device_room.group_id)
    return live is not None and len(live.facts.leaves) == count


async def test_a_pc_that_is_listed_no_more_is_not_obeyed_while_it_still_has_a_leaf(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(anna)
        room = await anna.engine.rooms.create(["ben"], title="team")
        await has_devices(world, pc, room, 3)
        await has_devices(world, ben, room, 3)
        await anna.engine.messages.send(room, "before")
        await shows(world, ben, room, "before")
        thief = await Thief.of(pc, room)
        keeper = anna.engine._profile.session.rooms
        keeper._own_devices.remove = _nothing  # a relay that grants no commit: the list is out, the leaf stays
        keeper._upkeep.check_listing = _nothing
        ben.engine._profile.session.rooms._upkeep.check_listing = _nothing
        await anna.engine.devices.remove(ShownDeviceId(thief.own.device_id.hex()))
        assert await _devices(anna, 2)
        await thief.say(anna, "devices", RemovalWanted(DeviceId(b"r" * 16)), thief.erase_all(room, anna, ben))
        await ben.engine.contacts.add("anna")  # the directory tells of the newer list
        await thief.say(
            ben, room, Text("still shown"), Profile("Mallory", world.clock.now_ms() + 1), thief.erase_all(room, anna)
        )
        assert await anna.engine.wipes.pending() == []
        rows = await anna.engine._profile.session.context.store.read(lambda tx: tx.own_devices.all())
        assert not any(row.is_removal_wanted for row in rows if row.device_id == b"r" * 16)
        await shows(world, ben, room, "before", "still shown")
        assert [each.name for each in await ben.engine.contacts.list()] == ["Anna"]
        assert await reasons(anna) == await reasons(ben) == {"departed"}


async def test_who_was_removed_from_a_group_has_a_last_word_and_no_more(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await has_devices(world, ben, room, 2)
        thief = await Thief.of(ben, room)
        ben_id = ben.engine._profile.session.context.own.account_id
        await anna.engine.rooms.remove(room, ShownAccountId(ben_id.hex()))
        await has_devices(world, anna, room, 1)
        world.clock.advance(14 * 60)
        await thief.say(anna, room, Text("was on its way"))
        await shows(world, anna, room, "was on its way")
        world.clock.advance(60 + 1)
        await thief.say(anna, room, Text("and another thing"))
        await shows(world, anna, room, "was on its way")
        assert await reasons(anna) == {"departed"}
