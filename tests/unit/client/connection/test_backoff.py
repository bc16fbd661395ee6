"""Back-off doubles, is capped and jittered."""

from __future__ import annotations

from byre.client.connection.backoff import LARGEST_S, Backoff, jittered


def test_pauses_double_up_to_a_minute_and_start_over() -> None:
    middle = Backoff(lambda size: b"\x80" + bytes(size - 1))
    pauses = [round(middle.next_s()) for _ in range(9)]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    middle.reset()
    assert round(middle.next_s()) == 1


def test_jitter_is_thirty_percent_either_way() -> None:
    assert jittered(10, lambda size: bytes(size)) == 7
    assert 12.99 < jittered(10, lambda size: b"\xff" * size) < 13
    assert LARGEST_S == 60
