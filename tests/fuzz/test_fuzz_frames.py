"""Relay frames: whatever arrives is a frame of this wire version or a `PeerError`, and what parses is what it says."""

from __future__ import annotations

import msgpack
from hypothesis import given, settings
from hypothesis import strategies as st

from byre.errors import PeerError
from byre.wire.frames import FRAMES, Frame, decode_frame, encode_frame
from tests.golden.frames import EXAMPLES

DECODERS = ("byre.wire.frames:decode_frame",)

GOLDEN = [encode_frame(frame) for frame in EXAMPLES]
sizes = st.sampled_from([0, 1, 15, 16, 17, 32, 33, 48, 64, 512])
scalars = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**64 - 1)
    | st.floats()
    | st.text(max_size=20)
    | sizes.map(bytes)
)
few = st.lists(scalars, max_size=3)
fields = scalars | few | st.lists(few, max_size=2) | st.dictionaries(st.text(max_size=5), scalars | few, max_size=2)


def parses_or_refuses(data: bytes) -> Frame | None:
    try:
        frame = decode_frame(data)
    except PeerError:
        return None
    assert type(frame) in FRAMES
    assert decode_frame(encode_frame(frame)) == frame  # whatever was taken can be said again
    return frame


@settings(max_examples=2000, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_parse_or_are_refused(data: bytes) -> None:
    parses_or_refuses(data)


@settings(max_examples=3000, deadline=None)
@given(st.sampled_from([frame_type.TYPE for frame_type in FRAMES]) | st.integers(), st.lists(fields, max_size=9))
def test_any_fields_parse_or_are_refused(number: int, values: list[object]) -> None:
    if -(2**63) <= number < 2**64:
        parses_or_refuses(msgpack.packb([number, *values]))


@settings(max_examples=3000, deadline=None)
@given(
    st.sampled_from(GOLDEN),
    st.integers(min_value=0),
    st.integers(min_value=1, max_value=255),
    st.sampled_from(["flip", "cut", "double", "insert"]),
)
def test_damaged_frames_parse_or_are_refused(data: bytes, place: int, mask: int, damage: str) -> None:
    at = place % len(data)
    damaged = {
        "flip": data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :],
        "cut": data[:at],
        "double": data[:at] + data,
        "insert": data[:at] + bytes([mask]) + data[at:],
    }[damage]
    parses_or_refuses(damaged)


@settings(max_examples=2000, deadline=None)
@given(st.sampled_from(EXAMPLES))
def test_every_frame_comes_back(frame: Frame) -> None:
    assert parses_or_refuses(encode_frame(frame)) == frame
