"""Builds messages that a careful engine must refuse: a member that holds all keys and obeys no rule.

Everything is signed and sealed properly with the member's own keys; only what a test wants to be illegal is.
"""

from __future__ import annotations

from dataclasses import replace

from byre.mls import Group, Proposal
from byre.mls.commit import Commit, ProposalOrRef
from byre.mls.framing import AuthenticatedContent, ContentType, WireFormat, encode_body
from byre.mls.group.message import frame_handshake, seal_handshake
from byre.mls.private_message import seal_message
from byre.mls.secret_tree import APPLICATION, HANDSHAKE
from byre.mls.update_path import UpdatePath
from tests.fakes.mls import seeded


def forged_commit(
    group: Group,
    *items: ProposalOrRef,
    path: UpdatePath | None = None,
    tag: bytes | None = None,
    wire_format: WireFormat = WireFormat.PRIVATE_MESSAGE,
) -> bytes:
    """Return a commit of these items and path, valid or not, with a made-up confirmation tag."""
    content = frame_handshake(group._state.epoch, Commit(items, path), b"", wire_format)
    return seal(group, replace(content, confirmation_tag=bytes(group.suite.hash_length) if tag is None else tag))


def forged_proposal(group: Group, proposal: Proposal, wire_format: WireFormat = WireFormat.PRIVATE_MESSAGE) -> bytes:
    """Return any proposal by reference."""
    return seal(group, frame_handshake(group._state.epoch, proposal, b"", wire_format))


def seal(group: Group, content: AuthenticatedContent) -> bytes:
    """Return content sealed in its wire format, whatever it says."""
    return seal_handshake(group._state, content, seeded(9))[1]


def reseal(
    group: Group,
    plaintext: bytes,
    *,
    sender_leaf: int,
    generation: int,
    content_type: ContentType = ContentType.APPLICATION,
    authenticated_data: bytes = b"",
) -> bytes:
    """Return a message sealed in another member's name with a generation of choice: every member can do it (Rule 2)."""
    epoch = group._state.epoch
    kind = APPLICATION if content_type is ContentType.APPLICATION else HANDSHAKE
    _, key = group._state.secret_tree.open_key(epoch.suite, sender_leaf, kind, generation)
    return seal_message(
        epoch.suite,
        group_id_and_epoch=epoch.message_head,
        content_type=content_type,
        authenticated_data=authenticated_data,
        plaintext=plaintext,
        sender_data_secret=epoch.secrets.sender_data_secret,
        leaf_index=sender_leaf,
        generation=generation,
        key=key,
        reuse_guard=bytes(4),
    )


def inner_plaintext(content: AuthenticatedContent, padding: bytes = b"") -> bytes:
    """Return the plaintext of a PrivateMessage: body, auth data, padding."""
    return encode_body(content.content.body) + content.auth_data() + padding
