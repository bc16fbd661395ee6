"""A table of row heights in chunks: prefix sums and look-ups cost O(chunks) after a change, O(log) otherwise.

Heights are estimates until a row was laid out. No toolkit, so that a plain test drives it.
"""

from __future__ import annotations

import bisect
import itertools
from array import array
from collections.abc import Iterable, Sequence

CHUNK = 256


class Heights:
    """Heights of `len(self)` rows in pixels."""

    def __init__(self, heights: Sequence[int] = ()) -> None:
        self._chunks: list[array[int]] = []
        self._sums: list[int] = []
        self._counts: list[int] = [0]
        self._prefix: list[int] = [0]
        self._dirty = False
        self._fill(heights)

    def __len__(self) -> int:
        return self._counts[-1]

    def __getitem__(self, row: int) -> int:
        chunk, at = self._locate(row)
        return self._chunks[chunk][at]

    def __setitem__(self, row: int, height: int) -> None:
        chunk, at = self._locate(row)
        old = self._chunks[chunk][at]
        if old != height:
            self._chunks[chunk][at] = height
            self._sums[chunk] += height - old
            self._dirty = True

    def total(self) -> int:
        """The height of all rows."""
        self._settle()
        return self._prefix[-1]

    def top_of(self, row: int) -> int:
        """The sum of the heights above `row`."""
        self._settle()
        if row >= len(self):
            return self._prefix[-1]
        chunk, at = self._locate(row)
        return self._prefix[chunk] + sum(self._chunks[chunk][:at])

    def row_at(self, y: int) -> tuple[int, int]:
        """The row under `y` and how far `y` lies below its top. (0, 0) when there is no row."""
        if not len(self):
            return 0, 0
        self._settle()
        chunk = min(max(bisect.bisect_right(self._prefix, y) - 1, 0), len(self._chunks) - 1)
        rest = y - self._prefix[chunk]
        for at, height in enumerate(self._chunks[chunk]):
            if rest < height:
                return self._counts[chunk] + at, max(0, rest)
            rest -= height
        return self._counts[chunk + 1] - 1, 0

    def insert(self, row: int, heights: Sequence[int]) -> None:
        """Put rows before `row`; at either end this touches one chunk only."""
        if not heights:
            return
        if row >= len(self):
            self._append(heights)
        elif row == 0:
            new = [array("l", heights[i : i + CHUNK]) for i in range(0, len(heights), CHUNK)]
            self._chunks[:0] = new
            self._sums[:0] = [sum(c) for c in new]
            self._recount()
        else:
            everything = list(itertools.chain.from_iterable(self._chunks))
            everything[row:row] = heights
            self._fill(everything)

    def remove(self, row: int, count: int) -> None:
        """Take `count` rows out."""
        everything = list(itertools.chain.from_iterable(self._chunks))
        del everything[row : row + count]
        self._fill(everything)

    def _append(self, heights: Iterable[int]) -> None:
        for height in heights:
            if not self._chunks or len(self._chunks[-1]) >= CHUNK:
                self._chunks.append(array("l"))
                self._sums.append(0)
            self._chunks[-1].append(height)
            self._sums[-1] += height
        self._recount()

    def _fill(self, heights: Sequence[int]) -> None:
        self._chunks = [array("l", heights[i : i + CHUNK]) for i in range(0, len(heights), CHUNK)]
        self._sums = [sum(c) for c in self._chunks]
        self._recount()

    def _recount(self) -> None:
        self._counts = [0, *itertools.accumulate(len(c) for c in self._chunks)]
        self._dirty = True

    def _settle(self) -> None:
        if self._dirty:
            self._prefix = [0, *itertools.accumulate(self._sums)]
            self._dirty = False

    def _locate(self, row: int) -> tuple[int, int]:
        chunk = bisect.bisect_right(self._counts, row) - 1
        return chunk, row - self._counts[chunk]
