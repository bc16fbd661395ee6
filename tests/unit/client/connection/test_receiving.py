"""Envelopes on their way to the engine: taken in order, also when a mailbox is detached and attached again at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from byre.client.connection.receiving import TAKEN_AT_ONCE, Receiving
from byre.identity.mailbox import MailboxKeys
from byre.wire.frames import Ack, Credit, Frame, Hello, Msg
from tests.fakes.relay import seeded

HELLO = Hello(1, bytes(32), bytes(32), 0, bytes(16), 1, {})
KEYS = MailboxKeys.generate(seeded(1))
OTHER = MailboxKeys.generate(seeded(2))


class Desk:
    def __init__(self) -> None:
        self.pushed: list[Frame] = []
        self.taken: list[bytes] = []
        self.receiving = Receiving("http://127.0.0.1:1", push=self.push, on_envelopes=self.take, on_stuck=lambda: None)
        for keys in (KEYS, OTHER):
            self.receiving.add(keys, HELLO)
            self.receiving.attached(keys.mailbox_id)

    def push(self, frame: Frame) -> bool:
        self.pushed.append(frame)
        return True

    async def take(self, mailbox: bytes, envelopes: Sequence[tuple[bytes, bytes]]) -> None:
        self.taken += [mid for mid, _ in envelopes]

    def arrive(self, number: int, keys: MailboxKeys = KEYS) -> bytes:
        mid = number.to_bytes(16)
        self.receiving.received(Msg(keys.mailbox_id, number, mid, b""))
        return mid

    async def run(self) -> None:
        running = asyncio.create_task(self.receiving.run())
        for _ in range(5):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_what_a_relay_sent_before_it_saw_a_detach_is_left_out_and_comes_again_in_order() -> None:
    desk = Desk()
    first, others = desk.arrive(1), desk.arrive(7, OTHER)
    desk.receiving.remove(KEYS.mailbox_id)
    desk.receiving.add(KEYS, HELLO)
    desk.arrive(2)  # sent before the relay saw the DETACH
    desk.receiving.attached(KEYS.mailbox_id)
    mids = [desk.arrive(number) for number in (1, 2, 3)]
    await desk.run()
    assert desk.taken == [others, *mids]
    assert mids[0] == first
    acknowledged = [mid for frame in desk.pushed if isinstance(frame, Ack) for mid in frame.mids]
    assert sorted(acknowledged) == sorted([others, *mids])


async def test_what_comes_before_ready_is_left_out() -> None:
    desk = Desk()
    desk.receiving.opened(HELLO)
    desk.arrive(1)
    desk.receiving.attached(KEYS.mailbox_id)
    second = desk.arrive(2)
    await desk.run()
    assert desk.taken == [second]


def test_a_refused_mailbox_is_known_until_it_is_attached_anew() -> None:
    desk = Desk()
    assert desk.receiving.refused(KEYS.mailbox_id)
    assert not desk.receiving.refused(b"nobody's")
    assert desk.receiving.is_refused(KEYS.mailbox_id)
    assert not desk.receiving.is_attached(KEYS.mailbox_id)
    desk.receiving.add(KEYS, HELLO)
    assert not desk.receiving.is_refused(KEYS.mailbox_id)


async def test_a_larger_window_is_asked_for_once_per_socket_and_taken_at_once() -> None:
    desk = Desk()
    assert [frame.frames for frame in desk.pushed if isinstance(frame, Credit)] == [TAKEN_AT_ONCE]
    desk.receiving.lost()
    desk.receiving.opened(HELLO)
    for keys in (KEYS, OTHER):
        desk.receiving.attached(keys.mailbox_id)
    assert len([frame for frame in desk.pushed if isinstance(frame, Credit)]) == 2
    for number in range(TAKEN_AT_ONCE + 1):
        desk.arrive(number)
    await desk.run()
    acknowledged = [len(frame.mids) for frame in desk.pushed if isinstance(frame, Ack)]
    assert acknowledged == [TAKEN_AT_ONCE, 1]
