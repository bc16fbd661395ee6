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


async def to_its_end(work: Callable[[], T], give_up: Callable[[], None] = lambda: None) -> T:
    """Run `work` on a thread; a caller that is cancelled tells it to give up, and waits for its end all the same."""
    running = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        give_up()
        while not running.done():
            await _look_again(running)
        if not running.cancelled():
            running.exception()  # nobody else asks how it ended
        raise


async def _look_again(running: asyncio.Future[T]) -> None:
    try:
        await asyncio.wait([running])
    except asyncio.CancelledError:
        return  # the first cancellation is on its way already, see `to_its_end`
