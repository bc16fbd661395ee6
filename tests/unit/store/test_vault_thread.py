"""Work beside the loop."""

from __future__ import annotations

import asyncio
import threading

import pytest

from byre.store.vault_thread import on_thread


async def test_the_value_and_the_error_come_back() -> None:
    assert await on_thread(lambda: threading.current_thread().name) == "byre-vault"
    with pytest.raises(KeyError):
        await on_thread(lambda: {}["missing"])


async def test_a_cancelled_caller_does_not_stop_the_work() -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        may_end.wait(10)
        ended.set()

    task = asyncio.ensure_future(on_thread(work))
    await asyncio.get_running_loop().run_in_executor(None, begun.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    may_end.set()
    assert await asyncio.get_running_loop().run_in_executor(None, ended.wait, 10)
