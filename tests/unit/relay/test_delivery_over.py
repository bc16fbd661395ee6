"""Messages past their end: confirmed to nobody, forgotten wherever they are, new when they are sent again."""

from __future__ import annotations

import pytest

from byre.relay.refusal import Refusal
from byre.wire.frames import Stored
from tests.fakes.paper_delivery import EPOCH, Desk, PaperSocket


async def test_what_is_over_is_confirmed_to_nobody_and_is_new_once_it_is_gone() -> None:
    desk = Desk()
    mid = await desk.send(1)
    with_row = [desk.store.commit, lambda: None]  # on the disk, and still on its way to it
    for commit in with_row:
        commit()
        desk.clock.advance(49 * 3600)
        desk.sender.take()
        with pytest.raises(Refusal) as caught:
            await desk.send(1)
        assert (caught.value.code, caught.value.retry_after_ms) == ("busy", 60_000)
        assert desk.sender.take() == []
        desk.store.commit()
        desk.delivery.forget_expired(desk.lane, mid)
        desk.store.rows.pop(mid)  # as the store does before it says so
        assert await desk.send(1) == mid
        assert [put.mid for put in desk.store.waiting] == [mid]
    desk.sender.take()
    desk.store.commit()
    assert desk.sender.take() == [Stored(mid, EPOCH)]
    socket = desk.attach()
    await desk.settle()
    assert socket.mids == [mid]


async def test_what_is_over_in_memory_is_forgotten_also_while_the_disk_is_full() -> None:
    desk = Desk()
    socket = desk.attach(PaperSocket(window_frames=1))
    mids = [await desk.send(number) for number in range(3)]
    desk.free_percent = 1.0
    desk.clock.advance(47 * 3600)
    desk.delivery.tick()
    assert (list(desk.lane.entries), socket.mids) == (mids, mids[:1])
    desk.clock.advance(2 * 3600)
    desk.delivery.tick()
    assert (desk.lane.entries, desk.lane.sent, list(desk.lane.todo), desk.store.waiting) == ({}, {}, [], [])
    assert (socket.unsettled_frames, socket.unsettled_bytes, socket.mids) == (0, 0, mids[:1])
    assert desk.sender.released == mids
    desk.delivery.acknowledge(desk.lane, socket, mids)  # too late, and fine
    await desk.send(9)
    assert socket.mids == [mids[0], (9).to_bytes(16)]
