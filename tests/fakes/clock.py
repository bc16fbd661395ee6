"""A clock that runs with the machine's and jumps when a test says so.

Real sockets need real time to pass, so this clock is not frozen: `advance` adds to it and wakes every sleeper whose
time has come. `FrozenClock` stands still between advances, for tests without sockets.
"""

from __future__ import annotations

import asyncio
import time


class JumpingClock:
    """`Clock` of the engine with a jump button."""

    def __init__(self, start_ms: int | None = None) -> None:
        real = time.time_ns() // 1_000_000
        self._offset_ms = 0 if start_ms is None else start_ms - real
        self._jumped: set[asyncio.Event] = set()

    def now_ms(self) -> int:
        """Return this clock's time in milliseconds."""
        return time.time_ns() // 1_000_000 + self._offset_ms

    async def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed on this clock, jumps included."""
        until = self.now_ms() + round(seconds * 1000)
        jumped = asyncio.Event()
        self._jumped.add(jumped)
        try:
            while (left_ms := until - self.now_ms()) > 0:
                jumped.clear()
                try:
                    async with asyncio.timeout(left_ms / 1000):
                        await jumped.wait()
                except TimeoutError:
                    continue
        finally:
            self._jumped.discard(jumped)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Jump forward."""
        self._offset_ms += round(seconds * 1000)
        for jumped in self._jumped:
            jumped.set()


class FrozenClock:
    """A clock that moves by `advance` only."""

    def __init__(self, start_ms: int = 1_800_000_000_000) -> None:
        self._now_ms = start_ms
        self._sleepers: list[tuple[int, asyncio.Event]] = []

    def now_ms(self) -> int:
        """Return this clock's time in milliseconds."""
        return self._now_ms

    async def sleep(self, seconds: float) -> None:
        """Return when the clock was advanced by `seconds` in all."""
        until = self._now_ms + round(seconds * 1000)
        if until <= self._now_ms:
            await asyncio.sleep(0)
            return
        awake = asyncio.Event()
        sleeper = (until, awake)
        self._sleepers.append(sleeper)
        try:
            await awake.wait()
        finally:
            if sleeper in self._sleepers:
                self._sleepers.remove(sleeper)

    def advance(self, seconds: float) -> None:
        """Move on and wake whose time has come."""
        self._now_ms += round(seconds * 1000)
        for until, awake in self._sleepers:
            if until <= self._now_ms:
                awake.set()
