"""KeyPackage (RFC 9420 section 10): what one publishes so that others can add one while one is away.

A package is used once (Rule 16): its init key is deleted when the join is durable; the last-resort package alone
is kept. The client that adds judges the lifetime hard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.crypto.signature import SigningKey
from byre.mls.capabilities import Capabilities
from byre.mls.cipher_suite import CipherSuite, suite_by_id
from byre.mls.credential import Credential
from byre.mls.extension import Extension, encode_extensions, read_extensions
from byre.mls.leaf_node import LeafNode, LeafSource, Lifetime, build_leaf
from byre.mls.profile import PROTOCOL_VERSION
from byre.mls.rules import Rule, violation
from byre.wire.tls import Reader, Writer, malformed, opaque

BUNDLE_VERSION = 1


@dataclass(frozen=True, slots=True)
class KeyPackage:
    """A parsed KeyPackage; `encoded` holds the received bytes."""

    version: int
    suite_id: int
    init_key: bytes = field(repr=False)
    leaf_node: LeafNode
    extensions: tuple[Extension, ...]
    signature: bytes = field(repr=False)
    encoded: bytes = field(repr=False)

    @classmethod
    def read(cls, reader: Reader) -> KeyPackage:
        """Read one."""
        start = reader.position
        version, suite_id, init_key = reader.u16(), reader.u16(), reader.opaque_v()
        leaf_node = LeafNode.read(reader)
        extensions = read_extensions(reader)
        signature = reader.opaque_v()
        return cls(version, suite_id, init_key, leaf_node, extensions, signature, reader.since(start))

    @classmethod
    def decode(cls, data: bytes) -> KeyPackage:
        """Parse exactly one KeyPackage (without the MLSMessage header), or raise PeerError(code="malformed")."""
        reader = Reader(data)
        package = cls.read(reader)
        reader.end()
        return package

    def reference(self, suite: CipherSuite) -> bytes:
        """Return the KeyPackageRef (section 5.2)."""
        return suite.ref_hash("MLS 1.0 KeyPackage Reference", self.encoded)

    def verify(self, suite: CipherSuite) -> None:
        """Check version, suite, keys, leaf and both signatures (Rules 12 and 16, section 10.1).

        Raises:
            PeerError: codes invalid_key_package, invalid_leaf, bad_signature.
        """
        if self.version != PROTOCOL_VERSION or self.suite_id != suite.suite_id:
            raise violation(Rule.KEY_PACKAGE, "a KeyPackage is of another suite or version", code="invalid_key_package")
        if self.init_key == self.leaf_node.encryption_key:
            raise violation(Rule.LEAF_NODE, "init key and encryption key are one", code="invalid_key_package")
        if not suite.hpke.is_usable(self.init_key):
            raise violation(Rule.KEY_PACKAGE, "nothing can be sealed to an init key", code="invalid_key_package")
        self.leaf_node.check(suite, LeafSource.KEY_PACKAGE)
        self.leaf_node.verify_signature(suite)
        content = self.encoded[: len(self.encoded) - len(opaque(self.signature))]
        suite.verify_with_label(self.leaf_node.signature_key, "KeyPackageTBS", content, self.signature)


@dataclass(frozen=True, slots=True)
class KeyPackageBundle:
    """A KeyPackage of ours with its two private keys."""

    key_package: KeyPackage
    init_private: Secret
    leaf_private: Secret

    @property
    def reference(self) -> bytes:
        """The KeyPackageRef by which a Welcome names this package."""
        return self.key_package.reference(suite_by_id(self.key_package.suite_id))

    def to_bytes(self) -> bytes:
        """Return the bytes for the store: version octet, package, two private keys. Secret."""
        writer = Writer().u8(BUNDLE_VERSION).opaque_v(self.key_package.encoded)
        return writer.opaque_v(self.init_private.reveal()).opaque_v(self.leaf_private.reveal()).done()

    @classmethod
    def from_bytes(cls, data: bytes) -> KeyPackageBundle:
        """Read what `to_bytes` wrote, or raise PeerError(code="malformed")."""
        reader = Reader(data)
        if reader.u8() != BUNDLE_VERSION:
            raise malformed("a key package bundle has an unknown version")
        package = KeyPackage.decode(reader.opaque_v())
        suite_by_id(package.suite_id)
        init_private, leaf_private = Secret(reader.opaque_v()), Secret(reader.opaque_v())
        reader.end()
        return cls(package, init_private, leaf_private)


def generate_key_package(
    suite: CipherSuite,
    *,
    signature_key: SigningKey,
    credential: Credential,
    leaf_extensions: Sequence[Extension],
    not_before_s: int,
    not_after_s: int,
    random: Random,
    key_package_extensions: Sequence[Extension] = (),
    capabilities: Capabilities | None = None,
) -> KeyPackageBundle:
    """Make a KeyPackage with fresh init and leaf keys; times are seconds since 1970."""
    init_private, init_key = suite.derive_key_pair(random(suite.hash_length))
    leaf_private, encryption_key = suite.derive_key_pair(random(suite.hash_length))
    leaf = build_leaf(
        suite,
        signature_key,
        encryption_key=encryption_key,
        credential=credential,
        capabilities=(capabilities or Capabilities()).with_grease(random),
        extensions=leaf_extensions,
        source=LeafSource.KEY_PACKAGE,
        lifetime=Lifetime(not_before_s, not_after_s),
    )
    writer = Writer().u16(PROTOCOL_VERSION).u16(suite.suite_id).opaque_v(init_key).fixed(leaf.encoded)
    content = writer.fixed(encode_extensions(key_package_extensions)).done()
    signature = suite.sign_with_label(signature_key, "KeyPackageTBS", content)
    package = KeyPackage(
        PROTOCOL_VERSION,
        suite.suite_id,
        init_key,
        leaf,
        tuple(key_package_extensions),
        signature,
        content + opaque(signature),
    )
    return KeyPackageBundle(package, Secret(init_private), Secret(leaf_private))
