"""A commit's list of proposals: is it valid, and what does it make of the tree? (RFC 9420 sections 12.2, 12.3)

Applied in the RFC's order whatever the commit's order: GroupContextExtensions, Update, Remove, Add, PSK (Rule 9).
Remove and Add of one client in one commit is legal: the re-add that brings an absent device back. The same code
judges a list that we are about to commit and one that we received.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from byre.mls.cipher_suite import CipherSuite
from byre.mls.extension import Extension
from byre.mls.key_package import KeyPackage
from byre.mls.leaf_node import LeafContext, LeafPlace, LeafSource, LeafValidator
from byre.mls.proposals import (
    AddProposal,
    ExternalInitProposal,
    GroupContextExtensionsProposal,
    PreSharedKeyProposal,
    Proposal,
    ReInitProposal,
    RemoveProposal,
    UpdateProposal,
)
from byre.mls.psk import PreSharedKeyId, PskType, ResumptionUsage
from byre.mls.ratchet_tree import RatchetTree, TreeEdit
from byre.mls.rules import Rule, violation
from byre.mls.tree_validation import check_support, encryption_keys


@dataclass(frozen=True, slots=True)
class ListedProposal:
    """A proposal in a commit; `proposer_leaf` is None for the proposals of an external committer."""

    proposal: Proposal
    proposer_leaf: int | None
    by_reference: bool = False


@dataclass(frozen=True, slots=True)
class AppliedProposal:
    """A proposal as it took effect; `leaf_index` is the leaf that an Add was given."""

    proposal: Proposal
    proposer_leaf: int | None
    leaf_index: int | None = None


@dataclass(frozen=True, slots=True)
class AppliedList:
    """The group after a list of proposals and before the path."""

    tree: RatchetTree
    extensions: tuple[Extension, ...]
    applied: tuple[AppliedProposal, ...]
    added: tuple[tuple[int, KeyPackage], ...]
    removed: frozenset[int]
    psk_ids: tuple[PreSharedKeyId, ...]
    external_init: ExternalInitProposal | None
    needs_path: bool

    @property
    def added_leaves(self) -> frozenset[int]:
        """Leaf indices of the new members, which the path is not sealed to (Rule 5)."""
        return frozenset(leaf for leaf, _ in self.added)


def check_list(listed: Sequence[ListedProposal], committer_leaf: int | None) -> None:
    """Check which proposals may stand together in a commit (Rule 9); `committer_leaf` is None for an external one.

    Raises:
        PeerError: codes invalid_commit, unsupported_proposal.
    """
    changed: set[int] = set()
    context_changes = 0
    psk_ids: set[bytes] = set()
    for item in listed:
        proposal = item.proposal
        if isinstance(proposal, ReInitProposal):
            raise violation(Rule.PROPOSAL_LIST, "ReInit is not supported", code="unsupported_proposal")
        if isinstance(proposal, UpdateProposal | RemoveProposal):
            target = _target(item, committer_leaf)
            if target in changed:
                raise violation(Rule.PROPOSAL_LIST, "two proposals change one leaf")
            changed.add(target)
        elif isinstance(proposal, GroupContextExtensionsProposal):
            context_changes += 1
        elif isinstance(proposal, PreSharedKeyProposal):
            encoded = proposal.psk_id.encode()
            if encoded in psk_ids:
                raise violation(Rule.PROPOSAL_LIST, "one PSK is used twice")
            psk_ids.add(encoded)
    if context_changes > 1:
        raise violation(Rule.PROPOSAL_LIST, "two proposals change the group's extensions")
    _check_external(listed, committer_leaf)


def apply_list(
    tree: RatchetTree,
    suite: CipherSuite,
    extensions: Sequence[Extension],
    listed: Sequence[ListedProposal],
    *,
    group_id: bytes,
    validate: LeafValidator | None,
    now_s: int,
) -> AppliedList:
    """Apply a list that `check_list` accepted.

    Raises:
        PeerError: codes invalid_commit, invalid_leaf, invalid_key_package, bad_signature, or what `validate` raises.
    """
    worker = _Application(tree, suite, group_id, validate, now_s)
    context_changed = False
    needs_path = not listed
    external_init: ExternalInitProposal | None = None
    psk_ids: list[PreSharedKeyId] = []
    for item in listed:
        proposal = item.proposal
        if isinstance(proposal, GroupContextExtensionsProposal):
            extensions, context_changed = proposal.extensions, True
        elif isinstance(proposal, ExternalInitProposal):
            external_init = proposal
        elif isinstance(proposal, PreSharedKeyProposal):
            psk_ids.append(check_psk(suite, proposal.psk_id))
        if not isinstance(proposal, AddProposal | PreSharedKeyProposal):
            needs_path = True
    for item in listed:
        if isinstance(item.proposal, UpdateProposal):
            worker.update(item.proposal, item.proposer_leaf)
    for item in listed:
        if isinstance(item.proposal, RemoveProposal):
            worker.remove(item.proposal)
    applied = tuple(
        AppliedProposal(
            item.proposal,
            item.proposer_leaf,
            worker.add(item.proposal) if isinstance(item.proposal, AddProposal) else None,
        )
        for item in listed
    )
    after = worker.finish()
    if context_changed or worker.added or worker.updated:
        check_support(after, extensions)
    return AppliedList(
        after,
        tuple(extensions),
        applied,
        tuple(worker.added),
        frozenset(worker.removed),
        tuple(psk_ids),
        external_init,
        needs_path,
    )


def check_psk(suite: CipherSuite, psk_id: PreSharedKeyId) -> PreSharedKeyId:
    """Return the id of a PSK that a regular commit may use, or raise PeerError (section 12.1.4)."""
    if len(psk_id.nonce) != suite.hash_length:
        raise violation(Rule.PROPOSAL_LIST, "a PSK nonce has the wrong length")
    if psk_id.psk_type is PskType.RESUMPTION and psk_id.usage is not ResumptionUsage.APPLICATION:
        raise violation(Rule.PROPOSAL_LIST, "ReInit and branch are not supported", code="unsupported_proposal")
    return psk_id


class _Application:
    """The tree at work: the steps of section 12.3 and the checks of sections 12.1.1 to 12.1.3."""

    def __init__(
        self, tree: RatchetTree, suite: CipherSuite, group_id: bytes, validate: LeafValidator | None, now_s: int
    ) -> None:
        self._tree = tree
        self._edit: TreeEdit = tree.edit()
        self._suite = suite
        self._group_id = group_id
        self._validate = validate
        self._now_s = now_s
        self.added: list[tuple[int, KeyPackage]] = []
        self.removed: set[int] = set()
        self.updated: set[int] = set()

    def update(self, proposal: UpdateProposal, leaf_index: int | None) -> None:
        """Replace the proposer's leaf."""
        previous = None if leaf_index is None else self._tree.leaf(leaf_index)
        if leaf_index is None or previous is None:
            raise violation(Rule.PROPOSAL_LIST, "an Update comes from nobody in the tree")
        leaf = proposal.leaf_node
        leaf.check(self._suite, LeafSource.UPDATE)
        leaf.verify_signature(self._suite, self._group_id, leaf_index)
        if self._validate is not None:
            self._validate(leaf, LeafContext(LeafPlace.UPDATE, self._group_id, self._now_s, leaf_index, previous))
        self._edit.set_leaf(leaf_index, leaf)
        self.updated.add(leaf_index)

    def remove(self, proposal: RemoveProposal) -> None:
        """Blank a member's leaf."""
        if self._tree.leaf(proposal.removed) is None:
            raise violation(Rule.PROPOSAL_LIST, "a Remove names nobody in the tree")
        self._edit.remove_leaf(proposal.removed)
        self.removed.add(proposal.removed)

    def add(self, proposal: AddProposal) -> int:
        """Put a new member's leaf in; return its leaf index."""
        package = proposal.key_package
        package.verify(self._suite)
        if self._validate is not None:
            self._validate(package.leaf_node, LeafContext(LeafPlace.KEY_PACKAGE, self._group_id, self._now_s))
        leaf_index = self._edit.add_leaf(package.leaf_node)
        self.added.append((leaf_index, package))
        return leaf_index

    def finish(self) -> RatchetTree:
        """Return the tree; no key of a new leaf may stand in it twice, or have stood in it (Rule 12, section 7.3)."""
        after = self._edit.finish()
        if not self.added and not self.updated:
            return after
        leaves = [leaf for _, leaf in after.leaves()]
        parents = sum(1 for _ in after.parents())
        if len({leaf.signature_key for leaf in leaves}) != len(leaves):
            raise violation(Rule.LEAF_NODE, "two members would have one signature key", code="invalid_leaf")
        if len(encryption_keys(after)) != len(leaves) + parents:
            raise violation(Rule.LEAF_NODE, "two nodes would have one encryption key", code="invalid_leaf")
        fresh = {package.leaf_node.encryption_key for _, package in self.added}
        for leaf_index in self.updated:
            leaf = after.leaf(leaf_index)
            if leaf is not None:
                fresh.add(leaf.encryption_key)
        if not fresh.isdisjoint(encryption_keys(self._tree)):
            raise violation(Rule.LEAF_NODE, "a new leaf brings a key that stood in the tree", code="invalid_leaf")
        return after


