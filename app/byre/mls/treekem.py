"""TreeKEM (RFC 9420 sections 7.4 to 7.6): a member renews the keys from its leaf to the root.

    path_secret[0] random ─"path"─> path_secret[1] ─"path"─> … ─"path"─> commit_secret
         └"node"─> key pair              └"node"─> key pair          one per node of the filtered direct path

The sender seals path_secret[i] to the resolution of the i-th copath child, under the provisional GroupContext
(Rule 4), leaves added by the same commit excluded (Rule 5). A receiver derives upwards from the one secret that it
can open, and compares every public key with the sender's (Rule 7): a sender who lies to one member is found out by
that member at once instead of splitting the group.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from byre.crypto.random import Random
from byre.errors import PeerError
from byre.mls import tree_math
from byre.mls.cipher_suite import CipherSuite
from byre.mls.leaf_node import LeafNode
from byre.mls.parent_node import ParentNode, parent_hash_input
from byre.mls.ratchet_tree import RatchetTree
from byre.mls.rules import Rule, violation
from byre.mls.tree_validation import encryption_keys
from byre.mls.update_path import HpkeCiphertext, UpdatePath, UpdatePathNode

UNREADABLE_PATH = "unreadable_path"
"""Code of a path that may be good for others and is not for us."""

LeafBuilder = Callable[[bytes, bytes], LeafNode]
"""(encryption key, parent hash) -> our signed leaf with source commit."""


@dataclass(frozen=True, slots=True, repr=False)
class NewPath:
    """What the sender of a path knows. `private_keys` and `path_secrets` by node index; secret: no repr."""

    tree: RatchetTree
    leaf: LeafNode
    public_keys: tuple[bytes, ...]
    path_secrets: Mapping[int, bytes]
    private_keys: Mapping[int, bytes]
    commit_secret: bytes


def create_path(tree: RatchetTree, suite: CipherSuite, leaf_index: int, build: LeafBuilder, random: Random) -> NewPath:
    """Make new keys for our leaf and its filtered direct path; `tree` has the commit's proposals applied."""
    path = tree.filtered_direct_path(leaf_index)
    leaf_private, leaf_public = suite.derive_key_pair(random(suite.hash_length))
    secret = random(suite.hash_length)
    path_secrets: dict[int, bytes] = {}
    private_keys = {2 * leaf_index: leaf_private}
    public_keys = []
    for node_index, _ in path:
        path_secrets[node_index] = secret
        private_keys[node_index], public = suite.derive_key_pair(suite.derive_secret(secret, "node"))
        public_keys.append(public)
        secret = suite.derive_secret(secret, "path")
    parents, parent_hash = _parents_of_path(tree, suite, path, public_keys)
    leaf = build(leaf_public, parent_hash)
    return NewPath(
        _put_path(tree, leaf_index, leaf, parents), leaf, tuple(public_keys), path_secrets, private_keys, secret
    )


def seal_path(
    tree: RatchetTree,
    suite: CipherSuite,
    leaf_index: int,
    new: NewPath,
    *,
    added: Collection[int],
    group_context: bytes,
) -> UpdatePath:
    """Seal a new path for the members of `tree` but the leaf indices `added`; the context is the provisional one."""
    nodes = []
    sealer = suite.labeled_sealer("UpdatePathNode", group_context)
    for (node_index, child), public in zip(tree.filtered_direct_path(leaf_index), new.public_keys, strict=True):
        secret = new.path_secrets[node_index]
        sealed = []
        for receiver in _receivers(tree, child, added):
            node = tree.node(receiver)
            assert node is not None, "a resolution names no blank"
            sealed.append(HpkeCiphertext(*sealer.seal(node.encryption_key, secret)))
        nodes.append(UpdatePathNode(public, tuple(sealed)))
    return UpdatePath(new.leaf, tuple(nodes))


def apply_path(
    tree: RatchetTree,
    suite: CipherSuite,
    leaf_index: int,
    path: UpdatePath,
    *,
    added: Collection[int],
    is_newcomer: bool = False,
) -> RatchetTree:
    """Put a received path's public keys into the tree, after the checks that need no private key (Rules 5, 6, 7).

    The caller has verified the leaf itself. `tree` has the commit's proposals applied, and a newcomer (external
    commit) seated with the path's own leaf.

    Raises:
        PeerError: code invalid_path.
    """
    filtered = tree.filtered_direct_path(leaf_index)
    if len(path.nodes) != len(filtered):
        raise violation(Rule.RESOLUTION, "a path has the wrong number of nodes", code="invalid_path")
    for (_, child), node in zip(filtered, path.nodes, strict=True):
        if len(node.encrypted_path_secret) != len(_receivers(tree, child, added)):
            raise violation(Rule.RESOLUTION, "a path node is sealed to the wrong number", code="invalid_path")
    public_keys = [node.encryption_key for node in path.nodes]
    if not all(suite.hpke.is_usable(key) for key in public_keys):  # who checks them by a secret is not always we
        raise violation(Rule.PATH_KEYS, "nothing can be sealed to a path's key", code="invalid_path")
    fresh = {*public_keys, path.leaf_node.encryption_key}
    standing = encryption_keys(tree, but_leaf=leaf_index if is_newcomer else None)
    if len(fresh) != len(public_keys) + 1 or not fresh.isdisjoint(standing):
        raise violation(Rule.PATH_KEYS, "a path brings a key that stands in the tree", code="invalid_path")
    parents, parent_hash = _parents_of_path(tree, suite, filtered, public_keys)
    if path.leaf_node.parent_hash != parent_hash:
        raise violation(Rule.PARENT_HASH, "a path's leaf has the wrong parent hash", code="invalid_path")
    return _put_path(tree, leaf_index, path.leaf_node, parents)


