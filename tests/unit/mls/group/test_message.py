"""Messages: sealed, opened, refused; and Rule 1 above all."""

from __future__ import annotations

import pytest

from byre.errors import PeerError, UsageError
from byre.mls import Group, Received
from byre.mls.framing import (
    AuthenticatedContent,
    ContentType,
    FramedContent,
    Sender,
    SenderType,
    WireFormat,
    sign_content,
)
from byre.mls.group.message import check_epoch
from byre.mls.mls_message import MLSMessage, frame
from byre.mls.private_message import PrivateMessage
from byre.mls.profile import HYBRID
from byre.mls.proposals import RemoveProposal
from byre.mls.public_message import PublicMessage
from byre.wire.tls import opaque
from tests.fakes.mls import Room
from tests.fakes.mls_forger import forged_proposal, inner_plaintext, reseal, seal


def refuse(group: Group, message: bytes, code: str) -> None:
    with pytest.raises(PeerError) as caught:
        group.process(message, public_handshakes=True)
    assert caught.value.code == code


def application(room: Room, name: str, text: bytes, context: bytes | None = None) -> AuthenticatedContent:
    """A properly signed application message of that member, not sealed yet."""
    epoch = room[name]._state.epoch
    sender = Sender(SenderType.MEMBER, epoch.own_leaf_index)
    content = FramedContent.make(epoch.context.group_id, epoch.context.epoch, sender, b"", text)
    signature = sign_content(
        epoch.suite, epoch.signature_key, WireFormat.PRIVATE_MESSAGE, content, context or epoch.context.encoded
    )
    return AuthenticatedContent(WireFormat.PRIVATE_MESSAGE, content, signature)


@pytest.mark.parametrize("suite_id", [1, 3, HYBRID])
def test_a_message_reaches_everybody(suite_id: int) -> None:
    room = Room.of("a", "b", "c", suite_id=suite_id)
    message = room.send("b", b"text", b"authenticated")
    for name in ("a", "c"):
        received = room.receive(name, message)
        assert (received.sender_leaf, received.generation) == (1, 0)
        assert (received.data, received.authenticated_data) == (b"text", b"authenticated")


def test_an_empty_message_and_a_long_one_are_messages() -> None:
    room = Room.of("a", "b")
    for text in (b"", bytes(100_000)):
        assert room.receive("b", room.send("a", text)).data == text


def test_messages_may_arrive_in_any_order() -> None:
    room = Room.of("a", "b")
    messages = [room.send("a", bytes([number])) for number in range(5)]
    assert [room.receive("b", messages[at]).generation for at in (3, 0, 4, 1, 2)] == [3, 0, 4, 1, 2]


def test_rule_1_a_forged_copy_burns_no_key() -> None:
    room = Room.of("a", "b")
    message = room.send("a", b"text")
    for at in range(len(message)):
        forged = bytearray(message)
        forged[at] ^= 1
        with pytest.raises(PeerError):
            room["b"].process(bytes(forged))
    assert room.receive("b", message).data == b"text"


def test_rule_1_a_replay_is_refused() -> None:
    room = Room.of("a", "b")
    message = room.send("a", b"text")
    room.receive("b", message)
    refuse(room["b"], message, "replayed")


def test_rule_1_a_bad_signature_burns_no_key() -> None:
    room = Room.of("a", "b", "c")
    honest = room.send("a", b"text")
    forged = reseal(room["c"], opaque(b"other") + opaque(bytes(64)), sender_leaf=0, generation=0)
    refuse(room["b"], forged, "bad_signature")
    assert room.receive("b", honest).data == b"text"


def test_rule_2_a_member_can_reseal_anothers_message_and_only_the_content_can_tell() -> None:
    room = Room.of("a", "b", "c")
    signed = application(room, "a", b"text")
    for generation in (0, 1):
        copy = reseal(room["c"], inner_plaintext(signed), sender_leaf=0, generation=generation)
        received = room.receive("b", copy)
        # MLS accepts both: the counter and message id inside `data` are what the client refuses the second by.
        assert (received.data, received.generation) == (b"text", generation)


def test_rule_11_a_generation_far_ahead_is_refused_and_costs_nothing() -> None:
    room = Room.of("a", "b", "c")
    signed = application(room, "a", b"text")
    sealed = MLSMessage.decode(reseal(room["c"], inner_plaintext(signed), sender_leaf=0, generation=0)).message
    assert isinstance(sealed, PrivateMessage)
    far = forge_generation(room["c"], sealed, 0xFFFFFFFF)
    refuse(room["b"], far, "generation_too_far")


def forge_generation(group: Group, message: PrivateMessage, generation: int) -> bytes:
    from byre.mls.private_message import MLS_HEADER
    from byre.mls.secret_tree import sender_data_key_nonce

    epoch = group._state.epoch
    key, nonce = sender_data_key_nonce(epoch.suite, epoch.secrets.sender_data_secret, message.ciphertext)
    start = epoch.message_head + b"\x01"
    data = bytes(4) + generation.to_bytes(4) + bytes(4)
    sealed = epoch.suite.aead.seal(key, nonce, start, data)
    return MLS_HEADER + start + b"\x00" + opaque(sealed) + opaque(message.ciphertext)


