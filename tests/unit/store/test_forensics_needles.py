"""Needles: found wherever they lie."""

from __future__ import annotations

import pytest

from byre.store.forensics_needles import LONG, LONGEST, SHORTEST, NeedleSet, rarest, samples_of
from tests.unit.store.profile import seeded

NOISE = seeded("noise")(4096)


@pytest.mark.parametrize("length", [SHORTEST, SHORTEST + 1, 23, LONG - 1, LONG, LONGEST])
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
    [
        (b"short", 0),
        (b"a" * 100, 0),
        ("안녕하세요 여러분".encode(), 1),
        (NOISE[: 8 * LONGEST - 1], 1),
        (NOISE[: 8 * LONGEST], 3),
    ],
)
def test_samples_of_a_value(value: bytes, count: int) -> None:
    pieces = list(samples_of(value))
    assert len(pieces) == count
    assert all(piece in value and SHORTEST <= len(piece) <= LONGEST for piece in pieces)


def test_the_rarest_pieces_are_kept() -> None:
    common = [f"안녕하세요 {n}".encode() for n in range(9)]
    rare = [b"\x01\x02\x03\x04\x05\x06\x07\x08" * 2, "전혀 다른 말씀".encode()]
    assert set(rarest([*common, *rare], 2)) == set(rare)
    assert rarest([*rare, *rare], 9) == rare


def test_long_and_short_needles_are_found_together() -> None:
    long, short = bytes(range(LONG)), bytes(range(200, 200 + SHORTEST))
    needles = NeedleSet([long, short])
    for offset in range(20):
        data = NOISE[:offset] + short + NOISE[:100] + long + NOISE[: offset * 50]
        assert needles.find(data) == [(offset, short), (offset + len(short) + 100, long)]
