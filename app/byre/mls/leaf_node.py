"""LeafNode (RFC 9420 section 7.2): one client's keys, credential and capabilities, signed by itself.

    encryption_key ‖ signature_key ‖ credential ‖ capabilities ‖ source ‖ (lifetime | - | parent_hash) ‖ extensions
    ‖ signature over all before it and, outside a KeyPackage, group_id<V> ‖ leaf_index

A parsed leaf is not a verified one: `verify_signature` and `check` are the caller's next steps (Rule 12), and who
the credential belongs to is the `LeafValidator`'s (Rule 15).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from byre.crypto.signature import PUBLIC_LENGTH, SigningKey
from byre.mls.capabilities import Capabilities
from byre.mls.cipher_suite import CipherSuite
from byre.mls.credential import Credential
from byre.mls.extension import Extension, RequiredCapabilities, encode_extensions, read_extensions
from byre.mls.profile import BASIC_CREDENTIAL
from byre.mls.rules import Rule, violation
from byre.wire.tls import Reader, Writer, malformed, opaque


class LeafSource(IntEnum):
    """leaf_node_source: what put the leaf into the tree."""

    KEY_PACKAGE = 1
    UPDATE = 2
    COMMIT = 3


class LeafPlace(IntEnum):
    """Where a leaf is looked at; `TREE` is the tree that a joiner receives."""

    KEY_PACKAGE = 1
    UPDATE = 2
    COMMIT = 3
    TREE = 4


@dataclass(frozen=True, slots=True)
class LeafContext:
    """What a validator may want to know besides the leaf: where it stands and which leaf it replaces."""

    place: LeafPlace
    group_id: bytes
    now_s: int
    leaf_index: int | None = None
    previous: LeafNode | None = None


LeafValidator = Callable[["LeafNode", LeafContext], None]
"""Judges whose leaf this is (Rule 15); raises PeerError to refuse it."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Validity of a KeyPackage's leaf, seconds since 1970: judged hard by who adds, not by who receives."""

    not_before_s: int
    not_after_s: int

    def covers(self, now_s: int) -> bool:
        """Whether `now_s` lies inside."""
        return self.not_before_s <= now_s <= self.not_after_s


@dataclass(frozen=True, slots=True)
class LeafNode:
    """A parsed leaf; `encoded` holds the received bytes, over which everything is hashed and signed (Rule 14)."""

    encryption_key: bytes = field(repr=False)
    signature_key: bytes = field(repr=False)
    credential: Credential
    capabilities: Capabilities = field(repr=False)
    source: LeafSource
    extensions: tuple[Extension, ...] = field(repr=False)
    lifetime: Lifetime | None
    parent_hash: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    encoded: bytes = field(repr=False)

    @classmethod
    def read(cls, reader: Reader) -> LeafNode:
        """Read one leaf."""
        start = reader.position
        encryption_key = reader.opaque_v()
        signature_key = reader.opaque_v()
        credential = Credential.read(reader)
        capabilities = Capabilities.read(reader)
        source = reader.u8()
        lifetime, parent_hash = None, b""
        if source == LeafSource.KEY_PACKAGE:
            lifetime = Lifetime(reader.u64(), reader.u64())
        elif source == LeafSource.COMMIT:
            parent_hash = reader.opaque_v()
        elif source != LeafSource.UPDATE:
            raise malformed("a leaf has an unknown source")
        extensions = read_extensions(reader)
        signature = reader.opaque_v()
        return cls(
            encryption_key,
            signature_key,
            credential,
            capabilities,
            LeafSource(source),
            extensions,
            lifetime,
            parent_hash,
            signature,
            reader.since(start),
        )

    @classmethod
    def decode(cls, data: bytes) -> LeafNode:
        """Parse exactly one leaf, or raise PeerError(code="malformed")."""
        reader = Reader(data)
        leaf = cls.read(reader)
        reader.end()
        return leaf

    def verify_signature(self, suite: CipherSuite, group_id: bytes = b"", leaf_index: int = 0) -> None:
        """Verify the leaf's own signature; group_id and leaf_index count unless it comes from a KeyPackage.

        Raises:
            PeerError: code bad_signature.
        """
        content = self.encoded[: len(self.encoded) - len(opaque(self.signature))]
        if self.source is not LeafSource.KEY_PACKAGE:
            content += opaque(group_id) + leaf_index.to_bytes(4)
        suite.verify_with_label(self.signature_key, "LeafNodeTBS", content, self.signature)

    def check(self, suite: CipherSuite, expected: LeafSource | None = None) -> None:
        """Check what one leaf alone can be checked for (Rule 12, section 7.3); `expected` is its source by its place.

        Raises:
            PeerError: codes invalid_leaf, unsupported_credential.
        """
        if expected is not None and self.source is not expected:
            raise violation(Rule.LEAF_NODE, "a leaf's source does not match its place", code="invalid_leaf")
        if self.credential.credential_type != BASIC_CREDENTIAL:
            raise violation(Rule.LEAF_NODE, "only basic credentials are ours", code="unsupported_credential")
        if self.credential.credential_type not in self.capabilities.credentials:
            raise violation(Rule.LEAF_NODE, "a leaf does not support its own credential", code="invalid_leaf")
        if not all(self.capabilities.has_extension(each.extension_type) for each in self.extensions):
            raise violation(Rule.LEAF_NODE, "a leaf carries an extension it does not support", code="invalid_leaf")
        if len(self.signature_key) != PUBLIC_LENGTH:
            raise violation(Rule.LEAF_NODE, "a leaf's key has the wrong length", code="invalid_leaf")
        if not suite.hpke.is_usable(self.encryption_key):  # with it in the tree, no other member's commit has a path
            raise violation(Rule.LEAF_NODE, "nothing can be sealed to a leaf's key", code="invalid_leaf")

    def supports(self, required: RequiredCapabilities, context_extensions: Sequence[Extension]) -> bool:
        """Whether the leaf supports what the group requires and the extensions that the group carries."""
        capabilities = self.capabilities
        return (
            all(capabilities.has_extension(each) for each in required.extensions)
            and all(capabilities.has_proposal(each) for each in required.proposals)
            and all(each in capabilities.credentials for each in required.credentials)
            and all(capabilities.has_extension(each.extension_type) for each in context_extensions)
        )


