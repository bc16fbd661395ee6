"""Timers are looked at soon after something starts one, once for all that happened meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from byre.client.events import RoomChanged
from byre.client.views import RoomId
from byre.client.wiping.fading import PAUSE_S, Fading
from tests.fakes.delivery_context import DeliveryContext


async def test_a_look_waits_for_what_else_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    around, looks = DeliveryContext(tmp_path), list[int]()
    fading = Fading(around.context)
    turn = fading.turn

    async def counted() -> float:
        looks.append(around.clock.now_ms())
        return await turn()

    monkeypatch.setattr(fading, "turn", counted)
    running = asyncio.create_task(fading.run())
    await around.settle()
    assert len(looks) == 1
    for _ in range(2):
        for _ in range(20):
            around.events.publish(RoomChanged(RoomId("aa")))
        await around.settle()
    assert len(looks) == 1
    await around.settle(PAUSE_S)
    assert len(looks) == 2
    await around.settle(PAUSE_S)
    assert len(looks) == 2
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await around.close()
