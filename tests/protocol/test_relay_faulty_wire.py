"""A wire that is cut at random bytes or flips bits: nothing confirmed is lost, nobody crashes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from byre.client.clock import SystemClock
from byre.client.connection import Progress
from byre.client.connection.requester import TIMEOUT_S
from byre.relay.listening import Address, Listening
from byre.relay.server import Relay
from tests.fakes.kept_port import KeptPort
from tests.fakes.relay import TEST_LIMITS, RelayClock, seeded
from tests.fakes.relay_user import User, until


class HastyClock(SystemClock):
    """Back-offs are cut short; time limits of requests are not."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds if seconds == TIMEOUT_S else min(seconds, 0.05))


@dataclass
class FaultyWire:
    """A TCP proxy on `port` that ill-treats what passes while `is_faulty`."""

    port: int
    target: int
    dice: random.Random
    is_faulty: bool = False
    flips: bool = False
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        """Cut every connection that is open."""
        for writer in list(self.writers):
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        self.writers |= {writer, far_writer}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.pump(reader, far_writer))
                group.create_task(self.pump(far_reader, writer))
        except* OSError:
            pass
        finally:
            for each in (writer, far_writer):
                each.transport.abort()
                self.writers.discard(each)

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if self.is_faulty and self.dice.random() < 0.04:
                writer.write(data[: self.dice.randrange(len(data))])  # truncated in the middle of a frame
                break
            if self.is_faulty and self.flips and self.dice.random() < 0.2:
                changed = bytearray(data)
                changed[self.dice.randrange(len(data))] ^= 1 << self.dice.randrange(8)
                data = bytes(changed)
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError


@asynccontextmanager
async def faulty_relay(path: Path, seed: int) -> AsyncIterator[tuple[Relay, FaultyWire, str]]:
    places = KeptPort(), KeptPort()
    wire = FaultyWire(places[0].number, places[1].number, random.Random(seed))
    url = f"http://127.0.0.1:{wire.port}"
    relay = await Relay.open(path, origins=(url,), limits=TEST_LIMITS, clock=RelayClock(), random=seeded(seed))
    listening = await Listening.start(relay, Address("127.0.0.1", wire.target), admin=None, tls=None)
    server = await asyncio.start_server(wire.serve, "127.0.0.1", wire.port)
    try:
        yield relay, wire, url
    finally:
        server.close()
        wire.cut()
        await relay.drain()
        await listening.stop()
        await relay.close()


async def stop(*users: User) -> None:
    for user in users:
        await user.network.stop()


@pytest.mark.parametrize("seed", range(4))
async def test_a_wire_that_is_cut_again_and_again_loses_and_doubles_nothing(tmp_path: Path, seed: int) -> None:
    async with faulty_relay(tmp_path / "relay", seed) as (relay, wire, url):
        alice, bob = User(url, 1, HastyClock()), User(url, 2, HastyClock())
        for user in (alice, bob):
            await user.network.start()
            await user.register()
        wire.is_faulty = True
        mids = []
        for _ in range(150):
            mids.append(alice.send(bob, wire.dice.randbytes(512)))
            await asyncio.sleep(0.002)
        wire.is_faulty = False
        await until(lambda: set(bob.told.mids) >= set(mids))
        await until(lambda: all(alice.told.has(m, Progress.ACKED) or alice.told.has(m, Progress.STORED) for m in mids))
        assert set(bob.told.mids) == set(mids)
        await until(lambda: relay.services.counters.snapshot()["held_now"] == 0)
        assert relay.services.counters.snapshot()["accepted"] == 150  # repeats were recognised
        assert alice.told.failures == []
        await stop(alice, bob)


async def test_flipped_bits_break_sockets_and_nothing_else(tmp_path: Path) -> None:
    async with faulty_relay(tmp_path / "relay", 9) as (_, wire, url):
        alice, bob = User(url, 1, HastyClock()), User(url, 2, HastyClock())
        for user in (alice, bob):
            await user.network.start()
            await user.register()
        wire.is_faulty = wire.flips = True
        for _ in range(150):
            alice.send(bob, wire.dice.randbytes(512))
            await asyncio.sleep(0.002)
        wire.is_faulty = False
        wire.cut()  # behind TLS the first flipped bit does this
        await until(lambda: not alice.relay.is_connected)
        await until(lambda: alice.relay.is_connected and bob.relay.is_connected)
        mid = alice.send(bob)
        await until(lambda: mid in bob.told.mids)
        await stop(alice, bob)