def build_leaf(
    suite: CipherSuite,
    key: SigningKey,
    *,
    encryption_key: bytes,
    credential: Credential,
    capabilities: Capabilities,
    extensions: Sequence[Extension],
    source: LeafSource,
    lifetime: Lifetime | None = None,
    parent_hash: bytes = b"",
    group_id: bytes = b"",
    leaf_index: int = 0,
) -> LeafNode:
    """Return a signed leaf: lifetime for KEY_PACKAGE, parent_hash for COMMIT, group_id and index for the latter two."""
    writer = Writer().opaque_v(encryption_key).opaque_v(key.public)
    writer.fixed(credential.encode()).fixed(capabilities.encode()).u8(source)
    if source is LeafSource.KEY_PACKAGE:
        lifetime = lifetime or Lifetime(0, (1 << 64) - 1)
        writer.u64(lifetime.not_before_s).u64(lifetime.not_after_s)
    elif source is LeafSource.COMMIT:
        writer.opaque_v(parent_hash)
    content = writer.fixed(encode_extensions(extensions)).done()
    signed = content
    if source is not LeafSource.KEY_PACKAGE:
        signed += opaque(group_id) + leaf_index.to_bytes(4)
    signature = suite.sign_with_label(key, "LeafNodeTBS", signed)
    return LeafNode(
        encryption_key,
        key.public,
        credential,
        capabilities,
        source,
        tuple(extensions),
        lifetime if source is LeafSource.KEY_PACKAGE else None,
        parent_hash,
        signature,
        content + opaque(signature),
    )


def replace_leaf(
    suite: CipherSuite,
    key: SigningKey,
    old: LeafNode,
    *,
    encryption_key: bytes,
    extensions: Sequence[Extension] | None,
    credential: Credential | None,
    source: LeafSource,
    group_id: bytes,
    leaf_index: int,
    parent_hash: bytes = b"",
) -> LeafNode:
    """Return our own next leaf: the old one with a new encryption key, and new extensions or credential when given."""
    return build_leaf(
        suite,
        key,
        encryption_key=encryption_key,
        credential=old.credential if credential is None else credential,
        capabilities=old.capabilities,
        extensions=old.extensions if extensions is None else extensions,
        source=source,
        parent_hash=parent_hash,
        group_id=group_id,
        leaf_index=leaf_index,
    )
