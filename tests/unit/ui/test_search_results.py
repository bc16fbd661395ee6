"""The line of a found message begins so that its hit is in sight."""

from __future__ import annotations

import pytest

from byre.ui.plain import utf16_slice
from byre.ui.sidebar.search_results import centred

WIDTH = 40.0


def shown(line: str, hit: str) -> tuple[str, str]:
    """What is shown of `line`, a unit per character, and what is marked in it."""
    start = len(line[: line.index(hit)].encode("utf-16-le")) // 2
    length = len(hit.encode("utf-16-le")) // 2
    words, ranges = centred(line, ((start, length),), WIDTH, lambda text: float(len(text)))
    return words, utf16_slice(words, ranges[0][0], ranges[0][0] + ranges[0][1])


@pytest.mark.parametrize(
    ("line", "hit"),
    [
        ("short line with the review in it", "review"),
        ("a review that comes early in a line which is much longer than what fits", "review"),
    ],
)
def test_a_hit_in_sight_leaves_the_line_alone(line: str, hit: str) -> None:
    assert shown(line, hit) == (line, hit)


@pytest.mark.parametrize(
    ("line", "hit"),
    [
        ("month release tomorrow check when relay server build review moved again", "review"),
        ("🐮🐮🐮🐮🐮 " * 12 + "외양간", "외양간"),
        ("가" * 90 + "검색" + "나" * 20, "검색"),
        ("x" * 200 + "y" * 60, "y" * 60),
    ],
)
def test_a_hit_beyond_the_width_is_brought_into_sight_and_still_marked(line: str, hit: str) -> None:
    words, marked = shown(line, hit)
    assert marked == hit
    assert words[0] == "…"
    assert words.index(hit) + min(len(hit), 10) <= WIDTH
    assert line.endswith(words[1:])