def _target(item: ListedProposal, committer_leaf: int | None) -> int:
    proposal = item.proposal
    if isinstance(proposal, RemoveProposal):
        if proposal.removed == committer_leaf:
            raise violation(Rule.PROPOSAL_LIST, "a committer removes itself")
        return proposal.removed
    if item.proposer_leaf is None or item.proposer_leaf == committer_leaf:
        raise violation(Rule.PROPOSAL_LIST, "a committer updates itself by a proposal")
    return item.proposer_leaf


def _check_external(listed: Sequence[ListedProposal], committer_leaf: int | None) -> None:
    inits = sum(isinstance(item.proposal, ExternalInitProposal) for item in listed)
    if committer_leaf is not None:
        if inits:
            raise violation(Rule.PROPOSAL_LIST, "a member's commit carries an ExternalInit")
        return
    if any(item.by_reference for item in listed):
        raise violation(Rule.PROPOSAL_LIST, "an external commit refers to a proposal")
    removes = sum(isinstance(item.proposal, RemoveProposal) for item in listed)
    psks = sum(isinstance(item.proposal, PreSharedKeyProposal) for item in listed)
    if inits != 1 or removes > 1 or inits + removes + psks != len(listed):
        raise violation(Rule.PROPOSAL_LIST, "an external commit carries what it may not")
