"""Free positions: where new messages go in the shown order.

position = min(sent_at, received_at) in ms << 20 | tie-breaker      in a millisecond: after what is there already
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from byre.db import Connection
from byre.errors import InternalBug

TIE_BITS = 20
_MILLISECOND = 1 << TIE_BITS
AT_ONCE = 32
T = TypeVar("T")


class FreePositions:
    """Gives out positions within one transaction, each once, asked of the file for many times together.

    Args:
        times: the times (ms) that will be asked for; others cost a question each.
    """

    def __init__(self, connection: Connection, times: Sequence[int] = ()) -> None:
        self._connection = connection
        self._next: dict[int, int] = {}
        self._look_up(list(dict.fromkeys(map(_first, times))))

    def take(self, at_ms: int) -> int:
        """Return the next position of a millisecond. A full one (2^20 messages of a false clock) runs over.

        Raises:
            InternalBug: a time beyond the range of positions.
        """
        first = _first(at_ms)
        while self._free(first) == first + _MILLISECOND:
            first += _MILLISECOND
        position = self._next[first]
        self._next[first] = position + 1
        return position

    def _free(self, first: int) -> int:
        if first not in self._next:
            self._look_up([first])
        return self._next[first]

    def _look_up(self, firsts: Sequence[int]) -> None:
        for page in pages(firsts, AT_ONCE):
            marks = ", ".join(["(?)"] * len(page))
            rows = self._connection.execute(
                f"WITH asked (first) AS (VALUES {marks}) SELECT first,"
                " (SELECT max(id) FROM message WHERE id >= first AND id < first + ?) FROM asked",
                (*page, _MILLISECOND),
            )
            self._next.update((first, first if last is None else last + 1) for first, last in rows)


def pages(values: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    """Cut values into tuples of `size`, the last one filled up with its last value; one value stays alone.

    A statement with a mark for each value is then one of two, and stays prepared.
    """
    if len(values) == 1:
        yield (values[0],)
        return
    for start in range(0, len(values), size):
        page = tuple(values[start : start + size])
        yield page + page[-1:] * (size - len(page))


def _first(at_ms: int) -> int:
    first = max(at_ms, 0) << TIE_BITS
    if first >= 1 << 62:
        raise InternalBug("a time beyond the range of positions", code="bad_time")
    return first
