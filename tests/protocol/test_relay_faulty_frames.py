"""Frames that are dropped, doubled, swapped or drip in byte by byte: nothing confirmed is lost, nothing breaks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from byre.client.connection import Progress
from byre.relay.listening import Address, Listening
from byre.relay.server import Relay
from tests.fakes.frame_proxy import FrameProxy, mistreated, split
from tests.fakes.hasty_clock import HastyClock
from tests.fakes.kept_port import KeptPort
from tests.fakes.ledger import Ledger
from tests.fakes.relay import TEST_LIMITS, RelayClock, seeded
from tests.fakes.relay_user import User, until


@asynccontextmanager
async def behind_a_proxy(path: Path, seed: int) -> AsyncIterator[tuple[Relay, FrameProxy, str]]:
    places = KeptPort(), KeptPort()
    proxy = FrameProxy(places[0].number, places[1].number, random.Random(seed))
    url = f"http://127.0.0.1:{proxy.port}"
    relay = await Relay.open(path, origins=(url,), limits=TEST_LIMITS, clock=RelayClock(), random=seeded(seed))
    listening = await Listening.start(relay, Address("127.0.0.1", proxy.target), admin=None, tls=None)
    await proxy.start()
    try:
        yield relay, proxy, url
    finally:
        await proxy.stop()
        await relay.drain()
        await listening.stop()
        await relay.close()


@pytest.mark.parametrize("seed", range(3))
async def test_dropped_doubled_and_swapped_frames_lose_nothing_that_was_confirmed(tmp_path: Path, seed: int) -> None:
    async with behind_a_proxy(tmp_path / "relay", seed) as (relay, proxy, url):
        ledger = Ledger()
        alice, bob = User(url, 10 * seed + 1, HastyClock()), User(url, 10 * seed + 2, HastyClock())
        for user in (alice, bob):
            await user.network.start()
            await user.register()
        proxy.is_faulty = True
        for _ in range(100):
            ledger.send(alice, bob)
            await asyncio.sleep(0.002)
        await until(lambda: proxy.touched > 5)
        proxy.is_faulty = False
        proxy.cut()  # a lost frame is found by its time-out; a new connection is quicker
        await until(lambda: not ledger.missing(), "everything arrived")
        mids = next(iter(ledger.sent.values()))
        await until(lambda: all(alice.told.has(m, Progress.ACKED) or alice.told.has(m, Progress.STORED) for m in mids))
        await until(lambda: relay.services.counters.snapshot()["held_now"] == 0)
        found = [each for each in ledger.complaints() if not each.startswith("I3")]  # this wire itself swaps frames
        assert found == []
        assert relay.services.counters.snapshot()["accepted"] == 100
        for user in (alice, bob):
            await user.network.stop()


async def test_frames_that_drip_in_byte_by_byte_are_whole_in_the_end(tmp_path: Path) -> None:
    async with behind_a_proxy(tmp_path / "relay", 9) as (_, proxy, url):
        alice, bob = User(url, 1, HastyClock()), User(url, 2, HastyClock())
        for user in (alice, bob):
            await user.network.start()
            await user.register()
        proxy.is_faulty, proxy.drips, proxy.chance = True, True, 0.0
        mids = [alice.send(bob, proxy.dice.randbytes(300)) for _ in range(5)]
        await until(lambda: bob.told.mids == mids)
        for user in (alice, bob):
            await user.network.stop()


async def test_a_send_that_is_repeated_a_hundred_times_is_one_message(tmp_path: Path) -> None:
    async with behind_a_proxy(tmp_path / "relay", 8) as (relay, _, url):
        alice, bob = User(url, 1, HastyClock()), User(url, 2, HastyClock())
        for user in (alice, bob):
            await user.network.start()
            await user.register()
        mid = alice.random(16)
        for _ in range(100):
            alice.relay.send(mid=mid, mailbox=bob.mailbox, token=bob.token, ttl_s=0, body=b"sealed")
            await until(lambda: alice.told.has(mid, Progress.ACKED))
            alice.told.progress.clear()
        assert bob.told.mids == [mid]
        counted = relay.services.counters.snapshot()
        assert (counted["accepted"], counted["dup"]) == (1, 99)
        for user in (alice, bob):
            await user.network.stop()


def test_the_proxy_knows_where_frames_end() -> None:
    frames = [b"\x82\x01a", b"\x82\xfe\x00\x80mask" + bytes(128), b"\x82\x7f" + (70_000).to_bytes(8) + bytes(70_000)]
    whole = b"".join(frames)
    assert split(whole) == (frames, b"")
    for cut in (1, 4, 9, 100, 140, 150, len(whole) - 1):
        first, rest = split(whole[:cut])
        second, end = split(rest + whole[cut:])
        assert (first + second, end) == (frames, b"")


def test_the_proxy_drops_doubles_and_swaps() -> None:
    frames = [bytes((number,)) for number in range(250)]
    left = mistreated(frames, random.Random(1), 0.1)
    assert set(left) < set(frames)
    assert any(left.count(frame) == 2 for frame in frames)
    assert sorted(set(left)) != list(dict.fromkeys(left))
    assert mistreated(frames, random.Random(1), 0.0) == frames