def test_rule_14_padding_must_be_zeros() -> None:
    room = Room.of("a", "b", "c")
    signed = application(room, "a", b"text")
    padded = reseal(room["c"], inner_plaintext(signed, bytes(30)), sender_leaf=0, generation=0)
    assert room.receive("b", padded).data == b"text"
    bad = reseal(room["c"], inner_plaintext(signed, b"\x00\x01"), sender_leaf=0, generation=1)
    refuse(room["b"], bad, "malformed")


def test_rule_14_handshakes_are_padded_with_zeros_too() -> None:
    room = Room.of("a", "b", "c")
    proposal = seal_proposal(room, b"\x01")
    refuse(room["b"], proposal, "malformed")
    room["b"].process(seal_proposal(room, bytes(3)))


def seal_proposal(room: Room, padding: bytes) -> bytes:
    from byre.mls.group.message import frame_handshake

    content = frame_handshake(room["a"]._state.epoch, RemoveProposal(2), b"", WireFormat.PRIVATE_MESSAGE)
    plaintext = inner_plaintext(content, padding)
    return reseal(room["c"], plaintext, sender_leaf=0, generation=0, content_type=ContentType.PROPOSAL)


def test_a_signature_for_another_context_is_refused() -> None:
    room = Room.of("a", "b", "c")
    signed = application(room, "a", b"text", context=b"another context")
    refuse(room["b"], reseal(room["c"], inner_plaintext(signed), sender_leaf=0, generation=0), "bad_signature")


def test_our_own_message_comes_back_as_such() -> None:
    room = Room.of("a", "b")
    refuse(room["a"], room.send("a", b"text"), "own_message")
    refuse(room["a"], forged_proposal(room["a"], RemoveProposal(1), WireFormat.PUBLIC_MESSAGE), "own_message")


def test_rule_17_a_message_is_of_this_group_and_epoch() -> None:
    room = Room.of("a", "b")
    early = room.send("a", b"text")
    old = room["b"]
    room.commit("a")
    late = room.send("a", b"text")
    refuse(room["b"], early, "wrong_epoch")
    refuse(old, late, "future_epoch")
    with pytest.raises(PeerError) as caught:
        check_epoch(old._state.epoch, b"another group", old.epoch)
    assert caught.value.code == "unknown_group"


def test_rule_17_a_past_epoch_reads_late_messages_and_nothing_else() -> None:
    room = Room.of("a", "b")
    late, handshake = room.send("a", b"late"), forged_proposal(room["a"], RemoveProposal(1))
    past = room["b"].as_past()
    assert past.is_past
    assert past.as_past() is past
    received = past.process(late)
    assert isinstance(received, Received)
    assert received.data == b"late"
    refuse(received.group, late, "replayed")
    refuse(past, handshake, "wrong_epoch")
    public = forged_proposal(room["a"], RemoveProposal(1), WireFormat.PUBLIC_MESSAGE)
    refuse(past, public, "wrong_epoch")
    for use in (
        lambda: past.encrypt(b"", random=room.random),
        lambda: past.commit(now_s=0, random=room.random),
        lambda: past.export_secret("x", b"", 32),
        lambda: past.propose_update(random=room.random),
        lambda: past.propose_self_remove(random=room.random),
    ):
        with pytest.raises(UsageError):
            use()


def test_rule_18_a_members_public_message_carries_the_groups_tag() -> None:
    room = Room.of("a", "b")
    message = MLSMessage.decode(forged_proposal(room["a"], RemoveProposal(1), WireFormat.PUBLIC_MESSAGE)).message
    assert isinstance(message, PublicMessage)
    bad = PublicMessage(message.content, bytes(32))
    refuse(room["b"], frame(WireFormat.PUBLIC_MESSAGE, bad.encode()), "bad_membership_tag")


def test_rule_18_a_public_message_of_a_stranger_is_refused() -> None:
    room = Room.of("a", "b")
    epoch = room["a"]._state.epoch
    for sender_type in (SenderType.EXTERNAL, SenderType.NEW_MEMBER_PROPOSAL):
        content = FramedContent.make(
            epoch.context.group_id, epoch.context.epoch, Sender(sender_type), b"", RemoveProposal(1)
        )
        message = PublicMessage(AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, content, bytes(64)))
        refuse(room["b"], frame(WireFormat.PUBLIC_MESSAGE, message.encode()), "unsupported_sender")


def test_a_sender_who_is_not_in_the_tree_is_refused() -> None:
    room = Room.of("a", "b", "c")
    room.commit("a", RemoveProposal(1))
    forged = reseal(room["a"], opaque(b"") + opaque(bytes(64)), sender_leaf=1, generation=0)
    refuse(room["c"], forged, "unknown_sender")
    content = FramedContent.make(
        room["a"].group_id, room["a"].epoch, Sender(SenderType.MEMBER, 1), b"", RemoveProposal(0)
    )
    signed = AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, content, bytes(64))
    refuse(room["c"], seal(room["a"], signed), "unknown_sender")
