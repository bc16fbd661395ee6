"""Rooms whose members live at two relays: ordered by one home, delivered by both, and alive when one is away."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.client.views import RoomState
from byre.errors import EnvironmentFault
from tests.fakes.world import World
from tests.protocol.room_steps import has_devices, has_members, has_state, joined, shows


async def test_a_group_across_two_relays_lives_through_changes_and_an_outage(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        far = await world.another_relay()
        anna, ben = await world.account("anna"), await world.account("ben", relay=far.url)
        carl = await world.account("carl", relay=far.url)
        near_host, far_host = (client.engine.account.status().host for client in (anna, ben))
        for client, others in (
            (anna, (f"ben@{far_host}", f"carl@{far_host}")),
            (ben, (f"anna@{near_host}", "carl")),
            (carl, (f"anna@{near_host}", "ben")),
        ):
            for other in others:
                await client.engine.contacts.add(other)
        room = await anna.engine.rooms.create([f"ben@{far_host}"], "two relays")
        await joined((ben,), room)
        pc = await world.linked_pc(anna, "pc")
        await has_devices(world, ben, room, 3)
        await ben.engine.rooms.add(room, ["carl"])  # the commit of a member of the far relay, ordered by the near one
        await has_members(world, anna, room, "anna", f"ben@{far_host}", f"carl@{far_host}")
        await has_members(world, carl, room, f"anna@{near_host}", "ben", "carl")
        for sender, text in ((anna, "one"), (ben, "two"), (carl, "three"), (pc, "four")):
            await sender.engine.messages.send(room, text)
        for client in (anna, ben, carl, pc):
            await shows(world, client, room, "one", "two", "three", "four")

        await far.stop()  # the home is there: its own people go on, the others get it later
        await anna.engine.messages.send(room, "while the far relay was away")
        await shows(world, pc, room, "one", "two", "three", "four", "while the far relay was away")
        await far.start()
        for client in (ben, carl):
            await world.until(lambda c=client: c.engine.account.status().connected, step_s=15)
            await shows(world, client, room, "one", "two", "three", "four", "while the far relay was away")

        await world.relay.stop()  # the home is away: text of the far relay's people goes on, changes wait
        await ben.engine.messages.send(room, "while the home was away")
        await shows(world, carl, room, *_TEXTS)
        renaming = world.beside(ben.engine.rooms.rename(room, "renamed without a home"))
        await world.until(renaming.done, step_s=15)
        with pytest.raises(EnvironmentFault) as refused:
            await renaming
        assert refused.value.code == "relay_unreachable"
        await world.relay.start()
        for client in (anna, pc):
            await world.until(lambda c=client: c.engine.account.status().connected, step_s=15)
            await shows(world, client, room, *_TEXTS)
        account = next(each for each in await anna.engine.contacts.list() if each.handle.startswith("carl"))
        await anna.engine.rooms.remove(room, account.account_id)
        await has_state(world, carl, room, RoomState.REMOVED)
        await has_members(world, ben, room, f"anna@{near_host}", "ben")


_TEXTS = ("one", "two", "three", "four", "while the far relay was away", "while the home was away")
