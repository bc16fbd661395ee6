"""What one can read of a group."""

from __future__ import annotations

from byre.mls.ratchet_tree import RatchetTree
from tests.fakes.mls import Room


def test_all_members_see_one_group() -> None:
    room = Room.of("a", "b", "c")
    for name in ("suite", "epoch", "members", "extensions", "tree_hash", "ratchet_tree", "epoch_authenticator"):
        assert getattr(room["a"], name) == getattr(room["c"], name)
    assert room["a"].resumption_psk == room["b"].resumption_psk
    assert [room[name].own_leaf_index for name in "abc"] == [0, 1, 2]
    assert RatchetTree.decode(room["a"].ratchet_tree).tree_hash(room["a"].suite) == room["a"].tree_hash


def test_a_group_prints_without_secrets() -> None:
    assert repr(Room.of("a", "b")["b"]) == "<Group epoch=1 leaf=1>"


def test_a_member_is_found_by_its_leaf() -> None:
    group = Room.of("a", "b")["a"]
    assert [group.member(index) for index in (0, 1)] == list(group.members)
    assert group.member(2) is None
