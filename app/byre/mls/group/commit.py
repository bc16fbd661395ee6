"""Making a commit (RFC 9420 section 12.4.1): the next epoch, built and held back until the relay has ordered it.

The result is pending (Rule 10): on a lost race it is dropped and made again in the winner's epoch, and its Welcomes
never leave. Its handshake key is consumed at once, so that no second commit of one epoch is sealed with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from byre.crypto.random import Random
from byre.errors import PeerError, UsageError
from byre.mls import tree_math
from byre.mls.commit import Commit, ProposalOrRef, ProposalReference
from byre.mls.credential import Credential
from byre.mls.extension import Extension, ratchet_tree_extension
from byre.mls.framing import WireFormat
from byre.mls.group.advance import NextEpoch, advance, enter, provisional_context
from byre.mls.group.message import frame_handshake, seal_handshake
from byre.mls.group.stage import StagedState
from byre.mls.group.state import EpochState, GroupState
from byre.mls.group_info import GroupInfo
from byre.mls.key_schedule import welcome_key_nonce, welcome_secret
from byre.mls.leaf_node import LeafNode, LeafSource, LeafValidator, replace_leaf
from byre.mls.mls_message import frame
from byre.mls.proposal_list import AppliedList, ListedProposal, apply_list, check_list
from byre.mls.proposals import AddProposal, Proposal, UpdateProposal
from byre.mls.psk import PskLookup, psk_secret
from byre.mls.ratchet_tree import RatchetTree
from byre.mls.treekem import NewPath, create_path, kept_private_keys, seal_path
from byre.mls.welcome import GroupSecrets, Welcome, references, seal_group_secrets


@dataclass(frozen=True, slots=True)
class CommitOptions:
    """How a commit is made; the defaults are our rooms'. `leaf_*` replace what our own leaf carries."""

    include_pending: bool = True
    authenticated_data: bytes = field(default=b"", repr=False)
    leaf_extensions: Sequence[Extension] | None = None
    leaf_credential: Credential | None = None
    force_path: bool = True
    tree_in_welcome: bool = True
    split_welcomes: bool = False
    wire_format: WireFormat = WireFormat.PRIVATE_MESSAGE


@dataclass(frozen=True, slots=True)
class WelcomeOut:
    """A Welcome to send: an MLSMessage for the joiners with these KeyPackageRefs."""

    references: tuple[bytes, ...]
    message: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MadeCommit:
    """A commit of ours; `current` is this epoch with the handshake key consumed."""

    message: bytes = field(repr=False)
    welcomes: tuple[WelcomeOut, ...]
    staged: StagedState
    current: GroupState = field(repr=False)


def make_commit(
    state: GroupState,
    proposals: Sequence[Proposal],
    options: CommitOptions,
    *,
    validate: LeafValidator | None,
    psks: PskLookup,
    now_s: int,
    random: Random,
) -> MadeCommit:
    """Commit `proposals` by value and, if wanted, the pending ones by reference; those that are invalid are left out.

    Raises:
        PeerError: a KeyPackage or proposal given by value is invalid (codes as `stage_commit`, key_package_expired).
        UsageError: the epoch is past.
    """
    state.need_current()
    epoch = state.epoch
    suite = epoch.suite
    _check_lifetimes(proposals, now_s)
    items, applied = _choose(state, proposals, options, validate, now_s)
    new: NewPath | None = None
    after = applied.tree
    if applied.needs_path or options.force_path or options.leaf_credential or options.leaf_extensions is not None:
        new = create_path(applied.tree, suite, epoch.own_leaf_index, _LeafMaker(epoch, options), random)
        after = new.tree
    provisional = provisional_context(epoch.context, after.tree_hash(suite), applied.extensions)
    path = None
    if new is not None:
        path = seal_path(
            applied.tree,
            suite,
            epoch.own_leaf_index,
            new,
            added=applied.added_leaves,
            group_context=provisional.encoded,
        )
    content = frame_handshake(epoch, Commit(items, path), options.authenticated_data, options.wire_format)
    following = advance(
        epoch,
        content,
        provisional,
        init_secret=epoch.secrets.init_secret,
        commit_secret=bytes(suite.hash_length) if new is None else new.commit_secret,
        psk_secret=psk_secret(suite, [(psk_id, psks(psk_id)) for psk_id in applied.psk_ids]),
    )
    current, message = seal_handshake(state, replace(content, confirmation_tag=following.confirmation_tag), random)
    keys = {**epoch.private_keys, **({} if new is None else new.private_keys)}
    staged = StagedState(
        before=epoch,
        tree_after=after,
        extensions=applied.extensions,
        committer_leaf=epoch.own_leaf_index,
        is_external=False,
        applied=applied.applied,
        authenticated_data=options.authenticated_data,
        following=enter(epoch, following, after, kept_private_keys(after, epoch.own_leaf_index, keys)),
    )
    return MadeCommit(message, _welcomes(epoch, applied, new, following, after, options), staged, current)


