"""Attach races under a deterministic scheduler: a whole relay but for its sockets, its tasks woken in a seeded order.

Two senders, a device that attaches, acknowledges, is replaced and goes, the heartbeat, a drain, the forgetting of idle
mailboxes and expiry run as tasks of one loop (`tests/fakes/shuffled_loop`), over real databases. `BYRE_SCHEDULES=5000`
plays more of them; a failure names its seed.
"""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from byre.crypto.hashes import sha256
from byre.relay.composition import open_parts
from byre.relay.disk import DataDirectory
from byre.relay.held_store import HeldStore
from byre.relay.lane import Lane
from byre.relay.refusal import Refusal
from byre.relay.services import Services
from byre.wire.frames import TOKEN_NORMAL, Acked, Err, Msg, Send, Stored
from tests.fakes.paper_delivery import PaperSocket
from tests.fakes.relay import TEST_LIMITS, RelayClock, seeded
from tests.fakes.shuffled_loop import ShuffledLoop, play, some_turns

SCHEDULES = int(os.environ.get("BYRE_SCHEDULES", "40"))
SEED = 20261122
SENDS = 5
TOKEN = bytes(32)
LIMITS = replace(TEST_LIMITS, erase_delay_ms=0, outbox_frames=2, window_frames=3)


class Schedule:
    """One mailbox of its own and those who use it."""

    def __init__(self, services: Services, store: HeldStore, clock: RelayClock, seed: int) -> None:
        self.services = services
        self.store = store
        self.clock = clock
        self.seed = seed
        self.dice = random.Random(seed)
        self.mailbox = self.dice.randbytes(16)
        self.senders = [PaperSocket() for _ in range(2)]
        self.sent: list[list[bytes]] = [[], []]
        self.bodies: dict[bytes, bytes] = {}
        self.devices: list[PaperSocket] = []
        self.acknowledged: set[bytes] = set()

    async def run(self) -> None:
        mailboxes = self.services.mailboxes
        await mailboxes.create(self.mailbox, bytes(32))
        await mailboxes.put_tokens(await self.lane(), [(sha256(TOKEN), TOKEN_NORMAL)])
        mailboxes._lanes.clear()  # whoever comes first reads it from the disk, the others at the same time
        async with asyncio.TaskGroup() as everybody:
            everybody.create_task(self.send(0))
            everybody.create_task(self.send(1))
            everybody.create_task(self.come_and_go())
            everybody.create_task(self.keep_house())
            everybody.create_task(self.settle())
        await self.finish()
        await self.check()

    async def lane(self) -> Lane:
        lane = self.services.mailboxes.cached(self.mailbox) or await self.services.mailboxes.lane(self.mailbox)
        assert lane is not None
        return lane

    async def send(self, number: int) -> None:
        for _ in range(SENDS):
            mid, body = self.dice.randbytes(16), self.dice.randbytes(24)
            self.bodies[mid] = body
            for _ in range(self.dice.choice([1, 1, 2])):  # now and then it is sent again
                try:
                    await self.services.delivery.send(Send(mid, self.mailbox, TOKEN, 0, 0, body), self.senders[number])
                except Refusal as refusal:
                    self.senders[number].push(refusal.frame(mid))
                await some_turns(3)
            self.sent[number].append(mid)

    async def come_and_go(self) -> None:
        delivery = self.services.delivery
        for _ in range(4):
            await some_turns(8)
            lane = await self.lane()
            device = PaperSocket(window_frames=self.dice.randrange(1, 4))
            self.devices.append(device)
            delivery.attach(lane, device)
            for _ in range(self.dice.randrange(3)):
                await some_turns(6)
                self.acknowledge(lane, device, self.dice.randrange(4))
            if self.dice.random() < 0.7:
                await some_turns(4)
                delivery.detach(lane, device)

    def acknowledge(self, lane: Lane, device: PaperSocket, most: int) -> None:
        fresh = [mid for mid in device.mids if mid not in self.acknowledged][:most]
        if lane.socket is device:
            self.acknowledged |= set(fresh)
        self.services.delivery.acknowledge(lane, device, fresh)

    async def keep_house(self) -> None:
        for _ in range(4):
            await some_turns(10)
            self.clock.advance(self.dice.choice([1, 25, 1000]))
            self.services.delivery.tick()
            if self.dice.random() < 0.5:
                await self.services.mailboxes.clean()  # forgets a mailbox that nobody used for a quarter of an hour
            else:
                await self.store.expire()

    async def settle(self) -> None:
        await some_turns(30)
        lane = self.services.mailboxes.cached(self.mailbox)
        if lane is not None:
            self.services.delivery.settle_all([lane])

    async def finish(self) -> None:
        """The device comes for good and takes everything."""
        last = PaperSocket()
        self.devices.append(last)
        lane = await self.lane()
        self.services.delivery.attach(lane, last)
        for _ in range(200):
            self.acknowledge(lane, last, 64)
            await self.store.flush()
            await asyncio.sleep(0)
            if not lane.entries and not lane.is_reading:
                return
        raise AssertionError(f"schedule {self.seed}: {len(lane.entries)} messages never arrived")

    async def check(self) -> None:
        lane = await self.lane()
        seen = [frame for device in self.devices for frame in device.frames if isinstance(frame, Msg)]
        first_seen = list(dict.fromkeys(frame.mid for frame in seen))
        what = f"schedule {self.seed}"
        assert all(self.bodies[frame.mid] == frame.body for frame in seen), what
        for sender, mids in zip(self.senders, self.sent, strict=True):
            refused = {frame.subject for frame in sender.frames if isinstance(frame, Err)}
            confirmed = {frame.mid for frame in sender.frames if isinstance(frame, Acked | Stored)}
            assert set(mids) <= confirmed | refused, what
            assert confirmed <= set(first_seen), what
            arrived = [mid for mid in first_seen if mid in mids]
            assert arrived == sorted(arrived, key=mids.index), what
        for device in self.devices:
            order = [frame.seq for frame in device.frames if isinstance(frame, Msg)]
            assert order == sorted(set(order)), what
        assert (lane.held_messages, lane.held_bytes, lane.held_by_token or {}) == (0, 0, {}), what
        assert await self.store.rows(self.mailbox) == [], what


