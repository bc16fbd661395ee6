"""Relay frames on the wire are what they were: byte for byte, type number for type number."""

from __future__ import annotations

import json

import pytest

from byre.wire.frames import FRAMES, decode_frame, encode_frame
from tests.golden.frames import EXAMPLES, GOLDEN_FILE


def test_every_frame_has_golden_bytes() -> None:
    assert {type(frame) for frame in EXAMPLES} == set(FRAMES)
    assert list(json.loads(GOLDEN_FILE.read_text())) == [type(frame).__name__ for frame in EXAMPLES]


@pytest.mark.parametrize("frame", EXAMPLES, ids=lambda frame: type(frame).__name__)
def test_bytes_are_golden_both_ways(frame: object) -> None:
    expected = bytes.fromhex(json.loads(GOLDEN_FILE.read_text())[type(frame).__name__])
    assert encode_frame(frame) == expected  # type: ignore[arg-type]
    assert decode_frame(expected) == frame


def test_type_numbers_are_unique() -> None:
    assert len({frame_type.TYPE for frame_type in FRAMES}) == len(FRAMES)