def _choose(
    state: GroupState,
    proposals: Sequence[Proposal],
    options: CommitOptions,
    validate: LeafValidator | None,
    now_s: int,
) -> tuple[tuple[ProposalOrRef, ...], AppliedList]:
    """Return the commit's items and what they make of the group.

    A pending proposal that no valid commit can hold, or that another one excludes, is left out: whoever sent it
    must not be able to stop our commits.
    """
    epoch = state.epoch

    def attempt(listed: Sequence[ListedProposal]) -> AppliedList:
        check_list(listed, epoch.own_leaf_index)
        return apply_list(
            epoch.tree,
            epoch.suite,
            epoch.context.extensions,
            listed,
            group_id=epoch.context.group_id,
            validate=validate,
            now_s=now_s,
        )

    by_value = [ListedProposal(proposal, epoch.own_leaf_index) for proposal in proposals]
    # Removes before Updates, the newest Update first: where two name one leaf, who wants out gets out (section 12.2).
    fresh = [one for one in state.proposals if not _is_expired(one.proposal, now_s)]
    updates = [one for one in fresh if isinstance(one.proposal, UpdateProposal)]
    pending = [*(one for one in fresh if one not in updates), *reversed(updates)]
    chosen = pending if options.include_pending else []

    def listed() -> list[ListedProposal]:
        by_reference = [ListedProposal(each.proposal, each.proposer_leaf, by_reference=True) for each in chosen]
        return [*by_value, *by_reference]

    try:
        applied = attempt(listed())
    except PeerError:
        # One of them is bad: take in one after the other whatever still makes a valid list.
        candidates, chosen = chosen, []
        applied = attempt(listed())
        for each in candidates:
            chosen.append(each)
            try:
                applied = attempt(listed())
            except PeerError:
                chosen.pop()
    return (*proposals, *(ProposalReference(each.reference) for each in chosen)), applied


class _LeafMaker:
    """Builds our next leaf when the path's keys are known."""

    def __init__(self, epoch: EpochState, options: CommitOptions) -> None:
        self._epoch = epoch
        self._options = options

    def __call__(self, encryption_key: bytes, parent_hash: bytes) -> LeafNode:
        epoch, options = self._epoch, self._options
        return replace_leaf(
            epoch.suite,
            epoch.signature_key,
            epoch.own_leaf(),
            encryption_key=encryption_key,
            extensions=options.leaf_extensions,
            credential=options.leaf_credential,
            source=LeafSource.COMMIT,
            group_id=epoch.context.group_id,
            leaf_index=epoch.own_leaf_index,
            parent_hash=parent_hash,
        )


def _check_lifetimes(proposals: Sequence[Proposal], now_s: int) -> None:
    for proposal in proposals:
        if _is_expired(proposal, now_s):
            raise PeerError("a KeyPackage is outside of its lifetime", code="key_package_expired")
        if isinstance(proposal, UpdateProposal):
            raise UsageError("a commit updates its sender by its path")


def _is_expired(proposal: Proposal, now_s: int) -> bool:
    lifetime = proposal.key_package.leaf_node.lifetime if isinstance(proposal, AddProposal) else None
    return lifetime is not None and not lifetime.covers(now_s)


def _welcomes(
    epoch: EpochState,
    applied: AppliedList,
    new: NewPath | None,
    following: NextEpoch,
    after: RatchetTree,
    options: CommitOptions,
) -> tuple[WelcomeOut, ...]:
    if not applied.added:
        return ()
    suite = epoch.suite
    info = GroupInfo.sign(
        suite,
        epoch.signature_key,
        group_context=following.context,
        extensions=[ratchet_tree_extension(after.encode())] if options.tree_in_welcome else [],
        confirmation_tag=following.confirmation_tag,
        signer=epoch.own_leaf_index,
    )
    key, nonce = welcome_key_nonce(suite, welcome_secret(suite, following.member))
    sealed_info = suite.aead.seal(key, nonce, b"", info.encoded)
    joiners = []
    for leaf_index, package in applied.added:
        path_secret = None
        if new is not None:
            path_secret = new.path_secrets[tree_math.common_ancestor(2 * leaf_index, 2 * epoch.own_leaf_index)]
        joiners.append((package, GroupSecrets(following.joiner, path_secret, applied.psk_ids)))
    entries = seal_group_secrets(suite, joiners, sealed_info)
    groups = [[entry] for entry in entries] if options.split_welcomes else [entries]
    return tuple(
        WelcomeOut(
            references(group), frame(WireFormat.WELCOME, Welcome(suite.suite_id, tuple(group), sealed_info).encode())
        )
        for group in groups
    )
