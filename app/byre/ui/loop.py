"""The loop of the window's thread: Qt's, with asyncio's callbacks run together instead of one timer for each.

qasync starts a timer per callback: a message that arrives is some forty of them, each a turn of Qt's loop, which cost
more than what they do. Here what is ready runs in one timer event, and what that makes ready as well, until the loop
has been held for two milliseconds: then painting and input have their turn. Delays and sockets are qasync's.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any

import qasync
from PySide6.QtCore import QObject, QTimerEvent
from PySide6.QtWidgets import QApplication

from byre.ui.guard import guarded

HELD_S = 0.002


class WindowLoop(qasync.QEventLoop):  # type: ignore[misc]  # qasync is not typed
    """An asyncio loop inside of Qt's; a callback may open a nested Qt loop without stopping the others."""

    def __init__(self, application: QApplication) -> None:
        self._ready: deque[asyncio.Handle] = deque()
        self._turn = _Turn(self._run_ready)
        super().__init__(application)

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.Handle:
        """Run `callback` in this thread after those that are ready already."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        self._turn.wake()
        return handle

    def close(self) -> None:
        """Release everything; what is ready and has not run never runs."""
        super().close()
        self._ready.clear()
        self._turn.sleep()

    def _run_ready(self) -> None:
        until = time.monotonic() + HELD_S
        while self._ready:
            for _ in range(len(self._ready)):
                handle = self._ready.popleft()
                if not handle.cancelled():
                    handle._run()
                if not self._ready:  # closed, or taken by a nested loop
                    break
            if time.monotonic() >= until or not self.is_running():
                break
        if self._ready:
            self._turn.wake()


class _Turn(QObject):
    """Calls `run` at the next turn of Qt's loop after each `wake`."""

    def __init__(self, run: Callable[[], None]) -> None:
        super().__init__()
        self._run = run
        self._timer = 0

    def wake(self) -> None:
        if not self._timer:
            self._timer = self.startTimer(0)

    def sleep(self) -> None:
        if self._timer:
            self.killTimer(self._timer)
            self._timer = 0

    @guarded(None)
    def timerEvent(self, event: QTimerEvent) -> None:
        self.sleep()  # before the callbacks: one that opens a nested loop must not hold up the others
        self._run()
