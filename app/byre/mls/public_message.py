"""PublicMessage (RFC 9420 section 6.2): signed, and for members MACed with a key of the group, but not encrypted.

Our rooms send none; external commits can travel in no other way, and foreign peers send their commits so. A
member's message without a valid membership tag is refused (Rule 18), and application data never come in one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from byre.crypto.secret import same
from byre.mls.cipher_suite import CipherSuite
from byre.mls.framing import (
    AuthenticatedContent,
    ContentType,
    FramedContent,
    SenderType,
    WireFormat,
    read_auth_data,
)
from byre.mls.rules import Rule, violation
from byre.wire.tls import Reader, opaque


@dataclass(frozen=True, slots=True)
class PublicMessage:
    """A parsed PublicMessage; nothing in it is verified yet."""

    content: AuthenticatedContent
    membership_tag: bytes | None = field(default=None, repr=False)

    @classmethod
    def protect(
        cls, suite: CipherSuite, content: AuthenticatedContent, group_context: bytes, membership_key: bytes
    ) -> PublicMessage:
        """Return the message of signed content, with a membership tag for a member's."""
        if content.content.sender.sender_type is not SenderType.MEMBER:
            return cls(content)
        return cls(content, suite.mac(membership_key, content.to_be_signed(group_context) + content.auth_data()))

    def encode(self) -> bytes:
        """Return the wire form, without the MLSMessage header."""
        tag = b"" if self.membership_tag is None else opaque(self.membership_tag)
        return self.content.content.encoded + self.content.auth_data() + tag

    @classmethod
    def read(cls, reader: Reader) -> PublicMessage:
        """Read one."""
        content = FramedContent.read(reader)
        signature, confirmation_tag = read_auth_data(reader, content.content_type)
        tag = reader.opaque_v() if content.sender.sender_type is SenderType.MEMBER else None
        authenticated = AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, content, signature, confirmation_tag)
        return cls(authenticated, tag)

    def check_membership(self, suite: CipherSuite, group_context: bytes, membership_key: bytes) -> None:
        """Check that a member's message carries the group's tag and is no application message (Rule 18).

        Raises:
            PeerError: codes bad_membership_tag, malformed.
        """
        if self.content.content.content_type is ContentType.APPLICATION:
            raise violation(Rule.FRAMING, "application data came unencrypted", code="malformed")
        if self.membership_tag is None:
            return
        signed = self.content.to_be_signed(group_context) + self.content.auth_data()
        if not same(suite.mac(membership_key, signed), self.membership_tag):
            raise violation(Rule.FRAMING, "a membership tag is wrong", code="bad_membership_tag")
