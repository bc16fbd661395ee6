"""Paths: what the sender makes, what every receiver checks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.errors import PeerError
from byre.mls.leaf_node import LeafNode, LeafSource, replace_leaf
from byre.mls.ratchet_tree import RatchetTree
from byre.mls.treekem import (
    NewPath,
    apply_path,
    create_path,
    derive_upwards,
    kept_private_keys,
    open_path,
    seal_path,
)
from byre.mls.update_path import UpdatePath
from tests.fakes.mls import Room, seeded

ROOM = Room.of("a", "b", "c", "d", "e")
ROOM.commit("b")
ROOM.commit("e")
ROOM.add("a", "f")
ROOM.commit("c")
SUITE = ROOM["a"].suite
TREE = RatchetTree.decode(ROOM["a"].ratchet_tree)
CONTEXT = b"provisional"


def keys_of(name: str) -> dict[int, bytes]:
    return dict(ROOM[name]._state.epoch.private_keys)


def path_of(name: str, *, added: tuple[int, ...] = ()) -> tuple[NewPath, UpdatePath]:
    group = ROOM[name]
    index = group.own_leaf_index

    def build(encryption_key: bytes, parent_hash: bytes) -> LeafNode:
        old = TREE.leaf(index)
        assert old is not None
        return replace_leaf(
            SUITE,
            ROOM.people[name].key,
            old,
            encryption_key=encryption_key,
            extensions=None,
            credential=None,
            source=LeafSource.COMMIT,
            group_id=group.group_id,
            leaf_index=index,
            parent_hash=parent_hash,
        )

    new = create_path(TREE, SUITE, index, build, seeded(7))
    return new, seal_path(TREE, SUITE, index, new, added=added, group_context=CONTEXT)


def open_as(name: str, sender: str, path: UpdatePath, **changes: object) -> bytes:
    values: dict[str, object] = {
        "own_leaf_index": ROOM.leaf(name),
        "private_keys": keys_of(name),
        "added": (),
        "group_context": CONTEXT,
    }
    return open_path(TREE, SUITE, ROOM.leaf(sender), path, **{**values, **changes})[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("sender", ["a", "b", "c", "d", "e", "f"])
def test_everybody_else_gets_the_commit_secret(sender: str) -> None:
    new, path = path_of(sender)
    received = UpdatePath.decode(path.encode())
    assert apply_path(TREE, SUITE, ROOM.leaf(sender), received, added=()) == new.tree
    for name in ROOM.groups:
        if name != sender:
            assert open_as(name, sender, received) == new.commit_secret


def test_rule_5_a_path_has_a_node_for_each_ancestor_that_counts() -> None:
    _, path = path_of("a")
    for nodes in (path.nodes[:-1], (*path.nodes, path.nodes[-1]), ()):
        with pytest.raises(PeerError, match="Rule 5") as caught:
            apply_path(TREE, SUITE, ROOM.leaf("a"), replace(path, nodes=nodes), added=())
        assert caught.value.code == "invalid_path"


def test_rule_4_a_path_is_bound_to_the_provisional_context() -> None:
    _, path = path_of("a")
    with pytest.raises(PeerError) as caught:
        open_as("b", "a", path, group_context=b"another")
    assert caught.value.code == "unreadable_path"


def test_rule_5_a_path_is_not_sealed_to_leaves_added_beside_it() -> None:
    _, path = path_of("a", added=(ROOM.leaf("f"),))
    apply_path(TREE, SUITE, 0, path, added=(ROOM.leaf("f"),))
    with pytest.raises(PeerError, match="Rule 5"):
        apply_path(TREE, SUITE, 0, path, added=())
    with pytest.raises(PeerError, match="Rule 5"):
        open_as("f", "a", path, added=(ROOM.leaf("f"),))


def test_rule_5_a_path_has_a_node_per_filtered_parent() -> None:
    _, path = path_of("a")
    with pytest.raises(PeerError, match="Rule 5"):
        apply_path(TREE, SUITE, 0, replace(path, nodes=path.nodes[1:]), added=())


def test_rule_5_a_path_that_does_not_reach_us_is_refused() -> None:
    _, path = path_of("a")
    with pytest.raises(PeerError, match="Rule 5"):
        open_as("a", "a", path)


def test_rule_6_the_leaf_carries_the_paths_parent_hash() -> None:
    _, path = path_of("a")
    with pytest.raises(PeerError, match="Rule 6"):
        apply_path(TREE, SUITE, 0, replace(path, leaf_node=replace(path.leaf_node, parent_hash=b"")), added=())


def test_rule_7_a_key_that_stands_in_the_tree_is_refused() -> None:
    _, path = path_of("a")
    standing = TREE.leaf(3)
    assert standing is not None
    reused_node = replace(path, nodes=(replace(path.nodes[0], encryption_key=standing.encryption_key), *path.nodes[1:]))
    reused_leaf = replace(path, leaf_node=replace(path.leaf_node, encryption_key=standing.encryption_key))
    twice = replace(
        path,
        nodes=(path.nodes[0], replace(path.nodes[1], encryption_key=path.nodes[0].encryption_key), *path.nodes[2:]),
    )
    for bad in (reused_node, reused_leaf, twice):
        with pytest.raises(PeerError, match="Rule 7"):
            apply_path(TREE, SUITE, 0, bad, added=())


def test_rule_7_a_path_key_that_nothing_can_be_sealed_to_is_refused_by_everybody() -> None:
    _, path = path_of("a")
    for at, node in enumerate(path.nodes):
        bad = (*path.nodes[:at], replace(node, encryption_key=bytes(32)), *path.nodes[at + 1 :])
        with pytest.raises(PeerError, match="Rule 7: nothing can be sealed"):
            apply_path(TREE, SUITE, 0, replace(path, nodes=bad), added=())


def test_rule_7_a_path_key_that_does_not_follow_from_the_secret_is_refused() -> None:
    _, path = path_of("a")
    for at in range(len(path.nodes)):
        nodes = list(path.nodes)
        nodes[at] = replace(nodes[at], encryption_key=bytes(32))
        with pytest.raises(PeerError, match="Rule 7"):
            open_as("b", "a", replace(path, nodes=tuple(nodes)))


def test_keys_are_derived_upwards_from_one_secret() -> None:
    new, _ = path_of("a")
    indices = sorted(new.path_secrets, key=lambda node: node.bit_length())
    nodes = []
    for node_index, _ in TREE.filtered_direct_path(0):
        node = new.tree.node(node_index)
        assert node is not None
        nodes.append((node_index, node.encryption_key))
    secret, keys = derive_upwards(SUITE, new.path_secrets[nodes[0][0]], nodes)
    assert secret == new.commit_secret
    assert len(indices) == len(keys)
    assert {0: new.private_keys[0], **keys} == new.private_keys


def test_keys_of_blank_or_foreign_nodes_are_dropped() -> None:
    edit = TREE.edit()
    edit.blank_path(1)
    own = keys_of("a")
    kept = kept_private_keys(edit.finish(), 0, {**own, 14: b"foreign"})
    assert set(kept) == {0}


def test_a_new_path_does_not_print() -> None:
    new, _ = path_of("a")
    assert repr(new.commit_secret) not in repr(new)
