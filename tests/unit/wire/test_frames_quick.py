"""The quick codec gives what the generic one gives, for right and for wrong fields."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byre.errors import InternalBug, PeerError
from byre.wire.frames import Acked, Frame, Msg, Relayed, Send, Stored, decode_frame, encode_frame
from byre.wire.frames_quick import QUICK, quick_send

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


RIGHT: list[Any] = [Send.TYPE, ID, EPOCH, TOKEN, 3600, 1, b"body"]


def test_a_right_send_is_read() -> None:
    assert quick_send(RIGHT) == Send(ID, EPOCH, TOKEN, 3600, 1, b"body") == decode_frame(msgpack.packb(RIGHT))


WRONG = [b"short", None, "text", -1, 2**32, True, 4, bytes(65537), 1.5, []]


@pytest.mark.parametrize("place", range(1, 7))
@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_a_wrong_field_is_refused_as_by_the_generic_codec(place: int, wrong: object) -> None:
    values = list(RIGHT)
    values[place] = wrong
    found = quick_send(values)
    if found is None:
        with pytest.raises(PeerError):
            decode_frame(msgpack.packb(values))
    else:  # a few of these are right in some places
        assert decode_frame(msgpack.packb(values)) == found


def test_another_number_of_fields_is_no_send() -> None:
    assert quick_send(RIGHT[:-1]) is None
    assert quick_send([*RIGHT, 1]) is None


@given(st.binary(min_size=16, max_size=16), st.integers(0, 2**63 - 1), st.binary(max_size=600))
def test_any_message_reads_back(mid: bytes, seq: int, body: bytes) -> None:
    assert decode_frame(encode_frame(Msg(ID, seq, mid, body))) == Msg(ID, seq, mid, body)
