"""Framing (RFC 9420 section 6): what is said, by whom, and what is signed.

    FramedContent         group_id ‖ epoch ‖ sender ‖ authenticated_data ‖ content_type ‖ body
    AuthenticatedContent  wire_format ‖ FramedContent ‖ signature (‖ confirmation_tag for a commit)

The signature is over version ‖ wire_format ‖ content ‖ (GroupContext for members and external committers). Bytes
are kept as received (Rule 14). How it travels is `private_message`'s and `public_message`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

from byre.crypto.signature import SigningKey
from byre.mls.cipher_suite import CipherSuite
from byre.mls.commit import Commit
from byre.mls.profile import PROTOCOL_VERSION
from byre.mls.proposals import Proposal, read_proposal
from byre.wire.tls import Reader, malformed, opaque

_VERSION = PROTOCOL_VERSION.to_bytes(2)


class WireFormat(IntEnum):
    """wire_format."""

    PUBLIC_MESSAGE = 1
    PRIVATE_MESSAGE = 2
    WELCOME = 3
    GROUP_INFO = 4
    KEY_PACKAGE = 5


class ContentType(IntEnum):
    """content_type."""

    APPLICATION = 1
    PROPOSAL = 2
    COMMIT = 3


_CONTENT_TYPES = {kind.value: kind for kind in ContentType}


class SenderType(IntEnum):
    """sender_type; external senders and new_member_proposal parse and are refused."""

    MEMBER = 1
    EXTERNAL = 2
    NEW_MEMBER_PROPOSAL = 3
    NEW_MEMBER_COMMIT = 4


Body: TypeAlias = bytes | Proposal | Commit
"""Application data, a proposal or a commit."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a message; `index` is a leaf index for members, an index of external_senders for externals."""

    sender_type: SenderType
    index: int = 0

    def encode(self) -> bytes:
        """Return the wire form."""
        if self.sender_type in (SenderType.MEMBER, SenderType.EXTERNAL):
            return self.sender_type.to_bytes(1) + self.index.to_bytes(4)
        return self.sender_type.to_bytes(1)

    @classmethod
    def read(cls, reader: Reader) -> Sender:
        """Read one."""
        kind = reader.u8()
        if kind in (SenderType.MEMBER, SenderType.EXTERNAL):
            return cls(SenderType(kind), reader.u32())
        if kind in (SenderType.NEW_MEMBER_PROPOSAL, SenderType.NEW_MEMBER_COMMIT):
            return cls(SenderType(kind))
        raise malformed("a message has an unknown kind of sender")


@dataclass(frozen=True, slots=True)
class FramedContent:
    """What a message says; `encoded` is its wire form as made or received."""

    group_id: bytes
    epoch: int
    sender: Sender
    authenticated_data: bytes = field(repr=False)
    content_type: ContentType
    body: Body = field(repr=False)
    encoded: bytes = field(repr=False)

    @classmethod
    def make(cls, group_id: bytes, epoch: int, sender: Sender, authenticated_data: bytes, body: Body) -> FramedContent:
        """Return the content with its encoding."""
        kind = content_type_of(body)
        encoded = (
            opaque(group_id) + epoch.to_bytes(8) + sender.encode() + opaque(authenticated_data) + kind.to_bytes(1)
        ) + encode_body(body)
        return cls(group_id, epoch, sender, authenticated_data, kind, body, encoded)

    @classmethod
    def read(cls, reader: Reader) -> FramedContent:
        """Read one."""
        start = reader.position
        group_id, epoch, sender, authenticated_data = (
            reader.opaque_v(),
            reader.u64(),
            Sender.read(reader),
            reader.opaque_v(),
        )
        kind = read_content_type(reader)
        body = read_body(reader, kind)
        return cls(group_id, epoch, sender, authenticated_data, kind, body, reader.since(start))


@dataclass(frozen=True, slots=True)
class AuthenticatedContent:
    """Content with its signature and, for a commit, its confirmation tag."""

    wire_format: WireFormat
    content: FramedContent
    signature: bytes = field(repr=False)
    confirmation_tag: bytes | None = field(default=None, repr=False)

    def auth_data(self) -> bytes:
        """Return the encoded FramedContentAuthData."""
        tag = b"" if self.confirmation_tag is None else opaque(self.confirmation_tag)
        return opaque(self.signature) + tag

    def encode(self) -> bytes:
        """Return the wire form, over which a ProposalRef is taken."""
        return self.wire_format.to_bytes(2) + self.content.encoded + self.auth_data()

    def to_be_signed(self, group_context: bytes) -> bytes:
        """Return FramedContentTBS; `group_context` is its encoding."""
        return to_be_signed(self.wire_format, self.content, group_context)

    def reference(self, suite: CipherSuite) -> bytes:
        """Return the ProposalRef (section 5.2)."""
        return suite.ref_hash("MLS 1.0 Proposal Reference", self.encode())

    def verify(self, suite: CipherSuite, signature_key: bytes, group_context: bytes) -> None:
        """Verify the signature, or raise PeerError(code="bad_signature")."""
        suite.verify_with_label(signature_key, "FramedContentTBS", self.to_be_signed(group_context), self.signature)

    @classmethod
    def decode(cls, data: bytes) -> AuthenticatedContent:
        """Parse exactly one AuthenticatedContent, or raise PeerError(code="malformed")."""
        reader = Reader(data)
        wire_format = reader.u16()
        if wire_format not in (WireFormat.PUBLIC_MESSAGE, WireFormat.PRIVATE_MESSAGE):
            raise malformed("authenticated content has an unknown wire format")
        content = FramedContent.read(reader)
        signature, tag = read_auth_data(reader, content.content_type)
        reader.end()
        return cls(WireFormat(wire_format), content, signature, tag)


def to_be_signed(wire_format: WireFormat, content: FramedContent, group_context: bytes) -> bytes:
    """Return FramedContentTBS (section 6.1)."""
    bound = content.sender.sender_type in (SenderType.MEMBER, SenderType.NEW_MEMBER_COMMIT)
    return _VERSION + wire_format.to_bytes(2) + content.encoded + (group_context if bound else b"")


def sign_content(
    suite: CipherSuite, key: SigningKey, wire_format: WireFormat, content: FramedContent, group_context: bytes
) -> bytes:
    """Return the signature of content."""
    return suite.sign_with_label(key, "FramedContentTBS", to_be_signed(wire_format, content, group_context))


def content_type_of(body: Body) -> ContentType:
    """Return the content type of a body."""
    if isinstance(body, bytes):
        return ContentType.APPLICATION
    return ContentType.COMMIT if isinstance(body, Commit) else ContentType.PROPOSAL


def encode_body(body: Body) -> bytes:
    """Return the wire form of a body."""
    return opaque(body) if isinstance(body, bytes) else body.encode()


def read_content_type(reader: Reader) -> ContentType:
    """Read a content type."""
    kind = _CONTENT_TYPES.get(reader.u8())
    if kind is None:
        raise malformed("a message has an unknown content type")
    return kind


def read_body(reader: Reader, kind: ContentType) -> Body:
    """Read a body of that type."""
    if kind is ContentType.APPLICATION:
        return reader.opaque_v()
    return Commit.read(reader) if kind is ContentType.COMMIT else read_proposal(reader)


def read_auth_data(reader: Reader, kind: ContentType) -> tuple[bytes, bytes | None]:
    """Read (signature, confirmation tag or None)."""
    return reader.opaque_v(), reader.opaque_v() if kind is ContentType.COMMIT else None
