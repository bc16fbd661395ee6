"""Clients that die at a write while a Welcome or somebody else's commit is being taken: the room stays usable.

The committer's side stands in test_delivery_faults. BYRE_KILL_ALL=1 dies at every write, besides, and inside of the
transactions, between any two statements that change something.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import pytest

from byre.errors import EnvironmentFault
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_members, joined, shows
from tests.protocol.test_delivery_faults import crash_at, reborn

ALL = os.environ.get("BYRE_KILL_ALL") == "1"
AT_A_WRITE = [(n, b) for n in range(1, 7) for b in (True, False)] if ALL else [(1, False), (2, True)]
INSIDE = range(1, 25) if ALL else (2, 7)

pytestmark = [pytest.mark.logs_errors, pytest.mark.xdist_group("kill")]


async def expect_a_usable_room(world: World, room: Any, *clients: Client) -> None:
    """All are in the room and read each other."""
    for client in clients:
        await has_members(world, client, room, *(each.folder.name for each in clients))
    said = [f"from {client.folder.name}" for client in clients]
    for client, text in zip(clients, said, strict=True):
        await client.engine.messages.send(room, text)
    for client in clients:
        await shows(world, client, room, *said)


@pytest.mark.parametrize(("number", "before"), AT_A_WRITE)
async def test_a_joiner_that_dies_at_a_write_is_in_the_room_after_a_restart(
    tmp_path: Path, number: int, before: bool
) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        crash_at(ben, number, before=before)
        room = await anna.engine.rooms.create(["ben"], title="team")
        await died(world, ben)
        ben = await reborn(world, ben)
        await expect_a_usable_room(world, room, anna, ben)


@pytest.mark.parametrize(("number", "before"), AT_A_WRITE)
async def test_a_member_that_dies_while_it_follows_a_commit_goes_on(tmp_path: Path, number: int, before: bool) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        await expect_a_usable_room(world, room, anna, ben)
        crash_at(ben, number, before=before)
        await anna.engine.rooms.add(room, ["carl"])
        await died(world, ben)
        ben = await reborn(world, ben)
        for client in (anna, ben, carl):
            await has_members(world, client, room, "anna", "ben", "carl")
        await ben.engine.messages.send(room, "still here")
        for client in (anna, carl):
            await world.until(lambda client=client: reads(client, room, "still here"))


@pytest.mark.parametrize("number", INSIDE)
async def test_a_death_inside_of_a_transaction_leaves_all_of_it_undone(tmp_path: Path, number: int) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        die_inside(ben, number)
        await anna.engine.rooms.add(room, ["carl"])
        await died(world, ben)
        ben = await reborn(world, ben)
        await expect_a_usable_room(world, room, anna, ben, carl)


def die_inside(client: Client, number: int) -> None:
    """Let the client die in the transaction in which a repository's method number `number` is called."""
    store = client.engine._profile.session.context.store
    write, calls = store.write, 0

    async def counting(work: Any) -> Any:
        nonlocal calls
        is_dead = False

        def counted(tx: Any) -> Any:
            nonlocal is_dead
            try:
                return work(Counting(tx, tick))
            except Dead:
                is_dead = True
                raise

        def tick() -> None:
            nonlocal calls
            calls += 1
            if calls == number:
                raise Dead("killed inside of a transaction", code="locked")

        try:
            return await write(counted)
        except Dead:
            crash_at(client, 1, before=True)  # whatever it still tries comes to nothing
            return await store.write(work)

    store.write = counting  # type: ignore[method-assign]
    client.options["buried"] = _NEVER_CRASHED


class Dead(EnvironmentFault):
    """The process died inside of a transaction."""


class Counting:
    """A transaction whose repositories say when they are called."""

    def __init__(self, inner: Any, tick: Any) -> None:
        self._inner, self._tick = inner, tick

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if callable(value):

            def called(*arguments: Any, **named: Any) -> Any:
                self._tick()
                return value(*arguments, **named)

            return called
        return Counting(value, self._tick) if type(value).__module__.startswith("byre.store") else value


class _Never:
    def set(self) -> None:
        """Nothing hangs."""


_NEVER_CRASHED = _Never()


async def died(world: World, client: Client) -> None:
    """Give the client time to come to its write; one that never writes so often is alive, which is as good."""
    network = client.engine._profile.session.context.network
    with contextlib.suppress(TimeoutError):
        await world.until(lambda: "relay" in vars(network), timeout_s=0.7)


async def reads(client: Client, room: Any, text: str) -> bool:
    return text in [row.text for row in await client.engine.messages.list(room, 50)]
