"""What to do with a message that arrives (RFC 9420 section 14): show it, keep it as a proposal, or stage it.

Only a message of this very group and epoch gets this far; the caller holds messages of later epochs back until it has
merged, and gives those of earlier ones to the past epochs that it keeps (Rule 17).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from byre.errors import PeerError
from byre.mls.commit import Commit
from byre.mls.framing import AuthenticatedContent, ContentType, SenderType
from byre.mls.group.message import (
    Opened,
    OpenedApplication,
    check_epoch,
    open_application,
    open_handshake,
    open_public,
)
from byre.mls.group.stage import StagedState, stage_commit
from byre.mls.group.state import GroupState, PendingProposal
from byre.mls.leaf_node import LeafValidator
from byre.mls.mls_message import MLSMessage
from byre.mls.private_message import MLS_HEADER, PrivateMessage
from byre.mls.profile import MAX_PENDING_PER_SENDER, MAX_PENDING_PROPOSALS
from byre.mls.proposals import Proposal
from byre.mls.psk import PskLookup
from byre.mls.public_message import PublicMessage
from byre.mls.rules import Rule, violation


@dataclass(frozen=True, slots=True)
class KeptProposal:
    """A proposal that was received and now waits for a commit."""

    state: GroupState = field(repr=False)
    sender_leaf: int
    proposal: Proposal
    authenticated_data: bytes = field(repr=False)


Outcome: TypeAlias = OpenedApplication | KeptProposal | StagedState


def process_message(
    state: GroupState,
    message: bytes,
    *,
    validate: LeafValidator | None,
    psks: PskLookup,
    now_s: int,
    public_handshakes: bool,
) -> Outcome:
    """Open one message of this epoch; see `Group.process` for the errors."""
    parsed = PrivateMessage.decode(message) if message.startswith(MLS_HEADER) else MLSMessage.decode(message).message
    if isinstance(parsed, PrivateMessage):
        check_epoch(state.epoch, parsed.group_id, parsed.epoch)
        if parsed.content_type is ContentType.APPLICATION:
            application = open_application(state, parsed)
            application.verify()
            return application
        _need_handshakes(state)
        opened = open_handshake(state, parsed)
    elif isinstance(parsed, PublicMessage):
        framed = parsed.content.content
        check_epoch(state.epoch, framed.group_id, framed.epoch)
        _need_handshakes(state)
        if not public_handshakes:
            raise violation(Rule.FRAMING, "our rooms' handshakes are encrypted", code="public_handshake")
        if framed.sender.sender_type is SenderType.NEW_MEMBER_COMMIT:
            opened = _open_external(state, parsed)
        else:
            opened = open_public(state, parsed)
    else:
        raise PeerError("this message is not for a group", code="unexpected_message")
    if isinstance(opened.content.content.body, Commit):
        return stage_commit(state, opened.content, validate=validate, psks=psks, now_s=now_s)
    return _keep(state, opened)


def open_message(state: GroupState, message: bytes) -> OpenedApplication | None:
    """Open an application message of this epoch and leave its signature for later; None for anything else.

    Raises:
        PeerError: as for `Group.open`.
    """
    if not message.startswith(MLS_HEADER):
        return None
    parsed = PrivateMessage.decode(message)
    if parsed.content_type is not ContentType.APPLICATION:
        return None
    check_epoch(state.epoch, parsed.group_id, parsed.epoch)
    return open_application(state, parsed)


def committer_of(state: GroupState, message: bytes) -> int | None:
    """Return the leaf that signed a commit of this epoch, present or past; None for what is no commit.

    Nothing else of it is looked at, and nothing changes: this tells who vouches for a commit that is not taken.

    Raises:
        PeerError: as for `Group.process`; nobody of this epoch signed it.
    """
    parsed = PrivateMessage.decode(message)
    check_epoch(state.epoch, parsed.group_id, parsed.epoch)
    if parsed.content_type is not ContentType.COMMIT:
        return None
    return open_handshake(state, parsed).content.content.sender.index


def _open_external(state: GroupState, message: PublicMessage) -> Opened:
    """Verify an external committer's message with the key of the leaf that it brings (section 12.4.3.2)."""
    content: AuthenticatedContent = message.content
    body = content.content.body
    if not isinstance(body, Commit) or body.path is None:
        raise violation(Rule.FRAMING, "a newcomer sent something else than a commit with a path")
    epoch = state.epoch
    content.verify(epoch.suite, body.path.leaf_node.signature_key, epoch.context.encoded)
    return Opened(state.secret_tree, content, None)


def _keep(state: GroupState, opened: Opened) -> KeptProposal:
    content = opened.content
    proposal = content.content.body
    assert not isinstance(proposal, bytes | Commit), "the caller looked at the content type"
    sender = content.content.sender.index
    of_sender = sum(pending.proposer_leaf == sender for pending in state.proposals)
    if len(state.proposals) >= MAX_PENDING_PROPOSALS or of_sender >= MAX_PENDING_PER_SENDER:
        raise violation(Rule.BOUNDS, "too many proposals wait in this epoch", code="too_many_proposals")
    pending = PendingProposal(content.reference(state.epoch.suite), proposal, sender)
    kept = state.with_secret_tree(opened.secret_tree).with_proposal(pending)
    return KeptProposal(kept, sender, proposal, content.content.authenticated_data)


def _need_handshakes(state: GroupState) -> None:
    if state.epoch.is_past:
        raise PeerError("a past epoch takes no handshakes any more", code="wrong_epoch")
