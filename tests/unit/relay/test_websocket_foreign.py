"""Our WebSocket frames against wsproto: the same messages and the same verdict for whatever a client may send."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage
from wsproto.utilities import RemoteProtocolError

from byre.relay.websocket import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    FrameReader,
    close_answer,
    close_frame,
    control_frame,
    data_header,
)

MOST = 200_000
LENGTHS = [0, 1, 2, 124, 125, 126, 127, 128, 255, 256, 65534, 65535, 65536, 65537]


@dataclass(frozen=True)
class Verdict:
    """Messages and control frames in order, and whether the rest was refused."""

    messages: list[tuple[int, bytes]]
    is_refused: bool


def ours(stream: bytes, cuts: list[int]) -> Verdict:
    reader = FrameReader(MOST)
    found: list[tuple[int, bytes]] = []
    for part in pieces(stream, cuts):
        for opcode, payload in reader.feed(part):
            found.append((opcode, payload))
            if opcode == CLOSE:  # nothing after a close counts: the relay stops there
                return Verdict(found, False)
    return Verdict(found, reader.fault != 0)


def foreign(stream: bytes, cuts: list[int]) -> Verdict:
    connection = Connection(ConnectionType.SERVER)
    found: list[tuple[int, bytes]] = []
    whole = b""
    try:
        for part in pieces(stream, cuts):
            connection.receive_data(part)
            for event in connection.events():
                match event:
                    case BytesMessage():
                        whole += bytes(event.data)
                        if event.message_finished:
                            found.append((BINARY, whole))
                            whole = b""
                    case TextMessage():
                        whole += event.data.encode()
                        if event.message_finished:
                            found.append((TEXT, whole))
                            whole = b""
                    case Ping():
                        found.append((PING, bytes(event.payload)))
                    case Pong():
                        found.append((PONG, bytes(event.payload)))
                    case CloseConnection():
                        if connection.state is not ConnectionState.REMOTE_CLOSING:  # its way to say: a wrong frame
                            return Verdict(found, True)
                        found.append((CLOSE, b""))
                        return Verdict(found, False)
    except RemoteProtocolError:
        return Verdict(found, True)
    return Verdict(found, False)


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    return [stream[start:end] for start, end in pairwise(places)]


def alike(verdict: Verdict) -> Verdict:
    """wsproto reads a close's reason; we only answer its code."""
    return Verdict([(op, b"" if op == CLOSE else payload) for op, payload in verdict.messages], verdict.is_refused)


def frame(first: int, payload: bytes, mask: bytes, *, is_masked: bool = True) -> bytes:
    size, bit = len(payload), 0x80 if is_masked else 0
    if size < 126:
        length = bytes((bit | size,))
    elif size < 65536:
        length = bytes((bit | 126,)) + size.to_bytes(2)
    else:
        length = bytes((bit | 127,)) + size.to_bytes(8)
    if not is_masked:
        return bytes((first,)) + length + payload
    covered = int.from_bytes(payload) ^ int.from_bytes((mask * (size // 4 + 1))[:size])
    return bytes((first,)) + length + mask + covered.to_bytes(size)


masks = st.binary(min_size=4, max_size=4)
patterned = {size: bytes(index % 251 for index in range(size)) for size in LENGTHS}
bodies = st.one_of(st.binary(max_size=40), st.sampled_from(list(patterned.values())))
small = st.binary(max_size=125)


@st.composite
def right_messages(draw: st.DrawFn) -> bytes:
    """One message, whole or in pieces with control frames between them."""
    if draw(st.integers(0, 4)) == 0:
        return frame(draw(st.sampled_from([0x89, 0x8A])), draw(small), draw(masks))
    parts = [draw(bodies), *draw(st.lists(small, max_size=3))]
    stream = b""
    for index, part in enumerate(parts):
        last = 0x80 if index == len(parts) - 1 else 0
        stream += frame(last | (BINARY if index == 0 else 0), part, draw(masks))
        if not last and draw(st.booleans()):
            stream += frame(0x89, draw(small), draw(masks))
    return stream


@st.composite
def any_frame(draw: st.DrawFn) -> bytes:
    """Any header at all, mostly of the right length."""
    first = draw(st.integers(0, 255).filter(lambda byte: byte & 0x0F != TEXT))  # its UTF-8 is not judged by us
    return frame(first, draw(st.one_of(small, st.just(bytes(126)))), draw(masks), is_masked=draw(st.integers(0, 9)) > 0)


cut_places = st.lists(st.integers(0, 10**6), max_size=8)


@given(st.lists(right_messages(), max_size=5), cut_places)
@settings(max_examples=300, deadline=None)
def test_right_streams_are_read_alike(messages: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(messages)
    found = ours(stream, cuts)
    assert found == foreign(stream, cuts)
    assert not found.is_refused


@given(st.lists(st.one_of(right_messages(), any_frame()), max_size=5), cut_places)
@settings(max_examples=600, deadline=None)
def test_any_streams_get_the_same_verdict(frames: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(frames)
    if any(is_odd_close(payload) for opcode, payload in ours(stream, []).messages if opcode == CLOSE):
        return  # we answer a wrong code with 1002 in `close_answer`; wsproto refuses while reading
    assert alike(ours(stream, cuts)) == alike(foreign(stream, cuts))


def is_odd_close(payload: bytes) -> bool:
    if not payload:
        return False
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        return True
    return len(payload) == 1 or int.from_bytes(payload[:2]) not in range(1000, 1003)


@pytest.mark.parametrize("size", LENGTHS)
def test_every_length_at_every_split_near_its_header(size: int) -> None:
    stream = frame(0x82, patterned[size], b"\x01\x02\x03\x04") + frame(0x89, b"p", b"mask")
    for cut in [*range(20), len(stream) - 8, len(stream) - 7, len(stream) - 1]:
        assert ours(stream, [cut]) == foreign(stream, [cut]) == ours(stream, [])


@pytest.mark.parametrize("size", LENGTHS)
def test_what_we_write_is_read_by_a_foreign_client(size: int) -> None:
    client = Connection(ConnectionType.CLIENT)
    payload = patterned[size]
    client.receive_data(data_header(size) + payload + control_frame(PING, b"are you there") + close_frame(4408))
    events = list(client.events())
    assert b"".join(bytes(event.data) for event in events if isinstance(event, BytesMessage)) == payload
    assert [bytes(event.payload) for event in events if isinstance(event, Ping)] == [b"are you there"]
    assert [event.code for event in events if isinstance(event, CloseConnection)] == [4408]


@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000, 4999])
def test_a_foreign_clients_close_is_answered_as_it_wants(code: int) -> None:
    client = Connection(ConnectionType.CLIENT)
    data = client.send(CloseConnection(code=code, reason="bye"))
    assert data is not None
    ((opcode, payload),) = FrameReader(MOST).feed(data)
    assert opcode == CLOSE
    client.receive_data(close_answer(payload))
    assert [event.code for event in client.events() if isinstance(event, CloseConnection)] == [code]
