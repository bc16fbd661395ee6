"""ParentNode (RFC 9420 section 7.1): the public half of a key that all leaves below it hold, but the unmerged ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from byre.mls.rules import Rule, violation
from byre.wire.tls import Reader, Writer


@dataclass(frozen=True, slots=True)
class ParentNode:
    """A parent node; `unmerged_leaves` are leaf indices, ascending (Rule 13)."""

    encryption_key: bytes = field(repr=False)
    parent_hash: bytes = field(default=b"", repr=False)
    unmerged_leaves: tuple[int, ...] = ()

    def encode(self) -> bytes:
        """Return the wire form."""
        writer = Writer().opaque_v(self.encryption_key).opaque_v(self.parent_hash)
        return writer.opaque_v(b"".join(leaf.to_bytes(4) for leaf in self.unmerged_leaves)).done()

    @classmethod
    def read(cls, reader: Reader) -> ParentNode:
        """Read one; unmerged leaves not strictly ascending are malformed."""
        encryption_key, parent_hash = reader.opaque_v(), reader.opaque_v()
        unmerged = tuple(reader.vector(Reader.u32))
        if any(low >= high for low, high in pairwise(unmerged)):
            raise violation(Rule.TREE_SHAPE, "unmerged leaves are not sorted", code="malformed")
        return cls(encryption_key, parent_hash, unmerged)

    def with_unmerged(self, leaf_index: int) -> ParentNode:
        """Return the node with one more unmerged leaf, in its place."""
        return ParentNode(self.encryption_key, self.parent_hash, tuple(sorted((*self.unmerged_leaves, leaf_index))))


def parent_hash_input(node: ParentNode, original_sibling_tree_hash: bytes) -> bytes:
    """Return the ParentHashInput of `node` for one of its children (section 7.9)."""
    return Writer().opaque_v(node.encryption_key).opaque_v(node.parent_hash).opaque_v(original_sibling_tree_hash).done()
