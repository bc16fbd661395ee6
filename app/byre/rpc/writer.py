"""Lines to the caller's pipe, written on a thread of their own; tells how much of them nobody has read yet."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import BinaryIO

from byre.rpc.lines import JsonObject, encode_line

MOST_UNREAD_BYTES = 8 * 1024 * 1024


class LineWriter:
    """Writes lines in order; tells once when the other side has closed the pipe. Made and used on the loop's thread.

    Args:
        stdout: binary, blocking.
        on_closed: called on the writer's own thread.
        patience_s: how long `close` waits for a caller that does not read.
    """

    def __init__(self, stdout: BinaryIO, *, on_closed: Callable[[], None], patience_s: float) -> None:
        self._stdout = stdout
        self._on_closed = on_closed
        self._patience_s = patience_s
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._unread_bytes = 0
        self._is_closed = False
        self._few_unread = asyncio.Event()
        self._few_unread.set()
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="rpc-stdout", daemon=True)
        self._thread.start()

    @property
    def is_read(self) -> bool:
        """Whether no more than `MOST_UNREAD_BYTES` wait to be read, or nobody will read them any more."""
        return self._few_unread.is_set()

    def write(self, value: JsonObject) -> None:
        """Queue one line."""
        line = encode_line(value)
        if self._count(len(line)):
            self._look()
        self._queue.put(line)

    async def until_read(self) -> None:
        """Return when `is_read` holds."""
        await self._few_unread.wait()

    def close(self) -> None:
        """Write what is queued and end; gives up when nobody reads."""
        self._queue.put(None)
        self._thread.join(self._patience_s)

    def _run(self) -> None:
        try:
            while (line := self._queue.get()) is not None:
                self._stdout.write(line)
                self._stdout.flush()
                if self._count(-len(line)):
                    self._look_threadsafe()
        except (OSError, ValueError):
            self._is_closed = True
            self._look_threadsafe()
            self._on_closed()

    def _count(self, size_bytes: int) -> bool:
        """Count bytes in or out; True when that crosses the bound."""
        with self._lock:
            before = self._unread_bytes > MOST_UNREAD_BYTES
            self._unread_bytes += size_bytes
            return before != (self._unread_bytes > MOST_UNREAD_BYTES)

    def _look_threadsafe(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._look)
        except RuntimeError:  # the loop is closed: the process is going down
            return

    def _look(self) -> None:
        if self._unread_bytes > MOST_UNREAD_BYTES and not self._is_closed:
            self._few_unread.clear()
        else:
            self._few_unread.set()
