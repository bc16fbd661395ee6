"""Back-off: 1 s, 2 s, 4 s ... 60 s, each with 30 % jitter, so that clients of a restarted relay do not come at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

FIRST_S: Final = 1.0
LARGEST_S: Final = 60.0
JITTER: Final = 0.3


class Backoff:
    """The pauses of one retried thing."""

    def __init__(self, random: Callable[[int], bytes], *, first_s: float = FIRST_S) -> None:
        self._random = random
        self._first_s = first_s
        self._step_s = first_s

    def next_s(self) -> float:
        """Return the next pause."""
        pause_s = self._step_s
        self._step_s = min(LARGEST_S, self._step_s * 2)
        return jittered(pause_s, self._random)

    def reset(self) -> None:
        """Start over: it worked."""
        self._step_s = self._first_s


def jittered(seconds: float, random: Callable[[int], bytes]) -> float:
    """Return `seconds` give or take 30 %."""
    return seconds * (1 - JITTER + 2 * JITTER * int.from_bytes(random(4)) / 2**32)
