"""Proposals of our own, sent by reference (RFC 9420 section 12.1): leaving a group needs another member to commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from byre.crypto.random import Random
from byre.errors import UsageError
from byre.mls.extension import Extension
from byre.mls.framing import WireFormat
from byre.mls.group.message import frame_handshake, seal_handshake
from byre.mls.group.state import GroupState, PendingProposal
from byre.mls.leaf_node import LeafSource, replace_leaf
from byre.mls.proposals import Proposal, RemoveProposal, UpdateProposal


def propose(
    state: GroupState, proposal: Proposal, *, authenticated_data: bytes, wire_format: WireFormat, random: Random
) -> tuple[GroupState, bytes]:
    """Return (state with the proposal pending, MLSMessage)."""
    state.need_current()
    epoch = state.epoch
    content = frame_handshake(epoch, proposal, authenticated_data, wire_format)
    pending = PendingProposal(content.reference(epoch.suite), proposal, epoch.own_leaf_index)
    state, message = seal_handshake(state, content, random)
    return state.with_proposal(pending), message


def propose_remove(
    state: GroupState, leaf_index: int, *, authenticated_data: bytes, wire_format: WireFormat, random: Random
) -> tuple[GroupState, bytes]:
    """Propose that a member goes; for our own leaf this is leaving, which another member commits.

    Raises:
        UsageError: nobody sits at `leaf_index`.
    """
    if state.epoch.tree.leaf(leaf_index) is None:
        raise UsageError("nobody to remove at this leaf index")
    return propose(
        state,
        RemoveProposal(leaf_index),
        authenticated_data=authenticated_data,
        wire_format=wire_format,
        random=random,
    )


def propose_update(
    state: GroupState,
    *,
    leaf_extensions: Sequence[Extension] | None,
    authenticated_data: bytes,
    wire_format: WireFormat,
    random: Random,
) -> tuple[GroupState, bytes]:
    """Propose a new leaf of our own; its private key waits in the state for the commit."""
    state.need_current()
    epoch = state.epoch
    private, public = epoch.suite.derive_key_pair(random(epoch.suite.hash_length))
    leaf = replace_leaf(
        epoch.suite,
        epoch.signature_key,
        epoch.own_leaf(),
        encryption_key=public,
        extensions=leaf_extensions,
        credential=None,
        source=LeafSource.UPDATE,
        group_id=epoch.context.group_id,
        leaf_index=epoch.own_leaf_index,
    )
    state = replace(state, own_updates={**state.own_updates, public: private})
    return propose(
        state,
        UpdateProposal(leaf),
        authenticated_data=authenticated_data,
        wire_format=wire_format,
        random=random,
    )
