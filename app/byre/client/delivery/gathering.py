"""What is asked for while the same is being done is done together next: many texts share one transaction and one fsync.

```
 ask 1 ──▶ done alone ──────────▶ answer 1
 ask 2, 3, 4 … come meanwhile ──▶ done together ──▶ answers 2, 3, 4 …       nobody waits for others to come
```
Order is kept. Who asks and is cancelled before it is begun has asked for nothing; what is begun is done to its end.
After `close` nothing is begun any more: what waits is refused, and whoever asks later, too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

from byre.errors import EnvironmentFault, UsageError

K = TypeVar("K", bound=Hashable)
W = TypeVar("W")
R = TypeVar("R")

MOST_AT_ONCE: Final = 32
"""So many share what a transaction costs, and the first of them does not wait long for the last."""


LAST_S: Final = 5.0
"""What is begun is stored within it, or hangs at something that the end of the session ends."""


def most_at_once(key: object) -> int:
    """As many as ever."""
    return MOST_AT_ONCE


class Gathering(Generic[K, W, R]):
    """Requests that may be done together, by key.

    Args:
        do: does several requests of one key, in their order, and returns their answers; if it raises, nothing was done.
        most: how many requests of a key may be done together.
    """

    def __init__(
        self, do: Callable[[K, Sequence[W]], Awaitable[Sequence[R]]], most: Callable[[K], int] = most_at_once
    ) -> None:
        self._do = do
        self._most = most
        self._waiting: dict[K, deque[tuple[W, asyncio.Future[R]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def ask(self, key: K, request: W) -> R:
        """Return the answer to one request.

        Raises:
            UsageError: code locked: closed before it was begun. Whatever `do` raises for it.
        """
        if self._is_closed:
            raise _locked()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[R] = loop.create_future()
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.append((request, answer))
        else:
            self._waiting[key] = deque([(request, answer)])
            task = loop.create_task(self._serve(key), name="requests done together")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await answer

    async def close(self) -> None:
        """Refuse what waits, and return when what is begun has ended, for which it has `LAST_S`."""
        self._is_closed = True
        for waiting in self._waiting.values():
            for _, answer in waiting:
                _fail(answer, _locked())
            waiting.clear()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=LAST_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _serve(self, key: K) -> None:
        """Answer what waits under a key until nothing does."""
        waiting = self._waiting[key]
        asked: list[tuple[W, asyncio.Future[R]]] = []
        try:
            while waiting:
                asked = [waiting.popleft() for _ in range(min(len(waiting), self._most(key)))]
                asked = [each for each in asked if not each[1].done()]
                if asked:
                    await self._answer(key, asked)
        finally:
            del self._waiting[key]
            for _, answer in (*asked, *waiting):
                _fail(answer, _locked())  # the loop ends; those that have their answer keep it

    async def _answer(self, key: K, asked: Sequence[tuple[W, asyncio.Future[R]]]) -> None:
        try:
            answers = await self._do(key, [request for request, _ in asked])
        except Exception as error:
            if len(asked) > 1 and not isinstance(error, EnvironmentFault):
                for each in asked:  # one that is refused does not take the others along
                    await self._answer(key, [each])
                return
            for _, answer in asked:
                _fail(answer, error)
        else:
            for (_, answer), value in zip(asked, answers, strict=True):
                if not answer.done():
                    answer.set_result(value)


def _fail(answer: asyncio.Future[R], error: Exception) -> None:
    """Answer with an error, unless there is an answer, or nobody waits for one."""
    if not answer.done():
        answer.set_exception(error)
        answer.exception()  # seen: who asked may have given up in this very turn


def _locked() -> UsageError:
    return UsageError("The profile is being closed.", code="locked")
