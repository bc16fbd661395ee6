"""The relay's clocks: wall time for what is signed and stored, expiry time that never runs backwards, monotonic time
for rates and deadlines.

Expiry obeys max(last seen wall time, now): a wall clock that is set back keeps nothing alive longer, and one that
jumps ahead by more than ten minutes against the boot clock is not believed (the boot clock goes on counting), so that
a broken NTP server cannot empty the store.
"""

from __future__ import annotations

import time
from typing import Final, Protocol

JUMP_MS: Final = 600_000


class Clock(Protocol):
    """What the relay knows of time; tests move it themselves."""

    def wall_ms(self) -> int:
        """Return the wall time in milliseconds UTC since 1970."""

    def boot_ms(self) -> int:
        """Return milliseconds since boot, suspended time included; never jumps."""

    def monotonic_s(self) -> float:
        """Return seconds that only grow, for rates and deadlines."""


class SystemClock:
    """The machine's own clocks."""

    def wall_ms(self) -> int:
        """Return the wall time in milliseconds UTC since 1970."""
        return time.time_ns() // 1_000_000

    def boot_ms(self) -> int:
        """Return milliseconds since boot, suspended time included where the system can tell."""
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        return time.monotonic_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()


class ExpiryClock:
    """The time by which things expire: the wall clock as far as the boot clock bears it out.

    Args:
        clock: where time comes from.
        last_seen_ms: the latest expiry time of the last run (0 for none): time does not go back over a restart.
    """

    def __init__(self, clock: Clock, *, last_seen_ms: int = 0) -> None:
        self._clock = clock
        self._boot_ms = clock.boot_ms()
        self._now_ms = max(last_seen_ms, clock.wall_ms())
        self.jumps = 0

    def now_ms(self) -> int:
        """Return the time for expiry, in ms UTC."""
        boot_ms = self._clock.boot_ms()
        expected_ms = self._now_ms + max(0, boot_ms - self._boot_ms)
        wall_ms = self._clock.wall_ms()
        if abs(wall_ms - expected_ms) > JUMP_MS:
            self.jumps += 1
            self._now_ms = expected_ms
        else:
            self._now_ms = max(self._now_ms, wall_ms)
        self._boot_ms = boot_ms
        return self._now_ms

    def is_off(self) -> bool:
        """Tell whether the wall clock is not believed at the moment."""
        return abs(self._clock.wall_ms() - self.now_ms()) > JUMP_MS
