"""Steps on two threads: every item once, results in order, and no step outlives its caller."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from byre.client.delivery.beside import FEWEST, Beside
from tests.patience import WAIT_S

MANY = list(range(200))


@pytest.fixture
def beside() -> Iterator[Beside]:
    pair = Beside(has_room=True)
    yield pair
    pair.close()


def meeting(until: int) -> tuple[Callable[[int], int], set[int]]:
    """A step whose first two calls wait for each other, so that two threads must have come; and who has called it."""
    both, callers, calls = threading.Barrier(2, timeout=WAIT_S), set[int](), iter(range(until))

    def step(item: int) -> int:
        callers.add(threading.get_ident())
        if next(calls) < 2:
            both.wait()
        return item * item

    return step, callers


def test_two_threads_share_the_items_and_the_results_are_in_order(beside: Beside) -> None:
    step, callers = meeting(len(MANY))
    assert beside.map(step, MANY) == [item * item for item in MANY]
    assert len(callers) == 2
    assert threading.get_ident() in callers


def test_a_companion_that_does_not_come_is_not_waited_for(beside: Beside) -> None:
    comes, is_busy = threading.Event(), threading.Event()

    def others() -> None:
        is_busy.set()
        comes.wait(WAIT_S)

    beside._companion.submit(others)
    assert is_busy.wait(WAIT_S)
    try:
        assert beside.map(str, MANY) == [str(item) for item in MANY]
    finally:
        comes.set()


@pytest.mark.parametrize("count", [0, 1, FEWEST - 1])
def test_a_few_items_are_done_on_the_spot(beside: Beside, count: int) -> None:
    callers = set(beside.map(lambda _: threading.get_ident(), MANY[:count]))
    assert callers <= {threading.get_ident()}


def test_without_a_second_processor_all_is_done_on_the_spot() -> None:
    alone = Beside(has_room=False)
    assert set(alone.map(lambda _: threading.get_ident(), MANY)) == {threading.get_ident()}


def test_after_the_end_all_is_done_on_the_spot(beside: Beside) -> None:
    beside.close()
    assert set(beside.map(lambda _: threading.get_ident(), MANY)) == {threading.get_ident()}


@pytest.mark.parametrize("is_companions", [False, True])
def test_a_step_that_raises_ends_all_and_none_is_under_way_any_more(beside: Beside, is_companions: bool) -> None:
    here, both, under_way = threading.get_ident(), threading.Barrier(2, timeout=WAIT_S), set[int]()

    def step(item: int) -> int:
        under_way.add(item)
        try:
            if item < 2:
                both.wait()
            if (threading.get_ident() != here) is is_companions:
                raise IndexError(f"item {item}")
            return item
        finally:
            under_way.discard(item)

    with pytest.raises(IndexError, match="item"):
        beside.map(step, MANY)
    assert not under_way
    assert beside.map(str, MANY) == [str(item) for item in MANY]
