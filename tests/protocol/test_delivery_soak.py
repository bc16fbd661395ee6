"""Seeded disorder: five devices talk, add members and die at random writes; in the end all show the same texts."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from byre.client.views import RoomId
from byre.errors import ByreError
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_devices, joined, texts
from tests.protocol.test_delivery_faults import crash_at, reborn

SEEDS = range(int(os.environ.get("BYRE_SOAK_SEEDS", "2")))
STEPS = int(os.environ.get("BYRE_SOAK_STEPS", "25"))


class Disorder:
    """One seeded run."""

    def __init__(self, world: World, clients: dict[str, Client], room: RoomId, seed: int) -> None:
        self.world = world
        self.clients = clients
        self.room = room
        self.dice = random.Random(seed)
        self.dying: set[str] = set()
        self.said = 0

    async def step(self) -> None:
        name = self.dice.choice(sorted(self.clients))
        action = self.dice.choices(("say", "die", "wake", "tick", "relay"), weights=(10, 3, 4, 2, 1))[0]
        if action == "say":
            await self._say(name)
        elif action == "die" and name not in self.dying:
            self.dying.add(name)
            crash_at(self.clients[name], self.dice.randint(1, 6), before=self.dice.random() < 0.5)
        elif action == "wake" and self.dying:
            await self._wake(self.dice.choice(sorted(self.dying)))
        elif action == "tick":
            self.world.clock.advance(self.dice.choice((2, 12, 70)))
        elif action == "relay":
            await self.world.relay.stop()
            await self.world.relay.start()
        await asyncio.sleep(self.dice.random() * 0.05)

    async def settle(self) -> None:
        for name in sorted(self.dying):
            await self._wake(name)

    async def _say(self, name: str) -> None:
        self.said += 1
        try:
            async with asyncio.timeout(0.3 if name in self.dying else 5):
                await self.clients[name].engine.messages.send(self.room, f"{name} {self.said}")
        except (TimeoutError, ByreError):
            assert name in self.dying, f"{name} could not send"

    async def _wake(self, name: str) -> None:
        self.dying.discard(name)
        self.clients[name] = await reborn(self.world, self.clients[name])


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.xdist_group("kill")
@pytest.mark.parametrize("seed", SEEDS)
async def test_in_the_end_every_device_shows_the_same_texts(tmp_path: Path, seed: int) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        pc = await world.linked_pc(anna, "anna-pc")
        room = await anna.engine.rooms.create(["ben", "carl"], title="storm")
        for client in (anna, pc, ben, carl):
            await joined((client,), room)
            await has_devices(world, client, room, 4)
        disorder = Disorder(world, {"anna": anna, "anna-pc": pc, "ben": ben, "carl": carl}, room, seed)
        for _ in range(STEPS):
            await disorder.step()
        await disorder.settle()
        own: set[str] = set()
        for name, client in disorder.clients.items():
            own |= {text for text in await texts(client, room) if text.startswith(f"{name} ")}
        expected = sorted(own)

        async def all_agree() -> bool:
            shown = [await texts(client, room) for client in disorder.clients.values()]
            return all(one == expected for one in shown)

        try:
            await world.until(all_agree, timeout_s=30)
        except TimeoutError:
            for name, client in disorder.clients.items():
                shown = await texts(client, room)
                missing = [text for text in expected if text not in shown]
                extra = [text for text in shown if text not in expected]
                print(name, "lacks", missing, "and has", extra, "of", len(expected))
            raise AssertionError(f"seed {seed}: devices differ") from None
