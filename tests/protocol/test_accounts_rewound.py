"""A profile put back from an older copy: its ratchets are never used again, and its rooms bring it back."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from byre.client.events import ProfileRewound
from byre.client.own_record import last_kept
from byre.client.views import ProfileState, RoomId, RoomState
from byre.errors import UsageError
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_state, joined, shows


def run_of(client: Client) -> bytes:
    return client.engine._profile.session.context.own.run_id


async def copied(world: World, client: Client, copy: Path) -> Client:
    """Stop, copy the profile, go on."""
    await world.stop(client)
    shutil.copytree(client.folder, copy)
    return await world.restart(client)


async def put_back(world: World, client: Client, copy: Path) -> Client:
    await world.stop(client)
    shutil.rmtree(client.folder)
    shutil.copytree(copy, client.folder)
    return await world.restart(client)


async def _is_active(client: Client, room: RoomId) -> bool:
    return (await client.engine.rooms.get(room)).state is RoomState.ACTIVE


async def last_record(client: Client) -> int:
    own, store = client.engine._profile.session.context.own, client.engine._profile.session.context.store
    return await store.read(lambda tx: last_kept(tx, own.device_id))


async def _is_later(client: Client, issued_at_ms: int) -> bool:
    return await last_record(client) > issued_at_ms


async def _is_sent(client: Client, room: RoomId, text: str) -> bool:
    try:
        await client.engine.messages.send(room, text)
    except UsageError:  # locked: it is just being opened anew
        return False
    return True


async def talk(world: World, anna: Client, ben: Client, room: RoomId) -> None:
    for text in ("lost one", "lost two"):
        await anna.engine.messages.send(room, text)
    await shows(world, ben, room, "before", "lost one", "lost two")


async def test_an_older_copy_is_noticed_and_every_room_rejoined_under_a_new_run(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await anna.engine.messages.send(room, "before")
        await shows(world, ben, room, "before")
        anna = await copied(world, anna, tmp_path / "copy")
        assert not [event for event in anna.events if isinstance(event, ProfileRewound)]
        run = run_of(anna)
        await talk(world, anna, ben, room)

        anna = await put_back(world, anna, tmp_path / "copy")
        assert [event for event in anna.events if isinstance(event, ProfileRewound)]
        assert run_of(anna) != run
        # others wait up to a minute whether an own device answers
        await world.until(lambda: _is_active(anna, room), step_s=20)
        await anna.engine.messages.send(room, "after")
        await shows(world, ben, room, "before", "lost one", "lost two", "after")
        await ben.engine.messages.send(room, "welcome back")
        await shows(world, anna, room, "before", "after", "welcome back")
        anna = await world.restart(anna)
        assert not [event for event in anna.events if isinstance(event, ProfileRewound)]
        await has_state(world, anna, room, RoomState.ACTIVE)


async def test_without_a_key_store_s_number_the_directory_tells_and_no_text_is_lost(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(anna, "pc")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben, pc), room)
        await pc.engine.messages.send(room, "before")
        await shows(world, ben, room, "before")
        kept = await last_record(pc)
        pc = await copied(world, pc, tmp_path / "copy")
        key_store = pc.options["key_store"]
        marks = [name for name in key_store.entries if name.endswith(".mark")]
        run = run_of(pc)
        await world.until(lambda: _is_later(pc, kept))  # once a connection, and every ten minutes
        await talk(world, pc, ben, room)

        key_store.entries.update(dict.fromkeys(marks, bytes(32)))  # as in key mode C: no number
        pc = await put_back(world, pc, tmp_path / "copy")
        assert not [event for event in pc.events if isinstance(event, ProfileRewound)]
        await world.until(lambda: _is_sent(pc, room, "by keys that were used"))  # mostly: before the relay was asked
        await world.until(lambda: [event for event in pc.events if isinstance(event, ProfileRewound)])
        await world.until(lambda: pc.engine.account.status().state is ProfileState.READY)
        assert run_of(pc) != run
        await world.until(lambda: _is_active(pc, room), step_s=20)
        await pc.engine.messages.send(room, "after")
        await shows(world, ben, room, "before", "lost one", "lost two", "by keys that were used", "after")
        pc = await world.restart(pc)
        assert not [event for event in pc.events if isinstance(event, ProfileRewound)]
        await has_state(world, pc, room, RoomState.ACTIVE)


async def test_an_engine_that_stops_amid_a_rewinding_leaves_no_session_running(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna = await world.account("anna")
        session = anna.engine._profile.session
        async with session._taking:  # an envelope is in hand: the rewinding waits for it
            rewinding = asyncio.ensure_future(anna.engine._rewinding.rewind(session))
            await asyncio.sleep(0)
            rewinding.cancel()
            await asyncio.gather(rewinding, return_exceptions=True)
        assert not session.context.tasks._tasks
        assert anna.engine.account.status().state is ProfileState.LOCKED


async def test_a_copy_of_the_same_run_is_noticed_after_ten_minutes(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna = await world.account("anna")
        anna = await world.restart(anna)
        (tmp_path / "copy").mkdir()
        await anna.engine._profile.session.context.store.fold()
        shutil.copytree(anna.folder, tmp_path / "copy", dirs_exist_ok=True)
        store = anna.options["key_store"]
        before = dict(store.entries)
        world.clock.advance(601)
        await world.until(lambda: store.entries != before)
        anna = await put_back(world, anna, tmp_path / "copy")
        assert [event for event in anna.events if isinstance(event, ProfileRewound)]


async def test_a_copy_of_the_same_run_is_noticed_once_something_was_sealed_since(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        anna = await world.restart(anna)
        (tmp_path / "copy").mkdir()
        await anna.engine._profile.session.context.store.fold()
        shutil.copytree(anna.folder, tmp_path / "copy", dirs_exist_ok=True)
        store = anna.options["key_store"]
        await anna.engine.messages.send(room, "since")
        await shows(world, ben, room, "since")
        before = dict(store.entries)
        world.clock.advance(11)
        await world.until(lambda: store.entries != before)
        anna = await put_back(world, anna, tmp_path / "copy")
        assert [event for event in anna.events if isinstance(event, ProfileRewound)]


async def test_a_commit_of_ours_that_the_profile_lacks_has_its_room_rejoined(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        carl = await world.account("carl")
        room = await anna.engine.rooms.create(["ben"], "team")
        await joined((ben,), room)
        await anna.engine.messages.send(room, "before")
        await shows(world, ben, room, "before")
        store = anna.engine._profile.session.context.store
        await store.write(lambda tx: tx.settings.delete("engine.own_record"))  # of a version before it
        anna = await copied(world, anna, tmp_path / "copy")
        key_store = anna.options["key_store"]
        marks = {name: entry for name, entry in key_store.entries.items() if name.endswith(".mark")}
        await anna.engine.contacts.add("carl")
        await anna.engine.rooms.add(room, ["carl"])
        await joined((carl,), room)
        key_store.entries.update(dict.fromkeys(marks, bytes(32)))  # only the home knows
        anna = await put_back(world, anna, tmp_path / "copy")
        await ben.engine.messages.send(room, "in the new epoch")
        world.clock.advance(11)

        async def is_back() -> bool:
            view = await anna.engine.rooms.get(room)
            return view.state is RoomState.ACTIVE and view.member_count == 3

        await world.until(is_back, step_s=61)
        await anna.engine.messages.send(room, "after")
        await shows(world, ben, room, "before", "in the new epoch", "after")
