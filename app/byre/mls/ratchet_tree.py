"""The ratchet tree (RFC 9420 sections 4, 7): public keys of all members and of the subtrees that they share.

    RatchetTree   a value: full binary tree of leaf_count = 2^d leaves, blanks are None, tree hashes cached
    TreeEdit      the workbench: a mutable copy, made by `tree.edit()`, turned back by `finish()`

The cache goes with the copy: an edit forgets the hashes of the direct path that it touches and of nothing else, so
that a commit in a room of a thousand hashes some ten nodes. The message path never comes here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from byre.errors import UsageError
from byre.mls import tree_math
from byre.mls.cipher_suite import CipherSuite
from byre.mls.leaf_node import LeafNode
from byre.mls.parent_node import ParentNode
from byre.mls.profile import MAX_LEAVES
from byre.mls.rules import Rule, violation
from byre.wire.tls import Reader, malformed, opaque

Node: TypeAlias = LeafNode | ParentNode

_LEAF, _PARENT = 1, 2


class RatchetTree:
    """A ratchet tree that never changes; only its caches fill up."""

    __slots__ = ("_filtered", "_hashes", "_nodes", "leaf_count")

    leaf_count: int

    def __init__(self, nodes: tuple[Node | None, ...], hashes: list[bytes | None] | None = None) -> None:
        """Take nodes in array order, 2^(d+1) - 1 of them; `hashes` is a cache of the same shape."""
        self._nodes = nodes
        self._hashes: list[bytes | None] = [None] * len(nodes) if hashes is None else hashes
        self.leaf_count = (len(nodes) + 1) // 2
        self._filtered: tuple[int, list[tuple[int, int]]] | None = None  # the path that was asked for last

    @classmethod
    def single(cls, leaf: LeafNode) -> RatchetTree:
        """Return the tree of a group of one."""
        return cls((leaf,))

    @classmethod
    def decode(cls, data: bytes, hashes: bytes = b"") -> RatchetTree:
        """Parse an `optional<Node> ratchet_tree<V>` and extend it to full width (Rule 13, section 12.4.3.3).

        Args:
            hashes: what `encode_hashes` gave for this very tree; from our own store only, never from a peer.

        Raises:
            PeerError: code malformed; trailing blank, wrong kind of node for its place, too many leaves, or hashes
                of another tree's size.
        """
        reader = Reader(data)
        nodes = reader.vector(_read_optional_node)
        reader.end()
        if not nodes or nodes[-1] is None:
            raise violation(Rule.TREE_SHAPE, "a ratchet tree is empty or ends in a blank", code="malformed")
        if len(nodes) > tree_math.node_width(MAX_LEAVES):
            raise violation(Rule.BOUNDS, "a ratchet tree has too many leaves", code="malformed")
        if any(isinstance(node, LeafNode) is bool(index & 1) for index, node in enumerate(nodes) if node is not None):
            raise violation(Rule.TREE_SHAPE, "a node stands where its kind cannot", code="malformed")
        width = tree_math.node_width(tree_math.leaf_count_for(len(nodes) // 2 + 1))
        return cls(tuple(nodes) + (None,) * (width - len(nodes)), _decode_hashes(hashes, width) if hashes else None)

    def encode_hashes(self) -> bytes:
        """Return all tree hashes in array order; nothing unless all of them are known."""
        known = [each for each in self._hashes if each is not None]
        return b"".join(known) if len(known) == len(self._hashes) else b""

    def encode(self) -> bytes:
        """Return the `ratchet_tree<V>`, without trailing blanks."""
        last = max(index for index, node in enumerate(self._nodes) if node is not None)
        return opaque(b"".join(_encode_optional_node(node) for node in self._nodes[: last + 1]))

    def node(self, node_index: int) -> Node | None:
        """Return the node at an index, or None for a blank."""
        return self._nodes[node_index]

    def leaf(self, leaf_index: int) -> LeafNode | None:
        """Return the leaf at a leaf index; None when blank or beyond the tree."""
        if leaf_index >= self.leaf_count:
            return None
        node = self._nodes[2 * leaf_index]
        return node if isinstance(node, LeafNode) else None

    def leaves(self) -> Iterator[tuple[int, LeafNode]]:
        """Yield (leaf index, leaf) of all members."""
        for index, node in enumerate(self._nodes[::2]):
            if isinstance(node, LeafNode):
                yield index, node

    def parents(self) -> Iterator[tuple[int, ParentNode]]:
        """Yield (node index, node) of all parents that are not blank."""
        for index in range(1, len(self._nodes), 2):
            node = self._nodes[index]
            if isinstance(node, ParentNode):
                yield index, node

    def resolution(self, node_index: int) -> list[int]:
        """Return the node indices that together cover the subtree's members (section 4.1.1)."""
        found: list[int] = []
        nodes = self._nodes
        stack = [node_index]
        while stack:
            index = stack.pop()
            node = nodes[index]
            if node is not None:
                found.append(index)
                if isinstance(node, ParentNode):
                    found.extend(2 * leaf for leaf in node.unmerged_leaves)
            elif index & 1:
                stack.append(tree_math.right(index))
                stack.append(tree_math.left(index))
        return found

    def filtered_direct_path(self, leaf_index: int) -> list[tuple[int, int]]:
        """Return (path node, copath child) bottom up, without nodes whose copath child resolves to nobody (Rule 5)."""
        if self._filtered is not None and self._filtered[0] == leaf_index:
            return self._filtered[1]
        path: list[tuple[int, int]] = []
        below = 2 * leaf_index
        for node_index in tree_math.direct_path(below, self.leaf_count):
            other = tree_math.sibling(below, self.leaf_count)
            if self._has_member(other):
                path.append((node_index, other))
            below = node_index
        self._filtered = leaf_index, path
        return path

    def tree_hash(self, suite: CipherSuite, node_index: int | None = None) -> bytes:
        """Return the tree hash of a subtree, of the whole tree by default (section 7.8); cached."""
        index = tree_math.root(self.leaf_count) if node_index is None else node_index
        cached = self._hashes[index]
        if cached is None:
            cached = self._hashes[index] = self._hash_node(suite, index, frozenset())
        return cached

    def original_tree_hash(self, suite: CipherSuite, node_index: int, without: frozenset[int]) -> bytes:
        """Return the subtree's hash as it was before the leaves `without` were added (section 7.9, Rule 6)."""
        below = frozenset(leaf for leaf in without if tree_math.is_below(2 * leaf, node_index))
        return self._hash_node(suite, node_index, below) if below else self.tree_hash(suite, node_index)

    def edit(self) -> TreeEdit:
        """Return a mutable copy."""
        return TreeEdit(list(self._nodes), list(self._hashes))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RatchetTree) and self._nodes == other._nodes

    def __hash__(self) -> int:
        return hash(self._nodes)

    def _has_member(self, node_index: int) -> bool:
        # In a valid tree a non-blank parent always has a member below it.
        nodes = self._nodes
        return any(nodes[index] is not None for index in tree_math.subtree(node_index))

    def _hash_node(self, suite: CipherSuite, index: int, without: frozenset[int]) -> bytes:
        node = self._nodes[index]
        if not index & 1:
            if not isinstance(node, LeafNode) or index >> 1 in without:
                return suite.hash(b"\x01" + (index >> 1).to_bytes(4) + b"\x00")
            return suite.hash(b"\x01" + (index >> 1).to_bytes(4) + b"\x01" + node.encoded)
        left, right = tree_math.left(index), tree_math.right(index)
        if without:
            left_hash = self.original_tree_hash(suite, left, without)
            right_hash = self.original_tree_hash(suite, right, without)
        else:
            left_hash, right_hash = self.tree_hash(suite, left), self.tree_hash(suite, right)
        encoded = b"\x00"
        if isinstance(node, ParentNode):
            if without and node.unmerged_leaves:
                kept = tuple(leaf for leaf in node.unmerged_leaves if leaf not in without)
                node = ParentNode(node.encryption_key, node.parent_hash, kept)
            encoded = b"\x01" + node.encode()
        return suite.hash(b"\x02" + encoded + opaque(left_hash) + opaque(right_hash))


