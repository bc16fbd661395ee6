"""The ratchet tree and TreeKEM a second time, by recursion over spans of leaves as RFC 9420 tells it.

No index trick, no cache, no shared code with `byre.mls`: a subtree is (first leaf, number of leaves), its node the one
in the middle. The tree knows every private key, so that a vector can say what each member knows.
"""

from __future__ import annotations

import random as stdlib_random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from tests.vectors.second_crypto import (
    NH,
    SecondSuite,
    derive_secret,
    digest,
    encrypt,
    key_pair,
    number,
    sign,
    signature_public,
    vector,
)

Span = tuple[int, int]
"""(first leaf, number of leaves) of a subtree."""

GREASE = (0x0A0A, 0x7A7A, 0xEAEA)


def node_of(span: Span) -> int:
    """Return the node index of a subtree's head: the middle of its nodes."""
    first, count = span
    return 2 * first + count - 1


def halves(span: Span) -> tuple[Span, Span]:
    first, count = span
    return (first, count // 2), (first + count // 2, count // 2)


@dataclass(frozen=True)
class Leaf:
    """A leaf with its private keys; `encoded` is the LeafNode."""

    encoded: bytes
    encryption_key: bytes
    parent_hash: bytes | None
    private: bytes
    seed: bytes
    name: bytes


@dataclass(frozen=True)
class Parent:
    """A parent node."""

    encryption_key: bytes
    parent_hash: bytes
    unmerged: tuple[int, ...] = ()

    def encode(self, without: frozenset[int] = frozenset()) -> bytes:
        kept = [leaf for leaf in self.unmerged if leaf not in without]
        return vector(self.encryption_key) + vector(self.parent_hash) + vector(b"".join(number(x, 4) for x in kept))


@dataclass
class SecondTree:
    """A tree being lived in; `known` holds each leaf's path secrets by node index."""

    suite: SecondSuite
    group_id: bytes
    dice: stdlib_random.Random
    leaves: list[Leaf | None] = field(default_factory=lambda: [None])
    parents: dict[int, Parent] = field(default_factory=dict)
    known: dict[int, dict[int, bytes]] = field(default_factory=dict)
    named: int = 0

    # --- what the RFC computes ---

    @property
    def whole(self) -> Span:
        return 0, len(self.leaves)

    @property
    def members(self) -> list[int]:
        return [index for index, leaf in enumerate(self.leaves) if leaf is not None]

    def spans(self, span: Span | None = None) -> Iterator[Span]:
        """Yield all subtrees in the order of their nodes."""
        span = span or self.whole
        if span[1] == 1:
            yield span
            return
        left, right = halves(span)
        yield from self.spans(left)
        yield span
        yield from self.spans(right)

    def above(self, leaf: int) -> list[tuple[Span, Span, Span]]:
        """Return (parent, child on the path, child beside it) from the leaf's parent to the root."""
        steps = []
        span = self.whole
        while span[1] > 1:
            left, right = halves(span)
            on, beside = (left, right) if leaf < right[0] else (right, left)
            steps.append((span, on, beside))
            span = on
        return steps[::-1]

    def resolution(self, span: Span) -> list[int]:
        first, count = span
        if count == 1:
            return [] if self.leaves[first] is None else [2 * first]
        parent = self.parents.get(node_of(span))
        if parent is not None:
            return [node_of(span), *(2 * leaf for leaf in parent.unmerged)]
        left, right = halves(span)
        return self.resolution(left) + self.resolution(right)

    def tree_hash(self, span: Span | None = None, without: frozenset[int] = frozenset()) -> bytes:
        """Return the tree hash (section 7.8), as if the leaves `without` were blank and nowhere unmerged."""
        span = span or self.whole
        first, count = span
        if count == 1:
            leaf = None if first in without else self.leaves[first]
            return digest(b"\x01" + number(first, 4) + (b"\x00" if leaf is None else b"\x01" + leaf.encoded))
        parent = self.parents.get(node_of(span))
        head = b"\x00" if parent is None else b"\x01" + parent.encode(without)
        left, right = halves(span)
        return digest(b"\x02" + head + vector(self.tree_hash(left, without)) + vector(self.tree_hash(right, without)))

    def encode(self) -> bytes:
        nodes = []
        for span in self.spans():
            first, count = span
            if count == 1:
                leaf = self.leaves[first]
                nodes.append(b"\x00" if leaf is None else b"\x01\x01" + leaf.encoded)
            else:
                parent = self.parents.get(node_of(span))
                nodes.append(b"\x00" if parent is None else b"\x01\x02" + parent.encode())
        while nodes[-1] == b"\x00":
            nodes.pop()
        return vector(b"".join(nodes))

    # --- leaves ---

    def new_leaf(self, source: int, *, of: Leaf | None = None, index: int = 0, parent_hash: bytes = b"") -> Leaf:
        """Return a signed leaf: source 1 for a KeyPackage, 2 for an Update, 3 for a Commit."""
        if of is None:
            self.named += 1
        name = b"m%d" % self.named if of is None else of.name
        seed = self.dice.randbytes(32) if of is None else of.seed
        private, public = key_pair(self.dice.randbytes(NH))
        grease = [*self.dice.sample(GREASE, self.dice.randint(0, 2)), 0x2A2A, 0x3A3A]
        words = [(1,), (1, 3, 0x4A4A), tuple(grease), (0x5A5A,), (1, 0x6A6A)]
        lists = b"".join(vector(b"".join(number(value, 2) for value in values)) for values in words)
        extension = number(0x2A2A, 2) + vector(self.dice.randbytes(self.dice.choice([0, 5, 90])))
        extensions = vector(extension if self.dice.random() < 0.3 else b"")
        tail = {1: number(0, 8) + number((1 << 64) - 1, 8), 2: b"", 3: vector(parent_hash)}[source]
        credential = number(1, 2) + vector(name)
        content = vector(public) + vector(signature_public(seed)) + credential + lists + number(source, 1) + tail
        content += extensions
        bound = b"" if source == 1 else vector(self.group_id) + number(index, 4)
        encoded = content + vector(sign(seed, "LeafNodeTBS", content + bound))
        return Leaf(encoded, public, parent_hash if source == 3 else None, private, seed, name)

    # --- what proposals do (section 7.7, 12.1) ---

    def copy(self) -> SecondTree:
        known = {leaf: dict(secrets) for leaf, secrets in self.known.items()}
        return replace(self, leaves=list(self.leaves), parents=dict(self.parents), known=known)

    def add(self, leaf: Leaf) -> int:
        if None not in self.leaves:
            self.leaves += [None] * len(self.leaves)
        index = self.leaves.index(None)
        self.leaves[index] = leaf
        self.known[index] = {}
        for span, _, _ in self.above(index):
            parent = self.parents.get(node_of(span))
            if parent is not None:
                self.parents[node_of(span)] = replace(parent, unmerged=tuple(sorted((*parent.unmerged, index))))
        return index

    def update(self, index: int, leaf: Leaf) -> None:
        self.leaves[index] = leaf
        self._blank_above(index)
        self.known[index] = {}

    def remove(self, index: int) -> None:
        self._blank_above(index)
        self.leaves[index] = None
        del self.known[index]
        while len(self.leaves) > 1 and not any(self.leaves[len(self.leaves) // 2 :]):
            del self.leaves[len(self.leaves) // 2 :]
            self.parents = {node: each for node, each in self.parents.items() if node < 2 * len(self.leaves) - 1}
            self.known = {
                leaf: {node: secret for node, secret in secrets.items() if node < 2 * len(self.leaves) - 1}
                for leaf, secrets in self.known.items()
            }

    def _blank_above(self, index: int) -> None:
        for span, _, _ in self.above(index):
            self.parents.pop(node_of(span), None)
            for secrets in self.known.values():
                secrets.pop(node_of(span), None)

    # --- a path (sections 7.4 to 7.6, 7.9) ---

    def commit(self, sender: int, context_of: Callable[[SecondTree], bytes]) -> tuple[bytes, dict[int, bytes], bytes]:
        """Renew the keys above `sender`; return (UpdatePath, path secret by receiving leaf, commit secret)."""
        filtered = [step for step in self.above(sender) if self.resolution(step[2])]
        sealed_to = [self.resolution(beside) for _, _, beside in filtered]
        hidden = [self.tree_hash(beside) for _, _, beside in filtered]
        secrets = [self.dice.randbytes(NH)]
        for _ in filtered:
            secrets.append(derive_secret(secrets[-1], "path"))
        public = [key_pair(derive_secret(secret, "node"))[1] for secret in secrets[: len(filtered)]]
        receivers = [node for nodes in sealed_to for node in nodes]
        keys = {node: self._key(node) for node in receivers}
        self._blank_above(sender)
        parent_hash = b""
        for (span, _, _), key, original in reversed(list(zip(filtered, public, hidden, strict=True))):
            self.parents[node_of(span)] = Parent(key, parent_hash)
            parent_hash = digest(vector(key) + vector(parent_hash) + vector(original))
        old = self.leaves[sender]
        assert old is not None, "a sender has a leaf"
        leaf = self.leaves[sender] = self.new_leaf(3, of=old, index=sender, parent_hash=parent_hash)
        context = context_of(self)
        nodes = b""
        for key, secret, resolved in zip(public, secrets, sealed_to, strict=False):
            boxes = [encrypt(self.suite, keys[node], "UpdatePathNode", context, secret) for node in resolved]
            nodes += vector(key) + vector(b"".join(boxes))
        learned: dict[int, bytes] = {}
        for position, (_, _, beside) in enumerate(filtered):
            for member in self.members:
                if member == sender or beside[0] <= member < beside[0] + beside[1]:
                    reached = [(node_of(each[0]), secrets[at]) for at, each in enumerate(filtered) if at >= position]
                    self.known[member].update(reached)
                    if member != sender:
                        learned[member] = secrets[position]
        return leaf.encoded + vector(nodes), learned, secrets[len(filtered)]

    def _key(self, node: int) -> bytes:
        if node % 2:
            return self.parents[node].encryption_key
        leaf = self.leaves[node // 2]
        assert leaf is not None, "a resolution names no blank"
        return leaf.encryption_key
