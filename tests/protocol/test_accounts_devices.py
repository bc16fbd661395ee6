"""Own devices: removal by the primary, wishes of linked ones, lists that grow old, restoring from the recovery code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from byre.client.connection import DirectoryAnswer, RelayClient
from byre.client.events import DeviceLinked, DeviceRevoked, DevicesChanged
from byre.client.views import DeviceId, ProfileState, Role
from tests.fakes.rooms import DEVICE_ROOM, RoomHub
from tests.fakes.world import Client, World
from tests.refusals import refused


def device_of(client: Client) -> DeviceId:
    device_id = client.engine.account.status().device_id
    assert device_id is not None
    return device_id


async def listed(client: Client) -> set[str]:
    return {device.device_id for device in await client.engine.devices.list()}


def _heard(client: Client, event: object) -> bool:
    return event in client.events


async def test_the_primary_removes_a_pc_everywhere(tmp_path: Path) -> None:
    hub = RoomHub()
    async with World(tmp_path, hub=hub) as world:
        phone = await world.account("cow")
        pc, other = await world.linked_pc(phone, "pc"), await world.linked_pc(phone, "other")
        gone = device_of(pc)
        await phone.engine.devices.remove(gone)
        assert await phone.wait(DeviceRevoked) == DeviceRevoked(gone)
        assert await listed(phone) == {device_of(phone), device_of(other)}
        rooms = hub.of_account(bytes.fromhex(phone.engine.account.status().account_id or ""))
        assert all(bytes.fromhex(gone) not in devices for devices in rooms.values())
        assert await pc.wait(DeviceRevoked) == DeviceRevoked(gone)  # the relay dropped its mailbox
        await world.until(lambda: _heard(other, DeviceRevoked(gone)), step_s=61)  # it looks at the directory by then
        await world.until(lambda: pc.engine.account.status().is_removed)


async def test_own_devices_tell_each_other_what_they_are_called(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone = await world.account("cow")
        pc = await world.linked_pc(phone, "pc")

        async def called(client: Client, named: Client, name: str) -> bool:
            devices = {device.device_id: device for device in await client.engine.devices.list()}
            return devices[device_of(named)].name == name

        for client in (phone, pc):
            own = next(device for device in await client.engine.devices.list() if device.current)
            assert own.name
            for other in (phone, pc):
                await world.until(lambda at=other, name=own.name, of=client: called(at, of, name))
        before = phone.events.count(DevicesChanged())
        await pc.engine.devices.rename("  서재   PC ")
        await world.until(lambda: called(phone, pc, "서재 PC"))
        assert phone.events.count(DevicesChanged()) == before + 1
        await phone.engine.devices.rename("휴대전화")
        await world.until(lambda: called(pc, phone, "휴대전화"))


async def test_a_linked_pc_asks_and_the_primary_removes(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone = await world.account("cow")
        pc, other = await world.linked_pc(phone, "pc"), await world.linked_pc(phone, "other")
        await world.until(lambda: _lists(pc, device_of(other)))
        await world.stop(phone)
        await pc.engine.devices.remove(device_of(other))
        pending = {d.device_id: d.removal_pending for d in await pc.engine.devices.list()}
        assert pending[device_of(other)]
        phone = await world.restart(phone)
        assert await phone.wait(DeviceRevoked) == DeviceRevoked(device_of(other))


async def _lists(client: Client, device_id: str) -> bool:
    return device_id in await listed(client)


async def test_what_cannot_be_removed_is_refused(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone = await world.account("cow")
        pc = await world.linked_pc(phone)

        async def knows_the_roles() -> bool:
            return Role.PRIMARY in [device.role for device in await pc.engine.devices.list()]

        await world.until(knows_the_roles)
        for client in (phone, pc):
            assert await refused(client.engine.devices.remove(device_of(phone))) == "not_allowed"
        assert await refused(phone.engine.devices.remove(DeviceId("ab" * 16))) == "no_such_device"


async def test_a_removal_that_the_relay_did_not_hear_is_carried_out_later(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone = await world.account("cow")
        pc = await world.linked_pc(phone, "pc")
        gone = device_of(pc)
        await world.relay.stop()
        removing = world.beside(phone.engine.devices.remove(gone))
        await world.until(lambda: _is_pending(phone, gone))
        world.clock.advance(60)
        assert await refused(removing) == "relay_unreachable"
        await world.relay.start()
        phone = await world.restart(phone)
        assert await phone.wait(DeviceRevoked) == DeviceRevoked(gone)
        assert await listed(phone) == {device_of(phone)}


async def _is_pending(client: Client, device_id: str) -> bool:
    return any(d.removal_pending for d in await client.engine.devices.list() if d.device_id == device_id)


async def test_a_removal_ends_a_linking_that_waits_for_its_pc(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone = await world.account("cow")
        pc, other = await world.linked_pc(phone, "pc"), await world.client("other")
        await world.link_until_ready(phone, other)
        await phone.engine.devices.remove(device_of(pc))
        assert await listed(phone) == {device_of(phone)}
        assert phone.engine._profile.session.context.own.device_list.version == 5


async def test_a_directory_that_forgot_the_account_is_told_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, ox = await world.account("cow"), await world.account("ox")
        puts: list[bytes] = []
        honest_get, honest_put = RelayClient.directory_get, RelayClient.directory_put_account

        async def forgetful(self: RelayClient, **asked: Any) -> DirectoryAnswer | None:
            return await honest_get(self, **asked) if puts else None

        async def noted(self: RelayClient, record: bytes, *, recovery_file: bytes | None = None) -> None:
            puts.append(record)
            await honest_put(self, record, recovery_file=recovery_file)

        monkeypatch.setattr(RelayClient, "directory_get", forgetful)
        monkeypatch.setattr(RelayClient, "directory_put_account", noted)
        assert await refused(ox.engine.contacts.add("cow")) == "no_such_handle"
        await world.until(lambda: puts, step_s=61)
        assert (await ox.engine.contacts.add("cow")).account_id == phone.engine.account.status().account_id


async def test_a_list_is_signed_again_before_it_is_stale(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone = await world.account("cow")
        pc = await world.linked_pc(phone, "pc")

        def version(client: Client) -> int:
            return client.engine._profile.session.context.own.device_list.version

        assert version(phone) == 2
        world.clock.advance(26 * 24 * 3600)
        await world.until(lambda: version(phone) == 3)
        await world.until(lambda: version(pc) == 3, step_s=61)


async def test_an_account_comes_back_with_its_recovery_code(tmp_path: Path) -> None:
    hub = RoomHub()
    async with World(tmp_path, hub=hub) as world:
        lost = await world.account("cow")
        pc = await world.linked_pc(lost, "pc")
        assert lost.created is not None
        code = lost.created.recovery_code
        await world.stop(lost)
        phone = await world.client("new-phone")
        restored = await phone.engine.account.restore(code=code.lower(), relay=world.relay.url, handle="cow")
        status = phone.engine.account.status()
        assert (status.state, status.role, status.account_id) == (
            ProfileState.READY,
            Role.PRIMARY,
            lost.created.account_id,
        )
        assert restored.recovery_code == ""
        assert restored.device_id != lost.created.device_id
        assert await listed(phone) == {restored.device_id, device_of(pc)}
        rooms = hub.of_account(bytes.fromhex(restored.account_id))
        mine = bytes.fromhex(restored.device_id)
        # the PC looks at the directory by and by, and brings the new phone into the rooms
        await world.until(lambda: mine in rooms[DEVICE_ROOM] and mine in rooms[b"note"], step_s=61)
        assert await pc.wait(DeviceRevoked) == DeviceRevoked(lost.created.device_id)
        roles = {d.device_id: d.role for d in await phone.engine.devices.list()}
        assert roles == {restored.device_id: Role.PRIMARY, device_of(pc): Role.LINKED}
        await world.link(phone, await world.client("second-pc"))  # and it is a full primary
        assert await pc.wait(DeviceLinked, lambda event: event.name == "second-pc")


async def test_the_lost_phone_finds_itself_revoked(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        lost = await world.account("cow")
        assert lost.created is not None
        await world.stop(lost)
        phone = await world.client("new-phone")
        await phone.engine.account.restore(
            code=lost.created.recovery_code, relay=world.relay.url, handle="cow", passphrase="외양간"
        )
        lost = await world.restart(lost)
        assert await lost.wait(DeviceRevoked) == DeviceRevoked(device_of(lost))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"}, "wrong_recovery_code"),
        ({"code": "nonsense"}, "wrong_recovery_code"),
        ({"code": None}, "wrong_recovery_code"),
        ({"handle": "nobody"}, "no_such_handle"),
    ],
)
async def test_a_wrong_code_or_handle_restores_nothing(tmp_path: Path, changes: dict[str, str], code: str) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        cow, ox = await world.account("cow"), await world.account("ox")
        assert cow.created is not None
        assert ox.created is not None
        wanted = {"code": cow.created.recovery_code, "handle": "cow", "relay": world.relay.url, **changes}
        wanted["code"] = wanted["code"] or ox.created.recovery_code  # another account's
        client = await world.client("new-phone")
        assert await refused(client.engine.account.restore(**wanted)) == code
        assert client.engine.account.status().state is ProfileState.NEW
