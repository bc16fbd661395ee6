"""UpdatePath (RFC 9420 section 7.6): the new leaf and the new keys above it, each secret sealed to who may know it."""

from __future__ import annotations

from dataclasses import dataclass, field

from byre.mls.leaf_node import LeafNode
from byre.wire.tls import Reader, Writer


@dataclass(frozen=True, slots=True, repr=False)
class HpkeCiphertext:
    """HPKECiphertext."""

    kem_output: bytes
    ciphertext: bytes

    def encode(self) -> bytes:
        """Return the wire form."""
        return Writer().opaque_v(self.kem_output).opaque_v(self.ciphertext).done()

    @classmethod
    def read(cls, reader: Reader) -> HpkeCiphertext:
        """Read one."""
        return cls(reader.opaque_v(), reader.opaque_v())


@dataclass(frozen=True, slots=True)
class UpdatePathNode:
    """One node of the path: its new public key and its path secret for each node of the copath's resolution."""

    encryption_key: bytes = field(repr=False)
    encrypted_path_secret: tuple[HpkeCiphertext, ...] = field(repr=False)

    def encode(self) -> bytes:
        """Return the wire form."""
        sealed = [each.encode() for each in self.encrypted_path_secret]
        return Writer().opaque_v(self.encryption_key).vector(sealed).done()

    @classmethod
    def read(cls, reader: Reader) -> UpdatePathNode:
        """Read one."""
        return cls(reader.opaque_v(), tuple(reader.vector(HpkeCiphertext.read)))


@dataclass(frozen=True, slots=True)
class UpdatePath:
    """A parsed path; whether it fits the tree is `treekem`'s question."""

    leaf_node: LeafNode
    nodes: tuple[UpdatePathNode, ...]

    def encode(self) -> bytes:
        """Return the wire form."""
        return Writer().fixed(self.leaf_node.encoded).vector([node.encode() for node in self.nodes]).done()

    @classmethod
    def read(cls, reader: Reader) -> UpdatePath:
        """Read one."""
        return cls(LeafNode.read(reader), tuple(reader.vector(UpdatePathNode.read)))

    @classmethod
    def decode(cls, data: bytes) -> UpdatePath:
        """Parse exactly one UpdatePath, or raise PeerError(code="malformed")."""
        reader = Reader(data)
        path = cls.read(reader)
        reader.end()
        return path
