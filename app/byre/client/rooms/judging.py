"""A commit on its way from decrypted to merged: is it lawful, and what does it change for people?

Pure. MLS has checked the commit's form (a `StagedCommit`); identity's law judges it by the room's state before and the
commit's own bytes, nothing else, so that every member comes to the same verdict.
"""

from __future__ import annotations

from dataclasses import dataclass

from byre.client.rooms.intents import Seat
from byre.client.rooms.live_room import LiveRoom, read_leaf, seats_of
from byre.client.rooms.transcript import Line, lines_of
from byre.errors import PeerError
from byre.identity.membership import judge
from byre.identity.room_facts import (
    Add,
    Change,
    CommitFacts,
    ContextChange,
    Remove,
    RoomFacts,
    Unsupported,
    Update,
)
from byre.identity.room_head import commit_hash
from byre.mls import (
    AddProposal,
    AppliedProposal,
    GroupContextExtensionsProposal,
    RemoveProposal,
    StagedCommit,
    UpdateProposal,
)
from byre.mls.leaf_node import Lifetime


@dataclass(frozen=True, slots=True)
class JudgedCommit:
    """A lawful commit, ready to be written.

    `after` is None when this device's own leaf is gone; `is_readded` says that the same commit added the device
    again, so that a Welcome is on its way. `gone` and `come` are leaves of devices, a rejoined device in both.
    `digest` is the commit's hash as the room's head names it. `lifetimes` are those of the packages that it adds by:
    the adder judged them, who receives the commit only says so.
    """

    before: LiveRoom
    after: LiveRoom | None
    facts: RoomFacts
    committer: Seat
    gone: tuple[Seat, ...]
    come: tuple[Seat, ...]
    lines: tuple[Line, ...]
    is_readded: bool
    is_own_leaving: bool
    digest: bytes
    lifetimes: tuple[Lifetime, ...] = ()

    @property
    def accounts_gone(self) -> set[bytes]:
        """Accounts without a leaf from now on."""
        return {s.account_id for s in self.gone} - {leaf.account_id for leaf in self.facts.leaves}

    @property
    def devices_gone(self) -> set[bytes]:
        """Devices without a leaf from now on."""
        return {s.device_id for s in self.gone} - {leaf.device_id for leaf in self.facts.leaves}

    @property
    def devices_back(self) -> set[bytes]:
        """Devices that were brought back: the leaf that they had is gone, and they have another."""
        return {s.device_id for s in self.gone} & {s.device_id for s in self.come}


def judge_commit(room: LiveRoom, staged: StagedCommit, commit: bytes) -> JudgedCommit:
    """Judge a commit that MLS accepted; `commit` is its MLSMessage.

    Raises:
        PeerError: the commit breaks the room's law, or a leaf in it does not verify.
    """
    if staged.is_external:
        raise PeerError("rooms take no external commits", code="external_commit")
    committer = room.seat(staged.committer_leaf)
    facts = judge(room.facts, _commit_facts(staged))
    before, after = room.seats(), seats_of(staged.after, facts)
    removers = {
        applied.proposal.removed: _proposer(applied)
        for applied in staged.applied
        if isinstance(applied.proposal, RemoveProposal)
    }
    added = {applied.leaf_index for applied in staged.applied if isinstance(applied.proposal, AddProposal)}
    gone = tuple(seat for seat in before if seat.leaf_index in removers)
    come = tuple(seat for seat in after if seat.leaf_index in added)
    own = room.own_seat
    return JudgedCommit(
        before=room,
        after=None if staged.self_removed else LiveRoom(staged.merge(), facts),
        facts=facts,
        committer=committer,
        gone=gone,
        come=come,
        lines=lines_of(
            before,
            after,
            committer.leaf_index,
            removers,
            retitled=facts.context.title != room.context.title,
            retimed=facts.context.retention_s != room.context.retention_s,
        ),
        is_readded=staged.self_removed and any(s.device_id == own.device_id for s in come),
        is_own_leaving=staged.self_removed
        and room.seat(removers.get(own.leaf_index, own.leaf_index)).account_id == own.account_id,
        digest=commit_hash(commit),
        lifetimes=_lifetimes(staged),
    )


def _commit_facts(staged: StagedCommit) -> CommitFacts:
    before = {member.leaf_index: member.leaf_node for member in staged.before}
    path_leaf = None
    for member in staged.after:
        if member.leaf_index == staged.committer_leaf and member.leaf_node != before.get(member.leaf_index):
            path_leaf = read_leaf(member.leaf_index, member.leaf_node)
    return CommitFacts(
        committer_leaf=staged.committer_leaf,
        changes=tuple(_change(applied) for applied in staged.applied),
        authenticated_data=staged.authenticated_data,
        path_leaf=path_leaf,
    )


def _lifetimes(staged: StagedCommit) -> tuple[Lifetime, ...]:
    adds = [a.proposal.key_package.leaf_node for a in staged.applied if isinstance(a.proposal, AddProposal)]
    return tuple(leaf.lifetime for leaf in adds if leaf.lifetime is not None)


def _change(applied: AppliedProposal) -> Change:
    proposal, proposer = applied.proposal, _proposer(applied)
    if isinstance(proposal, AddProposal) and applied.leaf_index is not None:
        return Add(proposer, read_leaf(applied.leaf_index, proposal.key_package.leaf_node))
    if isinstance(proposal, RemoveProposal):
        return Remove(proposer, proposal.removed)
    if isinstance(proposal, UpdateProposal):
        return Update(read_leaf(proposer, proposal.leaf_node))
    if isinstance(proposal, GroupContextExtensionsProposal):
        return ContextChange(proposer, tuple((e.extension_type, e.data) for e in proposal.extensions))
    return Unsupported(type(proposal).__name__)


def _proposer(applied: AppliedProposal) -> int:
    if applied.proposer_leaf is None:
        raise PeerError("a proposal comes from outside of the room", code="external_commit")
    return applied.proposer_leaf
