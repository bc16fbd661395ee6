"""The secret tree and the sender ratchets (RFC 9420 section 9): the keys of single messages.

    encryption_secret at the root ─ "tree","left"/"right" ─> one secret per leaf ─ "handshake"/"application" ─> ratchets
    ratchet secret[g] ─ "key", g ─> key;  "nonce", g ─> nonce;  "secret", g ─> secret[g+1]

A value: `seal_key` and `open_key` return the tree afterwards beside the key, and the caller keeps the new tree only
when the message opened (Rule 1: a forged message burns no key). What is used up is not in the new tree: a node
whose children are known, a ratchet secret that was stepped, a key that was taken. A receiver steps at most
MAX_FORWARD_STEPS and keeps at most MAX_SKIPPED_KEYS (Rule 11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from byre.errors import UsageError
from byre.mls import tree_math
from byre.mls.cipher_suite import CipherSuite
from byre.mls.profile import MAX_FORWARD_STEPS, MAX_SKIPPED_KEYS
from byre.mls.rules import Rule, violation
from byre.wire.tls import Reader, Writer, malformed, opaque

MessageKey: TypeAlias = tuple[bytes, bytes]
"""(key, nonce) of one message."""

HANDSHAKE, APPLICATION = 0, 1
_LAST_GENERATION = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, repr=False)
class Ratchet:
    """One sender's ratchet of one kind: the next secret and the keys that were stepped over."""

    secret: bytes
    generation: int = 0
    skipped: Mapping[int, MessageKey] = field(default_factory=dict)

    def next_key(self, suite: CipherSuite) -> tuple[Ratchet, MessageKey]:
        """Return the ratchet afterwards and the key of the present generation."""
        if self.generation >= _LAST_GENERATION:
            raise UsageError("a sender ratchet is used up; commit to go on", code="ratchet_exhausted")
        key, nonce, secret = suite.ratchet_step(self.secret, self.generation)
        return Ratchet(secret, self.generation + 1, self.skipped), (key, nonce)

    def key_of(self, suite: CipherSuite, generation: int) -> tuple[Ratchet, MessageKey]:
        """Return the ratchet afterwards and the key of `generation`.

        Raises:
            PeerError: code replayed (used, or skipped and dropped), generation_too_far (Rule 11).
        """
        if generation < self.generation:
            key = self.skipped.get(generation)
            if key is None:
                raise violation(Rule.KEYS_ONLY_ON_SUCCESS, "a message's key was used already", code="replayed")
            kept = {each: value for each, value in self.skipped.items() if each != generation}
            return Ratchet(self.secret, self.generation, kept), key
        if generation - self.generation > MAX_FORWARD_STEPS or generation >= _LAST_GENERATION:
            raise violation(Rule.BOUNDS, "a message is too far ahead", code="generation_too_far")
        if generation == self.generation:
            return self.next_key(suite)
        return self._skip_to(suite, generation)

    def _skip_to(self, suite: CipherSuite, generation: int) -> tuple[Ratchet, MessageKey]:
        secret = self.secret
        skipped = dict(self.skipped)
        first_kept = generation - MAX_SKIPPED_KEYS
        for each in range(self.generation, generation):
            if each >= first_kept:
                key, nonce, secret = suite.ratchet_step(secret, each)
                skipped[each] = key, nonce
            else:
                secret = suite.derive_tree_secret(secret, "secret", each, suite.hash_length)
        for each in sorted(skipped)[:-MAX_SKIPPED_KEYS]:
            del skipped[each]
        return Ratchet(secret, generation, skipped).next_key(suite)

    def encode(self) -> bytes:
        """Return the ratchet for the store."""
        if not self.skipped:
            return opaque(self.secret) + self.generation.to_bytes(4) + b"\x00"
        items = [
            generation.to_bytes(4) + opaque(key) + opaque(nonce)
            for generation, (key, nonce) in sorted(self.skipped.items())
        ]
        return Writer().opaque_v(self.secret).u32(self.generation).vector(items).done()

    @classmethod
    def read(cls, reader: Reader) -> Ratchet:
        """Read what `encode` wrote."""
        secret, generation = reader.opaque_v(), reader.u32()
        return cls(secret, generation, dict(reader.vector(_read_skipped)))


