"""WebSocket frames of a server against RFC 6455, and against the client library's own writer."""

from __future__ import annotations

import random

import pytest

from byre.relay.websocket import (
    BINARY,
    CLOSE,
    NO_CODE,
    PING,
    PONG,
    PROTOCOL_ERROR,
    TEXT,
    TOO_LARGE,
    FrameReader,
    close_answer,
    close_frame,
    control_frame,
    data_header,
)

MASK = b"\x37\xfa\x21\x3d"
MOST = 1000


def from_client(first: int, payload: bytes, *, mask: bytes = MASK, length: bytes | None = None) -> bytes:
    """A masked frame, its length in the shortest form unless told otherwise."""
    if length is None:
        size = len(payload)
        if size < 126:
            length = bytes((0x80 | size,))
        elif size < 65536:
            length = b"\xfe" + size.to_bytes(2)
        else:
            length = b"\xff" + size.to_bytes(8)
    covered = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return bytes((first,)) + length + mask + covered


def test_the_examples_of_the_standard() -> None:
    reader = FrameReader(MOST)
    assert reader.feed(bytes.fromhex("818537fa213d7f9f4d5158")) == [(TEXT, b"Hello")]  # 5.7
    assert reader.feed(bytes.fromhex("8a8537fa213d7f9f4d5158")) == [(PONG, b"Hello")]
    assert data_header(256) == bytes.fromhex("827e0100")
    assert data_header(65536) == bytes.fromhex("827f0000000000010000")
    assert control_frame(PING, b"Hello") == bytes.fromhex("890548656c6c6f")


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 125, 126, 127, 255, 256, 999, 1000])
@pytest.mark.parametrize("mask", [MASK, bytes(4), b"\xff\xff\xff\xff"])
def test_messages_of_every_length_are_read(size: int, mask: bytes) -> None:
    payload = random.Random(size).randbytes(size)
    assert FrameReader(MOST).feed(from_client(0x82, payload, mask=mask)) == [(BINARY, payload)]


def test_a_message_of_the_longest_form_is_read() -> None:
    payload = random.Random(1).randbytes(70_000)
    assert FrameReader(100_000).feed(from_client(0x82, payload)) == [(BINARY, payload)]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 100])
def test_it_does_not_matter_how_the_bytes_are_cut(step: int) -> None:
    dice = random.Random(step)
    wanted = [
        (BINARY, dice.randbytes(300)), (PING, b"are you there"), (BINARY, b""), (BINARY, dice.randbytes(1000)),
        (PONG, b""), (TEXT, b"text"), (CLOSE, b"\x03\xe8bye"),
    ]  # fmt: skip
    stream = b"".join(from_client(0x80 | opcode, payload) for opcode, payload in wanted)
    reader = FrameReader(MOST)
    found = [message for at in range(0, len(stream), step) for message in reader.feed(stream[at : at + step])]
    assert (found, reader.fault) == (wanted, 0)


def test_fragments_are_put_together_around_control_frames() -> None:
    reader = FrameReader(MOST)
    assert reader.feed(from_client(0x02, b"one ")) == []
    assert reader.feed(from_client(0x89, b"ping")) == [(PING, b"ping")]
    assert reader.feed(from_client(0x00, b"two ") + from_client(0x00, b"")) == []
    assert reader.feed(from_client(0x80, b"three") + from_client(0x82, b"next")) == [
        (BINARY, b"one two three"),
        (BINARY, b"next"),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        bytes.fromhex("820548656c6c6f"),  # not masked
        from_client(0xC2, b"a reserved bit"),
        from_client(0xA2, b""),
        from_client(0x92, b""),
        from_client(0x83, b"an unknown data frame"),
        from_client(0x8B, b"an unknown control frame"),
        from_client(0x80, b"a continuation of nothing"),
        from_client(0x09, b"a control frame in pieces"),
        from_client(0x89, bytes(126)),
        from_client(0x82, b"x" * 5, length=b"\xfe\x00\x05"),  # not the shortest form
        from_client(0x82, b"x" * 200, length=b"\xff" + (200).to_bytes(8)),
        from_client(0x02, b"begun") + from_client(0x82, b"and begun again"),
        from_client(0x02, b"begun") + from_client(0x81, b"and begun again"),
    ],
)
def test_what_the_standard_forbids_ends_the_reading(wrong: bytes) -> None:
    reader = FrameReader(MOST)
    assert reader.feed(from_client(0x82, b"before") + wrong) == [(BINARY, b"before")]
    assert reader.fault == PROTOCOL_ERROR
    assert reader.feed(from_client(0x82, b"after")) == []


@pytest.mark.parametrize(
    "large",
    [
        from_client(0x82, bytes(MOST + 1))[:8],  # refused by its header
        b"\x82\xff" + (2**63 + 1).to_bytes(8) + MASK,
        from_client(0x02, bytes(600)) + from_client(0x00, bytes(600))[:8],
    ],
)
def test_what_is_too_large_is_refused_before_it_is_kept(large: bytes) -> None:
    reader = FrameReader(MOST)
    assert reader.feed(large) == []
    assert reader.fault == TOO_LARGE


def test_a_frame_that_drips_in_is_gathered_in_place() -> None:
    reader = FrameReader(100_000)
    stream = from_client(0x82, bytes(70_000))
    assert all(reader.feed(stream[at : at + 1]) == [] for at in range(len(stream) - 1))
    assert reader.feed(stream[-1:]) == [(BINARY, bytes(70_000))]


@pytest.mark.parametrize(
    ("payload", "answer"),
    [
        (b"", b""),
        (b"\x03\xe8", b"\x03\xe8"),
        (b"\x03\xe8bye", b"\x03\xe8"),
        (b"\x11\x30", b"\x11\x30"),  # 4400
        (b"\x03", b"\x03\xea"),
        (b"\x03\xed", b"\x03\xea"),  # 1005 may not be sent
        (b"\x03\xee", b"\x03\xea"),
        (b"\xff\xff", b"\x03\xea"),
    ],
)
def test_a_close_is_answered_with_its_code_or_with_1002(payload: bytes, answer: bytes) -> None:
    assert close_answer(payload) == control_frame(CLOSE, answer)


def test_a_close_without_a_code_is_empty() -> None:
    assert close_frame(NO_CODE) == b"\x88\x00"
    assert close_frame(4400) == b"\x88\x02\x11\x30"
