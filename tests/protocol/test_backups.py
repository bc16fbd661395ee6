"""Backups and salvage: the words come back, and every room is rejoined in a new run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from byre.client.views import ProfileState, RoomKind, RoomState
from byre.errors import EnvironmentFault, UsageError
from byre.store.archive import EXPORTS
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_devices, shows, texts

PAGE = 4096


async def note_room(client: Client) -> str:
    return next(room.room_id for room in await client.engine.rooms.list() if room.kind is RoomKind.NOTE)


async def rejoined(world: World, client: Client, room: str, at: Client, text: str) -> None:
    """Wait until the room is active again, and what another member then sends arrives."""

    async def is_active() -> bool:
        rooms = {each.room_id: each for each in await client.engine.rooms.list()}
        return rooms[room].state is RoomState.ACTIVE  # type: ignore[index]

    async def arrives() -> bool:
        return text in await texts(client, room)  # type: ignore[arg-type]

    await world.until(is_active, step_s=61)
    await at.engine.messages.send(room, text)  # type: ignore[arg-type]
    await world.until(arrives)


async def test_a_backup_becomes_the_device_again_on_another_machine(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await has_devices(world, ben, room, 2)
        await ben.engine.messages.send(room, "지난주 회의록")
        await shows(world, anna, room, "지난주 회의록")
        notes = await note_room(anna)
        await anna.engine.messages.send(notes, "잊지 말 것")
        backup = tmp_path / "anna.byre"
        steps: list[float] = []
        code = await anna.engine.backups.export(str(backup), steps.append)
        await world.until(lambda: steps and steps[-1] == 1.0)
        await anna.engine.messages.send(room, "nach der Sicherung")
        await shows(world, ben, room, "지난주 회의록", "nach der Sicherung")
        device_id = anna.engine.account.status().device_id
        await world.stop(anna)
        await ben.engine.messages.send(room, "unterwegs")  # to a leaf that will be gone
        sent = ["지난주 회의록", "nach der Sicherung", "unterwegs", "willkommen zurück"]

        again = await world.client("anna-elsewhere")
        await again.engine.backups.restore(str(backup), f" {code.lower()} ")
        status = again.engine.account.status()
        assert (status.state, status.handle, status.device_id) == (ProfileState.READY, "anna", device_id)
        assert await texts(again, room) == ["지난주 회의록"]
        found = await again.engine.messages.search("회의")
        assert [hit.text for hit in found] == ["지난주 회의록"]
        await rejoined(world, again, room, ben, "willkommen zurück")
        await again.engine.messages.send(room, "da bin ich")
        await shows(world, ben, room, *sent, "da bin ich")
        await shows(world, again, room, sent[0], *sent[2:], "da bin ich")
        await has_devices(world, ben, room, 2)

        async def writes_notes() -> bool:
            try:
                await again.engine.messages.send(notes, "geht wieder")
            except UsageError:
                return False
            return True

        await world.until(writes_notes, step_s=61)
        assert await note_room(again) == notes
        assert "잊지 말 것" in await texts(again, notes)  # type: ignore[arg-type]
        fresh = await again.engine.rooms.create(["ben"], title="neu")
        await has_devices(world, ben, fresh, 2)
        ben_room = await ben.engine.rooms.create(["anna"], title="auch neu")
        await has_devices(world, again, ben_room, 2)


async def test_a_backup_whose_code_nobody_sees_takes_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noted before it is written; what comes to nothing is not kept in the notes."""
    async with World(tmp_path) as world:
        anna = await world.account("anna")
        backup, store = tmp_path / "anna.byre", anna.engine._profile.session.context.store
        await anna.engine.backups.export(str(backup))
        before, noted = backup.read_bytes(), await store.read(lambda tx: tx.settings.get(EXPORTS))

        async def full(*_: object, **__: object) -> None:
            raise EnvironmentFault("the disk is full; nothing was changed", code="disk_full")

        for part, name in ((store, "write"), (store.snapshots, "write_backup")):
            with monkeypatch.context() as patch:
                patch.setattr(part, name, full)
                with pytest.raises(EnvironmentFault):
                    await anna.engine.backups.export(str(backup))
        assert backup.read_bytes() == before
        assert await store.read(lambda tx: tx.settings.get(EXPORTS)) == noted


