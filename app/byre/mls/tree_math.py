"""The array representation of a full binary tree (RFC 9420 appendix C).

              7
        3           11           node indices; leaf i is node 2i
     1     5     9      13       a tree of n leaves (n a power of two) has 2n - 1 nodes and root n - 1
    0 2   4 6   8 10  12  14

Pure index arithmetic; nothing here knows what stands in a node. A leaf keeps its node index when the tree grows.
"""

from __future__ import annotations

from byre.errors import UsageError


def level(node: int) -> int:
    """Return the height of a node above the leaves: the number of its trailing one bits."""
    return (node ^ (node + 1)).bit_length() - 1


def is_leaf(node: int) -> bool:
    """Whether a node index is a leaf's."""
    return not node & 1


def node_width(leaf_count: int) -> int:
    """Return the number of nodes of a tree of `leaf_count` leaves."""
    return 2 * leaf_count - 1


def root(leaf_count: int) -> int:
    """Return the root of a tree of `leaf_count` leaves (a power of two)."""
    return leaf_count - 1


def left(node: int) -> int:
    """Return the left child; raise UsageError for a leaf."""
    if not node & 1:
        raise UsageError("a leaf has no children")
    return node ^ ((node ^ (node + 1)) + 1 >> 2)  # 1 << level - 1, without a call: every resolution comes here


def right(node: int) -> int:
    """Return the right child; raise UsageError for a leaf."""
    if not node & 1:
        raise UsageError("a leaf has no children")
    return node ^ 3 * ((node ^ (node + 1)) + 1 >> 2)


def parent(node: int, leaf_count: int) -> int:
    """Return the parent; raise UsageError for the root."""
    if node == root(leaf_count):
        raise UsageError("the root has no parent")
    height = level(node)
    return (node | (1 << height)) & ~(1 << (height + 1))


def sibling(node: int, leaf_count: int) -> int:
    """Return the other child of the node's parent; raise UsageError for the root."""
    if node == root(leaf_count):
        raise UsageError("the root has no sibling")
    return node ^ (2 << level(node))


def direct_path(node: int, leaf_count: int) -> list[int]:
    """Return the ancestors of a node, from its parent up to the root; raise UsageError beyond the tree."""
    path = []
    top = root(leaf_count)
    if not 0 <= node <= 2 * top:
        raise UsageError("a node beyond the tree has no path to its root")
    while node != top:
        height = level(node)
        node = (node | (1 << height)) & ~(1 << (height + 1))
        path.append(node)
    return path


def copath(node: int, leaf_count: int) -> list[int]:
    """Return the siblings of the node and of its ancestors but the root, bottom up."""
    path = [node, *direct_path(node, leaf_count)]
    return [sibling(each, leaf_count) for each in path[:-1]]


def subtree(node: int) -> range:
    """Return the node indices below and with `node`, in order."""
    reach = (1 << level(node)) - 1
    return range(node - reach, node + reach + 1)


def is_below(node: int, ancestor: int) -> bool:
    """Whether `node` is `ancestor` or stands in the subtree under it."""
    return abs(node - ancestor) < 1 << level(ancestor)


def common_ancestor(left_node: int, right_node: int) -> int:
    """Return the lowest node whose subtree holds both."""
    if left_node == right_node:
        return left_node
    shift = max(level(left_node), level(right_node)) + 1
    while left_node >> shift != right_node >> shift:
        shift += 1
    return (left_node >> shift << shift) + (1 << (shift - 1)) - 1


def leaf_count_for(leaves: int) -> int:
    """Return the smallest power of two that holds `leaves` leaves."""
    return 1 << max(leaves - 1, 0).bit_length()
