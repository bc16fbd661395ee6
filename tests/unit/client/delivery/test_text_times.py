"""The time that a text carries: later than the one before, later than what stands last, and else the clock's."""

from __future__ import annotations

import pytest

from byre.client.delivery.text_times import CLOSE_MS, SMALL_JUMP_MS, TextTimes, too_early_ms
from byre.store.positions import TIE_BITS

NOW_MS = 1_800_000_000_000


def test_of_one_millisecond_each_text_is_later() -> None:
    times = TextTimes()
    assert [times.next(NOW_MS) for _ in range(3)] == [NOW_MS, NOW_MS + 1, NOW_MS + 2]
    assert times.next(NOW_MS + 2) == NOW_MS + 3
    assert times.next(NOW_MS + 9) == NOW_MS + 9
    assert times.next(NOW_MS + 9 - CLOSE_MS) == NOW_MS + 9 - CLOSE_MS  # the clock was put back


@pytest.mark.parametrize(
    ("ahead_ms", "later_ms"),
    [(-5, 0), (-1, 0), (0, 0), (1, 2), (60_000, 60_001), (SMALL_JUMP_MS - 1, SMALL_JUMP_MS), (SMALL_JUMP_MS, 0)],
)
def test_a_text_stands_below_what_is_a_little_ahead(ahead_ms: int, later_ms: int) -> None:
    assert too_early_ms(NOW_MS, (NOW_MS + ahead_ms << TIE_BITS) + 7) == later_ms


def test_in_an_empty_room_the_clock_counts() -> None:
    assert too_early_ms(NOW_MS, None) == 0
