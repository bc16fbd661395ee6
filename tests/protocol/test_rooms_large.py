"""Rooms that no envelope holds: commits and trees go as blobs, and everybody follows.

`BYRE_LARGE_ROOM=1000 python -m pytest --timeout 900 tests/protocol/test_rooms_large.py` makes the crowd larger than the
default 60. `python -m tests.bench.large_rooms` lives the same story with a heartbeat on the loop.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from byre.client.rooms.intents import AddDevices, RemoveAccount
from byre.client.views import RoomId
from tests.fakes.crowd import crowd
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_devices, joined, shows

CROWD = int(os.environ.get("BYRE_LARGE_ROOM", "60"))


def rooms_of(client: Client) -> Any:
    return client.engine._profile.session.rooms


async def bring_in(world: World, client: Client, room: RoomId, count: int, seed: str = "crowd") -> tuple[bytes, ...]:
    """Let a client add a crowd in one commit; return the accounts."""
    packages = crowd(count, relay_url=world.relay.url, now_s=world.clock.now_ms() // 1000, seed=seed)
    await rooms_of(client)._commits.bring_about(bytes.fromhex(room), AddDevices(packages))
    return tuple(package.account_id for package in packages)


async def test_a_crowd_is_added_and_removed_and_a_newcomer_gets_its_tree(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"], title="town")
        await joined((ben,), room)
        accounts = await bring_in(world, anna, room, CROWD - 3)
        await has_devices(world, ben, room, CROWD - 1)
        await ben.engine.messages.send(room, "so many")
        await shows(world, anna, room, "so many")
        await ben.engine.rooms.add(room, ["carl"])
        await joined((carl,), room)
        await has_devices(world, anna, room, CROWD)
        await carl.engine.messages.send(room, "here I am")
        for client in (anna, ben):
            await shows(world, client, room, "so many", "here I am")
        # Nobody of the crowd has ever committed: this path is sealed to each of them, too long for an envelope.
        await rooms_of(anna)._commits.bring_about(bytes.fromhex(room), RemoveAccount(accounts[0]))
        for client in (ben, carl):
            await has_devices(world, client, room, CROWD - 1)
        await anna.engine.messages.send(room, "one less")
        for client in (ben, carl):
            await shows(world, client, room, *(["so many"] if client is ben else []), "here I am", "one less")


async def test_who_was_away_fetches_large_commits_from_the_home(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], title="town")
        await joined((ben,), room)
        await world.stop(ben)
        await bring_in(world, anna, room, CROWD - 2)
        await anna.engine.messages.send(room, "while you were away")
        world.clock.advance(25 * 3600)
        ben = await world.restart(ben)
        await has_devices(world, ben, room, CROWD)
        await shows(world, ben, room, "while you were away")
        await ben.engine.messages.send(room, "I see")
        await shows(world, anna, room, "while you were away", "I see")


@pytest.mark.parametrize("step", ["uploading", "claiming", "granted"])
async def test_a_committer_that_dies_in_the_middle_goes_on_after_a_restart(tmp_path: Path, step: str) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], title="town")
        await joined((ben,), room)
        commits = rooms_of(anna)._commits._steps
        reached, for_ever = asyncio.Event(), asyncio.Event()
        owner, name = (commits._fan_out._parcels._blobs, "put") if step == "uploading" else (commits, "_ask")
        work = getattr(owner, name)

        async def dies(*arguments: Any, **options: Any) -> Any:
            if step != "claiming":
                await work(*arguments, **options)  # the relay has it, this device never learns
            reached.set()
            await for_ever.wait()

        setattr(owner, name, dies)
        adding = world.beside(bring_in(world, anna, room, 30))
        await reached.wait()
        anna = await world.restart(anna)
        adding.cancel()
        for client in (anna, ben):
            await has_devices(world, client, room, 32)
        await ben.engine.messages.send(room, "all here")
        await shows(world, anna, room, "all here")
