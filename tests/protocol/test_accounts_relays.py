"""Accounts at two relays: nothing may assume that there is only one."""

from __future__ import annotations

from pathlib import Path

from byre.client.events import MessageReceived, RoomChanged
from tests.fakes.world import World


async def test_accounts_of_two_relays_meet_by_full_handles_and_talk(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        other = await world.another_relay()
        cow, ox = await world.account("cow"), await world.account("ox", relay=other.url)
        host_of_cow, host_of_ox = (client.engine.account.status().host for client in (cow, ox))
        assert host_of_cow != host_of_ox
        contact = await cow.engine.contacts.add(f"ox@{host_of_ox}")
        assert contact.handle == f"ox@{host_of_ox}"
        assert (await ox.engine.contacts.add(f"cow@{host_of_cow}")).safety_number == contact.safety_number
        room_id = await cow.engine.rooms.create([f"ox@{host_of_ox}"])
        await ox.wait(RoomChanged, lambda event: event.room_id == room_id)
        await ox.engine.messages.send(room_id, "음매")
        received = await cow.wait(MessageReceived)
        assert (received.message.text, received.message.sender.handle) == ("음매", f"ox@{host_of_ox}")
        await cow.engine.messages.send(room_id, "안녕")
        assert (await ox.wait(MessageReceived)).message.text == "안녕"


async def test_one_handle_may_be_two_accounts_at_two_relays(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        other = await world.another_relay()
        await world.account("ox")
        far = await world.client("far-ox")
        created = await far.engine.account.create(handle="ox", name="Ox", relay=other.url)
        cow = await world.account("cow")
        near = await cow.engine.contacts.add("ox")
        host = far.engine.account.status().host
        away = await cow.engine.contacts.add(f"ox@{host}")
        assert near.account_id != away.account_id == created.account_id
        assert {contact.handle for contact in await cow.engine.contacts.list()} == {"ox", f"ox@{host}"}
