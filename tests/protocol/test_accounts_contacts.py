"""Contacts over a real directory: lookups that verify, safety numbers, and a key that changed."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from byre.client.connection import DirectoryAnswer, RelayClient
from byre.client.events import ContactChanged, KeyChanged, OwnListForked
from byre.client.new_identity import new_identity
from byre.client.views import Trust
from byre.crypto.random import system_random
from byre.errors import ByreError, UsageError
from byre.identity.account import AccountKey
from byre.identity.handle import Address
from byre.identity.records import AccountRecord
from byre.identity.safety_number import safety_number
from byre.wire.ids import AccountId
from tests.fakes.rooms import RoomHub
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, shows
from tests.refusals import refused


async def test_two_accounts_add_each_other_and_see_one_safety_number(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        cow, ox = await world.account("cow"), await world.account("ox")
        of_ox, of_cow = await cow.engine.contacts.add("OX"), await ox.engine.contacts.add("cow")
        assert (of_ox.handle, of_ox.trust) == ("ox", Trust.UNVERIFIED)
        assert of_ox.account_id == ox.engine.account.status().account_id
        assert of_ox.safety_number == of_cow.safety_number
        assert len(of_ox.safety_number) == 60
        assert await cow.wait(ContactChanged) == ContactChanged(of_ox.account_id)
        assert await cow.engine.contacts.add(f"ox@{cow.engine.account.status().host}") == of_ox
        assert await cow.engine.contacts.list() == [of_ox]


async def test_handles_that_lead_nowhere_are_said(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        cow = await world.account("cow")
        assert await refused(cow.engine.contacts.add("nobody")) == "no_such_handle"
        assert await refused(cow.engine.contacts.add("no body")) == "bad_handle"
        assert await refused(cow.engine.contacts.add("ox@bad host")) == "bad_relay"
        assert await refused(cow.engine.contacts.add("cow")) == "not_allowed"
        assert await refused(cow.engine.contacts.mark_verified("ab" * 32)) == "no_such_contact"


async def test_a_verified_contact_stays_verified_on_all_own_devices(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        cow, _ = await world.account("cow"), await world.account("ox")
        pc = await world.linked_pc(cow)
        contact = await cow.engine.contacts.add("ox")
        await cow.engine.contacts.mark_verified(contact.account_id)

        async def is_verified() -> bool:
            return [each.trust for each in await pc.engine.contacts.list()] == [Trust.VERIFIED]

        await world.until(is_verified)


def another_account(world: World, victim: Client) -> tuple[AccountKey, DirectoryAnswer]:
    """Return what a lying relay would serve under the handle of `victim`: an account of its own."""
    status = victim.engine.account.status()
    address = Address(status.handle or "", status.host or "")
    fake = new_identity(address, world.relay.url, "Intruder", random=system_random, now_ms=world.clock.now_ms())
    key = fake.require_account_key()
    record = AccountRecord.issue(key, binding=fake.binding, device_list=fake.device_list, now_ms=world.clock.now_ms())
    return key, DirectoryAnswer(record.encoded, (fake.device_list.encoded,), (), None)


async def test_another_key_behind_a_known_handle_blocks_until_it_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        cow, ox = await world.account("cow"), await world.account("ox")
        known = await cow.engine.contacts.add("ox")
        key, lie = another_account(world, ox)

        async def lying(self: RelayClient, **_: object) -> DirectoryAnswer:
            return lie

        monkeypatch.setattr(RelayClient, "directory_get", lying)
        assert await refused(cow.engine.contacts.add("ox")) == "key_changed"
        assert await cow.wait(KeyChanged) == KeyChanged(known.account_id, "ox", "key")
        contact = await cow.engine.contacts.get(known.account_id)
        assert (contact.account_id, contact.trust, contact.change) == (known.account_id, Trust.CHANGED, "key")
        assert contact.changed_safety_number == safety_number(_account_of(cow), key.account_id)
        assert await refused(cow.engine.contacts.add("ox")) == "key_changed"
        assert await refused(cow.engine.contacts.mark_verified(known.account_id)) == "key_changed"
        await cow.engine.contacts.accept_changed_key(known.account_id)
        (contact,) = await cow.engine.contacts.list()
        assert (contact.account_id, contact.trust) == (key.account_id.hex(), Trust.UNVERIFIED)
        assert contact.safety_number != known.safety_number
        assert (await cow.engine.contacts.add("ox")).account_id == contact.account_id
        with pytest.raises(UsageError):
            await cow.engine.contacts.accept_changed_key(contact.account_id)


def _account_of(client: Client) -> AccountId:
    return AccountId(bytes.fromhex(client.engine.account.status().account_id or ""))


async def test_a_safety_number_is_compared_by_its_digits_or_its_picture(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        cow, ox = await world.account("cow"), await world.account("ox")
        theirs = await ox.engine.contacts.add("cow")
        mine = await cow.engine.contacts.add("ox")
        assert mine.safety_qr == theirs.safety_qr
        check = cow.engine.contacts.check_qr
        assert await check(mine.account_id, theirs.safety_qr)
        assert await check(mine.account_id, " ".join(theirs.safety_number[at : at + 5] for at in range(0, 60, 5)))
        assert not await check(mine.account_id, "byre://safety#" + "1" * 60)
        for bad in ("", "hello", "1" * 59, "byre://link#AAAA"):
            assert await refused(check(mine.account_id, bad)) == "bad_safety_number"
        assert await refused(cow.engine.contacts.get(AccountId(bytes(32)).hex())) == "no_such_contact"  # type: ignore[arg-type]


async def test_a_second_history_of_the_own_account_blocks_until_it_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        cow, ox = await acquainted(world, "cow", "ox")
        room = await cow.engine.rooms.create(["ox"])
        own = cow.engine._profile.session.context.own
        key, first = own.require_account_key(), own.device_list
        ours, stolen = (first.renewed(key, world.clock.now_ms() + n) for n in (0, 1))
        record = AccountRecord.issue(key, binding=own.binding, device_list=stolen, now_ms=world.clock.now_ms())
        answer = DirectoryAnswer(record.encoded, (first.encoded, stolen.encoded), (), None)
        await cow.engine._profile.session.own_list.publish(ours)

        async def forking(self: RelayClient, **_: object) -> DirectoryAnswer:
            return answer

        with monkeypatch.context() as patch:
            patch.setattr(RelayClient, "directory_get", forking)
            with contextlib.suppress(ByreError):
                await cow.engine._profile.session.own_list.refresh()
        assert await cow.wait(OwnListForked) == OwnListForked(2)
        cow = await world.restart(cow)
        assert cow.engine.account.status().is_forked
        assert await refused(cow.engine.messages.send(room, "x")) == "key_changed"
        lists = await cow.engine.account.forked_lists()
        assert [(each.version, each.is_ours) for each in lists] == [(1, True), (2, True), (2, False)]
        await cow.engine.account.accept_fork()
        assert await refused(cow.engine.account.accept_fork()) == "wrong_state"
        assert not cow.engine.account.status().is_forked
        await cow.engine.messages.send(room, "looked at")
        await shows(world, ox, room, "looked at")


async def test_a_directory_that_hides_newer_lists_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        cow, ox = await world.account("cow"), await world.account("ox")
        old = await cow.engine._network.relay(world.relay.url).directory_get(handle="ox")
        await world.linked_pc(ox)
        await cow.engine.contacts.add("ox")

        async def stale(self: RelayClient, **_: object) -> DirectoryAnswer | None:
            return old

        monkeypatch.setattr(RelayClient, "directory_get", stale)
        assert await refused(cow.engine.contacts.add("ox")) == "list_rollback"


async def test_an_unreachable_relay_is_said(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        cow = await world.account("cow")
        await world.relay.stop()
        adding = world.beside(cow.engine.contacts.add("ox"))
        await asyncio.sleep(0.1)
        world.clock.advance(60)
        assert await refused(adding) == "relay_unreachable"


async def test_two_histories_of_one_account_block_it_until_they_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        cow, ox = await world.account("cow"), await world.account("ox")
        known = await cow.engine.contacts.add("ox")
        answer = await cow.engine._network.relay(world.relay.url).directory_get(handle="ox")
        assert answer is not None
        own = ox.engine._profile.session.context.own
        key, first = own.require_account_key(), own.device_list
        second = first.renewed(key, world.clock.now_ms())
        other = first.renewed(key, world.clock.now_ms() + 1)
        record = AccountRecord.issue(key, binding=own.binding, device_list=second, now_ms=world.clock.now_ms())
        forked = DirectoryAnswer(record.encoded, (first.encoded, other.encoded, second.encoded), (), None)

        async def forking(self: RelayClient, **_: object) -> DirectoryAnswer:
            return forked

        monkeypatch.setattr(RelayClient, "directory_get", forking)
        assert await refused(cow.engine.contacts.add("ox")) == "key_changed"
        (contact,) = await cow.engine.contacts.list()
        assert (contact.account_id, contact.trust) == (known.account_id, Trust.CHANGED)
        await cow.engine.contacts.accept_changed_key(known.account_id)
        (contact,) = await cow.engine.contacts.list()
        assert (contact.account_id, contact.trust) == (known.account_id, Trust.UNVERIFIED)
