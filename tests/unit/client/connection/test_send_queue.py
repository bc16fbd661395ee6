"""The send queue: windows, order, the same mid until final, back-off; on paper, with a frozen clock."""

from __future__ import annotations

import random
from typing import Any

import pytest

from byre.client.connection.results import Progress
from byre.client.connection.send_queue import PER_MAILBOX, SendQueue
from byre.wire.frames import FLAG_LIVE_ONLY, Acked, Err, Hello, Relayed, Send, Stored
from tests.fakes.clock import FrozenClock
from tests.fakes.relay import seeded

HELLO = Hello(1, bytes(32), bytes(32), 0, bytes(16), 1, {"window_frames": 4, "window_bytes": 1000})


class Desk:
    """A queue whose socket is a list."""

    def __init__(self) -> None:
        self.clock = FrozenClock()
        self.pushed: list[Send] = []
        self.is_open = True
        self.progress: list[tuple[bytes, Progress]] = []
        self.failures: list[tuple[bytes, str, int]] = []
        self.queue = SendQueue(
            push=self._push,
            on_progress=lambda mid, progress: self.progress.append((mid, progress)),
            on_failed=lambda mid, code, wait: self.failures.append((mid, code, wait)),
            clock=self.clock,
            random=seeded(1),
        )

    def _push(self, frame: Send) -> bool:
        if self.is_open:
            self.pushed.append(frame)
        return self.is_open

    def add(self, number: int, *, mailbox: int = 0, size: int = 10, flags: int = 0) -> bytes:
        mid = number.to_bytes(16)
        self.queue.add(Send(mid, mailbox.to_bytes(16), bytes(32), 0, flags, bytes(size)))
        return mid

    @property
    def mids(self) -> list[int]:
        return [int.from_bytes(frame.mid) for frame in self.pushed]


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.queue.opened(HELLO)
    return made


def test_nothing_goes_before_the_socket_is_open() -> None:
    desk = Desk()
    desk.add(1)
    assert desk.mids == []
    desk.queue.opened(HELLO)
    assert desk.mids == [1]


def test_the_window_is_kept_in_frames_and_bytes(desk: Desk) -> None:
    for number in range(6):
        desk.add(number, mailbox=number)
    assert desk.mids == [0, 1, 2, 3]
    desk.queue.answered(Relayed((0).to_bytes(16)))
    assert desk.mids == [0, 1, 2, 3, 4]
    other = Desk()
    other.queue.opened(HELLO)
    other.add(1, size=900)
    other.add(2, mailbox=2, size=200)
    assert other.mids == [1]
    other.queue.answered(Stored((1).to_bytes(16), bytes(16)))
    assert other.mids == [1, 2]


def test_a_large_message_passes_alone(desk: Desk) -> None:
    desk.add(1, size=5000)
    assert desk.mids == [1]


def test_one_mailbox_does_not_take_the_whole_window() -> None:
    desk = Desk()
    desk.queue.opened(Hello(1, bytes(32), bytes(32), 0, bytes(16), 1, {"window_frames": 64, "window_bytes": 10**6}))
    for number in range(64):
        desk.add(number)
    desk.add(100, mailbox=1)
    assert desk.mids == [*range(PER_MAILBOX), 100]


@pytest.mark.parametrize(("final", "progress"), [(Acked, Progress.ACKED), (Stored, Progress.STORED)])
def test_a_final_answer_ends_it(desk: Desk, final: type, progress: Progress) -> None:
    mid = desk.add(1)
    desk.queue.answered(Relayed(mid))
    frame = Stored(mid, bytes(16)) if final is Stored else Acked(mid)
    desk.queue.answered(frame)
    desk.queue.answered(frame)  # again: nobody cares
    assert desk.progress == [(mid, Progress.RELAYED), (mid, progress)]
    assert len(desk.queue) == 0


def test_the_same_mid_is_queued_once(desk: Desk) -> None:
    mid = desk.add(1)
    desk.add(1)
    desk.queue.answered(Relayed(mid))
    desk.add(1)
    assert desk.mids == [1]


def test_a_lost_socket_sends_everything_unanswered_again_in_order(desk: Desk) -> None:
    for number in range(6):
        desk.add(number, mailbox=number)
    desk.queue.answered(Relayed((1).to_bytes(16)))
    desk.queue.answered(Acked((0).to_bytes(16)))
    desk.queue.lost()
    desk.pushed.clear()
    desk.queue.opened(HELLO)
    assert sorted(desk.mids) == [1, 2, 3, 4]
    assert desk.mids[0] == 1


def test_no_answer_for_ten_seconds_sends_the_same_mid_again(desk: Desk) -> None:
    desk.add(1)
    desk.clock.advance(9)
    desk.queue.tick()
    assert desk.mids == [1]
    desk.clock.advance(2)
    desk.queue.tick()
    assert desk.mids == [1, 1]


