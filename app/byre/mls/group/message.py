"""Sealing and opening messages of the present epoch (RFC 9420 section 6): the only code that runs per message.

An application message touches the context's bytes, one ratchet, one signature key and nothing that grows with the
room. A message that fails anywhere leaves the state as it was: no key is burnt by whoever can write to the wire
(Rule 1).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from byre.crypto.random import Random
from byre.errors import PeerError
from byre.mls.framing import (
    AuthenticatedContent,
    Body,
    ContentType,
    FramedContent,
    Sender,
    SenderType,
    WireFormat,
    encode_body,
    read_auth_data,
    read_body,
    sign_content,
)
from byre.mls.group.state import EpochState, GroupState
from byre.mls.mls_message import frame
from byre.mls.private_message import (
    REUSE_GUARD_LENGTH,
    PrivateMessage,
    check_padding,
    own_message,
    ratchet_kind,
    seal_message,
)
from byre.mls.profile import PROTOCOL_VERSION
from byre.mls.public_message import PublicMessage
from byre.mls.secret_tree import APPLICATION, SecretTree
from byre.wire.tls import Reader, opaque

_TBS_HEAD = PROTOCOL_VERSION.to_bytes(2) + WireFormat.PRIVATE_MESSAGE.to_bytes(2)
_MEMBER = SenderType.MEMBER.to_bytes(1)
_APPLICATION = ContentType.APPLICATION.to_bytes(1)


@dataclass(frozen=True, slots=True)
class Opened:
    """A verified message and the ratchets after it; `generation` is None for a PublicMessage."""

    secret_tree: SecretTree
    content: AuthenticatedContent
    generation: int | None


@dataclass(frozen=True, slots=True)
class OpenedApplication:
    """An application message that the group's keys opened, with the state after it.

    `signed` and `signature` are what the sender vouches with: until `verify` has returned, only the group's keys do,
    and any member has those (Rule 2).
    """

    state: GroupState
    sender_leaf: int
    generation: int
    data: bytes = field(repr=False)
    authenticated_data: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def verify(self) -> None:
        """Verify the sender's signature, or raise PeerError(code="bad_signature"): then `state` is not to be kept."""
        epoch = self.state.epoch
        key = epoch.member_leaf(self.sender_leaf).signature_key
        epoch.suite.verify_with_label(key, "FramedContentTBS", self.signed, self.signature)


def encrypt_application(
    state: GroupState, data: bytes, authenticated_data: bytes, random: Random
) -> tuple[GroupState, bytes]:
    """Return (state afterwards, MLSMessage). Persist the state before the bytes leave (Rule 1)."""
    state.need_current()
    epoch = state.epoch
    suite, leaf_index = epoch.suite, epoch.own_leaf_index
    body = opaque(data)
    signed = (
        _TBS_HEAD + epoch.message_head + _MEMBER + leaf_index.to_bytes(4) + opaque(authenticated_data) + _APPLICATION
    ) + body
    signature = suite.sign_with_label(epoch.signature_key, "FramedContentTBS", signed + epoch.context.encoded)
    secret_tree, generation, key = state.secret_tree.seal_key(suite, leaf_index, APPLICATION)
    message = seal_message(
        suite,
        group_id_and_epoch=epoch.message_head,
        content_type=ContentType.APPLICATION,
        authenticated_data=authenticated_data,
        plaintext=body + opaque(signature),
        sender_data_secret=epoch.secrets.sender_data_secret,
        leaf_index=leaf_index,
        generation=generation,
        key=key,
        reuse_guard=random(REUSE_GUARD_LENGTH),
    )
    return state.with_secret_tree(secret_tree), message


def open_application(state: GroupState, message: PrivateMessage) -> OpenedApplication:
    """Decrypt an application message of this epoch; nothing of it counts before it is verified.

    Raises:
        PeerError: codes bad_ciphertext, malformed, replayed, generation_too_far, unknown_sender, own_message. The
            state that was passed in is still good.
    """
    epoch = state.epoch
    secret_tree, leaf_index, generation, plaintext = _open(state, message)
    reader = Reader(plaintext)
    data = reader.opaque_v()
    body = plaintext[: reader.position]
    signature = reader.opaque_v()
    check_padding(reader.rest())
    signed = (
        _TBS_HEAD
        + epoch.message_head
        + _MEMBER
        + leaf_index.to_bytes(4)
        + message.head[len(message.start) :]
        + _APPLICATION
        + body
        + epoch.context.encoded
    )
    after = state.with_secret_tree(secret_tree)
    return OpenedApplication(after, leaf_index, generation, data, message.authenticated_data, signed, signature)


