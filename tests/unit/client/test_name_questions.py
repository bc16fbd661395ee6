"""A thousand accounts without a name: asked for one by one, each relay in a line of its own."""

from __future__ import annotations

import asyncio

import pytest

from byre.client.name_questions import AGAIN_S, MOST_TRIES, TASK, NameQuestions
from byre.client.tasks import TaskSupervisor
from byre.errors import EnvironmentFault, PeerError
from byre.wire.ids import AccountId
from tests.fakes.clock import FrozenClock

NEAR, FAR = "https://near.test", "https://far.test"


def account(number: int) -> AccountId:
    return AccountId(number.to_bytes(32, "big"))


class Desk:
    """Questions to relays that answer when they are told to."""

    def __init__(self) -> None:
        self.clock, self.bugs = FrozenClock(1_000), list[str]()
        self.tasks = TaskSupervisor(lambda name, error: self.bugs.append(name))
        self.asked: list[tuple[AccountId, str]] = []
        self.at_once = self.most_at_once = 0
        self.faults: dict[str, Exception] = {}
        self.questions = NameQuestions(self.ask, clock=self.clock, tasks=self.tasks)

    async def ask(self, account_id: AccountId, relay_url: str) -> None:
        self.asked.append((account_id, relay_url))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if relay_url in self.faults:
            raise self.faults[relay_url]

    async def settle(self, seconds: float = 0.0) -> None:
        if seconds:
            self.clock.advance(seconds)
        for _ in range(20):
            await asyncio.sleep(0)


async def test_a_crowd_is_asked_for_one_by_one_and_nobody_twice() -> None:
    desk = Desk()
    for number in (*range(100), *range(100)):
        desk.questions.add(account(number), NEAR)
    await desk.tasks.ended(TASK)
    assert desk.asked == [(account(number), NEAR) for number in range(100)]
    assert desk.most_at_once == 1
    desk.questions.add(account(7), NEAR)  # met anew
    await desk.tasks.ended(TASK)
    assert desk.asked[100:] == [(account(7), NEAR)]


@pytest.mark.parametrize("refusal", [PeerError("no", code="wrong_account"), PeerError("no", code="relay_lied")])
async def test_who_has_no_name_keeps_back_nobody(refusal: PeerError) -> None:
    desk = Desk()
    desk.faults[NEAR] = refusal
    desk.questions.add(account(1), NEAR)
    desk.questions.add(account(2), NEAR)
    await desk.tasks.ended(TASK)
    assert [each for each, _ in desk.asked] == [account(1), account(2)]


async def test_a_relay_that_is_away_is_asked_again_and_keeps_back_no_other() -> None:
    desk = Desk()
    desk.faults[FAR] = EnvironmentFault("away", code="relay_unreachable")
    for number in (1, 2):
        desk.questions.add(account(number), FAR)
        desk.questions.add(account(number), NEAR)
    await desk.settle()
    assert [each for each, url in desk.asked if url == NEAR] == [account(1), account(2)]
    assert [each for each, url in desk.asked if url == FAR] == [account(1)]
    await desk.settle(AGAIN_S)
    assert [each for each, url in desk.asked if url == FAR] == [account(1), account(2)]
    desk.faults.clear()
    await desk.settle(AGAIN_S)
    assert [each for each, url in desk.asked if url == FAR] == [account(1), account(2), account(1), account(2)]
    await desk.tasks.ended(TASK)


async def test_a_relay_that_stays_away_is_not_asked_for_ever() -> None:
    desk = Desk()
    desk.faults[FAR] = EnvironmentFault("away", code="relay_unreachable")
    desk.questions.add(account(1), FAR)
    for _ in range(MOST_TRIES + 3):
        await desk.settle(AGAIN_S)
    assert len(desk.asked) == MOST_TRIES
    assert not desk.tasks.is_running(TASK)
    assert desk.bugs == []
