"""Tree arithmetic against its definition."""

from __future__ import annotations

import pytest

from byre.errors import UsageError
from byre.mls import tree_math


def test_eight_leaves() -> None:
    assert tree_math.node_width(8) == 15
    assert tree_math.root(8) == 7
    assert (tree_math.left(7), tree_math.right(7)) == (3, 11)
    assert tree_math.direct_path(4, 8) == [5, 3, 7]
    assert tree_math.copath(4, 8) == [6, 1, 11]
    assert tree_math.sibling(3, 8) == 11
    assert [tree_math.level(node) for node in range(8)] == [0, 1, 0, 2, 0, 1, 0, 3]
    assert list(tree_math.subtree(5)) == [4, 5, 6]


def test_parent_undoes_left_and_right() -> None:
    for node in range(1, 63, 2):
        assert tree_math.parent(tree_math.left(node), 32) == node
        assert tree_math.parent(tree_math.right(node), 32) == node


def test_common_ancestor_is_the_lowest_one() -> None:
    for a in range(31):
        for b in range(31):
            above_b = {b, *tree_math.direct_path(b, 16)}
            expected = next(node for node in [a, *tree_math.direct_path(a, 16)] if node in above_b)
            assert tree_math.common_ancestor(a, b) == expected
            assert tree_math.is_below(a, b) == (b in [a, *tree_math.direct_path(a, 16)])


def test_leaf_counts_are_powers_of_two() -> None:
    assert [tree_math.leaf_count_for(n) for n in (0, 1, 2, 3, 4, 5)] == [1, 1, 2, 4, 4, 8]


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (tree_math.left, (4,)),
        (tree_math.right, (4,)),
        (tree_math.parent, (7, 8)),
        (tree_math.sibling, (7, 8)),
        (tree_math.direct_path, (16, 8)),
        (tree_math.direct_path, (1 << 34, 8)),
        (tree_math.direct_path, (-2, 8)),
    ],
)
def test_what_does_not_exist_is_a_usage_error(function: object, arguments: tuple[int, ...]) -> None:
    assert callable(function)
    with pytest.raises(UsageError):
        function(*arguments)
