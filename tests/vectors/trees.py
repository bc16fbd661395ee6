"""Vectors of the ratchet tree: tree-validation, tree-operations, treekem."""

from __future__ import annotations

import os

from byre.crypto.signature import SigningKey
from byre.mls import tree_math
from byre.mls.group_context import GroupContext
from byre.mls.leaf_node import LeafSource, replace_leaf
from byre.mls.proposal_list import ListedProposal, apply_list
from byre.mls.proposals import UpdateProposal, decode_proposal
from byre.mls.ratchet_tree import RatchetTree
from byre.mls.tree_validation import check_tree
from byre.mls.treekem import apply_path, create_path, derive_upwards, open_path, seal_path
from byre.mls.update_path import UpdatePath
from tests.vectors.fields import unhex
from tests.vectors.primitives import signing_key, suite_of
from tests.vectors.report import Entry, expect


def run_tree_validation(entry: Entry) -> None:
    """Tree hashes, resolutions, parent hashes and leaf signatures of a tree."""
    suite = suite_of(entry)
    tree = RatchetTree.decode(unhex(entry["tree"]))
    expect(tree.encode(), unhex(entry["tree"]), "encoding")
    for node, (tree_hash, resolution) in enumerate(zip(entry["tree_hashes"], entry["resolutions"], strict=True)):
        expect(tree.tree_hash(suite, node), unhex(tree_hash), f"tree hash of node {node}")
        expect(tree.resolution(node), resolution, f"resolution of node {node}")
    check_tree(tree, suite, group_id=unhex(entry["group_id"]))


def run_tree_operations(entry: Entry) -> None:
    """One proposal applied to a tree."""
    suite = suite_of(entry)
    tree = RatchetTree.decode(unhex(entry["tree_before"]))
    expect(tree.tree_hash(suite), unhex(entry["tree_hash_before"]), "tree hash before")
    proposal, sender = decode_proposal(unhex(entry["proposal"])), entry["proposal_sender"]
    assert sender in [index for index, _ in tree.leaves()], "the sender has no leaf"
    if isinstance(proposal, UpdateProposal):
        # The file does not name the group that the leaf is signed for: the tree operation alone is under test.
        edit = tree.edit()
        edit.set_leaf(sender, proposal.leaf_node)
        after = edit.finish()
    else:
        # Who may commit it is not the question either: the file's sender can be the one who is removed.
        listed = [ListedProposal(proposal, sender)]
        after = apply_list(tree, suite, (), listed, group_id=b"", validate=None, now_s=0).tree
    expect(after.encode(), unhex(entry["tree_after"]), "tree after")
    expect(after.tree_hash(suite), unhex(entry["tree_hash_after"]), "tree hash after")


def run_treekem(entry: Entry) -> None:
    """Given paths opened by every member, and paths of our own opened by every member."""
    suite, group_id = suite_of(entry), unhex(entry["group_id"])
    transcript = unhex(entry["confirmed_transcript_hash"])
    tree = RatchetTree.decode(unhex(entry["ratchet_tree"]))
    keys: dict[int, dict[int, bytes]] = {}
    signers: dict[int, SigningKey] = {}
    for member in entry["leaves_private"]:
        index = member["index"]
        signers[index] = signing_key(member["signature_priv"])
        leaf = tree.leaf(index)
        assert leaf is not None, "private keys of a blank leaf"
        expect(signers[index].public, leaf.signature_key, f"signature key of leaf {index}")
        keys[index] = {2 * index: unhex(member["encryption_priv"])}
        for known in member["path_secrets"]:
            node = tree.node(known["node"])
            assert node is not None, "a path secret for a blank node"
            derived = derive_upwards(suite, unhex(known["path_secret"]), [(known["node"], node.encryption_key)])
            keys[index].update(derived[1])

    def context(after: RatchetTree) -> bytes:
        tree_hash = after.tree_hash(suite)
        return GroupContext(suite.suite_id, group_id, entry["epoch"], tree_hash, transcript, ()).encoded

    def open_all(path: UpdatePath, sender: int, after: RatchetTree, secret: bytes, members: list[int]) -> None:
        for index in members:
            commit_secret, _ = open_path(
                tree,
                suite,
                sender,
                path,
                own_leaf_index=index,
                private_keys=keys[index],
                added=(),
                group_context=context(after),
            )
            expect(commit_secret, secret, f"commit secret at leaf {index}")

    for case in entry["update_paths"]:
        sender = case["sender"]
        path = UpdatePath.decode(unhex(case["update_path"]))
        path.leaf_node.verify_signature(suite, group_id, sender)
        after = apply_path(tree, suite, sender, path, added=())
        expect(after.tree_hash(suite), unhex(case["tree_hash_after"]), "tree hash after")
        members = [index for index, secret in enumerate(case["path_secrets"]) if secret is not None]
        expect(set(members), set(keys) - {sender}, "who learns a path secret")
        filtered = tree.filtered_direct_path(sender)
        new_keys = [(at, node.encryption_key) for (at, _), node in zip(filtered, path.nodes, strict=True)]
        for index in members:
            meeting = tree_math.common_ancestor(2 * sender, 2 * index)
            above = [each for each in new_keys if tree_math.level(each[0]) >= tree_math.level(meeting)]
            derived = derive_upwards(suite, unhex(case["path_secrets"][index]), above)
            expect(derived[0], unhex(case["commit_secret"]), f"path secret of leaf {index}")
        open_all(path, sender, after, unhex(case["commit_secret"]), members)

        def build(encryption_key: bytes, parent_hash: bytes, sender: int = sender):  # type: ignore[no-untyped-def]
            old = tree.leaf(sender)
            assert old is not None, "a sender without a leaf"
            return replace_leaf(
                suite,
                signers[sender],
                old,
                encryption_key=encryption_key,
                extensions=None,
                credential=None,
                source=LeafSource.COMMIT,
                group_id=group_id,
                leaf_index=sender,
                parent_hash=parent_hash,
            )

        new = create_path(tree, suite, sender, build, os.urandom)
        sealed = seal_path(tree, suite, sender, new, added=(), group_context=context(new.tree))
        received = UpdatePath.decode(sealed.encode())
        expect(apply_path(tree, suite, sender, received, added=()), new.tree, "tree of our own path")
        open_all(received, sender, new.tree, new.commit_secret, members)
