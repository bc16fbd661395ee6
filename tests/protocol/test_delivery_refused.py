"""A relay that does not take an envelope: for now (held enough), or for good (a token that is no more)."""

from __future__ import annotations

from pathlib import Path

from byre.client.events import MessageStateChanged
from byre.client.views import MessageState, RoomId
from byre.relay.settings import Limits
from byre.wire.frames import TOKEN_NORMAL
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, joined, shows
from tests.protocol.test_delivery_away import has_message_state, state_of


async def in_order(client: Client, room: RoomId) -> list[str]:
    """The texts of a room as they are shown, oldest first."""
    rows = await client.engine.messages.list(room, 100)
    return [row.text for row in reversed(rows) if row.kind.value == "text"]


async def test_what_a_full_mailbox_refuses_goes_out_when_there_is_room(tmp_path: Path) -> None:
    async with World(tmp_path, limits=Limits(held_messages=6)) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await anna.engine.messages.send(room, "first")
        await has_message_state(world, anna, room, "first", MessageState.DELIVERED)
        await world.stop(ben)
        words = [f"line {number}" for number in range(12)]
        for text in words:
            await anna.engine.messages.send(room, text)
        await has_message_state(world, anna, room, "line 0", MessageState.STORED)
        store = anna.engine._profile.session.context.store
        waiting = await store.read(lambda tx: [row.message_id for row in tx.outbox.queued()])
        assert waiting, "the mailbox took more than it may hold"
        ben = await world.restart(ben)
        await world.until(lambda: _has(ben, room, words), step_s=5)
        assert await in_order(ben, room) == ["first", *words]
        await has_message_state(world, anna, room, "line 11", MessageState.DELIVERED)


async def is_delivered(client: Client, room: RoomId, text: str) -> bool:
    return await state_of(client, room, text) is MessageState.DELIVERED


async def test_a_relay_without_room_on_its_disk_is_asked_again_until_it_has_some(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await world.relay.stop()
        world.relay.limits = Limits(free_disk_store_percent=101)
        await world.relay.start()
        await anna.engine.messages.send(room, "live")  # needs no disk, once ben is there again: else it is refused
        await world.until(lambda: is_delivered(anna, room, "live"), step_s=5)
        await world.stop(ben)
        await anna.engine.messages.send(room, "held")
        relay = world.relay.relay
        assert relay is not None
        await world.until(lambda: relay.services.counters.snapshot()["disk_fail"], step_s=5)
        assert await state_of(anna, room, "held") is MessageState.QUEUED
        await world.relay.stop()
        world.relay.limits = Limits()
        await world.relay.start()
        await world.until(lambda: is_stored(anna, room, "held"), step_s=20)
        ben = await world.restart(ben)
        await world.until(lambda: _has(ben, room, ["live", "held"]))


async def test_what_a_relay_calls_too_large_has_failed_and_can_be_sent_again(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await world.relay.stop()
        world.relay.limits = Limits(body_bytes=4096)
        await world.relay.start()
        message_id = await anna.engine.messages.send(room, "소 " * 2000)
        failed = await anna.wait(MessageStateChanged, lambda event: event.state is MessageState.FAILED)
        assert (failed.message_id, failed.reason) == (message_id, "too_large")
        await anna.engine.messages.send(room, "small")  # it stands in nobody's way
        await has_message_state(world, anna, room, "small", MessageState.DELIVERED)
        await world.relay.stop()
        world.relay.limits = Limits()
        await world.relay.start()
        assert await state_of(anna, room, "소 " * 2000) is MessageState.FAILED
        await anna.engine.messages.retry(message_id)
        await has_message_state(world, anna, room, "소 " * 2000, MessageState.DELIVERED)


async def is_stored(client: Client, room: RoomId, text: str) -> bool:
    return await state_of(client, room, text) is MessageState.STORED


async def _has(client: Client, room: RoomId, words: list[str]) -> bool:
    return set(words) <= set(await in_order(client, room))


async def test_what_a_dead_token_refuses_is_sealed_again_when_the_device_speaks(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await anna.engine.messages.send(room, "first")
        await has_message_state(world, anna, room, "first", MessageState.DELIVERED)
        own = ben.engine._profile.session.context
        groups = ben.engine._profile.session.rooms._inbox._groups  # type: ignore[attr-defined]
        live = await groups.current(bytes.fromhex(room))
        token = live.own_recipient.address.token
        await own.own_relay.token_delete(own.own.mailbox.mailbox_id, [token])
        await anna.engine.messages.send(room, "to a dead token")
        await has_message_state(world, anna, room, "to a dead token", MessageState.EXPIRED)
        assert await in_order(ben, room) == ["first"]
        await own.own_relay.token_put(own.own.mailbox.mailbox_id, [(token, TOKEN_NORMAL)])
        await ben.engine.messages.send(room, "I am here")
        await shows(world, ben, room, "first", "to a dead token", "I am here")
        await has_message_state(world, anna, room, "to a dead token", MessageState.DELIVERED)
        await shows(world, anna, room, "first", "to a dead token", "I am here")
