"""Work beside the loop."""

from __future__ import annotations

import asyncio
import threading

import pytest

from byre.store.vault_thread import on_thread, to_its_end


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


@pytest.mark.parametrize("ends_well", [True, False])
@pytest.mark.parametrize("times", [1, 2])
async def test_who_is_cancelled_waits_until_the_thread_has_given_up(times: int, ends_well: bool) -> None:
    loop, begun = asyncio.get_running_loop(), asyncio.Event()
    given_up, goes_on = threading.Event(), threading.Event()
    ended: list[bool] = []

    def work() -> None:
        loop.call_soon_threadsafe(begun.set)
        assert given_up.wait(30)
        assert goes_on.wait(30)
        ended.append(True)
        if not ends_well:
            raise ValueError("given up")

    waiting = asyncio.ensure_future(to_its_end(work, given_up.set))
    await begun.wait()
    for _ in range(times):
        waiting.cancel()
        await asyncio.sleep(0)
        assert not waiting.done()
    goes_on.set()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    assert ended == [True]


async def test_what_the_thread_returns_or_raises_comes_back() -> None:
    assert await to_its_end(lambda: 7) == 7

    def fails() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await to_its_end(fails)
