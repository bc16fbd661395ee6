"""What a lane reads from the disk while its device comes and goes."""

from __future__ import annotations

import asyncio

import pytest

from tests.fakes.paper_delivery import Desk


async def test_a_device_that_comes_and_goes_faster_than_the_disk_reads_gets_its_messages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk()
    mids = [await desk.send(number) for number in range(3)]
    desk.store.commit()
    read, may_end, reads = desk.store.bodies, asyncio.Event(), []

    async def slow(bucket: int, mailbox: bytes, wanted: list[bytes]) -> dict[bytes, bytes]:
        reads.append(wanted)
        await may_end.wait()
        return await read(bucket, mailbox, wanted)

    monkeypatch.setattr(desk.store, "bodies", slow)
    sockets = [desk.attach()]
    await asyncio.sleep(0)
    for _ in range(3):
        desk.delivery.detach(desk.lane, sockets[-1])
        sockets.append(desk.attach())
    may_end.set()
    await desk.settle()
    assert reads == [mids]
    assert [socket.mids for socket in sockets] == [[], [], [], mids]
    desk.delivery.acknowledge(desk.lane, sockets[-1], mids)
    assert desk.store.erased == mids
