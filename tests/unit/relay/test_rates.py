"""Token buckets: a burst, then a pace, and a bounded memory."""

from __future__ import annotations

from byre.relay.rates import Rate, Rates


def test_a_burst_then_a_pace() -> None:
    rate = Rate(3, 2, 0.0)
    assert [rate.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert rate.wait_ms() == 501
    assert rate.take(0.5)
    assert not rate.take(0.5)
    assert [rate.take(100.0) for _ in range(4)] == [True, True, True, False]  # never more than the burst


def test_what_has_refused_stays_shut_for_a_while() -> None:
    rate = Rate(10, 20, 0.0, pause_s=0.25)
    assert [rate.take(0.0) for _ in range(11)] == [True] * 10 + [False]
    assert rate.wait_ms() == 251
    assert not rate.take(0.06)  # one would be there, but who comes now was sent after what was refused
    assert rate.wait_ms() == 191
    assert [rate.take(0.25) for _ in range(6)] == [True] * 5 + [False]
    rare = Rate(2, 1 / 60, 0.0, pause_s=0.25)
    assert [rare.take(0.0) for _ in range(3)] == [True, True, False]
    assert rare.take(60.0)


def test_a_rate_of_nothing_waits_an_hour() -> None:
    rate = Rate(0, 0, 0.0)
    assert not rate.take(10.0)
    assert rate.wait_ms() == 3_600_000


def test_keys_are_apart_and_the_oldest_are_forgotten() -> None:
    now = [0.0]
    rates = Rates(1, 1, lambda: now[0], most=2)
    assert rates.take("a") == 0
    assert rates.take("a") == 1001
    assert rates.take("b") == 0
    assert rates.take("c") == 0
    assert rates.take("a") == 0  # forgotten, so full again
    now[0] = 1.0
    assert rates.take("c") == 0
