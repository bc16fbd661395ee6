"""The outermost frame, and what a header tells."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls.framing import ContentType, WireFormat
from byre.mls.mls_message import MessageHeader, MLSMessage, decode_header, frame, peek_message
from byre.mls.proposals import AddProposal
from tests.fakes.mls import NOW_S, Room, person, seeded

ROOM = Room.of("a", "b")


def test_every_wire_format_is_recognised() -> None:
    package = person("c").package()
    pending = ROOM["a"].commit([AddProposal(package.key_package)], now_s=NOW_S, random=seeded(1))
    public = ROOM["a"].commit(now_s=NOW_S, random=seeded(1), wire_format=WireFormat.PUBLIC_MESSAGE)
    welcome = pending.welcomes[0].message
    packed = frame(WireFormat.KEY_PACKAGE, package.key_package.encoded)
    expected = {
        pending.message: MessageHeader(WireFormat.PRIVATE_MESSAGE, b"a group", 1, ContentType.COMMIT),
        public.message: MessageHeader(WireFormat.PUBLIC_MESSAGE, b"a group", 1, ContentType.COMMIT),
        welcome: MessageHeader(WireFormat.WELCOME),
        packed: MessageHeader(WireFormat.KEY_PACKAGE),
    }
    for message, header in expected.items():
        assert peek_message(message) == header
        parsed = MLSMessage.decode(message)
        assert (parsed.wire_format, parsed.encoded) == (header.wire_format, message)


def test_a_group_info_is_a_message_too() -> None:
    from tests.unit.mls.test_group_info import info_of

    assert MLSMessage.decode(frame(WireFormat.GROUP_INFO, info_of().encoded)).message == info_of()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "malformed"),
        (b"\x00\x02\x00\x02", "unsupported_version"),
        (b"\x00\x01\x00\x00", "malformed"),
        (b"\x00\x01\x00\x06", "malformed"),
        (b"\x00\x01\x00\x02", "malformed"),
    ],
)
def test_junk_is_refused(data: bytes, code: str) -> None:
    for read in (decode_header, MLSMessage.decode):
        with pytest.raises(PeerError) as caught:
            read(data)
        assert caught.value.code == code


def test_rule_14_trailing_bytes_are_refused() -> None:
    message = ROOM.send("a", b"text")
    with pytest.raises(PeerError) as caught:
        MLSMessage.decode(message + b"\x00")
    assert caught.value.code == "malformed"