class TreeEdit:
    """A tree being changed by one commit; members leave, change and arrive in the RFC's order."""

    __slots__ = ("_hashes", "_nodes", "_search_from")

    def __init__(self, nodes: list[Node | None], hashes: list[bytes | None]) -> None:
        self._nodes = nodes
        self._hashes = hashes
        self._search_from = 0  # no leaf left of it is blank: a thousand Adds must not scan a thousand times

    @property
    def leaf_count(self) -> int:
        """Number of leaves, blank ones included."""
        return (len(self._nodes) + 1) // 2

    def leaf(self, leaf_index: int) -> LeafNode | None:
        """Return the leaf at a leaf index, or None."""
        node = self._nodes[2 * leaf_index] if leaf_index < self.leaf_count else None
        return node if isinstance(node, LeafNode) else None

    def add_leaf(self, leaf: LeafNode) -> int:
        """Put a leaf into the leftmost blank, growing the tree if need be; return its leaf index (section 7.7)."""
        nodes = self._nodes
        leaf_index = self._search_from
        while leaf_index < self.leaf_count and nodes[2 * leaf_index] is not None:
            leaf_index += 1
        if leaf_index >= MAX_LEAVES:
            raise violation(Rule.BOUNDS, "the group is full")
        if leaf_index == self.leaf_count:
            grown = len(nodes) + 1
            nodes.extend([None] * grown)
            self._hashes.extend([None] * grown)
        self._search_from = leaf_index + 1
        for node_index in self._touch(2 * leaf_index):
            node = nodes[node_index]
            if isinstance(node, ParentNode):
                nodes[node_index] = node.with_unmerged(leaf_index)
        nodes[2 * leaf_index] = leaf
        return leaf_index

    def set_leaf(self, leaf_index: int, leaf: LeafNode) -> None:
        """Replace a leaf and blank its direct path (an Update, section 12.1.2)."""
        self.blank_path(leaf_index)
        self._nodes[2 * leaf_index] = leaf

    def put_leaf(self, leaf_index: int, leaf: LeafNode) -> None:
        """Replace a leaf and leave its direct path as it is (the last step of an UpdatePath)."""
        self._touch(2 * leaf_index)
        self._nodes[2 * leaf_index] = leaf

    def remove_leaf(self, leaf_index: int) -> None:
        """Blank a leaf and its direct path and truncate the tree (section 12.1.3)."""
        self.blank_path(leaf_index)
        self._nodes[2 * leaf_index] = None
        self._search_from = min(self._search_from, leaf_index)
        nodes = self._nodes
        while len(nodes) > 1 and not any(nodes[len(nodes) // 2 + 1 :: 2]):
            del nodes[len(nodes) // 2 :]
            del self._hashes[len(nodes) :]

    def blank_path(self, leaf_index: int) -> None:
        """Blank all ancestors of a leaf."""
        for node_index in self._touch(2 * leaf_index):
            self._nodes[node_index] = None

    def put_parent(self, node_index: int, node: ParentNode) -> None:
        """Set a parent node; the caller has touched the leaf below, so that no hash above is stale."""
        if tree_math.is_leaf(node_index):
            raise UsageError("a leaf cannot hold a parent node")
        self._nodes[node_index] = node

    def finish(self) -> RatchetTree:
        """Return the tree as a value; the edit is not used afterwards."""
        return RatchetTree(tuple(self._nodes), self._hashes)

    def snapshot(self) -> RatchetTree:
        """Return the present state as a value that further edits do not change."""
        return RatchetTree(tuple(self._nodes), list(self._hashes))

    def _touch(self, node_index: int) -> list[int]:
        path = tree_math.direct_path(node_index, self.leaf_count)
        hashes = self._hashes
        hashes[node_index] = None
        for each in path:
            hashes[each] = None
        return path


def _read_optional_node(reader: Reader) -> Node | None:
    present = reader.u8()
    if present == 0:
        return None
    if present != 1:
        raise malformed("a presence octet is neither 0 nor 1")
    kind = reader.u8()
    if kind == _LEAF:
        return LeafNode.read(reader)
    if kind == _PARENT:
        return ParentNode.read(reader)
    raise malformed("a tree node has an unknown type")


def _decode_hashes(data: bytes, width: int) -> list[bytes | None]:
    length, rest = divmod(len(data), width)
    if rest:
        raise malformed("stored tree hashes do not fit the tree")
    return [data[at : at + length] for at in range(0, len(data), length)]


def _encode_optional_node(node: Node | None) -> bytes:
    if node is None:
        return b"\x00"
    if isinstance(node, LeafNode):
        return b"\x01\x01" + node.encoded
    return b"\x01\x02" + node.encode()
