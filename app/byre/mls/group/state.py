"""A group as one member holds it: the epoch, which changes per commit, and the ratchets, which change per message.

    GroupState ─ epoch: EpochState      tree, context, epoch secrets, our private keys: rewritten by a commit only
               ├ secret_tree            the message keys that are not used up
               ├ proposals              received or sent by reference, waiting for a commit of this epoch
               └ own_updates            private keys of our own Update proposals, by public key

Everything is a value. Nothing here prints: the states hold secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from byre.crypto.signature import SigningKey
from byre.errors import InternalBug, PeerError, UsageError
from byre.mls.cipher_suite import CipherSuite
from byre.mls.credential import Credential
from byre.mls.group_context import GroupContext
from byre.mls.key_schedule import EpochSecrets
from byre.mls.leaf_node import LeafNode
from byre.mls.proposals import Proposal
from byre.mls.ratchet_tree import RatchetTree
from byre.mls.secret_tree import SecretTree
from byre.wire.tls import opaque


@dataclass(frozen=True, slots=True)
class Member:
    """A member as others see it."""

    leaf_index: int
    credential: Credential
    signature_key: bytes = field(repr=False)
    leaf_node: LeafNode = field(repr=False)


@dataclass(frozen=True, slots=True)
class PendingProposal:
    """A proposal of this epoch that a commit may refer to."""

    reference: bytes = field(repr=False)
    proposal: Proposal
    proposer_leaf: int


@dataclass(frozen=True, slots=True, repr=False)
class EpochState:
    """One epoch. `welcomed_by` is the leaf that vouched for the epoch by which we joined, else None."""

    suite: CipherSuite
    context: GroupContext
    tree: RatchetTree
    own_leaf_index: int
    private_keys: Mapping[int, bytes]
    signature_key: SigningKey
    secrets: EpochSecrets
    interim_transcript_hash: bytes
    confirmation_tag: bytes
    welcomed_by: int | None = None
    is_past: bool = False
    message_head: bytes = field(init=False)

    def __post_init__(self) -> None:
        head = opaque(self.context.group_id) + self.context.epoch.to_bytes(8)
        object.__setattr__(self, "message_head", head)

    def member_leaf(self, leaf_index: int) -> LeafNode:
        """Return a member's leaf, or raise PeerError(code="unknown_sender")."""
        leaf = self.tree.leaf(leaf_index)
        if leaf is None:
            raise PeerError("a message comes from nobody in the tree", code="unknown_sender")
        return leaf

    def own_leaf(self) -> LeafNode:
        """Return our own leaf."""
        leaf = self.tree.leaf(self.own_leaf_index)
        if leaf is None:
            raise InternalBug("our own leaf is blank")
        return leaf


@dataclass(frozen=True, slots=True, repr=False)
class GroupState:
    """All that one member knows of a group."""

    epoch: EpochState
    secret_tree: SecretTree
    proposals: tuple[PendingProposal, ...] = ()
    own_updates: Mapping[bytes, bytes] = field(default_factory=dict)

    def with_secret_tree(self, secret_tree: SecretTree) -> GroupState:
        """Return the state after a message."""
        return GroupState(self.epoch, secret_tree, self.proposals, self.own_updates)

    def with_proposal(self, pending: PendingProposal) -> GroupState:
        """Return the state with one more proposal; one that is known already is not kept twice."""
        if any(each.reference == pending.reference for each in self.proposals):
            return self
        return replace(self, proposals=(*self.proposals, pending))

    def need_current(self) -> None:
        """Raise UsageError for a past epoch: it reads application messages and does nothing else."""
        if self.epoch.is_past:
            raise UsageError("a past epoch only reads", code="past_epoch")


def members_of(tree: RatchetTree) -> tuple[Member, ...]:
    """Return the members of a tree by ascending leaf index."""
    return tuple(Member(index, leaf.credential, leaf.signature_key, leaf) for index, leaf in tree.leaves())


def as_past(state: GroupState) -> GroupState:
    """Return the state as a past epoch keeps it: leaves, receiving keys, nothing that a later epoch grew from."""
    epoch = state.epoch
    leaves_only = tuple(None if index & 1 else epoch.tree.node(index) for index in range(2 * epoch.tree.leaf_count - 1))
    past = replace(
        epoch,
        tree=RatchetTree(leaves_only),
        private_keys={},
        signature_key=PAST_SIGNATURE_KEY,
        secrets=epoch.secrets.of_past(),
        interim_transcript_hash=b"",
        is_past=True,
    )
    return GroupState(past, state.secret_tree)


PAST_SIGNATURE_KEY = SigningKey(bytes(32))
"""Stands where a past epoch holds no signature key any more; nothing is ever signed with it."""
