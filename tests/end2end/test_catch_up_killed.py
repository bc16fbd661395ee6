"""kill -9 of a device while it catches up: what the relay held is shown once each, in the sender's order.

BYRE_CATCH_UP_KILLS=50 kills it more often; its seed is told, BYRE_SEED repeats it.
"""

from __future__ import annotations

import asyncio
import os
import random

import pytest

from byre.demo.stage import eventually
from byre.demo.words import new_text
from tests.end2end.conftest import Cast

KILLS = int(os.environ.get("BYRE_CATCH_UP_KILLS", "2"))
TEXTS = 80
LATEST_S = 0.25


@pytest.mark.xdist_group("kill")
async def test_a_device_killed_while_it_catches_up_loses_and_doubles_nothing(cast: Cast) -> None:
    seed = int(os.environ.get("BYRE_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    anna, ben = await cast.account("anna"), await cast.account("ben")
    room_id = await cast.room(anna, [ben])
    await ben.rpc.kill_and_wait()
    texts = [f"{number} {new_text()}" for number in range(TEXTS)]
    await asyncio.gather(*(anna.call("message.send", room_id=room_id, text=text) for text in texts))
    for _ in range(KILLS):
        await ben.start()  # unlocked: from here on it connects and catches up
        await asyncio.sleep(dice.random() * LATEST_S)
        await ben.rpc.kill_and_wait()
    await ben.start()

    async def all_there() -> bool:
        return len(await ben.texts(room_id)) >= TEXTS

    await eventually("everything that was held has come", all_there)
    assert await ben.texts(room_id) == texts
    await ben.call("message.send", room_id=room_id, text="all there")

    async def is_answered() -> bool:
        return (await anna.texts(room_id))[-1:] == ["all there"]

    await eventually("the device speaks in the room", is_answered)
    assert await anna.texts(room_id) == [*texts, "all there"]
