"""Erasing here what is not a whole room: a message, a contact, a time; what disappears by itself; and the panic."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.client.events import ContactChanged, MessagesErased, RoomErased, WipeProgressed
from byre.client.views import AccountId, MessageId, ProfileState
from byre.client.wiping import fading
from byre.client.wiping.fading import Fading
from byre.errors import UsageError
from tests.fakes.world import World
from tests.protocol.room_steps import acquainted, joined, shows, texts


async def test_a_deleted_message_is_gone_here_and_stays_there(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        for text in ("stays", "goes"):
            await anna.engine.messages.send(room, text)
        await shows(world, ben, room, "stays", "goes")
        (goes, _) = await ben.engine.messages.list(room, 9)
        await ben.engine.erasures.delete_message(goes.message_id)
        assert await texts(ben, room) == ["stays"]
        assert await ben.engine.messages.search("goes") == []
        assert [event.message_ids for event in ben.events if isinstance(event, MessagesErased)] == [(goes.message_id,)]
        assert await texts(anna, room) == ["goes", "stays"]
        for missing in (goes.message_id, MessageId("00"), MessageId("no hex")):
            with pytest.raises(UsageError) as caught:
                await ben.engine.erasures.delete_message(missing)
            assert caught.value.code == "no_such_message"
        await anna.engine.messages.send(room, "later")
        await shows(world, ben, room, "stays", "later")


async def test_everything_before_a_time_goes_with_a_certificate(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await anna.engine.messages.send(room, "an old secret of last year")
        await shows(world, ben, room, "an old secret of last year")
        world.clock.advance(3600)
        border = world.clock.now_ms()
        world.clock.advance(3600)
        await anna.engine.messages.send(room, "new")
        await shows(world, ben, room, "an old secret of last year", "new")
        certificate = await ben.engine.erasures.wipe_before(border)
        assert (certificate.remnants, certificate.counts["messages"]) == ((), 1)
        assert await texts(ben, room) == ["new"]
        assert any(isinstance(event, WipeProgressed) and event.room_id == "" for event in ben.events)
        await ben.engine.messages.send(room, "goes on")
        await shows(world, anna, room, "an old secret of last year", "new", "goes on")


async def test_a_wiped_contact_is_a_stranger_with_an_empty_room(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await anna.engine.messages.send(room, "between the two of us only")
        await shows(world, ben, room, "between the two of us only")
        (contact,) = await ben.engine.contacts.list()
        await ben.engine.contacts.mark_verified(contact.account_id)
        certificate = await ben.engine.erasures.wipe_contact(contact.account_id)
        assert (certificate.remnants, certificate.counts["messages"]) == ((), 1)
        assert await ben.engine.contacts.list() == []
        assert await texts(ben, room) == []
        assert [event.room_id for event in ben.events if isinstance(event, RoomErased)] == [room]
        assert ben.events[-1] == ContactChanged(contact.account_id)  # who shows contacts asks again
        for nobody in (AccountId("00" * 32), AccountId("no hex")):
            with pytest.raises(UsageError) as caught:
                await ben.engine.erasures.wipe_contact(nobody)
            assert caught.value.code == "no_such_contact"
        await anna.engine.messages.send(room, "are you there?")
        await shows(world, ben, room, "are you there?")


async def test_messages_of_a_room_with_a_timer_disappear_on_both_sides(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], "a group")
        await joined((ben,), room)
        await anna.engine.messages.send(room, "stays")
        await shows(world, ben, room, "stays")
        await anna.engine.rooms.set_retention(room, 60)
        await anna.engine.messages.send(room, "fades")
        await shows(world, ben, room, "stays", "fades")
        world.clock.advance(120)
        await anna.wait(MessagesErased, lambda event: event.room_id == room)
        assert await texts(anna, room) == ["stays"]
        assert await texts(ben, room) == ["fades", "stays"]  # not read yet
        (fades,) = await ben.engine.messages.list(room, 1)
        await ben.engine.messages.mark_read(room, fades.message_id)
        world.clock.advance(120)
        await ben.wait(MessagesErased, lambda event: event.room_id == room)
        assert await texts(ben, room) == ["stays"]


async def test_old_messages_go_by_themselves_and_the_profile_is_written_anew_when_it_idles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fading, "DEBT_ALLOWED", 3)
    async with World(tmp_path) as world:
        (anna,) = [await world.account("anna")]
        note = next(row.room_id for row in await anna.engine.rooms.list() if row.kind == "note")
        for number in range(4):
            await anna.engine.messages.send(note, f"note {number}")
        context = anna.engine._profile.session.context
        hand = anna.engine._profile.session.rooms._fading  # type: ignore[attr-defined]
        assert isinstance(hand, Fading)
        await anna.engine.settings.put(fading.KEEP_FOR.removeprefix("user."), 1000)
        assert await hand.turn() > 0
        assert len(await texts(anna, note)) == 4
        hand._active_at = context.clock.now_ms() + 2_000_000  # somebody is writing until then
        world.clock.advance(2000)
        await hand.turn()
        assert await texts(anna, note) == []
        assert (context.store.generation, await context.store.read(lambda tx: tx.erasures.debt())) == (1, 4)
        world.clock.advance(fading.IDLE_S + 1)

        async def is_written_anew() -> bool:
            debt = await context.store.read(lambda tx: tx.erasures.debt())
            return (context.store.generation, debt) == (2, 0)

        await world.until(is_written_anew)
        await hand.tidy()
        assert context.store.generation == 2


async def test_a_panic_leaves_nothing_that_can_be_read(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna = await world.account("anna")
        folder = anna.engine._profile._vault.directory
        await anna.engine.account.panic()
        assert anna.engine.account.status().state is ProfileState.NEW
        assert not [path for path in folder.rglob("*") if path.name.startswith(("store.", "key.", "manifest"))]
        with pytest.raises(UsageError) as caught:
            await anna.engine.account.panic()
        assert caught.value.code == "wrong_state"