@dataclass(frozen=True, slots=True, repr=False)
class SecretTree:
    """All message keys of an epoch that are not used up: node secrets nobody needed yet, and ratchets in use."""

    leaf_count: int
    nodes: Mapping[int, bytes]
    ratchets: Mapping[int, tuple[Ratchet, Ratchet]]

    @classmethod
    def from_encryption_secret(cls, leaf_count: int, encryption_secret: bytes) -> SecretTree:
        """Return the tree of a new epoch."""
        return cls(leaf_count, {tree_math.root(leaf_count): encryption_secret}, {})

    def seal_key(self, suite: CipherSuite, leaf_index: int, kind: int) -> tuple[SecretTree, int, MessageKey]:
        """Return (tree afterwards, generation, key) for our own next message."""
        nodes, pair = self._pair(suite, leaf_index)
        ratchet, key = pair[kind].next_key(suite)
        return self._with(nodes, leaf_index, pair, kind, ratchet), ratchet.generation - 1, key

    def open_key(
        self, suite: CipherSuite, leaf_index: int, kind: int, generation: int
    ) -> tuple[SecretTree, MessageKey]:
        """Return (tree afterwards, key) for a received message; keep the tree only if the message opens (Rule 1).

        Raises:
            PeerError: codes replayed, generation_too_far, malformed (no such leaf).
        """
        if leaf_index >= self.leaf_count:
            raise malformed("a message names a sender beyond the tree")
        nodes, pair = self._pair(suite, leaf_index)
        ratchet, key = pair[kind].key_of(suite, generation)
        return self._with(nodes, leaf_index, pair, kind, ratchet), key

    def encode(self) -> bytes:
        """Return the tree for the store."""
        nodes = [index.to_bytes(4) + opaque(secret) for index, secret in self.nodes.items()]
        ratchets = [
            leaf.to_bytes(4) + handshake.encode() + application.encode()
            for leaf, (handshake, application) in self.ratchets.items()
        ]
        return Writer().u32(self.leaf_count).vector(nodes).vector(ratchets).done()

    @classmethod
    def read(cls, reader: Reader) -> SecretTree:
        """Read what `encode` wrote."""
        return cls(reader.u32(), dict(reader.vector(_read_node)), dict(reader.vector(_read_pair)))

    def _pair(self, suite: CipherSuite, leaf_index: int) -> tuple[Mapping[int, bytes], tuple[Ratchet, Ratchet]]:
        pair = self.ratchets.get(leaf_index)
        if pair is not None:
            return self.nodes, pair
        nodes = dict(self.nodes)
        target = 2 * leaf_index
        path = [target, *tree_math.direct_path(target, self.leaf_count)]
        known = next((each for each in path if each in nodes), None)
        if known is None:
            raise violation(Rule.KEYS_ONLY_ON_SUCCESS, "a sender's keys are gone", code="replayed")
        secret = nodes.pop(known)
        while known != target:
            left, right = tree_math.left(known), tree_math.right(known)
            left_secret = suite.expand_with_label(secret, "tree", b"left", suite.hash_length)
            right_secret = suite.expand_with_label(secret, "tree", b"right", suite.hash_length)
            if tree_math.is_below(target, left):
                known, secret, nodes[right] = left, left_secret, right_secret
            else:
                known, secret, nodes[left] = right, right_secret, left_secret
        return nodes, (
            Ratchet(suite.expand_with_label(secret, "handshake", b"", suite.hash_length)),
            Ratchet(suite.expand_with_label(secret, "application", b"", suite.hash_length)),
        )

    def _with(
        self, nodes: Mapping[int, bytes], leaf_index: int, pair: tuple[Ratchet, Ratchet], kind: int, ratchet: Ratchet
    ) -> SecretTree:
        changed = (pair[HANDSHAKE], ratchet) if kind == APPLICATION else (ratchet, pair[APPLICATION])
        return SecretTree(self.leaf_count, nodes, {**self.ratchets, leaf_index: changed})


def sender_data_key_nonce(suite: CipherSuite, sender_data_secret: bytes, ciphertext: bytes) -> MessageKey:
    """Return key and nonce of the sender data: the sample is the first Nh bytes of the ciphertext (Rule 18)."""
    return suite.expand_key_nonce(sender_data_secret, ciphertext[: suite.hash_length])


def _read_skipped(reader: Reader) -> tuple[int, MessageKey]:
    return reader.u32(), (reader.opaque_v(), reader.opaque_v())


def _read_node(reader: Reader) -> tuple[int, bytes]:
    return reader.u32(), reader.opaque_v()


def _read_pair(reader: Reader) -> tuple[int, tuple[Ratchet, Ratchet]]:
    return reader.u32(), (Ratchet.read(reader), Ratchet.read(reader))
