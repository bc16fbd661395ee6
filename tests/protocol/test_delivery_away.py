"""Devices that are away: held messages, missed commits, expiry and sending again, coming back, being brought back."""

from __future__ import annotations

from pathlib import Path

from byre.client.events import MessageStateChanged
from byre.client.views import MessageState, RoomId, RoomState
from byre.store.groups import PAST_EPOCHS_KEPT
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_devices, has_members, has_state, joined, lines, shows

HOUR_S = 3600


async def state_of(client: Client, room: RoomId, text: str) -> MessageState:
    rows = await client.engine.messages.list(room, 100)
    return next(row.state for row in rows if row.text == text)


async def has_message_state(world: World, client: Client, room: RoomId, text: str, *states: MessageState) -> None:
    async def does() -> bool:
        return await state_of(client, room, text) in states

    try:
        await world.until(does)
    except TimeoutError:
        raise AssertionError(f"{text!r} is {await state_of(client, room, text)}") from None


async def is_asked(*members: Client) -> bool:
    """Whether the request to be brought back has reached one of the members, who now lets a while pass."""
    stores = [member.engine._profile.session.context.store for member in members]
    return any([await store.read(lambda tx: tx.intents.due(1 << 62)) for store in stores])


async def test_held_messages_arrive_when_the_device_comes_back(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await world.stop(ben)
        for number in range(5):
            await anna.engine.messages.send(room, f"held {number}")
        await has_message_state(world, anna, room, "held 4", MessageState.STORED)
        ben = await world.restart(ben)
        await shows(world, ben, room, *(f"held {number}" for number in range(5)))
        await has_message_state(world, anna, room, "held 0", MessageState.DELIVERED)


async def test_what_was_written_before_many_commits_is_sealed_again(tmp_path: Path) -> None:
    commits = PAST_EPOCHS_KEPT + 2
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], title="team")
        await joined((ben, carl), room)
        await anna.engine.messages.send(room, "first")
        for client in (ben, carl):
            await shows(world, client, room, "first")
        await world.relay.stop()
        for number in range(3):
            await ben.engine.messages.send(room, f"on the train {number}")
        await world.stop(ben)
        await world.relay.start()
        for number in range(commits):
            await anna.engine.rooms.rename(room, f"title {number}")
        ben = await world.restart(ben)
        written = [f"on the train {number}" for number in range(3)]
        for client in (anna, carl):
            await shows(world, client, room, "first", *written)
        await ben.engine.messages.send(room, "arrived")
        for client in (anna, ben, carl):
            await shows(world, client, room, "first", *written, "arrived")
        await has_message_state(world, ben, room, written[0], MessageState.DELIVERED)


async def test_messages_of_an_offline_sender_go_out_later(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await world.relay.stop()
        await anna.engine.messages.send(room, "no relay")
        assert await state_of(anna, room, "no relay") is MessageState.QUEUED
        anna = await world.restart(anna)
        await world.relay.start()
        await shows(world, ben, room, "no relay")
        await has_message_state(world, anna, room, "no relay", MessageState.DELIVERED)


async def test_a_member_who_was_away_catches_up_over_several_commits(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl, dora = await acquainted(world, "anna", "ben", "carl", "dora")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        await world.stop(ben)
        await anna.engine.messages.send(room, "one")
        await anna.engine.rooms.add(room, ["carl"])
        await anna.engine.messages.send(room, "two")
        await anna.engine.rooms.add(room, ["dora"])
        await joined((carl, dora), room)
        await carl.engine.messages.send(room, "three")
        await carl.engine.rooms.leave(room)
        await has_members(world, dora, room, "anna", "ben", "dora")
        await dora.engine.messages.send(room, "four")
        ben = await world.restart(ben)
        await shows(world, ben, room, "one", "two", "three", "four")
        await has_members(world, ben, room, "anna", "ben", "dora")
        await ben.engine.messages.send(room, "five")
        await shows(world, dora, room, "three", "four", "five")


async def test_what_expired_is_sent_again_when_the_device_says_that_it_is_back(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await anna.engine.messages.send(room, "first")
        await has_message_state(world, anna, room, "first", MessageState.DELIVERED)
        await world.stop(ben)
        await anna.engine.messages.send(room, "too late")
        await has_message_state(world, anna, room, "too late", MessageState.STORED)
        world.clock.advance(50 * HOUR_S)
        await has_message_state(world, anna, room, "too late", MessageState.EXPIRED)
        await world.relay.stop()
        await world.relay.start()
        ben = await world.restart(ben)
        await shows(world, ben, room, "first", "too late")
        await has_message_state(world, anna, room, "too late", MessageState.DELIVERED)


async def test_a_member_whose_commits_are_gone_is_brought_back(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        await world.stop(ben)
        await anna.engine.rooms.add(room, ["carl"])
        await joined((carl,), room)
        world.clock.advance(100 * HOUR_S)
        await anna.engine.messages.send(room, "while ben is lost")
        ben = await world.restart(ben)
        await has_state(world, ben, room, RoomState.REJOINING)
        await world.until(lambda: is_asked(anna, carl))
        world.clock.advance(90)  # the others answer within a minute of the request
        await has_state(world, ben, room, RoomState.ACTIVE)
        await has_members(world, ben, room, "anna", "ben", "carl")
        await anna.engine.messages.send(room, "welcome back")
        await ben.engine.messages.send(room, "thanks")
        for client in (carl, ben):  # what lay there for the leaf that ben had is sealed anew
            await shows(world, client, room, "while ben is lost", "welcome back", "thanks")
        await has_message_state(world, anna, room, "while ben is lost", MessageState.DELIVERED, MessageState.READ)
        assert ("device_rejoined", "ben") in await lines(carl, room)


async def test_the_phone_brings_its_own_pc_back(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        pc = await world.linked_pc(anna)
        room = await anna.engine.rooms.create(["ben"], title="team")
        await has_devices(world, pc, room, 3)
        await world.stop(pc)
        await anna.engine.rooms.add(room, ["carl"])
        await joined((carl,), room)
        world.clock.advance(100 * HOUR_S)
        pc = await world.restart(pc)
        await has_devices(world, pc, room, 4)
        await ben.engine.messages.send(room, "hello PC")
        await shows(world, pc, room, "hello PC")


async def test_a_message_state_is_told_as_it_changes(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        sent = await anna.engine.messages.send(room, "watch me")
        await anna.wait(MessageStateChanged, lambda e: e.message_id == sent and e.state is MessageState.DELIVERED)
        states = [e.state for e in anna.events if isinstance(e, MessageStateChanged) and e.message_id == sent]
        order = [MessageState.RELAYED, MessageState.STORED, MessageState.DELIVERED]
        assert states == sorted(states, key=order.index)


async def test_who_was_removed_while_lost_is_told_so(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], title="team")
        await joined((ben, carl), room)
        await world.stop(ben)
        ben_id = next(c.account_id for c in await anna.engine.contacts.list() if c.handle == "ben")
        await anna.engine.rooms.remove(room, ben_id)
        await has_members(world, carl, room, "anna", "carl")
        world.clock.advance(100 * HOUR_S)
        await world.relay.stop()
        await world.relay.start()
        ben = await world.restart(ben)
        await has_state(world, ben, room, RoomState.REMOVED)