def frame_handshake(
    epoch: EpochState, body: Body, authenticated_data: bytes, wire_format: WireFormat
) -> AuthenticatedContent:
    """Return our own proposal or commit, signed; a commit's confirmation tag is still missing."""
    sender = Sender(SenderType.MEMBER, epoch.own_leaf_index)
    content = FramedContent.make(epoch.context.group_id, epoch.context.epoch, sender, authenticated_data, body)
    signature = sign_content(epoch.suite, epoch.signature_key, wire_format, content, epoch.context.encoded)
    return AuthenticatedContent(wire_format, content, signature)


def seal_handshake(state: GroupState, content: AuthenticatedContent, random: Random) -> tuple[GroupState, bytes]:
    """Return (state afterwards, MLSMessage) of a signed proposal or commit, in its own wire format."""
    epoch = state.epoch
    suite = epoch.suite
    if content.wire_format is WireFormat.PUBLIC_MESSAGE:
        public = PublicMessage.protect(suite, content, epoch.context.encoded, epoch.secrets.membership_key)
        return state, frame(WireFormat.PUBLIC_MESSAGE, public.encode())
    framed = content.content
    kind = ratchet_kind(framed.content_type)
    secret_tree, generation, key = state.secret_tree.seal_key(suite, epoch.own_leaf_index, kind)
    message = seal_message(
        suite,
        group_id_and_epoch=epoch.message_head,
        content_type=framed.content_type,
        authenticated_data=framed.authenticated_data,
        plaintext=encode_body(framed.body) + content.auth_data(),
        sender_data_secret=epoch.secrets.sender_data_secret,
        leaf_index=epoch.own_leaf_index,
        generation=generation,
        key=key,
        reuse_guard=random(REUSE_GUARD_LENGTH),
    )
    return state.with_secret_tree(secret_tree), message


def open_handshake(state: GroupState, message: PrivateMessage) -> Opened:
    """Decrypt and verify a proposal or commit of this epoch; errors as `open_application`."""
    epoch = state.epoch
    secret_tree, leaf_index, generation, plaintext = _open(state, message)
    reader = Reader(plaintext)
    body = read_body(reader, message.content_type)
    body_encoded = reader.since(0)
    signature, tag = read_auth_data(reader, message.content_type)
    check_padding(reader.rest())
    sender = Sender(SenderType.MEMBER, leaf_index)
    encoded = (
        epoch.message_head
        + sender.encode()
        + opaque(message.authenticated_data)
        + message.content_type.to_bytes(1)
        + body_encoded
    )
    framed = FramedContent(
        message.group_id,
        message.epoch,
        sender,
        message.authenticated_data,
        message.content_type,
        body,
        encoded,
    )
    content = AuthenticatedContent(WireFormat.PRIVATE_MESSAGE, framed, signature, tag)
    content.verify(epoch.suite, epoch.member_leaf(leaf_index).signature_key, epoch.context.encoded)
    return Opened(secret_tree, content, generation)


def open_public(state: GroupState, message: PublicMessage) -> Opened:
    """Verify a PublicMessage of a member of this epoch: membership tag and signature (Rule 18).

    Raises:
        PeerError: codes bad_membership_tag, bad_signature, malformed, unknown_sender, own_message, unsupported_sender.
    """
    epoch = state.epoch
    sender = message.content.content.sender
    if sender.sender_type is not SenderType.MEMBER:
        raise PeerError("proposals from outside of the group are not supported", code="unsupported_sender")
    message.check_membership(epoch.suite, epoch.context.encoded, epoch.secrets.membership_key)
    if sender.index == epoch.own_leaf_index:
        raise own_message()
    leaf = epoch.member_leaf(sender.index)
    message.content.verify(epoch.suite, leaf.signature_key, epoch.context.encoded)
    return Opened(state.secret_tree, message.content, None)


def check_epoch(epoch: EpochState, group_id: bytes, message_epoch: int) -> None:
    """Raise PeerError unless a message is of this group and epoch: unknown_group, wrong_epoch, future_epoch."""
    if group_id != epoch.context.group_id:
        raise PeerError("a message is of another group", code="unknown_group")
    if message_epoch > epoch.context.epoch:
        raise PeerError("a message is of a later epoch", code="future_epoch")
    if message_epoch < epoch.context.epoch:
        raise PeerError("a message is of an earlier epoch", code="wrong_epoch")


def _open(state: GroupState, message: PrivateMessage) -> tuple[SecretTree, int, int, bytes]:
    epoch = state.epoch
    suite = epoch.suite
    sender = message.open_sender_data(suite, epoch.secrets.sender_data_secret)
    if sender.leaf_index == epoch.own_leaf_index:
        raise own_message()
    epoch.member_leaf(sender.leaf_index)
    kind = ratchet_kind(message.content_type)
    secret_tree, key = state.secret_tree.open_key(suite, sender.leaf_index, kind, sender.generation)
    plaintext = message.open_content(suite, key, sender.reuse_guard)
    return secret_tree, sender.leaf_index, sender.generation, plaintext
