"""Is a received ratchet tree one that honest members can have made? (RFC 9420 sections 7.9.2, 12.4.3.1)

A joiner takes the tree on trust of nobody: every leaf is signed for its place, every parent is chained by parent
hashes to the leaf that made it (Rule 6), no key stands twice, unmerged leaves are real (Rule 13).
"""

from __future__ import annotations

from collections.abc import Sequence

from byre.mls import tree_math
from byre.mls.cipher_suite import CipherSuite
from byre.mls.extension import Extension, required_capabilities
from byre.mls.leaf_node import LeafContext, LeafNode, LeafPlace, LeafSource, LeafValidator
from byre.mls.parent_node import ParentNode, parent_hash_input
from byre.mls.ratchet_tree import RatchetTree
from byre.mls.rules import Rule, violation


def check_tree(
    tree: RatchetTree,
    suite: CipherSuite,
    *,
    group_id: bytes,
    extensions: Sequence[Extension] = (),
    validate: LeafValidator | None = None,
    now_s: int = 0,
) -> None:
    """Check all that a joiner must check of a tree.

    Raises:
        PeerError: codes invalid_tree, invalid_leaf, bad_signature, or what `validate` raises.
    """
    if not all(suite.hpke.is_usable(node.encryption_key) for _, node in tree.parents()):
        raise violation(Rule.PATH_KEYS, "nothing can be sealed to a parent node's key", code="invalid_tree")
    check_unmerged_leaves(tree)
    check_parent_hashes(tree, suite)
    check_unique_keys(tree)
    for leaf_index, leaf in tree.leaves():
        leaf.check(suite)
        leaf.verify_signature(suite, group_id, leaf_index)
        if validate is not None:
            validate(leaf, LeafContext(LeafPlace.TREE, group_id, now_s, leaf_index))
    check_support(tree, extensions)


def check_unmerged_leaves(tree: RatchetTree) -> None:
    """Each unmerged leaf is a member below its node, and unmerged at every node between them that is not blank."""
    for node_index, node in tree.parents():
        for leaf_index in node.unmerged_leaves:
            if not tree_math.is_below(2 * leaf_index, node_index) or tree.leaf(leaf_index) is None:
                raise violation(Rule.TREE_SHAPE, "an unmerged leaf is not below its node", code="invalid_tree")
            for between_index in tree_math.direct_path(2 * leaf_index, tree.leaf_count):
                if between_index == node_index:
                    break
                between = tree.node(between_index)
                if isinstance(between, ParentNode) and leaf_index not in between.unmerged_leaves:
                    raise violation(Rule.TREE_SHAPE, "an unmerged leaf is merged further down", code="invalid_tree")


def check_parent_hashes(tree: RatchetTree, suite: CipherSuite) -> None:
    """Every parent that is not blank is parent-hash valid with respect to a node below it (section 7.9.2)."""
    for node_index, node in tree.parents():
        left, right = tree_math.left(node_index), tree_math.right(node_index)
        if not any(
            _is_parent_hash_valid(tree, suite, node, child=child, sibling=sibling)
            for child, sibling in ((left, right), (right, left))
        ):
            raise violation(Rule.PARENT_HASH, "a parent node has no valid parent hash below it", code="invalid_tree")


def check_unique_keys(tree: RatchetTree) -> None:
    """No signature key and no encryption key stands twice (Rules 7 and 12)."""
    leaves = [leaf for _, leaf in tree.leaves()]
    if len({leaf.signature_key for leaf in leaves}) != len(leaves):
        raise violation(Rule.LEAF_NODE, "two leaves have one signature key", code="invalid_tree")
    parents = [node for _, node in tree.parents()]
    if len(encryption_keys(tree)) != len(leaves) + len(parents):
        raise violation(Rule.PATH_KEYS, "two nodes have one encryption key", code="invalid_tree")


def encryption_keys(tree: RatchetTree, *, but_leaf: int | None = None) -> set[bytes]:
    """Return the encryption keys of all nodes, but of one leaf if wanted."""
    keys = {leaf.encryption_key for leaf_index, leaf in tree.leaves() if leaf_index != but_leaf}
    keys.update(node.encryption_key for _, node in tree.parents())
    return keys


def check_leaf_in_tree(tree: RatchetTree, leaf_index: int, extensions: Sequence[Extension]) -> None:
    """A committer's new leaf has a signature key of its own and supports what the group requires (section 7.3)."""
    leaf = tree.leaf(leaf_index)
    assert leaf is not None, "a committer has a leaf"
    if any(other.signature_key == leaf.signature_key for index, other in tree.leaves() if index != leaf_index):
        raise violation(Rule.LEAF_NODE, "two members would have one signature key", code="invalid_leaf")
    if not leaf.supports(required_capabilities(extensions), extensions):
        raise violation(Rule.LEAF_NODE, "a member does not support what the group requires", code="invalid_leaf")


def check_support(tree: RatchetTree, extensions: Sequence[Extension]) -> None:
    """Every member supports what the group requires and the extensions that it carries (section 7.3)."""
    required = required_capabilities(extensions)
    for _, leaf in tree.leaves():
        if not leaf.supports(required, extensions):
            raise violation(Rule.LEAF_NODE, "a member does not support what the group requires", code="invalid_leaf")


def _is_parent_hash_valid(tree: RatchetTree, suite: CipherSuite, node: ParentNode, *, child: int, sibling: int) -> bool:
    unmerged = {2 * leaf for leaf in node.unmerged_leaves}
    candidates = [index for index in tree.resolution(child) if index not in unmerged]
    if len(candidates) != 1:
        return False
    below = tree.node(candidates[0])
    if isinstance(below, LeafNode) and below.source is not LeafSource.COMMIT:
        return False
    assert below is not None, "a resolution names no blank"
    original = tree.original_tree_hash(suite, sibling, frozenset(node.unmerged_leaves))
    return below.parent_hash == suite.hash(parent_hash_input(node, original))
