"""How long a coroutine that never has to wait holds the loop before everybody else has a turn.

What has arrived already is received without a pause, and what the socket takes at once is sent without one: a loop over
a hundred of them would be one callback, and a window would stand still meanwhile. While the store's thread computes,
each step may also wait for the interpreter, so that steps are not counted alone: the clock decides.
"""

from __future__ import annotations

import asyncio
from typing import Final

HELD_S: Final = 0.001
STEPS: Final = 32


class Stretch:
    """One loop's turns: `await stretch.rest()` after each step."""

    __slots__ = ("_loop", "_steps", "_until_s")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._begin()

    async def rest(self) -> None:
        """Let everybody else run if it is time."""
        self._steps += 1
        if self._steps >= STEPS or self._loop.time() >= self._until_s:
            await asyncio.sleep(0)
            self._begin()

    def _begin(self) -> None:
        self._steps = 0
        self._until_s = self._loop.time() + HELD_S
