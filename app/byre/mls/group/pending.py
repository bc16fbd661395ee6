"""A pending commit's bytes in the store: a crash between the relay's grant and the merge must find it (Rule 10).

u8 version = 1 ‖ message ‖ [refs ‖ Welcome] ‖ next epoch ‖ next ratchets ‖ authenticated data
‖ [proposal ‖ proposer ‖ leaf]
"""

from __future__ import annotations

from byre.mls.group.commit import MadeCommit, WelcomeOut
from byre.mls.group.persist import decode_epoch, decode_ratchets, encode_epoch, encode_ratchets
from byre.mls.group.stage import StagedState
from byre.mls.group.state import GroupState
from byre.mls.proposal_list import AppliedProposal
from byre.mls.proposals import decode_proposal
from byre.wire.tls import Reader, Writer, malformed

PENDING_VERSION = 1
_NOBODY = 0xFFFFFFFF


def encode_pending(made: MadeCommit) -> bytes:
    """Return the bytes of a commit of ours; the present epoch is stored by itself."""
    staged = made.staged
    assert staged.following is not None, "our own commit does not remove us"
    welcomes = [
        Writer()
        .vector([Writer().opaque_v(each).done() for each in welcome.references])
        .opaque_v(welcome.message)
        .done()
        for welcome in made.welcomes
    ]
    writer = Writer().u8(PENDING_VERSION).opaque_v(made.message).vector(welcomes)
    writer.opaque_v(encode_epoch(staged.following.epoch)).opaque_v(encode_ratchets(staged.following))
    writer.opaque_v(staged.authenticated_data)
    return writer.vector([_encode_applied(each) for each in staged.applied]).done()


def decode_pending(data: bytes, before: GroupState) -> MadeCommit:
    """Read what `encode_pending` wrote, beside the epoch that the commit ends; PeerError(code="malformed")."""
    reader = Reader(data)
    if reader.u8() != PENDING_VERSION:
        raise malformed("a stored commit has an unknown version")
    message, welcomes = reader.opaque_v(), tuple(reader.vector(_read_welcome))
    following = decode_ratchets(decode_epoch(reader.opaque_v()), reader.opaque_v())
    authenticated_data, applied = reader.opaque_v(), tuple(reader.vector(_read_applied))
    reader.end()
    context = following.epoch.context
    if context.group_id != before.epoch.context.group_id or context.epoch != before.epoch.context.epoch + 1:
        raise malformed("a stored commit does not follow this epoch")
    staged = StagedState(
        before=before.epoch,
        tree_after=following.epoch.tree,
        extensions=context.extensions,
        committer_leaf=following.epoch.own_leaf_index,
        is_external=False,
        applied=applied,
        authenticated_data=authenticated_data,
        following=following,
    )
    return MadeCommit(message, welcomes, staged, before)


def _encode_applied(applied: AppliedProposal) -> bytes:
    writer = Writer().opaque_v(applied.proposal.encode())
    for index in (applied.proposer_leaf, applied.leaf_index):
        writer.u32(_NOBODY if index is None else index)
    return writer.done()


def _read_applied(reader: Reader) -> AppliedProposal:
    proposal, proposer, leaf = decode_proposal(reader.opaque_v()), reader.u32(), reader.u32()
    return AppliedProposal(proposal, None if proposer == _NOBODY else proposer, None if leaf == _NOBODY else leaf)


def _read_welcome(reader: Reader) -> WelcomeOut:
    return WelcomeOut(tuple(reader.vector(Reader.opaque_v)), reader.opaque_v())
