"""A coroutine that never has to wait leaves others their turns: after a while, and after so many steps."""

from __future__ import annotations

import asyncio

from byre.client.stretch import HELD_S, STEPS, Stretch


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
        stretch = Stretch()
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
    assert await turns_of_others(4 * STEPS) == 4


async def test_slow_steps_rest_when_their_time_is_over() -> None:
    assert await turns_of_others(10, step_s=HELD_S) == 10
    assert await turns_of_others(10, step_s=HELD_S / 4) == 2
