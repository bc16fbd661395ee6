"""A second copy of a message: confirmed again, because its first receipt may be lost, and shown once; and what only
looks like one, or like a message."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from byre.client.events import MessageReceived
from byre.store import ReceiptDueRow
from byre.wire.content_bodies import Text
from tests.fakes.world import World
from tests.protocol.room_steps import acquainted, joined, shows, texts
from tests.protocol.test_rooms_guard import content_of, speak


async def test_a_second_copy_is_confirmed_again_and_shown_once(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await speak(ben, anna, room, content_of(ben, 900, Text("once"), b"m" * 16))
        await shows(world, anna, room, "once")
        store = anna.engine._profile.session.context.store

        async def is_confirmed() -> bool:
            return not await store.read(lambda tx: tx.receipts.due(world.clock.now_ms()))

        await world.until(is_confirmed)
        due: list[ReceiptDueRow] = []
        write = store.write

        async def watched(work: object) -> object:
            result = await write(work)  # type: ignore[arg-type]
            due.extend(await store.read(lambda tx: tx.receipts.due(world.clock.now_ms() + 10_000)))
            return result

        store.write = watched  # type: ignore[method-assign, assignment]
        since = len(anna.events)
        await speak(ben, anna, room, content_of(ben, 901, Text("once"), b"m" * 16))  # resent: a new counter
        assert b"m" * 16 in {row.message_id for row in due}
        store.write = write  # type: ignore[method-assign]
        await world.until(is_confirmed)
        assert await texts(anna, room) == ["once"]
        assert not [event for event in anna.events[since:] if isinstance(event, MessageReceived)]


async def test_a_member_cannot_take_anothers_message_id_nor_the_time_before_the_room(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        sent = await anna.engine.messages.send(room, "what anna said")
        await shows(world, ben, room, "what anna said")
        number = bytes.fromhex(sent)
        await speak(ben, anna, room, content_of(ben, 900, Text("what ben said"), number))
        await speak(ben, anna, room, content_of(ben, 901, Text("what ben said"), number))  # a second copy
        for counter, blank in enumerate(("", " \n"), 902):
            await speak(ben, anna, room, content_of(ben, counter, Text(blank)))
        since = world.clock.now_ms()
        await speak(ben, anna, room, replace(content_of(ben, 904, Text("long ago")), sent_at_ms=0))
        await shows(world, anna, room, "what anna said", "what ben said", "long ago")
        rows = {row.text: row for row in await anna.engine.messages.list(room, 10)}
        assert rows["what anna said"].message_id == sent != rows["what ben said"].message_id
        assert since <= rows["long ago"].sent_at <= world.clock.now_ms()
        store = anna.engine._profile.session.context.store
        recorded = await store.read(lambda tx: [row.reason for row in tx.inbox.undecryptable()])
        assert recorded == ["empty_text"] * 2
        await anna.engine.erasures.delete_message(rows["what ben said"].message_id)
        await shows(world, anna, room, "what anna said", "long ago")
