"""MLSMessage (RFC 9420 section 6): the outermost frame; everything that travels between clients is one.

u16 version = 1 ‖ u16 wire_format ‖ PublicMessage | PrivateMessage | Welcome | GroupInfo | KeyPackage
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from byre.mls.framing import ContentType, Sender, WireFormat, read_content_type
from byre.mls.group_info import GroupInfo
from byre.mls.key_package import KeyPackage
from byre.mls.private_message import PrivateMessage
from byre.mls.profile import PROTOCOL_VERSION
from byre.mls.public_message import PublicMessage
from byre.mls.rules import Rule, violation
from byre.mls.welcome import Welcome
from byre.wire.tls import Reader, malformed

Message: TypeAlias = PublicMessage | PrivateMessage | Welcome | GroupInfo | KeyPackage


@dataclass(frozen=True, slots=True)
class MLSMessage:
    """A parsed MLSMessage with the bytes that it was parsed from."""

    wire_format: WireFormat
    message: Message
    encoded: bytes = field(repr=False)

    @classmethod
    def decode(cls, data: bytes) -> MLSMessage:
        """Parse exactly one MLSMessage.

        Raises:
            PeerError: codes malformed, unsupported_version, unsupported_suite.
        """
        reader = Reader(data)
        wire_format = _read_header(reader)
        message: Message
        match wire_format:
            case WireFormat.PRIVATE_MESSAGE:
                message = PrivateMessage.read(reader)
            case WireFormat.PUBLIC_MESSAGE:
                message = PublicMessage.read(reader)
            case WireFormat.WELCOME:
                message = Welcome.read(reader)
            case WireFormat.GROUP_INFO:
                message = GroupInfo.read(reader)
            case WireFormat.KEY_PACKAGE:
                message = KeyPackage.read(reader)
        reader.end()
        return cls(wire_format, message, data)


@dataclass(frozen=True, slots=True)
class MessageHeader:
    """What one can know of a message without its group."""

    wire_format: WireFormat
    group_id: bytes | None = None
    epoch: int | None = None
    content_type: ContentType | None = None


def frame(wire_format: WireFormat, encoded: bytes) -> bytes:
    """Return the MLSMessage around an encoded message."""
    return PROTOCOL_VERSION.to_bytes(2) + wire_format.to_bytes(2) + encoded


def decode_header(data: bytes) -> MessageHeader:
    """Read the head of an MLSMessage, cheaply and without checking the rest; see `peek_message`."""
    reader = Reader(data)
    wire_format = _read_header(reader)
    if wire_format is WireFormat.PRIVATE_MESSAGE:
        return MessageHeader(wire_format, reader.opaque_v(), reader.u64(), read_content_type(reader))
    if wire_format is WireFormat.PUBLIC_MESSAGE:
        group_id, epoch = reader.opaque_v(), reader.u64()
        Sender.read(reader)
        reader.opaque_v()
        return MessageHeader(wire_format, group_id, epoch, read_content_type(reader))
    return MessageHeader(wire_format)


peek_message = decode_header


_WIRE_FORMATS = {frame(wire_format, b""): wire_format for wire_format in WireFormat}


def _read_header(reader: Reader) -> WireFormat:
    header = reader.fixed(4)
    wire_format = _WIRE_FORMATS.get(header)
    if wire_format is not None:
        return wire_format
    if int.from_bytes(header[:2]) != PROTOCOL_VERSION:
        raise violation(Rule.CODEC, "a message is of another protocol version", code="unsupported_version")
    raise malformed("a message has an unknown wire format")
