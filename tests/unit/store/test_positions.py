"""Free positions: each once, in the order of asking, after what is there."""

from __future__ import annotations

import pytest

from byre.db import Connection
from byre.errors import InternalBug
from byre.store import Transaction
from byre.store.positions import AT_ONCE, TIE_BITS, FreePositions, pages
from tests.unit.store.profile import NOW, room, text

FIRST = NOW << TIE_BITS


def test_a_position_is_given_once_and_after_what_is_there(tx: Transaction, connection: Connection) -> None:
    tx.rooms.add(room(1))
    tx.messages.add(text(1, "there", at=0))
    free = FreePositions(connection, [NOW, NOW + 1, NOW])
    assert [free.take(NOW), free.take(NOW), free.take(NOW + 1)] == [FIRST + 1, FIRST + 2, NOW + 1 << TIE_BITS]
    assert free.take(NOW + 9) == NOW + 9 << TIE_BITS  # not asked for together with the others
    assert free.take(-5) == 0


def test_many_times_are_asked_for_a_page_at_once(connection: Connection) -> None:
    asked: list[str] = []
    connection.set_trace_callback(asked.append)  # type: ignore[attr-defined]
    free = FreePositions(connection, range(NOW, NOW + 2 * AT_ONCE + 1))
    taken = [free.take(NOW + number) for number in range(2 * AT_ONCE + 1)]
    assert taken == [NOW + number << TIE_BITS for number in range(2 * AT_ONCE + 1)]
    assert len(asked) == 3


def test_a_full_millisecond_runs_over_into_the_next(tx: Transaction, connection: Connection) -> None:
    tx.rooms.add(room(1))
    tx.messages.add(text(1, "there", at=0))
    connection.execute("UPDATE message SET id = id + ?", ((1 << TIE_BITS) - 2,))
    free = FreePositions(connection, [NOW])
    last = FIRST + (1 << TIE_BITS) - 1
    assert [free.take(NOW), free.take(NOW), free.take(NOW)] == [last, last + 1, last + 2]


def test_a_time_beyond_the_range_is_refused(connection: Connection) -> None:
    with pytest.raises(InternalBug):
        FreePositions(connection, [1 << 45])
    with pytest.raises(InternalBug):
        FreePositions(connection).take(1 << 45)
    with pytest.raises(InternalBug):
        FreePositions(connection).take(1 << 42)
    assert FreePositions(connection).take((1 << 42) - 1) == (1 << 62) - (1 << 20)  # what profiles are written with


def test_pages_have_one_of_two_lengths() -> None:
    assert list(pages([], 3)) == []
    assert list(pages("a", 3)) == [("a",)]
    assert list(pages("abcd", 3)) == [("a", "b", "c"), ("d", "d", "d")]
