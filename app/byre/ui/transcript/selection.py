"""What is selected in a transcript: a stretch of text that may begin in one bubble and end in another. No toolkit.

Its ends are held by the keys of their rows, so that what comes or goes between them moves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from byre.ui.plain import utf16_length, utf16_slice
from byre.ui.transcript.items import Item

Place = tuple[str, int]
"""(key of the row, UTF-16 position in its text)."""


class Rows(Protocol):
    """Where rows stand now."""

    items: list[Item]

    def row_of(self, key: str) -> int | None: ...


class Selection:
    """From `ends[0]` to `ends[1]`, in whichever order they were pointed at; None while nothing is selected."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.ends: tuple[Place, Place] | None = None

    def clear(self) -> None:
        """Select nothing."""
        self.ends = None

    def text(self) -> str:
        """What is selected, one line per message."""
        parts = []
        for item in self._items():
            span = self.span_of(item)
            if span is not None and item.kind == "message":
                parts.append(utf16_slice(item.text, *span))
        return "\n".join(parts)

    def span_of(self, item: Item) -> tuple[int, int] | None:
        """The selected part (start, end) of a row's text; None if nothing of it is selected."""
        ordered = self._ordered()
        row = self._rows.row_of(item.key) if ordered is not None else None
        if ordered is None or row is None or not ordered[0][0] <= row <= ordered[1][0]:
            return None
        start = ordered[0][1] if row == ordered[0][0] else 0
        end = ordered[1][1] if row == ordered[1][0] else utf16_length(item.text)
        return (start, end) if end > start else None

    def _items(self) -> Sequence[Item]:
        ordered = self._ordered()
        return self._rows.items[ordered[0][0] : ordered[1][0] + 1] if ordered is not None else ()

    def _ordered(self) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """(row, position) of both ends, the upper one first; None where one of them is gone."""
        if self.ends is None:
            return None
        ends = []
        for key, at in self.ends:
            row = self._rows.row_of(key)
            if row is None:
                return None
            ends.append((row, at))
        first, last = sorted(ends)
        return first, last
