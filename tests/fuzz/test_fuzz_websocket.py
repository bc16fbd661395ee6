"""The relay's door under junk: a frame reader gives messages or a fault, a head is an upgrade, a fault or nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from byre.relay.http_head import Upgrade, upgrade_in
from byre.relay.websocket import BINARY, CLOSE, PING, PONG, PROTOCOL_ERROR, TEXT, TOO_LARGE, FrameReader, close_answer

NAMES = ("byre.relay.websocket:FrameReader.feed", "byre.relay.http_head:upgrade_in")
MOST = 5000
EXAMPLES = 2000

words = st.sampled_from(
    [
        b"GET /r HTTP/1.1", b"GET /s HTTP/1.1", b"POST /r HTTP/1.1", b"GET  HTTP/1.1", b"Upgrade: websocket",
        b"upgrade:WebSocket", b"Connection: Upgrade", b"Connection: keep-alive, upgrade",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Protocol: rly.1",
        b"Content-Length: 5", b"X-Forwarded-For: 203.0.113.9", b": nothing", b"\xff: \xff",
    ]
)  # fmt: skip
firsts = st.sampled_from([0x82, 0x02, 0x80, 0x00, 0x89, 0x88, 0x8A])
lines = st.lists(st.one_of(words, st.binary(max_size=30)), max_size=12)


def check_frames(parts: list[bytes]) -> None:
    reader = FrameReader(MOST)
    for part in parts:
        for opcode, payload in reader.feed(part):
            assert opcode in (BINARY, TEXT, CLOSE, PING, PONG)
            assert type(payload) is bytes
            assert len(payload) <= (MOST if opcode in (BINARY, TEXT) else 125)
            if opcode == CLOSE:
                assert len(close_answer(payload)) <= 4
        if reader.fault:
            assert reader.fault in (PROTOCOL_ERROR, TOO_LARGE)
            assert reader.feed(b"\x82\x80\0\0\0\0") == []


firsts = st.sampled_from([0x82, 0x02, 0x80, 0x00, 0x89, 0x88, 0x8A])
nearly_right = st.tuples(firsts, st.binary(max_size=130)).map(
    lambda part: bytes((part[0], 0x80 | min(len(part[1]), 127))) + b"mask" + part[1]
)


@given(st.lists(st.one_of(nearly_right, st.binary(max_size=60)), max_size=5))
@settings(max_examples=EXAMPLES, deadline=None)
def test_any_bytes_are_messages_or_a_fault(parts: list[bytes]) -> None:
    check_frames(parts)


@given(
    st.one_of(
        st.binary(max_size=400), st.lists(st.one_of(words, st.binary(max_size=30)), max_size=12).map(b"\r\n".join)
    )
)
@settings(max_examples=EXAMPLES, deadline=None)
def test_any_head_is_an_upgrade_a_fault_or_nothing(head: bytes) -> None:
    found = upgrade_in(head)
    assert found is None or isinstance(found, Upgrade)
    if found is not None:
        assert bool(found.accept) == (not found.fault)