async def test_what_is_no_backup_leaves_the_machine_new(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna = await world.account("anna")
        backup = tmp_path / "anna.byre"
        code = await anna.engine.backups.export(str(backup))
        other = await anna.engine.backups.export(str(tmp_path / "second.byre"))
        assert other != code
        new = await world.client("new")
        junk = tmp_path / "junk"
        junk.write_bytes(os.urandom(3 * PAGE))
        for path, typed in ((backup, "nonsense"), (backup, other), (junk, code)):
            with pytest.raises(UsageError) as caught:
                await new.engine.backups.restore(str(path), typed)
            assert caught.value.code == "wrong_backup_code"
        with pytest.raises(EnvironmentFault) as fault:
            await new.engine.backups.restore(str(tmp_path / "none"), code)
        assert fault.value.code == "io_error"
        with pytest.raises(UsageError) as caught:
            await new.engine.backups.restore("", code)
        assert caught.value.code == "bad_params"
        assert new.engine.account.status().state is ProfileState.NEW
        with pytest.raises(UsageError) as caught:
            await new.engine.backups.export(str(backup))
        assert caught.value.code == "wrong_state"
        with pytest.raises(UsageError) as caught:
            await anna.engine.backups.restore(str(backup), code)
        assert caught.value.code == "wrong_state"
        await new.engine.account.create(handle="new", name="New", relay=world.relay.url)


async def test_a_damaged_profile_is_salvaged_and_rejoins(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await has_devices(world, ben, room, 2)
        await ben.engine.messages.send(room, "kept")
        await shows(world, anna, room, "kept")
        with pytest.raises(UsageError) as caught:
            await anna.engine.backups.salvage()
        assert caught.value.code == "wrong_state"
        world.clock.advance(301)  # the first snapshot
        await world.until(lambda: (anna.folder / "snapshot.1.db").exists())
        await world.stop(anna)
        database = anna.folder / "store.1.db"
        database.write_bytes(os.urandom(database.stat().st_size))
        hurt = await world.restart(anna)
        status = hurt.engine.account.status()
        assert (status.state, status.is_damaged) == (ProfileState.LOCKED, True)
        with pytest.raises(EnvironmentFault) as fault:
            await hurt.engine.account.unlock()
        assert fault.value.code == "db_damaged"
        assert database.exists()

        done = await hurt.engine.backups.salvage()
        assert (done.from_database, done.from_snapshot > 0) == (0, True)
        assert await texts(hurt, room) == ["kept"]
        await rejoined(world, hurt, room, ben, "back again")
        assert (anna.folder / "damaged.1.1.db").exists()


async def test_a_profile_whose_key_is_lost_is_kept_aside_and_the_account_restored(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna = await world.account("anna")
        with pytest.raises(UsageError) as caught:
            await anna.engine.backups.set_aside()
        assert caught.value.code == "wrong_state"
        assert anna.created is not None
        code = anna.created.recovery_code
        anna.options["key_store"].entries.clear()
        again = await world.restart(anna)
        assert again.engine.account.status().state is ProfileState.LOCKED
        with pytest.raises(EnvironmentFault) as fault:
            await again.engine.account.unlock()
        assert fault.value.code == "key_unavailable"
        await again.engine.backups.set_aside()
        assert again.engine.account.status().state is ProfileState.NEW
        assert {path.name for path in (anna.folder / "kept.1").iterdir()} >= {"manifest", "key.1", "store.1.db"}
        await again.engine.account.restore(code=code, relay=world.relay.url, handle="anna")
        assert again.engine.account.status().state is ProfileState.READY
