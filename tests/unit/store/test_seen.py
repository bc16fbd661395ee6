"""Replay windows and wipe watermarks."""

from __future__ import annotations

import random

import pytest

from byre.db import Connection
from byre.store import Transaction, Watermark
from byre.store.seen import WINDOW
from tests.unit.store.profile import LAPTOP, NOW, PHONE, RUN, room


@pytest.fixture(autouse=True)
def _room(tx: Transaction) -> None:
    tx.rooms.add(room(1))
    tx.rooms.add(room(2))


def covers(tx: Transaction, counter: int, sent_at: int = NOW) -> bool:
    return tx.seen.window(1, LAPTOP, RUN).covers(counter, sent_at)


def accept(tx: Transaction, *counters: int) -> list[bool]:
    return [tx.seen.accept(1, LAPTOP, RUN, counter) for counter in counters]


def test_a_counter_counts_once(tx: Transaction) -> None:
    assert accept(tx, 5, 5, 3, 3, 6, 4, 6) == [True, False, True, False, True, True, False]


def test_the_window_is_4096_below_the_highest(tx: Transaction) -> None:
    assert accept(tx, 10_000, 10_000 - WINDOW, 10_000 - WINDOW - 1) == [True, True, False]


def test_a_leap_forgets_what_falls_below(tx: Transaction) -> None:
    assert accept(tx, 0, WINDOW + 5, 4, 5, 0) == [True, True, False, True, False]
    assert accept(tx, 1 << 40, 1 << 40, (1 << 40) - 1) == [True, False, True]


def test_a_leap_of_exactly_the_window_still_knows_the_last(tx: Transaction) -> None:
    assert accept(tx, 0, WINDOW, 0) == [True, True, False]


@pytest.mark.parametrize("counter", [-1, 1 << 62, 1 << 80])
def test_counters_out_of_range_are_refused(tx: Transaction, counter: int) -> None:
    assert accept(tx, counter) == [False]


def test_any_order_within_the_window_is_accepted_once(tx: Transaction) -> None:
    counters = list(range(300))
    random.Random(7).shuffle(counters)
    assert all(accept(tx, *counters))
    assert not any(accept(tx, *counters))


def test_runs_devices_and_rooms_count_apart(tx: Transaction) -> None:
    assert tx.seen.accept(1, LAPTOP, RUN, 7)
    assert tx.seen.accept(1, LAPTOP, b"s" * 8, 7)
    assert tx.seen.accept(1, PHONE, RUN, 7)
    assert tx.seen.accept(2, LAPTOP, RUN, 7)


def test_a_wipe_covers_what_was_seen_until_then(tx: Transaction) -> None:
    accept(tx, 3, 8)
    tx.seen.accept(1, PHONE, RUN, 2)
    marks = tx.seen.current(1)
    assert marks == [Watermark(LAPTOP, RUN, 8), Watermark(PHONE, RUN, 2)]
    tx.seen.cover(1, reversed(marks))
    tx.seen.cover(1, [Watermark(LAPTOP, RUN, 1)])
    assert tx.seen.covered(1) == marks
    assert [covers(tx, counter) for counter in (0, 8, 9)] == [True, True, False]
    assert not tx.seen.window(2, LAPTOP, RUN).covers(0, NOW)
    assert not tx.seen.window(1, LAPTOP, b"new run.").covers(0, NOW)


def test_beyond_what_was_here_a_wipe_covers_what_was_said_before_it(tx: Transaction, connection: Connection) -> None:
    tx.seen.cover(1, [Watermark(LAPTOP, RUN, 3)])
    tx.seen.cover_late(1, [Watermark(LAPTOP, RUN, 1 << 62), Watermark(PHONE, RUN, 3)], NOW)
    assert [covers(tx, 3, NOW + 1), covers(tx, 4, NOW), covers(tx, 4, NOW + 1)] == [True, True, False]
    tx.seen.cover_late(1, [Watermark(LAPTOP, RUN, 9)], NOW + 5)  # an order of a day later reaches less far, and longer
    assert [covers(tx, 9, NOW + 5), covers(tx, 10, NOW), covers(tx, 10, NOW + 1)] == [True, True, False]
    rows = "SELECT device_id, counter, until FROM wipe_late ORDER BY id"
    kept = [(LAPTOP, 1 << 62, NOW), (PHONE, 3, NOW), (LAPTOP, 9, NOW + 5)]
    assert connection.execute(rows).fetchall() == kept
    tx.seen.cover_late(1, [Watermark(LAPTOP, RUN, 9), Watermark(LAPTOP, RUN, 3)], NOW + 5)
    assert connection.execute(rows).fetchall() == kept
    tx.seen.cover_late(1, [Watermark(PHONE, RUN, 4)], NOW + 1)
    assert connection.execute(rows).fetchall() == [kept[0], kept[2], (PHONE, 4, NOW + 1)]
    tx.seen.cover_late(1, [Watermark(LAPTOP, RUN, 3)], NOW + 9)  # a watermark says so already
    tx.seen.cover_late(1, [Watermark(PHONE, RUN, 5)], NOW + 1)
    assert connection.execute(rows).fetchall() == [kept[0], kept[2], (PHONE, 5, NOW + 1)]


def test_a_window_is_read_once_used_often_and_saved_once(tx: Transaction) -> None:
    window = tx.seen.window(1, LAPTOP, RUN)
    assert window.row() is None
    assert [window.accept(counter) for counter in (3, 3, 1, 9, -1)] == [True, False, True, True, False]
    assert accept(tx, 3) == [True]  # nothing was saved yet
    tx.seen.save(1, LAPTOP, RUN, window)
    assert accept(tx, 3, 1, 9, 2) == [False, False, False, True]


def test_an_untouched_window_leaves_nothing_behind(tx: Transaction) -> None:
    tx.seen.save(1, LAPTOP, RUN, tx.seen.window(1, LAPTOP, RUN))
    assert tx.seen.current(1) == []


def test_a_window_knows_what_a_wipe_covers(tx: Transaction) -> None:
    accept(tx, 4)
    assert tx.seen.window(1, LAPTOP, RUN).covered == -1
    tx.seen.cover(1, tx.seen.current(1))
    window = tx.seen.window(1, LAPTOP, RUN)
    assert window.covered == 4
    assert window.accept(5)
    assert not window.accept(4)
