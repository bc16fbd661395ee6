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


def test_what_is_known_from_elsewhere_counts_as_if_it_had_been_taken_here() -> None:
    clock = Ticking()
    taken, told = Quotas(100, clock), Quotas(100, clock)
    started_s = clock.now_s
    uses = [(0.0, 30), (DAY_S / 10, 50), (DAY_S / 2, 5), (DAY_S / 2, 60)]
    for at_s, amount in uses:
        clock.now_s = started_s + at_s
        taken.take("a", amount)
    clock.now_s = started_s + 0.75 * DAY_S
    assert "a" not in told
    told.restore("a", [(0.75 * DAY_S - at_s, amount) for at_s, amount in uses])
    assert "a" in told
    for amount in (40, 60, 80, 100):
        assert told.wait_ms("a", amount) == taken.wait_ms("a", amount)
    told.restore("b", [])
    assert told.wait_ms("b", 100) == 0


def test_more_than_the_allowance_that_is_known_from_elsewhere_is_waited_for() -> None:
    quotas = Quotas(100, Ticking())
    quotas.restore("a", [(0.0, 150)])
    assert quotas.wait_ms("a", 1) > DAY_S * 1000 // 2


def test_a_flood_of_restored_keys_does_not_grow_the_table() -> None:
    quotas = Quotas(100, Ticking(), most=10)
    for number in range(100):
        quotas.restore(number, [(0.0, 1)])
    assert len(quotas) == 10
