"""Creating, unlocking and restarting accounts at a real relay; rooms are faked."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from byre.client.engine import open_engine
from byre.client.events import StatusChanged
from byre.client.views import ProfileState, Role
from byre.errors import EnvironmentFault, UsageError
from byre.store import ProfileVault
from tests.fakes.rooms import DEVICE_ROOM, RoomHub
from tests.fakes.world import World
from tests.refusals import refused


async def test_an_account_is_created_and_ready(tmp_path: Path) -> None:
    hub = RoomHub()
    async with World(tmp_path, hub=hub) as world:
        client = await world.client("cow")
        assert client.engine.account.status().state is ProfileState.NEW
        created = await client.engine.account.create(handle="Cow", name="Cow", relay=world.relay.url)
        status = client.engine.account.status()
        assert (status.state, status.role, status.handle) == (ProfileState.READY, Role.PRIMARY, "cow")
        assert (status.account_id, status.device_id) == (created.account_id, created.device_id)
        assert len(created.recovery_code) == 34
        assert status.connected
        devices = await client.engine.devices.list()
        assert [(device.device_id, device.name, device.current) for device in devices] == [
            (created.device_id, "cow", True)
        ]
        assert set(hub.of_account(bytes.fromhex(created.account_id))) == {DEVICE_ROOM, b"note"}


async def test_services_of_an_account_refuse_before_there_is_one(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        client = await world.client("cow")
        with pytest.raises(UsageError) as caught:
            await client.engine.contacts.add("ox")
        assert caught.value.code == "wrong_state"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"handle": "a"}, "bad_handle"),
        ({"handle": "has space"}, "bad_handle"),
        ({"handle": "cow@elsewhere.example"}, "bad_handle"),
        ({"relay": "http://relay.example"}, "bad_relay"),
        ({"relay": "ftp://127.0.0.1"}, "bad_relay"),
        ({"name": "  "}, "bad_params"),
        ({"name": "x" * 65}, "bad_params"),
    ],
)
async def test_what_is_typed_wrongly_is_refused(tmp_path: Path, changes: dict[str, str], code: str) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        client = await world.client("cow")
        wanted = {"handle": "cow", "name": "Cow", "relay": world.relay.url, **changes}
        with pytest.raises(UsageError) as caught:
            await client.engine.account.create(**wanted)
        assert caught.value.code == code
        assert client.engine.account.status().state is ProfileState.NEW


async def test_a_taken_handle_is_said_and_another_one_goes(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        await world.account("cow")
        client = await world.client("second")
        with pytest.raises(UsageError) as caught:
            await client.engine.account.create(handle="COW", name="Cow", relay=world.relay.url)
        assert caught.value.code == "handle_taken"
        await client.engine.account.create(handle="ox", name="Ox", relay=world.relay.url)


async def test_a_second_account_in_one_profile_is_refused(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        client = await world.account("cow")
        with pytest.raises(UsageError) as caught:
            await client.engine.account.create(handle="ox", name="Ox", relay=world.relay.url)
        assert caught.value.code == "wrong_state"


async def test_without_key_store_and_passphrase_nothing_is_made(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        client = await world.client("cow", key_store=None)
        with pytest.raises(UsageError) as caught:
            await client.engine.account.create(handle="cow", name="Cow", relay=world.relay.url)
        assert caught.value.code == "passphrase_required"
        with pytest.raises(UsageError) as caught:
            await world.offer(client)
        assert caught.value.code == "passphrase_required"


async def test_a_relay_that_is_away_leaves_the_profile_new(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        client = await world.client("cow")
        url = world.relay.url
        await world.relay.stop()
        creating = world.beside(client.engine.account.create(handle="cow", name="Cow", relay=url))
        await asyncio.sleep(0.1)
        world.clock.advance(60)
        with pytest.raises(EnvironmentFault) as caught:
            await creating
        assert caught.value.code == "relay_unreachable"
        assert client.engine.account.status().state is ProfileState.NEW
        await world.relay.start()
        await client.engine.account.create(handle="cow", name="Cow", relay=url)


async def test_what_is_being_made_or_given_up_is_no_locked_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        client = await world.client("cow")
        seen: list[ProfileState] = []

        def looking(name: str) -> None:
            done = getattr(ProfileVault, name)

            async def look(vault: ProfileVault, *arguments: Any, **options: Any) -> Any:
                result = await done(vault, *arguments, **options)
                seen.append(client.engine.account.status().state)
                return result

            monkeypatch.setattr(ProfileVault, name, look)

        destroy = ProfileVault.destroy

        async def look_first(vault: ProfileVault, **options: Any) -> None:
            seen.append(client.engine.account.status().state)
            await destroy(vault, **options)

        looking("create")
        monkeypatch.setattr(ProfileVault, "destroy", look_first)
        await client.engine.account.create(handle="cow", name="Cow", relay=world.relay.url)
        await client.engine.account.panic()

        ready, new = ProfileState.READY, ProfileState.NEW
        assert seen == [new, ready, new]  # made; its keys destroyed while it is open; its files destroyed


async def test_a_profile_opens_again_with_the_same_identity(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        client = await world.account("cow")
        before = client.engine.account.status()
        client = await world.restart(client)
        await world.until(lambda: client.engine.account.status().connected)
        assert client.engine.account.status() == before


async def test_a_passphrase_locks_the_profile(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        client = await world.client("cow")
        await client.engine.account.create(handle="cow", name="Cow", relay=world.relay.url, passphrase="외양간 고친다")
        client = await world.restart(client)
        status = client.engine.account.status()
        assert (status.state, status.has_passphrase, status.role) == (ProfileState.LOCKED, True, None)
        for wrong, code in ((None, "passphrase_required"), ("소 잃고", "wrong_passphrase")):
            with pytest.raises(UsageError) as caught:
                await client.engine.account.unlock(wrong)
            assert caught.value.code == code
        with pytest.raises(UsageError) as caught:
            await client.engine.contacts.list()
        assert caught.value.code == "locked"
        await client.engine.account.unlock("외양간 고친다")
        assert client.engine.account.status().state is ProfileState.READY
        assert await client.wait(StatusChanged, lambda event: event.status.state is ProfileState.READY)


async def test_a_ready_profile_can_be_locked_and_opened(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        client = await world.account("cow")
        await client.engine.account.lock()
        assert client.engine.account.status().state is ProfileState.LOCKED
        await client.engine.account.unlock()
        assert client.engine.account.status().state is ProfileState.READY
        assert await client.engine.contacts.list() == []


@pytest.mark.parametrize("step", ["directory_get", "mailbox_new", "directory_put_account", "directory_put_device"])
async def test_a_lock_waits_for_no_relay(tmp_path: Path, step: str) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        client = await world.client("cow")
        relay, asked = client.engine._profile._surroundings.network.relay(world.relay.url), asyncio.Event()
        answer = getattr(relay, step)

        async def silent(*_: object, **__: object) -> None:
            asked.set()
            await asyncio.Event().wait()

        setattr(relay, step, silent)
        given = {"handle": "cow", "name": "Cow", "relay": world.relay.url}
        creating = world.beside(client.engine.account.create(**given))
        await asked.wait()
        if step == "directory_get":  # nothing is there yet
            assert await refused(client.engine.account.lock()) == "wrong_state"
            assert await refused(creating) == "locked"
        else:
            await client.engine.account.lock()
            assert client.engine.account.status().state is ProfileState.LOCKED
            if step == "directory_put_device":  # it counts already: its code must not be lost
                assert (await creating).recovery_code
            else:
                assert await refused(creating) == "locked"
            await client.engine.account.unlock()
        setattr(relay, step, answer)
        if step != "directory_put_device":
            await client.engine.account.create(**given)
        assert client.engine.account.status().state is ProfileState.READY
        await world.until(lambda: client.engine.account.status().connected)


async def test_a_quit_waits_for_no_relay(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        client = await world.client("cow")
        relay, asked = client.engine._profile._surroundings.network.relay(world.relay.url), asyncio.Event()

        async def silent(*_: object, **__: object) -> None:
            asked.set()
            await asyncio.Event().wait()

        relay.mailbox_new = silent  # type: ignore[method-assign]
        creating = world.beside(client.engine.account.create(handle="cow", name="Cow", relay=world.relay.url))
        await asked.wait()
        stopping = world.beside(client.engine.stop())
        assert await refused(creating) == "locked"
        await stopping


async def test_a_key_store_that_lost_the_key_leaves_everything_as_it_is(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        client = await world.account("cow")
        key_store = client.options["key_store"]
        kept = dict(key_store.entries)
        key_store.entries.clear()
        client = await world.restart(client)
        assert client.engine.account.status().state is ProfileState.LOCKED
        with pytest.raises(EnvironmentFault) as caught:
            await client.engine.account.unlock()
        assert caught.value.code == "key_unavailable"
        key_store.entries.update(kept)
        await client.engine.account.unlock()
        assert client.engine.account.status().state is ProfileState.READY


async def test_a_creation_that_was_cut_off_goes_on_with_the_same_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        client = await world.client("cow")
        from byre.client.registration import Registration

        async def dies(self: Registration, device_list: object) -> None:
            await published(self, device_list)
            raise EnvironmentFault("cut off", code="relay_unreachable")

        published = Registration.publish_account
        monkeypatch.setattr(Registration, "publish_account", dies)
        with pytest.raises(EnvironmentFault):
            await client.engine.account.create(handle="cow", name="Cow", relay=world.relay.url)
        monkeypatch.undo()
        client = await world.restart(client)
        assert client.engine.account.status().state is ProfileState.NEW
        created = await client.engine.account.create(handle="cow", name="Cow", relay=world.relay.url)
        assert created.recovery_code
        assert client.engine.account.status().state is ProfileState.READY


async def test_settings_are_kept_and_refuse_what_is_no_json(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        client = await world.account("cow")
        await client.engine.settings.put("ui.theme", "dark")
        client = await world.restart(client)
        assert await client.engine.settings.get("ui.theme") == "dark"
        assert await client.engine.settings.get("ui.language") is None
        for value in (object(), "x" * 70_000):
            with pytest.raises(UsageError) as caught:
                await client.engine.settings.put("ui.theme", value)
            assert caught.value.code == "bad_params"


@pytest.mark.parametrize("damage", ["lost", "altered"])
async def test_a_lost_wal_does_not_make_a_new_profile_of_an_account(tmp_path: Path, damage: str) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        client = await world.client("cow")
        await client.engine.account.create(handle="cow", name="Cow", relay=world.relay.url)
        copy = tmp_path / "copy"
        shutil.copytree(client.folder, copy)  # what a kill -9 leaves
        wal = copy / "store.1.db-wal"
        if damage == "lost":
            wal.unlink()
        else:
            raw = bytearray(wal.read_bytes())
            raw[9] ^= 1
            wal.write_bytes(raw)
        before = client.engine.account.status()
        await client.engine.stop()
        again = await open_engine(copy, **client.options)
        try:
            await again.start()
            if damage == "altered":  # what was in it was promised to be kept
                assert again.account.status().is_damaged
                await again.backups.salvage()
            assert again.account.status().state is ProfileState.READY
            assert again.account.status().account_id == before.account_id
        finally:
            await again.stop()
