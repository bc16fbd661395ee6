"""Staging a received commit (RFC 9420 section 12.4.2): everything is checked before anything changes (Rule 10).

A `StagedState` is the next epoch, complete and verified to the confirmation tag, or the news that we are out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from byre.crypto.secret import same
from byre.mls.commit import Commit, ProposalReference
from byre.mls.extension import Extension
from byre.mls.framing import AuthenticatedContent, SenderType
from byre.mls.group.advance import advance, enter, provisional_context
from byre.mls.group.state import EpochState, GroupState
from byre.mls.key_schedule import external_init_receive
from byre.mls.leaf_node import LeafContext, LeafNode, LeafPlace, LeafSource, LeafValidator
from byre.mls.proposal_list import AppliedList, AppliedProposal, ListedProposal, apply_list, check_list
from byre.mls.proposals import RemoveProposal
from byre.mls.psk import PskLookup, psk_secret
from byre.mls.ratchet_tree import RatchetTree
from byre.mls.rules import Rule, violation
from byre.mls.tree_validation import check_leaf_in_tree
from byre.mls.treekem import apply_path, kept_private_keys, open_path
from byre.mls.update_path import UpdatePath


@dataclass(frozen=True, slots=True)
class StagedState:
    """A commit that was checked and not merged; `following` is None when it removes us."""

    before: EpochState = field(repr=False)
    tree_after: RatchetTree = field(repr=False)
    extensions: tuple[Extension, ...]
    committer_leaf: int
    is_external: bool
    applied: tuple[AppliedProposal, ...]
    authenticated_data: bytes = field(repr=False)
    following: GroupState | None = field(repr=False)


def stage_commit(
    state: GroupState,
    content: AuthenticatedContent,
    *,
    validate: LeafValidator | None,
    psks: PskLookup,
    now_s: int,
) -> StagedState:
    """Check and stage a commit whose signature was verified, by a member or by an external joiner.

    Raises:
        PeerError: codes invalid_commit, missing_proposal, invalid_path, unreadable_path, invalid_leaf,
            invalid_key_package,
            unsupported_proposal, bad_signature, bad_ciphertext, bad_confirmation_tag, unknown_psk, or what
            `validate` raises. The state that was passed in is still good.
    """
    epoch = state.epoch
    suite, group_id = epoch.suite, epoch.context.group_id
    commit = content.content.body
    assert isinstance(commit, Commit), "the caller looked at the content type"
    is_external = content.content.sender.sender_type is SenderType.NEW_MEMBER_COMMIT
    committer = None if is_external else content.content.sender.index
    listed = resolve(state, commit, committer)
    check_list(listed, committer)
    applied = apply_list(
        epoch.tree, suite, epoch.context.extensions, listed, group_id=group_id, validate=validate, now_s=now_s
    )
    if commit.path is None and applied.needs_path:
        raise violation(Rule.PROPOSAL_LIST, "a commit that needs a path has none")
    tree, leaf_index = _seat(applied.tree, commit.path, committer)
    after = tree
    if commit.path is not None:
        leaf = commit.path.leaf_node
        leaf.check(suite, LeafSource.COMMIT)
        leaf.verify_signature(suite, group_id, leaf_index)
        previous = _replaced(epoch, listed, committer)
        if previous is not None and previous.encryption_key == leaf.encryption_key:
            raise violation(Rule.PATH_KEYS, "a committer keeps its old encryption key", code="invalid_path")
        if validate is not None:
            validate(leaf, LeafContext(LeafPlace.COMMIT, group_id, now_s, leaf_index, previous))
        after = apply_path(tree, suite, leaf_index, commit.path, added=applied.added_leaves, is_newcomer=is_external)
        check_leaf_in_tree(after, leaf_index, applied.extensions)
    following = None
    if epoch.own_leaf_index not in applied.removed:
        following = _follow(state, content, applied, tree, after, commit.path, leaf_index, psks)
    return StagedState(
        before=epoch,
        tree_after=after,
        extensions=applied.extensions,
        committer_leaf=leaf_index,
        is_external=is_external,
        applied=applied.applied,
        authenticated_data=content.content.authenticated_data,
        following=following,
    )


def resolve(state: GroupState, commit: Commit, committer: int | None) -> tuple[ListedProposal, ...]:
    """Return a commit's proposals with those that it refers to, or raise PeerError(code="missing_proposal")."""
    by_reference = {pending.reference: pending for pending in state.proposals}
    listed = []
    for item in commit.proposals:
        if not isinstance(item, ProposalReference):
            listed.append(ListedProposal(item, committer))
            continue
        pending = by_reference.pop(item.reference, None)
        if pending is None:
            raise violation(Rule.PROPOSAL_LIST, "a commit refers to an unknown proposal", code="missing_proposal")
        listed.append(ListedProposal(pending.proposal, pending.proposer_leaf, by_reference=True))
    return tuple(listed)


