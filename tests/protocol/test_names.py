"""What people call themselves: told to members, alike on own devices, cleaned, never in place of the handle."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.client import name_telling
from byre.client.delivery.doubts import SILENCE_MS
from byre.client.events import RoomChanged, RoomRequested
from byre.client.views import RoomId
from byre.errors import UsageError
from byre.wire.content_bodies import Profile
from tests.fakes.rooms import RoomHub
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, at_rest, has_devices, joined


async def names(client: Client, room: RoomId) -> dict[str, str]:
    return {member.handle: member.name for member in await client.engine.rooms.members(room)}


async def knows(world: World, client: Client, room: RoomId, **expected: str) -> None:
    """Wait until the client sees these names by handle."""

    async def does() -> bool:
        return await names(client, room) == expected

    try:
        await world.until(does)
    except TimeoutError:
        raise AssertionError(f"{client.folder.name} sees {await names(client, room)}") from None


async def test_members_learn_each_others_names_and_their_change(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(anna)
        room = await anna.engine.rooms.create(["ben"])
        await has_devices(world, pc, room, 3)
        for client in (anna, ben, pc):
            await knows(world, client, room, anna="Anna", ben="Ben")
        view = await anna.engine.rooms.get(room)
        assert (view.title, view.peer_handle) == ("Ben", "ben")
        assert [(each.handle, each.name) for each in await anna.engine.contacts.list()] == [("ben", "Ben")]
        await ben.engine.account.rename("  Ben  the  Bull ")
        await pc.engine.account.rename("안나")
        for client in (anna, ben, pc):
            await knows(world, client, room, anna="안나", ben="Ben the Bull")
        await world.until(lambda: anna.engine.account.status().name == "안나")
        anna = await world.restart(anna)
        assert anna.engine.account.status().name == "안나"
        sent = await ben.engine.messages.send(room, "음매")

        async def has_it() -> bool:
            return [row.message_id for row in await anna.engine.messages.list(room, 1)] == [sent]

        await world.until(has_it)
        row = (await anna.engine.messages.list(room, 1))[0]
        assert (row.sender.handle, row.sender.name) == ("ben", "Ben the Bull")


async def test_a_name_that_was_heard_is_confirmed_and_told_once(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(anna)
        room = await anna.engine.rooms.create(["ben"])
        await has_devices(world, pc, room, 3)
        await at_rest(world, anna, pc, ben)
        sealed = [await sealed_ever(client) for client in (anna, pc, ben)]
        world.clock.advance(2 * SILENCE_MS / 1000)  # nobody doubts what was confirmed
        await at_rest(world, anna, pc, ben)
        assert [await sealed_ever(client) for client in (anna, pc, ben)] == sealed


async def sealed_ever(client: Client) -> int:
    return await client.engine._profile.session.context.store.read(lambda tx: tx.outbox.sealed_ever())


async def test_who_comes_later_and_who_is_asked_first_hear_names_in_time(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        eve = await world.account("eve")
        room = await anna.engine.rooms.create(["ben"], "외양간")
        await joined((ben,), room)
        await anna.engine.rooms.add(room, ["eve"])
        await eve.wait(RoomRequested, lambda event: event.room_id == room)
        await knows(world, eve, room, anna="Anna", ben="Ben", eve="Eve")
        assert (await names(anna, room))["eve"] == ""  # a stranger says nothing before the room is accepted
        await eve.engine.rooms.accept(room)
        for client in (anna, ben, eve):
            await knows(world, client, room, anna="Anna", ben="Ben", eve="Eve")
        lines = [row for row in await ben.engine.messages.list(room, 10) if row.text == "member_added"]
        assert [(row.detail, row.detail_name) for row in lines][:1] == [("eve", "Eve")]


async def test_in_a_large_room_a_name_goes_with_the_first_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_telling, "QUIET_DEVICES", 2)
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], "외양간")
        await joined((ben, carl), room)
        await ben.engine.account.rename("Ben 2")
        await anna.engine.messages.send(room, "음매")
        for client in (ben, carl):
            others = {"ben": "Ben 2" if client is ben else "", "carl": "Carl" if client is carl else ""}
            await knows(world, client, room, anna="Anna", **others)
        await ben.engine.messages.send(room, "음매")
        await knows(world, carl, room, anna="Anna", ben="Ben 2", carl="Carl")
        await ben.engine.account.rename("Ben 3")  # who spoke is known by name: a new one is told at once
        await knows(world, carl, room, anna="Anna", ben="Ben 3", carl="Carl")


async def test_a_device_that_was_away_hears_the_name_later(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await knows(world, ben, room, anna="Anna", ben="Ben")
        await world.stop(ben)
        await anna.engine.account.rename("Anna 2")
        anna = await world.restart(anna)
        await anna.engine.account.rename("Anna 3")
        ben = await world.restart(ben)
        await knows(world, ben, room, anna="Anna 3", ben="Ben")


async def test_an_ugly_name_is_cleaned_and_an_older_one_refused(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await knows(world, ben, room, anna="Anna", ben="Ben")
        sending = anna.engine._profile.session.rooms._sending  # type: ignore[attr-defined]
        now_ms = world.clock.now_ms()
        await sending.content(bytes.fromhex(room), Profile("ev\u202eil\n\x00\u3164 one", now_ms))
        await knows(world, ben, room, anna="evil one", ben="Ben")
        since = len(ben.events)
        await sending.content(bytes.fromhex(room), Profile("older", now_ms - 1000))
        await sending.content(bytes.fromhex(room), Profile("much later", now_ms + 10**12))
        await knows(world, ben, room, anna="much later", ben="Ben")
        assert [event for event in ben.events[since:] if isinstance(event, RoomChanged)]
        await anna.engine.account.rename("Anna again")  # a claim from the future locks nobody out
        await knows(world, ben, room, anna="Anna again", ben="Ben")


async def test_what_is_no_name_is_refused(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        anna = await world.account("anna")
        for name in ("", "x" * 65, "a\u202eb", "\u3164"):
            with pytest.raises(UsageError) as caught:
                await anna.engine.account.rename(name)
            assert caught.value.code == "bad_params"
        assert anna.engine.account.status().name == "Anna"
