"""Disappearing messages follow what the room has agreed: after a restart, for who comes later, for who comes back."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from byre.client.events import MessageReceived, MessagesErased
from byre.client.rewound import begin_anew
from byre.client.rooms.upkeep import Upkeep
from byre.client.views import MessageState, RoomId, RoomState
from byre.client.wiping.fading import Fading
from byre.crypto.random import system_random
from tests.fakes.world import Client, World
from tests.patience import WAIT_S
from tests.protocol.room_steps import acquainted, has_state, joined, shows, texts


async def goes_by(client: Client, room: RoomId) -> int:
    return (await client.engine.rooms.get(room)).retention_s


async def read_all(client: Client, room: RoomId) -> None:
    newest = (await client.engine.messages.list(room, 1))[0]
    await client.engine.messages.mark_read(room, newest.message_id)


async def test_who_comes_later_and_who_starts_anew_goes_by_the_agreement(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"], "team")
        await joined((ben,), room)
        await anna.engine.rooms.set_retention(room, 60)
        await anna.engine.rooms.add(room, ["carl"])
        await joined((carl,), room)
        assert await goes_by(carl, room) == 60
        await anna.engine.messages.send(room, "fades")  # of its own message the author's copy runs from now on
        for client in (ben, carl):
            await shows(world, client, room, "fades")
            await read_all(client, room)
        await world.stop(carl)
        world.clock.advance(120)
        await anna.wait(MessagesErased)
        await ben.wait(MessagesErased)
        carl = await world.restart(carl)
        assert await texts(carl, room) == []  # at once: it was gone before anybody could ask


async def test_a_start_that_takes_long_looks_at_the_timers_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, turn = asyncio.Event(), Fading.turn

    async def noted(self: Fading) -> float:
        looked.set()
        return await turn(self)

    async def long(self: Upkeep) -> None:
        async with asyncio.timeout(WAIT_S):
            await looked.wait()

    async with World(tmp_path) as world:
        anna = await world.account("anna")
        await world.stop(anna)
        monkeypatch.setattr(Fading, "turn", noted)
        monkeypatch.setattr(Upkeep, "begin", long)
        await world.restart(anna)


async def test_a_message_lives_as_long_as_was_agreed_when_it_was_sent(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], "team")
        await joined((ben,), room)
        await world.stop(ben)
        await anna.engine.messages.send(room, "stays")
        await anna.engine.rooms.set_retention(room, 60)
        ben = await world.restart(ben)  # it reads the first one in whatever order the relay hands out both
        await world.until(lambda: _goes_by(ben, room, 60))
        await shows(world, ben, room, "stays")
        await read_all(ben, room)
        await anna.engine.messages.send(room, "fades")
        await shows(world, ben, room, "fades", "stays")
        await read_all(ben, room)
        world.clock.advance(120)
        await ben.wait(MessagesErased)
        assert await texts(ben, room) == ["stays"]
        await shows(world, anna, room, "stays")


@pytest.mark.parametrize(("sent_s", "agreed_s"), [(7 * 24 * 3600, 0), (0, 5)])
async def test_what_is_sealed_anew_lives_as_long_as_was_agreed_when_it_was_sent(
    tmp_path: Path, sent_s: int, agreed_s: int
) -> None:
    async with World(tmp_path) as world:
        phone, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(phone)
        room = await phone.engine.rooms.create(["ben"], "team")
        await joined((pc, ben), room)
        if sent_s:
            await phone.engine.rooms.set_retention(room, sent_s)
        for client in (pc, ben):
            await world.until(partial(_goes_by, client, room, sent_s))
            await world.stop(client)
        await phone.engine.messages.send(room, "missed")
        await world.until(lambda: is_shown_as(phone, room, "missed", MessageState.STORED))
        world.clock.advance(50 * 3600)
        await world.until(lambda: is_shown_as(phone, room, "missed", MessageState.EXPIRED))
        await phone.engine.rooms.set_retention(room, agreed_s)
        await world.relay.stop()
        await world.relay.start()
        pc, ben = await world.restart(pc), await world.restart(ben)
        for client in (ben, pc):
            await shows(world, client, room, "missed")
            await world.until(partial(_goes_by, client, room, agreed_s))
            assert await _timer_of(client, room, "missed") == sent_s
        assert await _timer_of(phone, room, "missed") == sent_s
        await read_all(ben, room)
        await phone.engine.rooms.set_retention(room, 60)
        await phone.engine.messages.send(room, "now")
        await shows(world, ben, room, "missed", "now")
        assert await _timer_of(ben, room, "now") == 60
        world.clock.advance(120)
        await phone.wait(MessagesErased)
        for client in (phone, pc, ben):
            assert "missed" in await texts(client, room)


async def test_who_rejoins_goes_by_what_was_agreed_meanwhile(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], "team")
        await joined((ben,), room)
        store = ben.engine._profile.session.context.store
        await store.write(lambda tx: begin_anew(tx, random=system_random, now_ms=world.clock.now_ms()))
        await world.stop(ben)
        await anna.engine.rooms.set_retention(room, 3600)
        ben = await world.restart(ben)
        await has_state_after_jumps(world, ben, room)
        assert await goes_by(ben, room) == 3600


async def test_an_own_device_whose_clock_is_behind_shows_a_message_no_longer(tmp_path: Path) -> None:
    """The timer of what the phone wrote runs on the PC from when it came, at the latest: not from a time to come."""
    async with World(tmp_path) as world:
        phone, pc, room = await _away_from_a_room_of_a_minute(world)
        world.clock.advance(6 * 3600)
        await phone.engine.messages.send(room, "fades")
        world.clock.advance(-6 * 3600)
        pc = await world.restart(pc)
        await shows(world, pc, room, "fades")
        world.clock.advance(62)
        await pc.wait(MessagesErased)
        assert await texts(pc, room) == []


async def test_what_was_over_before_it_came_to_an_own_device_is_never_shown(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        phone, pc, room = await _away_from_a_room_of_a_minute(world)
        await phone.engine.messages.send(room, "over")
        world.clock.advance(120)
        await phone.engine.rooms.set_retention(room, 0)
        await phone.engine.messages.send(room, "stays")
        pc = await world.restart(pc)
        await shows(world, pc, room, "stays")
        received = [event.message.text for event in pc.events if isinstance(event, MessageReceived)]
        assert "over" not in received
        assert "stays" in received


@pytest.mark.parametrize("is_new", [False, True])
async def test_what_was_over_before_the_relay_was_back_goes_out_all_the_same(tmp_path: Path, is_new: bool) -> None:
    """Also by a device that was started anew meanwhile: its text was stored and queued, and nobody has had it."""
    async with World(tmp_path) as world:
        anna, ben, room = await _in_a_room_of_a_minute(world)
        await world.relay.stop()
        await anna.engine.messages.send(room, "fades")
        world.clock.advance(70)
        await anna.wait(MessagesErased)
        if is_new:
            await world.stop(anna)
        await world.relay.start()
        if is_new:
            anna = await world.restart(anna)

        async def came() -> bool:
            return await texts(ben, room) == ["fades"]

        async def is_confirmed() -> bool:
            return await store.read(lambda tx: tx.outbox.of_kind("message")) == []

        await world.until(came, step_s=5)
        store = anna.engine._profile.session.context.store
        await world.until(is_confirmed, step_s=5)
        assert await texts(anna, room) == []


async def test_a_text_that_is_dated_later_to_stand_below_the_last_one_lives_no_longer(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, _ = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], "team")
        await anna.engine.rooms.set_retention(room, 60)
        await anna.engine.messages.send(room, "first")
        world.clock.advance(-100)
        await anna.engine.messages.send(room, "second")
        second, first = await anna.engine.messages.list(room, 2)
        assert (first.text, second.text) == ("first", "second")
        assert second.sent_at == first.sent_at + 1
        assert second.expires_at is not None
        assert second.expires_at <= world.clock.now_ms() + 60_000


async def test_what_disappears_unread_is_never_shown_as_read(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], "team")
        await joined((ben,), room)
        await anna.engine.messages.send(room, "unread")
        await shows(world, ben, room, "unread")
        await ben.engine.settings.put("keep_messages_for_s", 60)
        await world.until(lambda: MessagesErased in map(type, ben.events), step_s=60)
        await anna.engine.messages.send(room, "read")
        await shows(world, ben, room, "read")
        await read_all(ben, room)

        async def states() -> dict[str, MessageState]:
            return {row.text: row.state for row in await anna.engine.messages.list(room, 9) if row.is_own}

        async def is_read() -> bool:
            return (await states())["read"] is MessageState.READ

        await world.until(is_read)
        assert (await states())["unread"] is MessageState.DELIVERED
        await anna.engine.messages.send(room, "later")
        await shows(world, ben, room, "later", "read")
        await read_all(ben, room)
        await world.until(lambda: is_shown_as(anna, room, "later", MessageState.READ))
        assert (await states())["unread"] is MessageState.DELIVERED


async def is_shown_as(client: Client, room: RoomId, text: str, state: MessageState) -> bool:
    return any(row.text == text and row.state is state for row in await client.engine.messages.list(room, 9))


async def has_state_after_jumps(world: World, client: Client, room: RoomId) -> None:
    async def is_active() -> bool:
        return (await client.engine.rooms.get(room)).state is RoomState.ACTIVE

    await world.until(is_active, step_s=20)
    await has_state(world, client, room, RoomState.ACTIVE)


async def _away_from_a_room_of_a_minute(world: World) -> tuple[Client, Client, RoomId]:
    """A phone, its PC that is closed, and their room with ben, in which what is said stays for a minute."""
    phone, _ = await acquainted(world, "anna", "ben")
    pc = await world.linked_pc(phone)
    room = await phone.engine.rooms.create(["ben"], "team")
    await joined((pc,), room)
    await phone.engine.rooms.set_retention(room, 60)
    await world.until(lambda: _goes_by(pc, room, 60))
    await world.stop(pc)
    return phone, pc, room


async def _in_a_room_of_a_minute(world: World) -> tuple[Client, Client, RoomId]:
    anna, ben = await acquainted(world, "anna", "ben")
    room = await anna.engine.rooms.create(["ben"], "team")
    await joined((ben,), room)
    await anna.engine.rooms.set_retention(room, 60)
    await world.until(lambda: _goes_by(ben, room, 60))
    return anna, ben, room


async def _timer_of(client: Client, room: RoomId, text: str) -> int:
    (timer_s,) = {row.timer_s for row in await client.engine.messages.list(room, 9) if row.text == text}
    return timer_s


async def _goes_by(client: Client, room: RoomId, seconds: int) -> bool:
    return await goes_by(client, room) == seconds
