"""Many like steps on two threads: for steps that spend their time in a library that lets the interpreter go meanwhile.

    this thread   ── step ── step ── step ── step ──┐
    its companion ──── step ── step ── step ────────┴─ results in the order of the items

Both take the next item as soon as they have done one, so that a machine that is busy elsewhere, and does not get to the
companion, costs nothing. A sealed box or a signature takes forty to ninety microseconds in libsodium and two or three
in the interpreter. Steps of many short calls are no good here: the interpreter's lock would change hands at each.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")
R = TypeVar("R")

FEWEST: Final = 8
"""Fewer items are done before another thread has begun."""


class Beside:
    """One companion, begun when it is first needed.

    Args:
        has_room: whether the machine has a processor for it.
    """

    def __init__(self, *, has_room: bool | None = None) -> None:
        self._has_room = (os.cpu_count() or 1) > 1 if has_room is None else has_room
        self._companion = ThreadPoolExecutor(max_workers=1, thread_name_prefix="byre-beside")

    def map(self, step: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Return what `step` gives for each of `items`; on any thread, also on several at once.

        Raises:
            Exception: what a step raises; by then no step is under way any more.
        """
        if len(items) < FEWEST or not self._has_room:
            return [step(item) for item in items]
        left = deque(enumerate(items))
        done: dict[int, R] = {}

        def work() -> None:
            while True:
                try:
                    at, item = left.popleft()
                except IndexError:
                    return
                try:
                    done[at] = step(item)
                except BaseException:
                    left.clear()
                    raise

        companion = self._companion.submit(work)
        try:
            work()
        finally:
            if not companion.cancel():
                companion.exception()
        if not companion.cancelled():
            companion.result()
        return [done[at] for at in range(len(items))]

    def close(self) -> None:
        """End the companion; what comes later is done without it."""
        self._has_room = False
        self._companion.shutdown()