def open_path(
    tree: RatchetTree,
    suite: CipherSuite,
    leaf_index: int,
    path: UpdatePath,
    *,
    own_leaf_index: int,
    private_keys: Mapping[int, bytes],
    added: Collection[int],
    group_context: bytes,
) -> tuple[bytes, dict[int, bytes]]:
    """Return (commit_secret, our new private keys by node index) of a path that `apply_path` accepted.

    What goes wrong here goes wrong for us alone: other members may well have opened their own secret of the path.

    Raises:
        PeerError: code unreadable_path (not sealed to us, does not open, or a key does not follow).
    """
    filtered = tree.filtered_direct_path(leaf_index)
    meeting = tree_math.common_ancestor(2 * leaf_index, 2 * own_leaf_index)
    position = next((at for at, (node_index, _) in enumerate(filtered) if node_index == meeting), None)
    if position is None:
        raise violation(Rule.RESOLUTION, "a path does not reach us", code=UNREADABLE_PATH)
    receivers = _receivers(tree, filtered[position][1], added)
    chosen = next((at for at, node_index in enumerate(receivers) if node_index in private_keys), None)
    if chosen is None:
        raise violation(Rule.RESOLUTION, "a path is not sealed to us", code=UNREADABLE_PATH)
    sealed = path.nodes[position].encrypted_path_secret[chosen]
    own = tree.node(receivers[chosen])
    assert own is not None, "a resolution names no blank"
    try:
        secret = suite.decrypt_with_label(
            private_keys[receivers[chosen]],
            "UpdatePathNode",
            group_context,
            sealed.kem_output,
            sealed.ciphertext,
            own.encryption_key,
        )
    except PeerError:
        raise violation(Rule.PATH_KEYS, "our secret of a path does not open", code=UNREADABLE_PATH) from None
    above = [
        (node_index, node.encryption_key)
        for (node_index, _), node in zip(filtered[position:], path.nodes[position:], strict=True)
    ]
    return derive_upwards(suite, secret, above, code=UNREADABLE_PATH)


def derive_upwards(
    suite: CipherSuite, path_secret: bytes, nodes: list[tuple[int, bytes]], *, code: str = "invalid_path"
) -> tuple[bytes, dict[int, bytes]]:
    """Return (commit_secret, private keys) from the path secret of the first of `nodes` (index, public key).

    Raises:
        PeerError: `code`; a derived public key differs from the one that the others see (Rule 7).
    """
    private_keys: dict[int, bytes] = {}
    for node_index, expected in nodes:
        private, public = suite.derive_key_pair(suite.derive_secret(path_secret, "node"))
        if public != expected:
            raise violation(Rule.PATH_KEYS, "a path secret does not give the path's public key", code=code)
        private_keys[node_index] = private
        path_secret = suite.derive_secret(path_secret, "path")
    return path_secret, private_keys


def kept_private_keys(tree: RatchetTree, own_leaf_index: int, keys: Mapping[int, bytes]) -> dict[int, bytes]:
    """Return those of our private keys whose nodes are still above us and not blank."""
    own = 2 * own_leaf_index
    path = {own, *tree_math.direct_path(own, tree.leaf_count)}
    return {node: key for node, key in keys.items() if node in path and tree.node(node) is not None}


def _receivers(tree: RatchetTree, child: int, added: Collection[int]) -> list[int]:
    return [node for node in tree.resolution(child) if node & 1 or node >> 1 not in added]


def _parents_of_path(
    tree: RatchetTree, suite: CipherSuite, path: list[tuple[int, int]], public_keys: list[bytes]
) -> tuple[list[tuple[int, ParentNode]], bytes]:
    """Return the path's new parent nodes and the parent hash of the leaf below them, from the root down."""
    parent_hash = b""
    parents = []
    for (node_index, child), public in zip(reversed(path), reversed(public_keys), strict=True):
        node = ParentNode(public, parent_hash)
        parents.append((node_index, node))
        parent_hash = suite.hash(parent_hash_input(node, tree.tree_hash(suite, child)))
    return parents, parent_hash


def _put_path(tree: RatchetTree, leaf_index: int, leaf: LeafNode, parents: list[tuple[int, ParentNode]]) -> RatchetTree:
    edit = tree.edit()
    edit.blank_path(leaf_index)
    for node_index, node in parents:
        edit.put_parent(node_index, node)
    edit.put_leaf(leaf_index, leaf)
    return edit.finish()
