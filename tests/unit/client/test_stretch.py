"""A coroutine that never has to wait leaves others their turns: after a while, after so many steps, and in one line."""

from __future__ import annotations

import asyncio

from byre.client.stretch import HELD_S, STEPS, Stretch, Turns


async def turns_of_others(steps: int, *, step_s: float = 0.0) -> int:
    """How often something else ran while `steps` steps of `step_s` each were taken."""
    loop, turns, now_s = asyncio.get_running_loop(), 0, [0.0]
    real, loop.time = loop.time, lambda: now_s[0]  # type: ignore[method-assign]
    try:

        async def beside() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        task = asyncio.ensure_future(beside())
        await asyncio.sleep(0)
        stretch = Stretch(Turns())
        for _ in range(steps):
            now_s[0] += step_s
            await stretch.rest()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    finally:
        loop.time = real  # type: ignore[method-assign]
    return turns


async def test_quick_steps_go_on_without_a_pause_but_not_for_ever() -> None:
    assert await turns_of_others(STEPS - 1) == 0
    rounds = await turns_of_others(STEPS)
    assert rounds > 0
    assert await turns_of_others(4 * STEPS) == 4 * rounds


async def test_slow_steps_rest_when_their_time_is_over() -> None:
    rounds = await turns_of_others(1, step_s=HELD_S)
    assert rounds > 0
    assert await turns_of_others(10, step_s=HELD_S) == 10 * rounds
    assert await turns_of_others(10, step_s=HELD_S / 4) == 2 * rounds


async def test_one_stretch_goes_on_in_each_round_and_each_has_its_turn() -> None:
    turns, order, rounds = Turns(), list[tuple[int, str]](), 0

    async def count() -> None:
        nonlocal rounds
        while True:
            await asyncio.sleep(0)
            rounds += 1

    async def work(name: str) -> None:
        stretch = Stretch(turns)
        for _ in range(3 * STEPS):
            await stretch.rest()
            if not order or order[-1] != (rounds, name):
                order.append((rounds, name))

    counting = asyncio.ensure_future(count())
    await asyncio.gather(*(work(name) for name in "abcd"))
    counting.cancel()
    await asyncio.gather(counting, return_exceptions=True)
    rested = order[4:]  # the first share of each needs no turn
    assert len({number for number, _ in rested}) == len(rested)
    assert [name for _, name in rested] == list("abcd" * 3)


async def test_who_gives_up_in_the_line_keeps_nobody_back() -> None:
    turns = Turns()
    waiting = [asyncio.ensure_future(turns.next()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    waiting[1].cancel()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in done] == [asyncio.CancelledError, asyncio.CancelledError, type(None)]
    await turns.next()  # and the line can be begun anew
