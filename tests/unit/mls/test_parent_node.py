"""Parent nodes."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls.parent_node import ParentNode, parent_hash_input
from byre.wire.tls import Reader


def test_a_parent_reads_back() -> None:
    node = ParentNode(b"key", b"hash", (1, 5))
    assert ParentNode.read(Reader(node.encode())) == node


@pytest.mark.parametrize("unmerged", [(5, 1), (1, 1)])
def test_rule_13_unmerged_leaves_ascend(unmerged: tuple[int, ...]) -> None:
    with pytest.raises(PeerError, match="Rule 13"):
        ParentNode.read(Reader(ParentNode(b"key", b"", unmerged).encode()))


def test_a_new_unmerged_leaf_takes_its_place() -> None:
    assert ParentNode(b"key", b"", (1, 5)).with_unmerged(3).unmerged_leaves == (1, 3, 5)


def test_the_parent_hash_input_is_key_hash_and_sibling() -> None:
    assert parent_hash_input(ParentNode(b"k", b"h"), b"s") == b"\x01k\x01h\x01s"
