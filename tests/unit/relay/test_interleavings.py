"""Attach races: every interleaving of what a sender, two sockets of a receiver and the disk do, one after the other.

Each actor's steps keep their order; all ways to mix the actors are played (no dice). After each: nothing is lost,
nothing twice on one socket, one order, and no room leaks. `BYRE_SOAK=1` plays a third message (3,780 orders).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from byre.relay.refusal import Refusal
from byre.wire.frames import Err
from tests.fakes.paper_delivery import Desk, PaperSocket

SENDS = 3 if os.environ.get("BYRE_SOAK") == "1" else 2
SENDER = ("send",) * SENDS
RECEIVER = ("attach", "ack", "detach", "attach")


def mixed(queues: tuple[tuple[str, ...], ...]) -> Iterator[tuple[str, ...]]:
    """Every way to take all steps, each queue in its own order."""
    if not any(queues):
        yield ()
        return
    for index, queue in enumerate(queues):
        if queue:
            rest = (*queues[:index], queue[1:], *queues[index + 1 :])
            for tail in mixed(rest):
                yield (queue[0], *tail)


class Play:
    def __init__(self) -> None:
        self.desk = Desk(outbox_frames=1, window_frames=2)
        self.sockets: list[PaperSocket] = []
        self.mids: list[bytes] = []
        self.acknowledged: list[bytes] = []

    async def step(self, step: str) -> None:
        desk = self.desk
        if step == "send":
            try:
                self.mids.append(await desk.send(len(self.mids) + 1))
            except Refusal:
                self.mids.append(b"")
        elif step == "attach":
            self.sockets.append(desk.attach(PaperSocket(window_frames=2)))
        elif step == "detach":
            desk.delivery.detach(desk.lane, self.sockets[-1])
        elif step == "ack":
            self.acknowledge(self.sockets[-1])
        elif step == "commit":
            desk.store.commit()
        elif step == "fail":
            desk.store.fail()
        elif step == "drain":
            desk.delivery.settle_all([desk.lane])
        await desk.settle()

    def acknowledge(self, socket: PaperSocket) -> bool:
        fresh = [mid for mid in socket.mids if mid not in self.acknowledged]
        self.desk.delivery.acknowledge(self.desk.lane, socket, fresh)
        if self.desk.lane.socket is socket:
            self.acknowledged += fresh
        return bool(fresh)

    async def check(self, steps: tuple[str, ...]) -> None:
        desk = self.desk
        desk.store.commit()
        last = desk.attach()
        self.sockets.append(last)
        await desk.settle()
        while self.acknowledge(last):
            await desk.settle()
        desk.store.commit()
        refused = {frame.subject for frame in desk.sender.frames if isinstance(frame, Err)}
        assert set(self.mids) - {b""} <= set(self.acknowledged) | refused, steps
        for socket in self.sockets:
            assert socket.mids == sorted(set(socket.mids)), steps
        lane = desk.lane
        assert (lane.entries, lane.held_messages, lane.held_bytes, lane.held_by_token or {}) == ({}, 0, 0, {}), steps
        assert (last.unsettled_frames, last.unsettled_bytes) == (0, 0), steps
        assert not desk.store.rows, steps
        await desk.tasks.stop()


@pytest.mark.parametrize("disk", [("commit", "commit"), ("commit", "fail"), ("drain", "commit")], ids=" ".join)
async def test_every_interleaving_of_send_attach_detach_and_disk(disk: tuple[str, ...]) -> None:
    count = 0
    for steps in mixed((SENDER, RECEIVER, disk)):
        play = Play()
        for step in steps:
            await play.step(step)
        await play.check(steps)
        count += 1
    assert count == {2: 420, 3: 1260}[SENDS]  # 8! / (2! 4! 2!), 9! / (3! 4! 2!)
