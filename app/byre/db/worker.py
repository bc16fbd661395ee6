"""One thread that does one job after the other, in the order of the calls, and tells the loop of each.

```
 loop ── await run(job) ──▶ queue ──▶ thread: job() ──▶ loop: result
```
The way there and back takes two thirds of what it takes with a pool of one thread. A cancelled caller whose job has
not begun takes it away; one that has begun goes on, only nobody is told. Nothing of a job is kept once it is done: no
result, no error, no key.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from byre.errors import InternalBug, UsageError

T = TypeVar("T")

_AT_EXIT_S = 5.0
"""How long a process that ends waits for what is under way: a database survives being cut off."""


class Worker:
    """The thread begins here; after `end` it does what was asked for until then, and is gone."""

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[_Job[Any] | None] = SimpleQueue()
        self._is_ended = False
        # A daemon: one that was forgotten, or that waits for a silent key store, must not keep the process alive.
        threading.Thread(target=_serve, args=(self._jobs,), name=name, daemon=True).start()
        weakref.finalize(self, self._jobs.put, None)

    def run(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Run `work` on the thread: the call takes its place in the queue, the result is to be awaited.

        Raises:
            UsageError: `locked`: the worker was ended.
        """
        if self._is_ended:
            raise UsageError("the profile is locked", code="locked")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(work, loop, done))
        return done

    def end(self) -> None:
        """End the thread once it has done what waits; on any thread, without waiting for that. Idempotent."""
        self._is_ended = True
        self._jobs.put(None)


class _Job(Generic[T]):
    """What is to be done, and who waits for it."""

    __slots__ = ("_done", "_loop", "_work")

    def __init__(self, work: Callable[[], T], loop: asyncio.AbstractEventLoop, done: asyncio.Future[T]) -> None:
        self._work = work
        self._loop = loop
        self._done = done

    def do(self) -> None:
        """On the thread: run it and tell."""
        if self._done.cancelled():
            return
        try:
            result = self._work()
        except BaseException as error:
            self._tell(partial(_fail, self._done, error))
            del self  # or the error would keep itself alive through this frame
        else:
            self._tell(partial(_give, self._done, result))

    def _tell(self, tell: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # a loop that was closed meanwhile: nobody waits
            self._loop.call_soon_threadsafe(tell)


def _give(done: asyncio.Future[T], result: T) -> None:
    if not done.cancelled():
        done.set_result(result)


def _fail(done: asyncio.Future[T], error: BaseException) -> None:
    if isinstance(error, StopIteration):  # a future cannot carry it
        error = InternalBug("a job ran out of what it iterates over")
    if not done.cancelled():
        done.set_exception(error)


def _serve(jobs: SimpleQueue[_Job[Any] | None]) -> None:
    leave = partial(_at_exit, jobs, threading.current_thread())
    atexit.register(leave)
    try:
        while (job := jobs.get()) is not None:
            job.do()
            del job
    finally:
        atexit.unregister(leave)


def _at_exit(jobs: SimpleQueue[_Job[Any] | None], thread: threading.Thread) -> None:
    """The process ends: let the thread do what waits; torn out of SQLite's code, it could fall with the interpreter."""
    jobs.put(None)
    thread.join(_AT_EXIT_S)
