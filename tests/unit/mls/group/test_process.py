"""What a message turns out to be."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls import ProposalReceived, RemoveProposal
from byre.mls.commit import Commit
from byre.mls.framing import AuthenticatedContent, Body, FramedContent, Sender, SenderType, WireFormat
from byre.mls.group import process
from byre.mls.mls_message import frame
from byre.mls.public_message import PublicMessage
from tests.fakes.mls import NOW_S, Room, person, seeded
from tests.fakes.mls_forger import forged_proposal


def test_a_proposal_is_kept_and_a_copy_of_it_is_not() -> None:
    room = Room.of("a", "b")
    message = forged_proposal(room["a"], RemoveProposal(1))
    received = room["b"].process(message)
    assert isinstance(received, ProposalReceived)
    assert (received.sender_leaf, received.proposal) == (0, RemoveProposal(1))
    with pytest.raises(PeerError) as caught:
        received.group.process(message)
    assert caught.value.code == "replayed"
    public = forged_proposal(room["a"], RemoveProposal(1), WireFormat.PUBLIC_MESSAGE)
    once = room["b"].process(public, public_handshakes=True)
    assert isinstance(once, ProposalReceived)
    twice = once.group.process(public, public_handshakes=True)
    assert isinstance(twice, ProposalReceived)
    assert len(twice.group.pending_proposals) == 1


def test_who_signed_a_commit_is_known_in_its_own_epoch_and_when_that_is_past() -> None:
    room = Room.of("a", "b", "c")
    ends, again = [room[name].commit(now_s=NOW_S, random=seeded(7)).message for name in ("a", "b")]
    proposal, text = forged_proposal(room["a"], RemoveProposal(1)), room["a"].encrypt(b"x", random=seeded(1))[1]
    for group in (room["c"], room["c"].as_past()):
        assert [group.committer_of(message) for message in (ends, again, proposal, text)] == [0, 1, None, None]
        for message, code in (
            (again[:-1] + bytes((again[-1] ^ 1,)), "bad_ciphertext"),
            (b"", "malformed"),
            (frame(WireFormat.KEY_PACKAGE, person("d").package().key_package.encoded), "malformed"),
        ):
            with pytest.raises(PeerError) as caught:
                group.committer_of(message)
            assert caught.value.code == code
    with pytest.raises(PeerError) as caught:
        room["b"].committer_of(again)
    assert caught.value.code == "own_message"


def test_rule_11_proposals_that_wait_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room.of("a", "b")
    for bound in ("MAX_PENDING_PROPOSALS", "MAX_PENDING_PER_SENDER"):
        with monkeypatch.context() as patch:
            patch.setattr(process, bound, 0)
            with pytest.raises(PeerError, match="Rule 11"):
                room["b"].process(forged_proposal(room["a"], RemoveProposal(1)))


def test_a_key_package_is_no_message_for_a_group() -> None:
    room = Room.of("a", "b")
    with pytest.raises(PeerError) as caught:
        room["b"].process(frame(WireFormat.KEY_PACKAGE, person("c").package().key_package.encoded))
    assert caught.value.code == "unexpected_message"


@pytest.mark.parametrize("body", [RemoveProposal(1), Commit((), None)])
def test_rule_18_a_newcomer_sends_a_commit_with_a_path(body: Body) -> None:
    room = Room.of("a", "b")
    content = FramedContent.make(room["a"].group_id, room["a"].epoch, Sender(SenderType.NEW_MEMBER_COMMIT), b"", body)
    tag = bytes(32) if isinstance(body, Commit) else None
    message = PublicMessage(AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, content, bytes(64), tag))
    with pytest.raises(PeerError, match="Rule 18"):
        room["b"].process(frame(WireFormat.PUBLIC_MESSAGE, message.encode()), public_handshakes=True)


def test_rule_18_our_rooms_take_no_unencrypted_handshake() -> None:
    room = Room.of("a", "b")
    with pytest.raises(PeerError, match="Rule 18") as caught:
        room["b"].process(forged_proposal(room["a"], RemoveProposal(1), WireFormat.PUBLIC_MESSAGE))
    assert caught.value.code == "public_handshake"
