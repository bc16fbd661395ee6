"""Messages that are opened first and verified later: the same in the end, and nothing before."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls import Group, Received, RemoveProposal, Unverified
from byre.mls.framing import WireFormat
from byre.mls.mls_message import frame
from byre.wire.tls import opaque
from tests.fakes.mls import NOW_S, Room, person, seeded
from tests.fakes.mls_forger import forged_proposal, reseal


def opened(group: Group, message: bytes) -> Unverified:
    found = group.open(message)
    assert found is not None
    return found


def refused(group: Group, message: bytes) -> str:
    with pytest.raises(PeerError) as caught:
        group.open(message)
    return caught.value.code


def test_messages_that_are_verified_later_are_what_they_are_at_once() -> None:
    room = Room.of("a", "b")
    messages = [room.send("a", b"text %d" % number, b"authenticated") for number in range(3)]
    first, at_once, later = room["b"], room["b"], list[Unverified]()
    for message in messages:
        later.append(opened(later[-1].group if later else first, message))
    for message, each in zip(messages, later, strict=True):
        expected, received = at_once.process(message), each.verify()
        assert isinstance(expected, Received)
        assert (received.sender_leaf, received.data) == (expected.sender_leaf, expected.data)
        assert (received.generation, received.authenticated_data) == (expected.generation, b"authenticated")
        assert received.group.ratchet_bytes() == expected.group.ratchet_bytes()
        at_once = expected.group
    assert first.ratchet_bytes() != at_once.ratchet_bytes()


def test_rule_1_a_message_that_does_not_verify_leaves_the_group_before_it_good() -> None:
    room = Room.of("a", "b", "c")
    honest = room.send("a", b"text")
    forged = reseal(room["c"], opaque(b"other") + opaque(bytes(64)), sender_leaf=0, generation=0)
    before = room["b"]
    with pytest.raises(PeerError) as caught:
        opened(before, forged).verify()
    assert caught.value.code == "bad_signature"
    assert opened(before, honest).verify().data == b"text"


def test_what_does_not_open_is_refused_at_once() -> None:
    room = Room.of("a", "b")
    message, own = room.send("a", b"text"), room.send("b", b"mine")
    after = opened(room["b"], message).group
    assert refused(room["b"], message[:-1] + bytes((message[-1] ^ 1,))) == "bad_ciphertext"
    assert refused(room["b"], message[:-1]) == "malformed"
    assert refused(room["b"], own) == "own_message"
    assert refused(after, message) == "replayed"
    assert refused(Room.of("a", "b", seed=5)["b"], message) in ("bad_ciphertext", "unknown_group")


def test_what_is_no_application_message_is_left_to_process() -> None:
    room = Room.of("a", "b", "c")
    for message in (
        room["a"].commit(now_s=NOW_S, random=seeded(7)).message,
        forged_proposal(room["a"], RemoveProposal(1)),
        forged_proposal(room["a"], RemoveProposal(1), WireFormat.PUBLIC_MESSAGE),
        frame(WireFormat.KEY_PACKAGE, person("d").package().key_package.encoded),
        b"",
    ):
        assert room["b"].open(message) is None


def test_nothing_of_an_unverified_message_can_be_read_or_printed() -> None:
    room = Room.of("a", "b")
    message = opened(room["b"], room.send("a", b"the text"))
    assert not hasattr(message, "data")
    assert "the text" not in repr(message)
