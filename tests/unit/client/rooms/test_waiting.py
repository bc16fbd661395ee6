"""Who waits for an intent is told its end, or that the profile was closed; never nothing."""

from __future__ import annotations

import asyncio

import pytest

from byre.client.rooms.waiting import Waiting
from byre.errors import EnvironmentFault, UsageError

GROUP = b"g" * 32


async def _turns() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_who_waits_is_told() -> None:
    waiting = Waiting()
    first, second = asyncio.ensure_future(waiting.outcome(GROUP, 1)), asyncio.ensure_future(waiting.outcome(GROUP, 2))
    await _turns()

    waiting.tell(1, None)
    waiting.tell(2, EnvironmentFault("The relay cannot be reached.", code="relay_unreachable"))

    await first
    with pytest.raises(EnvironmentFault) as caught:
        await second
    assert caught.value.code == "relay_unreachable"


async def test_two_wait_for_one_intent_and_one_gives_up() -> None:
    waiting = Waiting()
    impatient, patient = (
        asyncio.ensure_future(waiting.outcome(GROUP, 1)),
        asyncio.ensure_future(waiting.outcome(GROUP, 1)),
    )
    await _turns()

    impatient.cancel()
    await _turns()
    assert impatient.cancelled()
    waiting.tell(1, None)

    await patient


async def test_the_end_of_the_session_ends_every_wait_also_one_that_begins_then() -> None:
    waiting = Waiting()
    waiter = asyncio.ensure_future(waiting.outcome(GROUP, 1))
    await _turns()

    waiting.close()

    for late in (waiter, waiting.outcome(GROUP, 2)):
        with pytest.raises(UsageError) as caught:
            await late
        assert caught.value.code == "locked"


async def test_nobody_needs_to_be_there_to_be_told() -> None:
    waiting = Waiting()
    gone = asyncio.ensure_future(waiting.outcome(GROUP, 1))
    await _turns()
    gone.cancel()
    await _turns()

    waiting.tell(1, EnvironmentFault("The relay cannot be reached.", code="relay_unreachable"))
    waiting.tell(2, None)
    waiting.close()


async def test_what_keeps_a_room_back_is_told_to_those_who_wait_for_that_room() -> None:
    waiting = Waiting()
    here = [asyncio.ensure_future(waiting.outcome(GROUP, number)) for number in (1, 2)]
    elsewhere = asyncio.ensure_future(waiting.outcome(b"e" * 32, 3))
    await _turns()

    waiting.tell_all(GROUP, EnvironmentFault("The disk is full.", code="disk_full"))
    waiting.tell(3, None)

    await elsewhere
    for waiter in here:
        with pytest.raises(EnvironmentFault) as caught:
            await waiter
        assert caught.value.code == "disk_full"
