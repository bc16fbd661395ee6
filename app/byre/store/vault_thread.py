"""Blocking work beside the loop: key stretching, key store, files."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def on_thread(work: Callable[[], T]) -> T:
    """Run blocking work beside the loop: key stretching, key store, files."""
    done: Future[T] = Future()

    def run() -> None:
        done.set_running_or_notify_cancel()  # from here on a cancelled caller cannot take the future away
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, name="byre-vault", daemon=True).start()
    return await asyncio.wrap_future(done)
