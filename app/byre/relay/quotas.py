"""Amounts per day in memory: how many bytes a key may still use. Keyed by something opaque, bounded, never stored."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Final

DAY_S: Final = 24 * 3600


class Quotas:
    """One allowance per key that fills up evenly over a day.

    The most recently used `most` keys are kept: a forgotten key has its whole allowance again, which costs an attacker
    more keys than it gains, and bounds our memory.

    Args:
        per_day: the whole allowance.
        monotonic_s: the clock.
    """

    def __init__(self, per_day: int, monotonic_s: Callable[[], float], *, most: int = 100_000) -> None:
        self._per_day = per_day
        self._monotonic_s = monotonic_s
        self._most = most
        self._used: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._used)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._used

    def restore(self, key: Hashable, uses: Iterable[tuple[float, int]]) -> None:
        """Set what a key has left after (how many seconds ago, amount), the oldest first: known from elsewhere."""
        level, at_s = 0.0, float(DAY_S)
        for age_s, amount in uses:
            level = max(0.0, level - (at_s - age_s) * self._per_day / DAY_S) + amount
            at_s = age_s
        self._used.pop(key, None)
        self.take(key, 0)
        self._used[key] = (max(0.0, level - at_s * self._per_day / DAY_S), self._monotonic_s())

    def wait_ms(self, key: Hashable, amount: int) -> int:
        """Return 0 when `amount` is left for this key, else after how many milliseconds it will be (at least 1)."""
        over = self._level(key) + amount - self._per_day
        if over <= 0:
            return 0
        if amount > self._per_day:
            return DAY_S * 1000
        return 1 + int(1000 * over * DAY_S / self._per_day)

    def take(self, key: Hashable, amount: int) -> None:
        """Use `amount` up; who asks `wait_ms` first stays within the allowance."""
        level = self._level(key) + amount
        self._used[key] = (level, self._monotonic_s())
        self._used.move_to_end(key)
        if len(self._used) > self._most:
            self._used.popitem(last=False)

    def give_back(self, key: Hashable, amount: int) -> None:
        """Return what was taken and not used."""
        if key in self._used:
            self._used[key] = (max(0.0, self._level(key) - amount), self._monotonic_s())

    def _level(self, key: Hashable) -> float:
        level, since_s = self._used.get(key, (0.0, 0.0))
        return max(0.0, level - (self._monotonic_s() - since_s) * self._per_day / DAY_S)
