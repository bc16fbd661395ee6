"""The quick codec gives what the generic one gives, for right and for wrong fields."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byre.errors import InternalBug
from byre.wire.frames import Ack, Acked, Frame, Msg, Relayed, Send, Stored, decode_frame, encode_frame
from byre.wire.frames_quick import QUICK, quick

ID, EPOCH, TOKEN = b"i" * 16, b"e" * 16, b"t" * 32

SEQS = [0, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x10000, 2**32 - 1, 2**32, 2**63 - 1]
SIZES = [0, 1, 0xFF, 0x100, 0xFFFF, 0x10000]


@pytest.mark.parametrize(
    "frame",
    [
        Relayed(ID),
        Acked(ID),
        Stored(ID, EPOCH),
        *(Msg(ID, seq, EPOCH, b"body") for seq in SEQS),
        *(Msg(ID, 1, EPOCH, bytes(size)) for size in SIZES),
    ],
    ids=lambda frame: f"{type(frame).__name__}",
)
def test_the_bytes_are_those_of_msgpack(frame: Frame) -> None:
    fields = [getattr(frame, name) for name in type(frame).__slots__]
    quick = QUICK[type(frame)](frame)
    assert quick == msgpack.packb([frame.TYPE, *fields]) == encode_frame(frame)
    assert decode_frame(quick) == frame


@pytest.mark.parametrize(
    "frame",
    [
        Relayed(b"short"),
        Relayed("x" * 16),  # type: ignore[arg-type]
        Acked(b"short"),
        Stored(b"short", EPOCH),
        Stored(ID, b"short"),
        Stored(ID, None),  # type: ignore[arg-type]
        Msg(b"short", 1, ID, b""),
        Msg(ID, -1, ID, b""),
        Msg(ID, 2**63, ID, b""),
        Msg(ID, True, ID, b""),
        Msg(ID, 1, b"short", b""),
        Msg(ID, 1, ID, bytes(65537)),
        Msg(ID, 1, ID, "text"),  # type: ignore[arg-type]
    ],
)
def test_what_breaks_its_kind_is_left_to_the_generic_codec_which_refuses_it(frame: Frame) -> None:
    assert QUICK[type(frame)](frame) is None
    with pytest.raises(InternalBug):
        encode_frame(frame)


SENDS = [
    Send(ID, EPOCH, TOKEN, ttl_s, flags, bytes(size))
    for ttl_s, flags, size in [
        *((ttl_s, 1, 4) for ttl_s in (0, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x10000, 2**32 - 1)),
        *((3600, flags, 4) for flags in range(4)),
        *((3600, 0, size) for size in (0, 1, 0xFF, 0x100, 0xFFFF)),
    ]
]
ACKS = [Ack(ID, tuple(bytes([number % 251]) * 16 for number in range(count))) for count in (1, 15, 16, 100, 1024)]


@pytest.mark.parametrize("frame", [*SENDS, *ACKS], ids=lambda frame: type(frame).__name__)
def test_what_comes_for_every_message_is_read_at_once(frame: Send | Ack) -> None:
    data = encode_frame(frame)
    found = quick(data)
    assert found == frame == decode_frame(data)
    assert hash(found) == hash(frame)
    with pytest.raises(FrozenInstanceError):
        found.mailbox = ID  # type: ignore[union-attr, misc]


def test_the_largest_body_is_left_to_the_generic_codec() -> None:
    data = encode_frame(Send(ID, EPOCH, TOKEN, 0, 0, bytes(65536)))
    assert quick(data) is None
    assert decode_frame(data) == Send(ID, EPOCH, TOKEN, 0, 0, bytes(65536))


RIGHT: dict[int, list[Any]] = {
    Send.TYPE: [Send.TYPE, ID, EPOCH, TOKEN, 3600, 1, b"body"],
    Ack.TYPE: [Ack.TYPE, ID, [EPOCH, ID]],
}
WRONG = [b"short", None, "text", -1, 2**32, True, 4, bytes(65537), 1.5, [], [b"short"], [ID, "text"], [ID] * 1025]


@pytest.mark.parametrize(
    ("number", "place"), [*((Send.TYPE, place) for place in range(1, 7)), (Ack.TYPE, 1), (Ack.TYPE, 2)]
)
@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: repr(wrong)[:20])
def test_a_wrong_field_is_refused_as_by_the_generic_codec(number: int, place: int, wrong: object) -> None:
    values = list(RIGHT[number])
    values[place] = wrong
    agrees(msgpack.packb(values))


def agrees(data: bytes) -> None:
    """What the quick codec reads, the generic one reads in the same way; what it leaves is left to that one."""
    found = quick(data)
    if found is not None:
        assert generic(data) == found


def generic(data: bytes) -> Frame:
    """What the codec of all frames makes of these bytes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("byre.wire.frames.quick", lambda data: None)
        return decode_frame(data)


@pytest.mark.parametrize("number", sorted(RIGHT))
def test_another_number_of_fields_is_none_of_them(number: int) -> None:
    for values in (RIGHT[number][:-1], [*RIGHT[number], 1]):
        assert quick(msgpack.packb(values)) is None


@pytest.mark.parametrize(
    "frame", [SENDS[0], SENDS[4], SENDS[-1], ACKS[0], ACKS[2]], ids=lambda frame: type(frame).__name__
)
def test_cut_off_or_followed_by_more_it_is_none_of_them(frame: Frame) -> None:
    data = encode_frame(frame)
    assert all(quick(data[:size]) is None for size in range(min(len(data), 400)))
    assert quick(data + b"\0") is None


@given(st.sampled_from([*SENDS[:8], *ACKS[:3]]), st.integers(0, 120), st.integers(0, 255))
def test_a_changed_byte_is_read_as_the_generic_codec_reads_it(frame: Frame, place: int, byte: int) -> None:
    data = bytearray(encode_frame(frame))
    data[place % len(data)] = byte
    agrees(bytes(data))


def test_numbers_that_are_longer_than_need_be_mean_the_same() -> None:
    data = encode_frame(SENDS[0])
    for ttl in (b"\xcc\x00", b"\xcd\x00\x00", b"\xce\x00\x00\x00\x00"):
        agrees(data[:72] + ttl + data[73:])
    for size in (b"\xc5\x00\x04", b"\xc6\x00\x00\x00\x04", b"\xc5\x00"):
        agrees(data[:74] + size + data[76:])


@given(st.binary(min_size=16, max_size=16), st.integers(0, 2**63 - 1), st.binary(max_size=600))
def test_any_message_reads_back(mid: bytes, seq: int, body: bytes) -> None:
    assert decode_frame(encode_frame(Msg(ID, seq, mid, body))) == Msg(ID, seq, mid, body)