async def all_schedules(folder: Path, count: int) -> int:
    clock = RelayClock()
    directory = DataDirectory(folder, clock)
    parts = await open_parts(directory, origins=("http://127.0.0.1:1",), limits=LIMITS, clock=clock, random=seeded(1))
    loop = asyncio.get_running_loop()
    assert isinstance(loop, ShuffledLoop)
    running = asyncio.create_task(parts.store.run())
    try:
        for seed in range(SEED, SEED + count):
            loop.dice.seed(seed)
            await Schedule(parts.services, parts.store, clock, seed).run()
            await asyncio.gather(*parts.services.tasks._running, return_exceptions=True)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await parts.services.tasks.stop()
        await parts.store.close()
        await parts.durable.close()
        directory.unlock()
    return loop.turns


def test_in_whatever_order_tasks_are_woken_nothing_is_lost_doubled_or_out_of_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = play(monkeypatch, SEED, lambda: all_schedules(tmp_path, SCHEDULES))
    assert turns > 10 * SCHEDULES  # there was something to choose


def test_the_same_seed_is_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    async def order() -> list[int]:
        said: list[int] = []

        async def actor(number: int) -> None:
            for _ in range(4):
                await some_turns(3)
                said.append(number)

        await asyncio.gather(*(actor(number) for number in range(5)))
        return said

    orders = [play(monkeypatch, seed, order) for seed in (1, 1, 2, 3)]
    assert orders[0] == orders[1]
    assert len({tuple(each) for each in orders}) == 3
