"""The expiry clock: follows the wall as far as the boot clock bears it out, and never goes back."""

from __future__ import annotations

from byre.relay.clock import JUMP_MS, ExpiryClock, SystemClock


class HandClock:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.wall, self.boot = 10**12, 0

    def wall_ms(self) -> int:
        return self.wall

    def boot_ms(self) -> int:
        return self.boot

    def monotonic_s(self) -> float:
        return self.boot / 1000

    def move(self, milliseconds: int) -> None:
        self.wall += milliseconds
        self.boot += milliseconds


def test_time_passes() -> None:
    hand = HandClock()
    expiry = ExpiryClock(hand)
    hand.move(5000)
    assert expiry.now_ms() == 10**12 + 5000
    assert expiry.jumps == 0


def test_small_corrections_forward_are_followed_and_back_are_waited_out() -> None:
    hand = HandClock()
    expiry = ExpiryClock(hand)
    hand.wall += 3000
    assert expiry.now_ms() == 10**12 + 3000
    hand.wall -= 3000
    assert expiry.now_ms() == 10**12 + 3000
    assert expiry.jumps == 0


def test_a_jump_is_not_believed_and_counted() -> None:
    hand = HandClock()
    expiry = ExpiryClock(hand)
    hand.wall += JUMP_MS + 1001
    hand.boot += 1000
    assert expiry.now_ms() == 10**12 + 1000
    assert expiry.jumps == 1
    hand.wall -= 2 * JUMP_MS + 2002
    assert expiry.now_ms() == 10**12 + 1000


def test_time_does_not_go_back_over_a_restart() -> None:
    assert ExpiryClock(HandClock(), last_seen_ms=10**12 + 50).now_ms() == 10**12 + 50


def test_the_system_clock_grows() -> None:
    clock = SystemClock()
    assert clock.wall_ms() > 1_700_000_000_000
    assert clock.boot_ms() <= clock.boot_ms()
    assert clock.monotonic_s() <= clock.monotonic_s()
