"""A relay says that it has a text, or that it was taken, and throws it away: the text comes all the same, and once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from byre.client.delivery.doubts import SILENCE_MS
from byre.client.views import MessageId, MessageState, RoomId
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, joined, shows


class Swallowed:
    """What a device's relay pretends to have brought: acknowledged, and never seen. `is_on` until it is told better."""

    def __init__(self, client: Client) -> None:
        self.count, self.is_on = 0, True
        keeper = client.engine._profile.session.rooms
        self._take: Callable[..., object] = keeper._inbox.on_envelopes
        keeper._inbox.on_envelopes = self._on_envelopes

    async def _on_envelopes(self, mailbox_id: bytes, envelopes: Sequence[tuple[bytes, bytes]]) -> None:
        if self.is_on:
            self.count += len(envelopes)
        else:
            await self._take(mailbox_id, envelopes)  # type: ignore[misc]


async def state(client: Client, room: RoomId, message_id: MessageId) -> MessageState:
    rows = await client.engine.messages.list(room, 50)
    return next(row.state for row in rows if row.message_id == message_id)


async def lost_text(world: World) -> tuple[Client, Client, RoomId, MessageId]:
    """Anna's text for Ben, which his relay has thrown away."""
    anna, ben = await acquainted(world, "anna", "ben")
    room = await anna.engine.rooms.create(["ben"])
    await joined((ben,), room)
    await anna.engine.messages.send(room, "before")
    await shows(world, ben, room, "before")
    swallowed = Swallowed(ben)
    lost = await anna.engine.messages.send(room, "lost")
    await world.until(lambda: swallowed.count)
    swallowed.is_on = False
    store = anna.engine._profile.session.context.store

    async def is_answered() -> bool:
        (row,) = await store.read(lambda tx: tx.outbox.of_message(bytes.fromhex(lost)))
        return row.state == "acked"

    await world.until(is_answered)
    return anna, ben, room, lost


async def test_text_is_sent_again_once_its_reader_speaks_and_does_not_confirm_it(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, room, lost = await lost_text(world)
        world.clock.advance(60)
        await anna.engine.messages.send(room, "later")
        await world.until(lambda: _is_delivered(anna, room, lost), step_s=15)
        await shows(world, ben, room, "before", "lost", "later")


async def test_text_is_sent_again_after_hours_without_a_word_and_not_all_the_time(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, room, lost = await lost_text(world)
        world.clock.advance(600)
        store = anna.engine._profile.session.context.store
        (row,) = await store.read(lambda tx: tx.outbox.of_message(bytes.fromhex(lost)))
        assert row.attempts == 0, "its reader is away for all that Anna knows"
        world.clock.advance(SILENCE_MS / 1000)
        await world.until(lambda: _is_delivered(anna, room, lost), step_s=5)
        await shows(world, ben, room, "before", "lost")


async def test_a_device_that_is_away_gets_one_copy_within_the_first_ones_time(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await anna.engine.messages.send(room, "before")
        await shows(world, ben, room, "before")
        await world.stop(ben)
        held = await anna.engine.messages.send(room, "held")
        store = anna.engine._profile.session.context.store
        tried: set[int] = set()
        limits: set[int] = set()

        async def is_over() -> bool:
            (row,) = await store.read(lambda tx: tx.outbox.of_message(bytes.fromhex(held)))
            tried.add(row.attempts)
            limits.add(row.expires_at)
            return row.state == "expired"

        await world.until(is_over, step_s=1800)
        assert (tried, len(limits)) == ({0, 1}, 1)
        ben = await world.restart(ben)
        await shows(world, ben, room, "before", "held")


async def _is_delivered(client: Client, room: RoomId, message_id: MessageId) -> bool:
    return await state(client, room, message_id) in (MessageState.DELIVERED, MessageState.READ)