def test_relayed_and_then_nothing_is_asked_for_after_a_minute(desk: Desk) -> None:
    mid = desk.add(1)
    desk.queue.answered(Relayed(mid))
    desk.clock.advance(30)
    desk.queue.tick()
    assert desk.mids == [1]
    desk.clock.advance(31)
    desk.queue.tick()
    assert desk.mids == [1, 1]


def test_a_transient_refusal_waits_and_keeps_the_order_of_its_mailbox(desk: Desk) -> None:
    first = desk.add(1, mailbox=7)
    assert desk.queue.refused(Err("quota", 5000, first))
    desk.add(2, mailbox=7)
    desk.add(3, mailbox=8)
    assert desk.mids == [1, 3]
    assert desk.failures[0][:2] == (first, "quota")
    assert desk.failures[0][2] >= 5000
    desk.clock.advance(6)
    desk.queue.tick()
    assert desk.mids == [1, 3, 1, 2]


@pytest.mark.parametrize("code", ["token", "size", "proto"])
def test_a_refusal_for_good_ends_it(desk: Desk, code: str) -> None:
    mid = desk.add(1)
    assert desk.queue.refused(Err(code, 0, mid))
    assert desk.failures == [(mid, code, 0)]
    assert len(desk.queue) == 0


def test_errors_about_something_else_are_not_ours(desk: Desk) -> None:
    assert not desk.queue.refused(Err("busy", 0, None))
    assert not desk.queue.refused(Err("busy", 0, b"x" * 16))


def test_a_cancelled_send_is_forgotten_and_gives_its_window_back(desk: Desk) -> None:
    for number in range(5):
        desk.add(number, mailbox=number)
    desk.queue.cancel((0).to_bytes(16))
    assert desk.mids == [0, 1, 2, 3, 4]
    desk.queue.cancel((4).to_bytes(16))
    desk.queue.cancel((9).to_bytes(16))
    assert len(desk.queue) == 3


def test_live_only_is_tried_once(desk: Desk) -> None:
    there = desk.add(1, flags=FLAG_LIVE_ONLY)
    desk.queue.answered(Relayed(there))
    assert len(desk.queue) == 0
    absent = desk.add(2, flags=FLAG_LIVE_ONLY)
    desk.queue.refused(Err("absent", 0, absent))
    silent = desk.add(3, flags=FLAG_LIVE_ONLY)
    desk.clock.advance(11)
    desk.queue.tick()
    assert desk.failures == [(absent, "absent", 0), (silent, "absent", 0)]
    assert desk.mids == [1, 2, 3]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_the_window_is_given_back(seed: int) -> None:
    dice = random.Random(seed)
    desk = Desk()
    for step in range(400):
        desk.is_open = True
        move = dice.randrange(8)
        mid = dice.randrange(step + 1).to_bytes(16)
        if move < 3:
            desk.add(step, mailbox=dice.randrange(3), size=dice.randrange(600))
        elif move == 3:
            desk.queue.answered(dice.choice([Relayed(mid), Acked(mid), Stored(mid, bytes(16))]))
        elif move == 4:
            desk.queue.refused(Err(dice.choice(["busy", "token"]), dice.randrange(3000), mid))
        elif move == 5:
            desk.queue.lost()
        elif move == 6:
            desk.queue.opened(HELLO)
        else:
            desk.clock.advance(dice.randrange(20))
            desk.queue.tick()
    desk.queue.lost()
    desk.clock.advance(100)
    desk.queue.opened(HELLO)
    while len(desk.queue):
        waiting = len(desk.queue)
        for frame in [*desk.pushed]:
            desk.queue.answered(Acked(frame.mid))
        desk.clock.advance(100)
        desk.queue.tick()
        assert len(desk.queue) < waiting


def test_ten_thousand_sends_to_one_mailbox_do_not_get_slower_each() -> None:
    desk = Desk()
    desk.queue.opened(HELLO)
    for number in range(10_000):
        desk.add(number)
    for number in range(10_000):
        desk.queue.answered(Acked(number.to_bytes(16)))
    assert desk.mids == list(range(10_000))
    assert len(desk.queue) == 0


def test_a_lost_socket_keeps_the_order_of_thousands_and_sorts_what_flew(monkeypatch: pytest.MonkeyPatch) -> None:
    sorted_items = list[int]()

    def counted(items: Any, *, key: Any) -> list[Any]:
        found = sorted(items, key=key)
        sorted_items.append(len(found))
        return found

    monkeypatch.setattr("byre.client.connection.send_queue.sorted", counted, raising=False)
    desk = Desk()
    desk.queue.opened(HELLO)
    for number in range(2000):
        desk.add(number)
    desk.queue.answered(Relayed((1).to_bytes(16)))
    desk.queue.lost()
    assert sum(sorted_items) <= 5  # four in flight and one relayed, once
    desk.pushed.clear()
    desk.queue.opened(HELLO)
    for number in range(2000):
        desk.queue.answered(Acked(number.to_bytes(16)))
    assert desk.mids == list(range(2000))
