"""No room on the disk: a clear code, nothing lost, nothing doubled, and all of it works once there is room."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.client.events import RoomErased
from byre.client.views import ProfileState, RoomId
from byre.errors import EnvironmentFault
from byre.store import wipe
from tests.fakes.full_disk import FullDisk, fill, free
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, joined, shows, texts

LONG = "a line that needs more pages than what ends meanwhile gives back " * 400


async def refused(work: object) -> str:
    """The code of the fault that `work` ends with."""
    with pytest.raises(EnvironmentFault) as caught:
        await work  # type: ignore[misc]
    return caught.value.code


@pytest.mark.parametrize("part", ["fill", "fill_databases"])
async def test_no_account_is_made_without_room_and_one_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    async with World(tmp_path) as world:
        anna = await world.client("anna")
        with monkeypatch.context() as patch:
            disk = FullDisk(anna.folder, patch)
            getattr(disk, part)()
            code = await refused(anna.engine.account.create(handle="anna", name="Anna", relay=world.relay.url))
            assert code == "disk_full"
            disk.free()
        assert anna.engine.account.status().state is ProfileState.NEW
        await anna.engine.account.create(handle="anna", name="Anna", relay=world.relay.url)
        assert anna.engine.account.status().state is ProfileState.READY


async def test_a_pc_is_not_linked_without_room_and_linked_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with World(tmp_path) as world:
        anna = await world.account("anna")
        pc = await world.client("anna-pc")
        await world.link_until_ready(anna, pc)
        with monkeypatch.context() as patch:
            FullDisk(pc.folder, patch).fill()
            assert await refused(pc.engine.linking.finish(True)) == "disk_full"
        assert pc.engine.account.status().state is ProfileState.NEW
        await world.link(anna, again := await world.client("anna-pc-again"))
        assert again.engine.account.status().state is ProfileState.READY


async def test_what_is_sent_without_room_is_refused_and_the_rest_arrives(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await anna.engine.messages.send(room, "before")
        await world.until(lambda: _is_delivered(anna, room))  # what is on its way would free pages of the outbox later
        await fill(anna.engine)
        assert await refused(anna.engine.messages.send(room, LONG)) == "disk_full"
        await fill(anna.engine)
        assert await refused(anna.engine.messages.save_draft(room, LONG)) == "disk_full"
        assert await texts(anna, room) == ["before"]
        await free(anna.engine)
        for text in ("after", LONG):
            await anna.engine.messages.send(room, text)
        await anna.engine.messages.save_draft(room, LONG)
        await shows(world, ben, room, "before", "after", LONG)
        assert await anna.engine.messages.draft(room) == LONG
        # no ratchet key was used twice or left out of the store
        store = ben.engine._profile.session.context.store
        assert await store.read(lambda tx: tx.inbox.undecryptable()) == []


async def test_what_comes_without_room_stays_with_the_relay_until_there_is_some(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await fill(ben.engine)
        words = [f"{number} {LONG}" for number in range(3)]
        for text in words:
            await anna.engine.messages.send(room, text)

        async def is_stored() -> bool:
            return {row.state.value for row in await anna.engine.messages.list(room, 9) if row.is_own} == {"stored"}

        await world.until(is_stored, step_s=5)  # the relay took it to its own disk: nobody acknowledges it
        assert await texts(ben, room) == []
        await free(ben.engine)
        await world.until(lambda: _has(ben, room, words), step_s=5)
        await shows(world, ben, room, *words)


async def _is_delivered(client: Client, room: RoomId) -> bool:
    return [row.state.value for row in await client.engine.messages.list(room, 1)] == ["delivered"]


async def _has(client: Client, room: RoomId, words: list[str]) -> bool:
    return set(words) <= set(await texts(client, room))


async def test_receipts_and_answers_without_room_are_taken_up_later(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        store = anna.engine._profile.session.context.store
        write, is_full = store.write, True

        async def full(work: object) -> object:
            if is_full:
                raise EnvironmentFault("the disk is full; nothing was changed", code="disk_full")
            return await write(work)  # type: ignore[arg-type]

        await anna.engine.messages.send(room, "hello")
        store.write = full  # type: ignore[method-assign, assignment]
        await shows(world, ben, room, "hello")
        is_full = False

        await world.until(lambda: _is_delivered(anna, room), step_s=11)


async def test_a_wipe_that_began_without_room_is_completed_when_there_is_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        for number in range(3):
            await anna.engine.messages.send(room, f"{number} to be erased")
        with monkeypatch.context() as patch:

            def no_room(*_: object, **__: object) -> None:
                raise EnvironmentFault("the disk is full; nothing was changed", code="disk_full")

            patch.setattr(wipe, "Export", no_room)
            with pytest.raises(EnvironmentFault) as caught:
                await anna.engine.wipes.wipe(room)
            assert caught.value.code == "disk_full"
            assert "nothing was changed" not in caught.value.sentence
            assert "has begun" in caught.value.sentence
            assert room not in [view.room_id for view in await anna.engine.rooms.list()]
        since = len(anna.events)
        world.clock.advance(3600)
        await anna.wait(RoomErased, lambda event: event.room_id == room, since=since)
        assert await texts(anna, room) == []
