"""Background tasks of one engine: named, kept alive, stopped together, and never failing unseen.

A task that ends with an error other than ours (`ByreError`) is a bug: it is reported to `on_bug` and logged by
name and type only, because a message or traceback may hold a plaintext.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from byre.errors import ByreError

log = logging.getLogger(__name__)

AGAIN_S = 10.0
"""How long a cancelled task may tidy up before it is cancelled once more."""


class TaskSupervisor:
    """Owns the background tasks of an engine.

    Args:
        on_bug: called with the task's name and its unexpected error.
    """

    def __init__(self, on_bug: Callable[[str, BaseException], None] | None = None) -> None:
        self._on_bug = on_bug
        self._tasks: dict[str, set[asyncio.Task[None]]] = {}
        self._is_stopped = False

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run `work` in the background; after `stop` it is closed without running."""
        if self._is_stopped:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(self._watch(work, name), name=name)
        self._tasks.setdefault(name, set()).add(task)
        task.add_done_callback(lambda done: self._forget(name, done, work))

    def is_running(self, name: str) -> bool:
        """Whether a task of this name has not ended."""
        return bool(self._tasks.get(name))

    async def ended(self, name: str) -> None:
        """Return when no task of this name runs any more; at once when there is none."""
        while tasks := self._tasks.get(name):
            await asyncio.wait(tuple(tasks))
            await asyncio.sleep(0)  # the callbacks that forget them run in the next turn

    def cancel(self, name: str) -> None:
        """Cancel all tasks of this name; nothing happens when there is none."""
        for task in tuple(self._tasks.get(name, ())):
            task.cancel()

    async def stop(self) -> None:
        """Cancel all tasks and wait until they have ended. The caller's own task is left alone."""
        self._is_stopped = True
        current = asyncio.current_task()
        tasks = [task for named in self._tasks.values() for task in named if task is not current]
        left = set(tasks)
        while left:
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=AGAIN_S)
            for task in left:  # it has swallowed its cancellation: a bug of its own, but no reason to hang a quit
                log.error("background task %s does not stop", task.get_name())

    def _forget(self, name: str, task: asyncio.Task[None], work: Coroutine[Any, Any, None]) -> None:
        work.close()  # a task that was cancelled before its first step has not run its work at all
        named = self._tasks.get(name, set())
        named.discard(task)
        if not named:
            self._tasks.pop(name, None)

    async def _watch(self, work: Coroutine[Any, Any, None], name: str) -> None:
        try:
            await work
        except ByreError as error:
            log.warning("background task %s ended: %s", name, error.code)
        except Exception as error:
            log.error("background task %s failed: %s", name, type(error).__name__)
            if self._on_bug is not None:
                self._on_bug(name, error)
