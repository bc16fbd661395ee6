"""The frame codec: strict in what it takes, honest about what it makes."""

from __future__ import annotations

import msgpack
import pytest

from byre.errors import InternalBug, PeerError
from byre.wire.frames import MAX_FRAME_BYTES, Done, Ping, Send, decode_frame, encode_frame

PING = encode_frame(Ping(7))


def refused(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        decode_frame(data)
    assert caught.value.code == "malformed"


def test_a_frame_survives_the_wire() -> None:
    assert decode_frame(PING) == Ping(7)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"ping",
        PING + b"\x00",
        PING[:-1],
        msgpack.packb({4: 7}),
        msgpack.packb([]),
        msgpack.packb([True, 7]),
        msgpack.packb(["4", 7]),
        msgpack.packb([4]),
        msgpack.packb([4, 7, 7]),
        msgpack.packb([250, 7]),
        msgpack.packb([4, "7"]),
        b"\x91" * 2000,
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    refused(data)


def test_an_oversized_message_is_refused_before_it_is_parsed() -> None:
    refused(bytes(MAX_FRAME_BYTES + 1))


def test_the_largest_body_fits_a_frame() -> None:
    frame = Send(bytes(16), bytes(16), bytes(32), 0, 0, bytes(65536))
    assert decode_frame(encode_frame(frame)) == frame


def test_a_frame_of_ours_that_breaks_its_layout_is_a_bug() -> None:
    with pytest.raises(InternalBug):
        encode_frame(Done(b"short"))


def test_a_frame_of_ours_that_is_too_large_is_a_bug() -> None:
    from byre.wire.frames import KeyPackagePut

    with pytest.raises(InternalBug):
        encode_frame(KeyPackagePut(bytes(16), bytes(16), (bytes(16384),) * 5, None, False))
