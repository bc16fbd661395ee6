"""GroupInfo (RFC 9420 section 12.4.3): an epoch as one member vouches for it, for joiners.

It carries the context, the confirmation tag, and by extensions the ratchet tree and the external public key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from byre.crypto.signature import SigningKey
from byre.mls.cipher_suite import CipherSuite
from byre.mls.extension import Extension, encode_extensions, find_extension, read_extensions
from byre.mls.group_context import GroupContext
from byre.mls.profile import EXTERNAL_PUB, RATCHET_TREE
from byre.wire.tls import Reader, Writer, opaque


@dataclass(frozen=True, slots=True)
class GroupInfo:
    """A parsed GroupInfo; `encoded` holds the received bytes."""

    group_context: GroupContext
    extensions: tuple[Extension, ...] = field(repr=False)
    confirmation_tag: bytes = field(repr=False)
    signer: int
    signature: bytes = field(repr=False)
    encoded: bytes = field(repr=False)

    @classmethod
    def sign(
        cls,
        suite: CipherSuite,
        key: SigningKey,
        *,
        group_context: GroupContext,
        extensions: Sequence[Extension],
        confirmation_tag: bytes,
        signer: int,
    ) -> GroupInfo:
        """Return a GroupInfo signed by the member at leaf index `signer`."""
        writer = Writer().fixed(group_context.encoded).fixed(encode_extensions(extensions))
        content = writer.opaque_v(confirmation_tag).u32(signer).done()
        signature = suite.sign_with_label(key, "GroupInfoTBS", content)
        return cls(group_context, tuple(extensions), confirmation_tag, signer, signature, content + opaque(signature))

    @classmethod
    def read(cls, reader: Reader) -> GroupInfo:
        """Read one."""
        start = reader.position
        context = GroupContext.read(reader)
        extensions, tag, signer = read_extensions(reader), reader.opaque_v(), reader.u32()
        signature = reader.opaque_v()
        return cls(context, extensions, tag, signer, signature, reader.since(start))

    @classmethod
    def decode(cls, data: bytes) -> GroupInfo:
        """Parse exactly one GroupInfo, or raise PeerError."""
        reader = Reader(data)
        info = cls.read(reader)
        reader.end()
        return info

    def verify(self, suite: CipherSuite, signature_key: bytes) -> None:
        """Verify the signer's signature, or raise PeerError(code="bad_signature")."""
        content = self.encoded[: len(self.encoded) - len(opaque(self.signature))]
        suite.verify_with_label(signature_key, "GroupInfoTBS", content, self.signature)

    @property
    def ratchet_tree(self) -> bytes | None:
        """The encoded ratchet tree, when it travels inside."""
        return find_extension(self.extensions, RATCHET_TREE)

    @property
    def external_pub(self) -> bytes | None:
        """The external public key, or None; PeerError(code="malformed") when it does not parse."""
        data = find_extension(self.extensions, EXTERNAL_PUB)
        if data is None:
            return None
        reader = Reader(data)
        public = reader.opaque_v()
        reader.end()
        return public
