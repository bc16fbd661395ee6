"""A wait that a lock or a quit ends at once, as if nobody had answered; other failures stay what they are."""

from __future__ import annotations

import asyncio

import pytest

from byre.client.interruption import Interrupted, Interruptible


async def for_ever(waits: Interruptible) -> None:
    async with waits.wait():
        await asyncio.Event().wait()


async def test_waits_under_way_end_and_none_begins_meanwhile() -> None:
    waits = Interruptible()
    waiting = [asyncio.ensure_future(for_ever(waits)) for _ in range(3)]
    await asyncio.sleep(0)
    with waits.ended():
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        with pytest.raises(Interrupted):
            await for_ever(waits)
    assert [type(each) for each in ended] == [Interrupted] * 3
    assert {each.code for each in ended if isinstance(each, Interrupted)} == {"locked"}
    async with waits.wait():
        await asyncio.sleep(0)  # and afterwards it is as before


async def test_what_has_ended_is_not_interrupted() -> None:
    waits = Interruptible()
    async with waits.wait():
        pass
    with waits.ended():
        await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_a_cancellation_and_other_errors_go_through() -> None:
    waits = Interruptible()
    task = asyncio.ensure_future(for_ever(waits))
    await asyncio.sleep(0)
    task.cancel()
    assert [type(each) for each in await asyncio.gather(task, return_exceptions=True)] == [asyncio.CancelledError]
    with pytest.raises(TimeoutError):
        async with waits.wait():
            raise TimeoutError
