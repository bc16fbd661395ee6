"""What is selected in a transcript follows its rows, whatever comes or goes around them."""

from __future__ import annotations

from byre.ui.transcript.items import Item
from byre.ui.transcript.selection import Selection


class Rows:
    """Rows by key."""

    def __init__(self, *texts: str) -> None:
        self.items = [Item(key=text[:1], kind="message", text=text) for text in texts]

    def row_of(self, key: str) -> int | None:
        return next((row for row, item in enumerate(self.items) if item.key == key), None)


def test_a_selection_across_rows_takes_the_ends_in_part_and_the_middle_whole() -> None:
    rows = Rows("abc", "def", "ghi")
    selection = Selection(rows)
    selection.ends = (("a", 1), ("g", 2))
    assert selection.text() == "bc\ndef\ngh"
    assert selection.span_of(rows.items[1]) == (0, 3)


def test_the_order_of_the_ends_does_not_matter() -> None:
    selection = Selection(Rows("abc", "def"))
    selection.ends = (("d", 1), ("a", 2))
    assert selection.text() == "c\nd"


def test_what_comes_above_moves_nothing() -> None:
    rows = Rows("abc", "def")
    selection = Selection(rows)
    selection.ends = (("a", 0), ("d", 3))
    rows.items.insert(0, Item(key="x", kind="message", text="xyz"))
    assert selection.text() == "abc\ndef"
    assert selection.span_of(rows.items[0]) is None


def test_lines_between_messages_are_not_copied() -> None:
    rows = Rows("abc", "def")
    rows.items.insert(1, Item(key="day", kind="day", text="Friday"))
    selection = Selection(rows)
    selection.ends = (("a", 0), ("d", 3))
    assert selection.text() == "abc\ndef"


def test_nothing_is_selected_once_an_end_is_gone() -> None:
    rows = Rows("abc", "def")
    selection = Selection(rows)
    selection.ends = (("a", 0), ("d", 3))
    del rows.items[1]
    assert selection.text() == ""
    selection.clear()
    assert selection.ends is None
