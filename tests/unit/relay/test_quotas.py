"""Daily allowances: used up, filled again with time, bounded in memory."""

from __future__ import annotations

from byre.relay.quotas import DAY_S, Quotas


class Ticking:
    """Seconds, moved by hand."""

    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def test_an_allowance_is_used_up_and_comes_back_over_a_day() -> None:
    clock = Ticking()
    quotas = Quotas(100, clock)
    assert quotas.wait_ms("a", 100) == 0
    quotas.take("a", 100)
    assert quotas.wait_ms("b", 100) == 0
    wait_ms = quotas.wait_ms("a", 50)
    assert wait_ms == 1 + DAY_S * 1000 // 2
    clock.now_s += DAY_S / 2
    assert quotas.wait_ms("a", 50) == 0
    assert quotas.wait_ms("a", 51) > 0


def test_what_was_not_used_is_given_back() -> None:
    quotas = Quotas(100, Ticking())
    quotas.take("a", 80)
    quotas.give_back("a", 80)
    quotas.give_back("never", 80)
    assert quotas.wait_ms("a", 100) == 0


def test_more_than_a_day_gives_is_a_day_away() -> None:
    assert Quotas(100, Ticking()).wait_ms("a", 101) == DAY_S * 1000


def test_a_flood_of_keys_does_not_grow_the_table() -> None:
    quotas = Quotas(100, Ticking(), most=10)
    for number in range(1000):
        quotas.take(number, 1)
    assert len(quotas) == 10
