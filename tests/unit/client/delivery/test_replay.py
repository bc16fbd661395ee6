from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from byre.client.delivery.replay import MAX_COUNTER, WINDOW, ReplayWindow


def test_a_counter_is_taken_once() -> None:
    window = ReplayWindow()
    assert not window.has_seen(0)
    window = window.see(0)
    assert window.has_seen(0)
    assert not window.has_seen(1)


def test_counters_out_of_order_are_taken_within_the_window() -> None:
    window = ReplayWindow().see(10).see(3)
    assert window.has_seen(3)
    assert window.has_seen(10)
    assert not window.has_seen(4)


def test_below_the_window_everything_counts_as_seen() -> None:
    window = ReplayWindow().see(WINDOW + 5)
    assert window.has_seen(5)
    assert not window.has_seen(6)


def test_a_leap_over_the_window_forgets_the_bitmap() -> None:
    window = ReplayWindow().see(1).see(10 * WINDOW)
    assert window.bitmap == 1
    assert window.has_seen(1)


def test_impossible_counters_count_as_seen() -> None:
    assert ReplayWindow().has_seen(-1)
    assert ReplayWindow().has_seen(MAX_COUNTER + 1)
    assert not ReplayWindow().has_seen(MAX_COUNTER)


@given(st.lists(st.integers(min_value=0, max_value=3 * WINDOW), max_size=60))
def test_the_window_agrees_with_a_set(counters: list[int]) -> None:
    window, seen = ReplayWindow(), set[int]()
    for counter in counters:
        expected = counter in seen or (bool(seen) and counter <= max(seen) - WINDOW)
        assert window.has_seen(counter) is expected
        if not expected:
            window = window.see(counter)
            seen.add(counter)
        window = ReplayWindow.from_stored(window.highest, window.to_bytes())
