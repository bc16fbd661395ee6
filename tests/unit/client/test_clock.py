from __future__ import annotations

import asyncio
import time

from byre.client.clock import SystemClock, now_s
from tests.fakes.clock import FrozenClock, JumpingClock


async def test_the_system_clock_tells_wall_time() -> None:
    clock = SystemClock()
    assert abs(clock.now_ms() - time.time() * 1000) < 1000
    assert now_s(clock) in (int(time.time()), int(time.time()) - 1)
    await clock.sleep(0)


async def test_a_frozen_clock_wakes_sleepers_when_it_is_moved() -> None:
    clock = FrozenClock(1000)
    assert now_s(clock) == 1
    sleeper = asyncio.ensure_future(clock.sleep(2))
    await asyncio.sleep(0)
    clock.advance(1)
    await asyncio.sleep(0)
    assert not sleeper.done()
    clock.advance(1)
    await sleeper
    await clock.sleep(0)
    assert clock.now_ms() == 3000


async def test_a_frozen_clock_forgets_sleepers_that_gave_up() -> None:
    clock = FrozenClock()
    sleeper = asyncio.ensure_future(clock.sleep(2))
    await asyncio.sleep(0)
    sleeper.cancel()
    await asyncio.gather(sleeper, return_exceptions=True)
    assert not clock._sleepers


async def test_a_jumping_clock_runs_and_jumps() -> None:
    clock = JumpingClock(5_000)
    assert 5_000 <= clock.now_ms() < 60_000
    await clock.sleep(0.01)
    sleeper = asyncio.ensure_future(clock.sleep(3600))
    await asyncio.sleep(0)
    clock.advance(3601)
    await sleeper
