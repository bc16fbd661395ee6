"""What a joiner refuses in a tree."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.errors import PeerError
from byre.mls.capabilities import Capabilities
from byre.mls.credential import Credential
from byre.mls.extension import Extension, RequiredCapabilities
from byre.mls.leaf_node import LeafContext, LeafNode, LeafPlace, LeafSource, build_leaf
from byre.mls.parent_node import ParentNode
from byre.mls.profile import REQUIRED_CAPABILITIES
from byre.mls.ratchet_tree import Node, RatchetTree
from byre.mls.tree_validation import (
    check_leaf_in_tree,
    check_support,
    check_tree,
    check_unmerged_leaves,
    encryption_keys,
)
from tests.fakes.mls import NOW_S, Room

ROOM = Room.of("a", "b", "c", "d")
ROOM.commit("b")
ROOM.commit("c")
GROUP = ROOM["a"]
SUITE = GROUP.suite
TREE = RatchetTree.decode(GROUP.ratchet_tree)


def check(tree: RatchetTree, **changes: object) -> None:
    check_tree(tree, SUITE, **{"group_id": GROUP.group_id, **changes})  # type: ignore[arg-type]


def changed(node_index: int, node: Node | None) -> RatchetTree:
    nodes = [TREE.node(index) for index in range(2 * TREE.leaf_count - 1)]
    nodes[node_index] = node
    return RatchetTree(tuple(nodes))


def parent(node_index: int) -> ParentNode:
    node = TREE.node(node_index)
    assert isinstance(node, ParentNode)
    return node


def leaf(leaf_index: int) -> LeafNode:
    found = TREE.leaf(leaf_index)
    assert found is not None
    return found


def test_an_honest_tree_passes() -> None:
    check(TREE, extensions=GROUP.extensions, now_s=NOW_S)


def test_rule_12_leaves_are_signed_for_this_group() -> None:
    with pytest.raises(PeerError) as caught:
        check(TREE, group_id=b"another group")
    assert caught.value.code == "bad_signature"


def test_rule_12_every_leaf_of_a_tree_is_checked_by_itself() -> None:
    values: dict[str, object] = {"encryption_key": bytes(range(32)), "credential": Credential(b"x"), "extensions": ()}
    for wrong in (
        {"capabilities": Capabilities(credentials=(2,))},
        {"extensions": (Extension(0x1234, b""),)},
        {"encryption_key": bytes(31)},
    ):
        changes = {"capabilities": Capabilities(), "source": LeafSource.KEY_PACKAGE, **values, **wrong}
        odd = build_leaf(SUITE, ROOM.people["a"].key, **changes)  # type: ignore[arg-type]
        with pytest.raises(PeerError, match="Rule 12"):
            check(RatchetTree.single(odd))


def test_rule_6_a_parent_that_nobody_vouches_for_is_refused() -> None:
    for bad in (
        changed(3, replace(parent(3), encryption_key=bytes(range(32)))),
        changed(3, replace(parent(3), parent_hash=b"x")),
        changed(5, replace(parent(5), parent_hash=b"")),
        changed(1, ParentNode(bytes(range(32)))),
    ):
        with pytest.raises(PeerError, match="Rule 6"):
            check(bad)


def test_rule_13_unmerged_leaves_are_members_below() -> None:
    for unmerged in ((0,), (9,)):
        with pytest.raises(PeerError, match="Rule 13"):
            check(changed(5, replace(parent(5), unmerged_leaves=unmerged)))


def test_rule_13_unmerged_leaves_are_told_from_wrong_parent_hashes() -> None:
    for node_index, unmerged in ((5, (0,)), (1, (2,)), (3, (9,))):
        with pytest.raises(PeerError, match="not below its node"):
            check_unmerged_leaves(changed(node_index, ParentNode(b"key", b"", unmerged)))
    nodes = [TREE.node(index) for index in range(2 * TREE.leaf_count - 1)]
    nodes[6], nodes[5] = None, ParentNode(b"key", b"", (3,))
    with pytest.raises(PeerError, match="not below its node"):
        check_unmerged_leaves(RatchetTree(tuple(nodes)))


def test_rule_13_an_unmerged_leaf_is_unmerged_at_every_parent_between() -> None:
    with pytest.raises(PeerError, match="Rule 13"):
        check(changed(3, replace(parent(3), unmerged_leaves=(3,))))


def test_rule_6_unmerged_leaves_that_do_not_fit_the_resolution_are_refused() -> None:
    nodes = [TREE.node(index) for index in range(7)]
    nodes[5] = replace(parent(5), unmerged_leaves=(3,))
    nodes[3] = replace(parent(3), unmerged_leaves=(2, 3))
    nodes[5] = None
    with pytest.raises(PeerError, match="Rule 6"):
        check(RatchetTree(tuple(nodes)))


def test_rule_7_something_can_be_sealed_to_every_parent() -> None:
    with pytest.raises(PeerError, match="Rule 7: nothing can be sealed"):
        check(changed(3, replace(parent(3), encryption_key=bytes(32))))


def test_rules_7_and_12_no_key_stands_twice() -> None:
    for bad, rule in (
        (replace(leaf(0), signature_key=leaf(1).signature_key), "Rule 12"),
        (replace(leaf(0), encryption_key=leaf(3).encryption_key), "Rule 7"),
    ):
        with pytest.raises(PeerError, match=rule):
            check(changed(0, bad))


def test_rule_15_the_validator_sees_every_leaf_and_its_place() -> None:
    seen: list[tuple[bytes, LeafContext]] = []
    check(TREE, validate=lambda each, context: seen.append((each.credential.identity, context)), now_s=5)
    assert [identity for identity, _ in seen] == [b"a", b"b", b"c", b"d"]
    assert seen[2][1] == LeafContext(LeafPlace.TREE, GROUP.group_id, 5, 2)


def test_rule_12_members_support_what_the_group_requires() -> None:
    required = Extension(REQUIRED_CAPABILITIES, RequiredCapabilities((0x1234,)).encode())
    for extensions in ([required], [Extension(0x1234, b"")]):
        with pytest.raises(PeerError, match="Rule 12"):
            check_support(TREE, extensions)
        with pytest.raises(PeerError, match="Rule 12"):
            check_leaf_in_tree(TREE, 2, extensions)


def test_rule_12_a_committers_leaf_keeps_a_signature_key_of_its_own() -> None:
    check_leaf_in_tree(TREE, 2, ())
    with pytest.raises(PeerError, match="Rule 12"):
        check_leaf_in_tree(changed(4, replace(leaf(2), signature_key=leaf(0).signature_key)), 2, ())


def test_encryption_keys_can_leave_one_leaf_out() -> None:
    assert encryption_keys(TREE) - encryption_keys(TREE, but_leaf=2) == {leaf(2).encryption_key}


def test_rule_6_a_leaf_that_was_not_committed_vouches_for_nothing() -> None:
    package_leaf = ROOM.people["c"].package().key_package.leaf_node
    with pytest.raises(PeerError, match="Rule 6"):
        check(changed(4, package_leaf))
