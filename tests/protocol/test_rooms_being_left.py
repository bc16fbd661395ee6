"""Text that is sent while somebody's leaving waits for its commit: not sealed to who leaves, and lost to nobody."""

from __future__ import annotations

from pathlib import Path

from byre.client.events import MessageSent
from tests.fakes.world import World
from tests.protocol.room_steps import acquainted, has_members, joined, shows, texts
from tests.protocol.test_delivery_faults import Post


async def test_text_waits_until_who_leaves_is_out(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], title="team")
        await joined((ben, carl), room)
        await has_members(world, carl, room, "anna", "ben", "carl")
        to_anna, to_ben = Post(anna), Post(ben)
        to_anna.hold()  # anna, whose turn it would be, hears of nothing
        await ben.engine.rooms.leave(room)
        to_ben.hold()
        groups = carl.engine._profile.session.rooms._inbox._groups  # type: ignore[attr-defined]

        async def has_come() -> bool:
            live = await groups.current(bytes.fromhex(room))
            return live is not None and bool(live.group.pending_proposals)

        await world.until(has_come)
        await carl.engine.messages.send(room, "not for ben")
        assert [event.message.state.value for event in carl.events if isinstance(event, MessageSent)] == ["queued"]
        store = carl.engine._profile.session.context.store
        assert [row.kind for row in await store.read(lambda tx: tx.outbox.of_kind("held"))] == ["held"]
        world.clock.advance(5)  # carl's turn to commit the leaving
        await has_members(world, carl, room, "anna", "carl")

        async def is_out() -> bool:
            return not await store.read(lambda tx: tx.outbox.of_kind("held"))

        await world.until(is_out)
        await to_anna.release()
        await shows(world, anna, room, "not for ben")
        assert await texts(carl, room) == ["not for ben"]
        before = await texts(ben, room)
        await to_ben.release()  # whatever was sealed to ben's leaf he could still read: names and receipts, not this
        await has_members(world, carl, room, "anna", "carl")
        assert await texts(ben, room) == before
        assert "not for ben" not in before
