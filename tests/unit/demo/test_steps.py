import asyncio

import pytest

from byre.demo.steps import Step, StepFailed, Steps
from byre.errors import PeerError


async def test_a_step_that_holds_is_timed_and_told() -> None:
    told: list[Step] = []
    steps = Steps(told.append)
    async with steps.step("one") as step:
        step.require(True, "never said")
        step.facts["n"] = 1
    assert steps.all_held
    shown = told[0].as_json()
    assert (shown["name"], shown["ok"], shown["n"]) == ("one", True, 1)


async def test_a_step_that_does_not_hold_ends_the_story() -> None:
    steps = Steps(lambda step: None)
    with pytest.raises(StepFailed):
        async with steps.step("one") as step:
            step.require(False, "seen otherwise")
    assert not steps.all_held
    assert steps.done[0].why == "seen otherwise"


@pytest.mark.parametrize("error", [PeerError("Bad.", code="bad"), TimeoutError("late"), OSError("gone")])
async def test_an_error_is_a_failed_step(error: Exception) -> None:
    steps = Steps(lambda step: None)
    with pytest.raises(StepFailed):
        async with steps.step("one"):
            raise error
    assert steps.done[0].why


async def test_an_interrupted_step_did_not_hold_and_says_so() -> None:
    told: list[Step] = []
    steps = Steps(told.append)
    with pytest.raises(asyncio.CancelledError):
        async with steps.step("one"):
            raise asyncio.CancelledError
    assert (told[0].ok, told[0].interrupted, told[0].why) == (False, True, "interrupted")
    assert not steps.all_held


def test_no_steps_are_no_success() -> None:
    assert not Steps(lambda step: None).all_held
