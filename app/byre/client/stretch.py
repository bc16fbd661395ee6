"""How long coroutines that never have to wait hold the loop before everybody else has a turn.

What has arrived already is received without a pause, and what the socket takes at once is sent without one: a loop over
a hundred of them would be one callback, and a window would stand still meanwhile. While the store's thread computes,
each step may also wait for the interpreter, so that steps are not counted alone: the clock decides.

Several such loops run at once while a large room is sent to. A millisecond of each in every round of the loop would be
five in a row before a key press is looked at, and what is due has to wait for up to three rounds. So they stand in one
line, and a round has one of them:

```
 stretch A  ▇▇        ▇▇            one round of the loop
 stretch B      ▇▇        ▇▇     ├──────────┤
 others    ▇  ▇   ▇  ▇  ▇   ▇
```
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

HELD_S: Final = 0.001
STEPS: Final = 32


class Turns:
    """The line in which the stretches of one loop stand: in each round of the loop one of them goes on."""

    __slots__ = ("_is_passing", "_line")

    def __init__(self) -> None:
        self._line: deque[asyncio.Future[None]] = deque()
        self._is_passing = False

    async def next(self) -> None:
        """Return when it is the caller's turn: after a round of the loop at the earliest."""
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._line.append(turn)
        if not self._is_passing:
            self._is_passing = True
            loop.call_soon(self._pass_on)
        await turn

    def _pass_on(self) -> None:
        while self._line and self._line[0].done():
            self._line.popleft()  # it was cancelled while it waited
        if self._line:
            self._line.popleft().set_result(None)
        self._is_passing = bool(self._line)
        if self._is_passing:
            asyncio.get_running_loop().call_soon(self._pass_on)


class Stretch:
    """One coroutine's share: `await stretch.rest()` after each step."""

    __slots__ = ("_loop", "_steps", "_turns", "_until_s")

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._loop = asyncio.get_running_loop()
        self._begin()

    async def rest(self) -> None:
        """Let everybody else run if it is time."""
        self._steps += 1
        if self._steps >= STEPS or self._loop.time() >= self._until_s:
            await self._turns.next()
            self._begin()

    def _begin(self) -> None:
        self._steps = 0
        self._until_s = self._loop.time() + HELD_S
