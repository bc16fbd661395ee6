"""Requests that come while others are done: together next, in their order, and each with an answer of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from byre.client.delivery import gathering
from byre.client.delivery.gathering import MOST_AT_ONCE, Gathering
from byre.errors import EnvironmentFault, UsageError
from tests.refusals import refused


class Desk:
    """Does what is asked while `open` is set; `done` is what it was given at once each time."""

    def __init__(self) -> None:
        self.done: list[tuple[str, list[int]]] = []
        self.open = asyncio.Event()
        self.refused: set[int] = set()
        self.fault: Exception | None = None
        self.gathering = Gathering[str, int, str](self._do)

    async def _do(self, key: str, requests: Sequence[int]) -> list[str]:
        self.done.append((key, list(requests)))
        await self.open.wait()
        if self.fault is not None:
            raise self.fault
        if self.refused & set(requests):
            raise UsageError("not this one", code="refused")
        return [f"{key}{request}" for request in requests]

    def ask(self, *requests: int, key: str = "a") -> list[asyncio.Task[str]]:
        return [asyncio.ensure_future(self.gathering.ask(key, request)) for request in requests]


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_comes_meanwhile_is_done_together_next() -> None:
    desk = Desk()
    asked = desk.ask(1, 2, 3)
    await turns()
    assert desk.done == [("a", [1, 2, 3])]
    asked += desk.ask(4, 5)
    await turns()
    desk.open.set()
    assert await asyncio.gather(*asked) == ["a1", "a2", "a3", "a4", "a5"]
    assert [request for _, requests in desk.done for request in requests] == [1, 2, 3, 4, 5]
    assert len(desk.done) == 2
    assert await asyncio.gather(*desk.ask(6)) == ["a6"]  # it begins anew after it stood still


async def test_keys_do_not_wait_for_each_other_and_no_batch_is_without_end() -> None:
    desk = Desk()
    asked = desk.ask(0, key="b") + desk.ask(*range(2 * MOST_AT_ONCE))
    await turns()
    assert {key for key, _ in desk.done} == {"a", "b"}
    desk.open.set()
    assert len(await asyncio.gather(*asked)) == 2 * MOST_AT_ONCE + 1
    assert max(len(requests) for _, requests in desk.done) == MOST_AT_ONCE


async def test_fewer_are_done_together_where_each_takes_long() -> None:
    desk = Desk()
    desk.gathering = Gathering[str, int, str](desk._do, lambda key: 2)
    asked = desk.ask(1, 2, 3)
    desk.open.set()
    assert await asyncio.gather(*asked) == ["a1", "a2", "a3"]
    assert desk.done == [("a", [1, 2]), ("a", [3])]


async def test_one_that_is_refused_takes_no_other_along() -> None:
    desk = Desk()
    desk.refused = {2}
    asked = desk.ask(1, 2, 3)
    desk.open.set()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers[1], UsageError)
    assert (answers[0], answers[2]) == ("a1", "a3")


async def test_a_store_that_takes_nothing_is_not_asked_again_for_each() -> None:
    desk = Desk()
    desk.fault = EnvironmentFault("full", code="disk_full")
    asked = desk.ask(1, 2, 3)
    desk.open.set()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert answers == [desk.fault] * 3
    assert len(desk.done) == 1


async def test_who_is_cancelled_in_time_has_asked_for_nothing_and_the_others_are_served() -> None:
    desk = Desk()
    first = desk.ask(1)
    await turns()
    second, third = desk.ask(2, 3)
    await turns()
    second.cancel()
    first[0].cancel()  # begun: it is done to its end
    await turns()
    desk.open.set()
    assert await third == "a3"
    assert desk.done == [("a", [1]), ("a", [3])]
    assert second.cancelled()
    assert first[0].cancelled()


async def test_what_is_begun_ends_before_the_close_and_what_waits_is_refused() -> None:
    desk = Desk()
    asked = desk.ask(1)
    await turns()
    asked += desk.ask(2)
    await turns()
    closing = asyncio.ensure_future(desk.gathering.close())
    await turns()
    assert await refused(asked[1]) == "locked"
    assert not closing.done()
    desk.open.set()
    await closing
    assert await asked[0] == "a1"
    assert await refused(desk.gathering.ask("a", 3)) == "locked"
    assert desk.done == [("a", [1])]
    assert not desk.gathering._tasks


async def test_the_close_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "LAST_S", 0.0)
    desk = Desk()
    (asked,) = desk.ask(1)
    await turns()
    await desk.gathering.close()
    assert await refused(asked) == "locked"


async def test_nobody_waits_for_a_loop_that_ends() -> None:
    desk = Desk()
    asked = desk.ask(1)
    await turns()
    asked += desk.ask(2)
    await turns()
    (serving,) = desk.gathering._tasks
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    assert [await refused(each) for each in asked] == ["locked"] * 2
    desk.open.set()
    assert await asyncio.gather(*desk.ask(3)) == ["a3"]
