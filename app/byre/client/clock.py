"""The clock of the engine: wall time in milliseconds and sleeping, injected so that tests move time themselves."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What every service of `client/` knows of time."""

    def now_ms(self) -> int:
        """Return the wall time in milliseconds UTC since 1970."""

    async def sleep(self, seconds: float) -> None:
        """Return once this clock has moved on by `seconds`."""


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """Return the wall time in milliseconds UTC since 1970."""
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        """Sleep in the running loop."""
        await asyncio.sleep(seconds)


def now_s(clock: Clock) -> int:
    """Return the wall time in whole seconds, as signed structures and MLS lifetimes count it."""
    return clock.now_ms() // 1000
