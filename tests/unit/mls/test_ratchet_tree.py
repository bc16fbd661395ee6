"""The tree: shape, growth, hashes and their cache."""

from __future__ import annotations

import pytest

from byre.errors import PeerError, UsageError
from byre.mls import ratchet_tree
from byre.mls.cipher_suite import suite_by_id
from byre.mls.leaf_node import LeafNode
from byre.mls.parent_node import ParentNode
from byre.mls.ratchet_tree import RatchetTree
from byre.wire.tls import opaque
from tests.fakes.mls import person

SUITE = suite_by_id(1)
LEAVES = [person(f"p{number}").package().key_package.leaf_node for number in range(9)]


def tree_of(count: int) -> RatchetTree:
    edit = RatchetTree.single(LEAVES[0]).edit()
    for leaf in LEAVES[1:count]:
        edit.add_leaf(leaf)
    return edit.finish()


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 9])
def test_a_tree_reads_back(count: int) -> None:
    tree = tree_of(count)
    assert RatchetTree.decode(tree.encode()) == tree
    assert hash(RatchetTree.decode(tree.encode())) == hash(tree)
    assert len(list(tree.leaves())) == count
    assert tree.leaf_count in (1, 2, 4, 8, 16)


@pytest.mark.parametrize("count", [1, 5, 8])
def test_kept_hashes_spare_the_hashing(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = tree_of(count)
    assert tree.encode_hashes() == b""
    expected = tree.tree_hash(SUITE)
    again = RatchetTree.decode(tree.encode(), tree.encode_hashes())
    monkeypatch.setattr(RatchetTree, "_hash_node", None)
    assert again.tree_hash(SUITE) == expected


def test_kept_hashes_of_another_size_are_malformed() -> None:
    with pytest.raises(PeerError) as caught:
        RatchetTree.decode(tree_of(2).encode(), bytes(3 * 32 + 1))
    assert caught.value.code == "malformed"


def test_rule_13_a_trailing_blank_is_refused() -> None:
    body = b"\x01\x01" + LEAVES[0].encoded
    for data in (opaque(body + b"\x00"), opaque(b"\x00"), opaque(b"")):
        with pytest.raises(PeerError, match="Rule 13"):
            RatchetTree.decode(data)


def test_rule_13_leaves_stand_at_even_indices_and_parents_at_odd_ones() -> None:
    leaf, parent = b"\x01\x01" + LEAVES[0].encoded, b"\x01\x02" + ParentNode(b"key").encode()
    for data in (opaque(parent), opaque(leaf + leaf)):
        with pytest.raises(PeerError, match="Rule 13"):
            RatchetTree.decode(data)


@pytest.mark.parametrize("data", [b"", b"\x01\x02", b"\x02\x01\x03", b"\x00\x00", b"\x02\x01\x01"])
def test_broken_trees_are_malformed(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        RatchetTree.decode(data)
    assert caught.value.code == "malformed"


def test_rule_11_a_tree_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    nine = tree_of(9).encode()
    monkeypatch.setattr(ratchet_tree, "MAX_LEAVES", 8)
    with pytest.raises(PeerError, match="Rule 11"):
        RatchetTree.decode(nine)
    with pytest.raises(PeerError, match="Rule 11"):
        tree_of(9)


def test_a_new_leaf_takes_the_leftmost_blank() -> None:
    edit = tree_of(5).edit()
    edit.remove_leaf(3)
    edit.remove_leaf(1)
    assert [edit.add_leaf(LEAVES[number]) for number in (5, 6, 7)] == [1, 3, 5]


def test_rule_13_removing_the_last_leaf_of_the_right_half_truncates() -> None:
    edit = tree_of(5).edit()
    edit.remove_leaf(4)
    tree = edit.finish()
    assert tree.leaf_count == 4
    assert tree == tree_of(4)
    edit = tree.edit()
    edit.remove_leaf(3)
    assert edit.finish().leaf_count == 4


def test_a_leaf_beyond_the_tree_is_nobody() -> None:
    tree = tree_of(2)
    assert tree.leaf(2) is None
    assert tree.edit().leaf(9) is None
    assert tree.edit().leaf(1) == LEAVES[1]


def test_a_new_leaf_is_unmerged_above_it() -> None:
    edit = tree_of(3).edit()
    edit.put_parent(3, ParentNode(b"root"))
    edit.add_leaf(LEAVES[3])
    tree = edit.finish()
    assert tree.resolution(3) == [3, 6]
    assert dict(tree.parents())[3].unmerged_leaves == (3,)


def test_a_leaf_index_cannot_hold_a_parent() -> None:
    with pytest.raises(UsageError):
        tree_of(2).edit().put_parent(2, ParentNode(b"key"))


def test_rule_5_a_filtered_path_leaves_out_who_reaches_nobody() -> None:
    edit = tree_of(5).edit()
    edit.remove_leaf(1)
    tree = edit.finish()
    assert tree.filtered_direct_path(0) == [(3, 5), (7, 11)]
    assert tree.filtered_direct_path(4) == [(7, 3)]


def test_the_cache_forgets_exactly_the_direct_path() -> None:
    tree = tree_of(8)
    before = [tree.tree_hash(SUITE, node) for node in range(15)]
    for change in ("put", "set", "remove", "path"):
        edit = tree.edit()
        if change == "put":
            edit.put_leaf(2, LEAVES[8])
        elif change == "set":
            edit.set_leaf(2, LEAVES[8])
        elif change == "path":
            edit.blank_path(2)
            edit.put_parent(5, ParentNode(b"new"))
        else:
            edit.remove_leaf(2)
        after = edit.finish()
        uncached = RatchetTree.decode(after.encode())
        assert [after.tree_hash(SUITE, node) for node in range(15)] == [
            uncached.tree_hash(SUITE, node) for node in range(15)
        ]
    assert [tree.tree_hash(SUITE, node) for node in range(15)] == before


def test_a_snapshot_does_not_follow_the_edit() -> None:
    edit = tree_of(4).edit()
    snapshot = edit.snapshot()
    edit.remove_leaf(2)
    assert snapshot == tree_of(4)
    assert edit.finish() != snapshot


def test_rule_6_the_original_hash_leaves_unmerged_leaves_out() -> None:
    small = tree_of(3).edit()
    small.put_parent(5, ParentNode(b"key"))
    before = small.finish()
    edit = before.edit()
    edit.add_leaf(LEAVES[3])
    after = edit.finish()
    root = 3
    assert after.tree_hash(SUITE, root) != before.tree_hash(SUITE, root)
    assert after.original_tree_hash(SUITE, root, frozenset({3})) == before.tree_hash(SUITE, root)
    assert after.original_tree_hash(SUITE, 1, frozenset({3})) == before.tree_hash(SUITE, 1)


def test_a_trees_nodes_can_be_looked_at() -> None:
    tree = tree_of(3)
    assert isinstance(tree.node(4), LeafNode)
    assert tree.node(1) is None
    assert tree.node(6) is None
    assert tree != "no tree"
