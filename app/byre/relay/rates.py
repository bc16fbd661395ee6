"""Rate limits in memory: token buckets and counted windows, keyed by something opaque and forgotten when idle."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

PAUSE_S = 0.5
"""What was under way when a send was refused for its rate has come by then."""


class Rate:
    """One token bucket: `burst` at once, `per_s` in the long run.

    With `pause_s` a bucket that has refused stays shut until it has filled for so long: of what one sender has under
    way together, nothing later may get in where something earlier was refused.
    """

    __slots__ = ("_burst", "_level", "_needed", "_per_s", "_reopens_at", "_seen_s")

    def __init__(self, burst: float, per_s: float, now_s: float, pause_s: float = 0.0) -> None:
        self._burst = burst
        self._per_s = per_s
        self._level = burst
        self._seen_s = now_s
        self._needed = 1.0
        self._reopens_at = max(1.0, min(burst, per_s * pause_s))

    def take(self, now_s: float) -> bool:
        """Take one; say whether there was one."""
        level = self._level + (now_s - self._seen_s) * self._per_s
        self._seen_s = now_s
        if level > self._burst:
            level = self._burst
        if level >= self._needed:
            self._level = level - 1
            self._needed = 1.0
            return True
        self._level = level
        self._needed = self._reopens_at
        return False

    def wait_ms(self) -> int:
        """Return after how many milliseconds the next one is there."""
        missing = self._needed - self._level
        if missing <= 0:
            return 0
        return int(min(3_600_000.0, 1000 * missing / self._per_s)) + 1 if self._per_s else 3_600_000


class Rates:
    """Many token buckets of one kind. The most recently used `most` keys are kept: a forgotten bucket is a full one,
    which costs an attacker more keys than it gains, and bounds our memory.

    Args:
        burst, per_s, pause_s: of each bucket.
        monotonic_s: the clock.
        most: how many keys are remembered.
    """

    def __init__(
        self,
        burst: float,
        per_s: float,
        monotonic_s: Callable[[], float],
        *,
        pause_s: float = 0.0,
        most: int = 100_000,
    ) -> None:
        self._burst = burst
        self._pause_s = pause_s
        self._per_s = per_s
        self._monotonic_s = monotonic_s
        self._most = most
        self._by_key: OrderedDict[Hashable, Rate] = OrderedDict()

    def take(self, key: Hashable, now_s: float | None = None) -> int:
        """Take one for this key; return 0, or after how many milliseconds there is one."""
        if now_s is None:
            now_s = self._monotonic_s()
        rate = self._by_key.get(key)
        if rate is None:
            rate = self._by_key[key] = Rate(self._burst, self._per_s, now_s, self._pause_s)
            if len(self._by_key) > self._most:
                self._by_key.popitem(last=False)
        else:
            self._by_key.move_to_end(key)
        return 0 if rate.take(now_s) else rate.wait_ms()