def _replaced(epoch: EpochState, listed: Sequence[ListedProposal], committer: int | None) -> LeafNode | None:
    """Return the leaf that the committer's new one replaces: its own, or the old one that an external joiner removes.

    The new leaf of a resync must be what an Update of the removed leaf could be (section 12.2).
    """
    if committer is not None:
        return epoch.tree.leaf(committer)
    removed = [each.proposal.removed for each in listed if isinstance(each.proposal, RemoveProposal)]
    return epoch.tree.leaf(removed[0]) if removed else None


def _seat(tree: RatchetTree, path: UpdatePath | None, committer: int | None) -> tuple[RatchetTree, int]:
    """Return the tree in which the committer has a leaf, and its index: an external joiner takes the leftmost blank."""
    if committer is not None:
        return tree, committer
    assert path is not None, "an ExternalInit needs a path"
    edit = tree.edit()
    leaf_index = edit.add_leaf(path.leaf_node)
    return edit.finish(), leaf_index


def _follow(
    state: GroupState,
    content: AuthenticatedContent,
    applied: AppliedList,
    tree: RatchetTree,
    after: RatchetTree,
    path: UpdatePath | None,
    committer: int,
    psks: PskLookup,
) -> GroupState:
    """Return our next epoch: open the path, run the key schedule, compare the confirmation tag (Rule 8)."""
    epoch = state.epoch
    suite = epoch.suite
    provisional = provisional_context(epoch.context, after.tree_hash(suite), applied.extensions)
    keys = _own_keys(state, tree)
    commit_secret = bytes(suite.hash_length)
    if path is not None:
        commit_secret, new_keys = open_path(
            tree,
            suite,
            committer,
            path,
            own_leaf_index=epoch.own_leaf_index,
            private_keys=keys,
            added=applied.added_leaves,
            group_context=provisional.encoded,
        )
        keys = kept_private_keys(after, epoch.own_leaf_index, {**keys, **new_keys})
    init_secret = epoch.secrets.init_secret
    if applied.external_init is not None:
        init_secret = external_init_receive(suite, epoch.secrets.external_secret, applied.external_init.kem_output)
    following = advance(
        epoch,
        content,
        provisional,
        init_secret=init_secret,
        commit_secret=commit_secret,
        psk_secret=psk_secret(suite, [(psk_id, psks(psk_id)) for psk_id in applied.psk_ids]),
    )
    if not same(following.confirmation_tag, content.confirmation_tag or b""):
        raise violation(Rule.TRANSCRIPT, "a commit's confirmation tag is wrong", code="bad_confirmation_tag")
    return enter(epoch, following, after, keys)


def _own_keys(state: GroupState, tree: RatchetTree) -> Mapping[int, bytes]:
    """Return our private keys after the proposals: our own Update's new leaf key, and no key of a blanked node."""
    epoch = state.epoch
    keys = dict(epoch.private_keys)
    leaf = tree.leaf(epoch.own_leaf_index)
    if leaf is not None and leaf.encryption_key in state.own_updates:
        keys[2 * epoch.own_leaf_index] = state.own_updates[leaf.encryption_key]
    return kept_private_keys(tree, epoch.own_leaf_index, keys)
