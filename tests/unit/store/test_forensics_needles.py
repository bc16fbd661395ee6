"""Needles: found wherever they lie."""

from __future__ import annotations

import pytest

from byre.store.forensics_needles import LONGEST, SHORTEST, NeedleSet, samples_of
from tests.unit.store.profile import seeded

NOISE = seeded("noise")(4096)


@pytest.mark.parametrize("length", [SHORTEST, SHORTEST + 1, 23, LONGEST])
@pytest.mark.parametrize("offset", [*range(9), 100, 4001])
def test_a_needle_is_found_at_every_offset(length: int, offset: int) -> None:
    needle = bytes(range(100, 100 + length))
    data = NOISE[:offset] + needle + NOISE[offset:4080]
    assert NeedleSet([needle]).find(data) == [(offset, needle)]


def test_a_needle_at_the_very_end_is_found() -> None:
    needle = bytes(range(SHORTEST))
    for length in range(40, 60):
        data = NOISE[:length] + needle
        assert NeedleSet([needle]).find(data) == [(length, needle)]


def test_half_a_needle_is_none() -> None:
    needle = bytes(range(LONGEST))
    assert NeedleSet([needle]).find(NOISE[:64] + needle[:-1] + NOISE[64:]) == []
    assert NeedleSet([needle]).find(b"") == []


def test_findings_come_by_offset_and_once_per_needle() -> None:
    first, second = b"first needle, sir", b"second needle, sir"
    data = second + b"...." + first + second
    assert NeedleSet([first, second, first]).find(data) == [(0, second), (22, first)]


def test_short_needles_are_left_out() -> None:
    empty = NeedleSet([b"short", b"x" * (SHORTEST - 1)])
    assert len(empty) == 0
    assert empty.find(NOISE) == []


@pytest.mark.parametrize(
    ("value", "count"),
    [(b"short", 0), (b"a" * 100, 0), ("안녕하세요 여러분".encode(), 1), (NOISE[:255], 1), (NOISE[:256], 3)],
)
def test_samples_of_a_value(value: bytes, count: int) -> None:
    pieces = list(samples_of(value))
    assert len(pieces) == count
    assert all(piece in value and SHORTEST <= len(piece) <= LONGEST for piece in pieces)
