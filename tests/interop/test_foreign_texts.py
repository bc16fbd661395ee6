"""Application messages that ts-mls seals in a live group and one thing of which is wrong, and what happens to them on
their way: refused for that one thing, nothing changes, and the honest message of the same generation opens afterwards.
"""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls import Group, Received
from byre.mls.profile import HYBRID
from byre.wire.tls import opaque
from tests.interop.members import OurMember
from tests.interop.mixed_room import MixedRoom
from tests.interop.ts_mls import NodeProcess, TsMember

pytestmark = pytest.mark.xdist_group("interop")
OURS, TS = "ours", "ts-mls"
FRAME_BYTES = 4


class Stage:
    """A group of `o`, who judges, `t`, who forges, and `u`."""

    def __init__(self, node: NodeProcess, suite_id: int) -> None:
        room = MixedRoom(901, suite_id=suite_id, node=node)
        room.create("t", TS)
        room.add("t", ("o", OURS), ("u", TS))
        room.commit("t")
        self.forger: TsMember = room.ts("t")
        self.other: TsMember = room.ts("u")
        self.judge: OurMember = room.ours("o")
        self._other_leaf = self.forger.leaf_of("u")

    def forge(self, spoil: str, data: bytes = b"forged") -> bytes:
        """Return a text of `t` with one thing wrong."""
        return bytes.fromhex(
            self.forger.ask("forge_text", spoil=spoil, data=data.hex(), other=self._other_leaf)["message"]
        )

    def outcome(self, message: bytes) -> str:
        """Return the code of the refusal, or 'taken'; the state is as it was, also when it is read from the store."""
        before = self._stored()
        for group in (self.judge.group, Group.load(*before)):
            try:
                received = group.process(message, public_handshakes=True)
            except PeerError as error:
                code = error.code
            else:
                assert isinstance(received, Received)
                code = "taken"
        assert self._stored() == before
        return code

    def talk(self) -> None:
        """Both others say something, with the generations that the forgeries had, and it is read."""
        for speaker in (self.forger, self.other):
            received = self.judge.group.process(speaker.encrypt(b"still here"))
            assert isinstance(received, Received)
            assert received.data == b"still here"
            self.judge.group = received.group

    def _stored(self) -> tuple[bytes, bytes]:
        return self.judge.group.epoch_bytes(), self.judge.group.ratchet_bytes()


REFUSED = {
    "generation_next": "bad_ciphertext",
    "generation_far": "generation_too_far",
    "generation_last": "generation_too_far",
    "guard": "bad_ciphertext",
    "leaf_of_another": "bad_ciphertext",
    "leaf_of_nobody": "unknown_sender",
    "sender_data_long": "malformed",
    "sender_data_short": "malformed",
    "sample": "bad_ciphertext",
    "in_anothers_name": "bad_signature",
    "signature": "bad_signature",
    "signed_as_another": "bad_signature",
    "signed_as_public": "bad_signature",
    "signed_by_a_stranger": "bad_signature",
    "signed_for_another_tree": "bad_signature",
    "signed_for_another_epoch": "bad_signature",
    "padding_of_one": "malformed",
    "padding_ends_in_one": "malformed",
    "tag_behind": "malformed",
    "nothing_inside": "malformed",
    "signature_missing": "malformed",
    "signature_cut": "malformed",
    "ciphertext_none": "bad_ciphertext",
    "ciphertext_short": "bad_ciphertext",
    "ciphertext_tag_only": "bad_ciphertext",
    "ciphertext_cut": "bad_ciphertext",
    "aad": "bad_ciphertext",
    "type_on_the_way": "bad_ciphertext",
    "called_a_proposal": "unsupported_proposal",
    "called_a_commit": "malformed",
    "later_epoch": "future_epoch",
    "earlier_epoch": "wrong_epoch",
    "group": "unknown_group",
}


@pytest.fixture(scope="module", params=[1, HYBRID], ids=["suite 1", "hybrid"])
def stage(node: NodeProcess, request: pytest.FixtureRequest) -> Stage:
    return Stage(node, request.param)


def test_each_forged_text_is_refused_for_what_is_wrong_and_burns_no_key(stage: Stage) -> None:
    assert {spoil: stage.outcome(stage.forge(spoil)) for spoil in REFUSED} == REFUSED
    stage.talk()


def test_what_is_right_is_taken(stage: Stage) -> None:
    for spoil in ("nothing", "padding"):
        assert stage.outcome(stage.forge(spoil)) == "taken"
    assert stage.outcome(stage.forge("nothing", b"")) == "taken"
    assert stage.outcome(stage.forge("nothing", bytes(1 << 20))) == "taken"
    stage.talk()


def test_parts_of_two_members_messages_do_not_go_together(stage: Stage) -> None:
    one, two = (split(each.encrypt(b"of this member")) for each in (stage.forger, stage.other))
    (head, sender, ciphertext), (_, other_sender, other_ciphertext) = one, two
    assert stage.outcome(head + other_sender + ciphertext) == "bad_ciphertext"
    assert stage.outcome(head + sender + other_ciphertext) == "bad_ciphertext"
    stage.judge.group = taken(stage.judge.group, head + other_sender + other_ciphertext)
    stage.judge.group = taken(stage.judge.group, head + sender + ciphertext)
    assert stage.outcome(head + sender + ciphertext) == "replayed"
    stage.talk()


def test_what_is_cut_off_lengthened_or_announces_more_than_comes_is_refused(stage: Stage) -> None:
    message = stage.forger.encrypt(b"whole")
    for length in range(len(message)):
        assert stage.outcome(message[:length]) == "malformed"
    assert stage.outcome(message + b"\x00") == "malformed"
    head, sender, ciphertext = split(message)
    body = ciphertext[2:]
    assert opaque(body) == ciphertext
    for announced in (
        b"\xbf\xff\xff\xff",
        b"\x80\x00\x40\x00",
        b"\xff",
        b"\x80\x00" + len(body).to_bytes(2),
    ):
        assert stage.outcome(head + sender + announced + body) == "malformed"
    stage.judge.group = taken(stage.judge.group, message)
    stage.talk()


def split(message: bytes) -> tuple[bytes, bytes, bytes]:
    """Return what stands before the sender data, the sender data and the ciphertext, with their lengths."""
    at = FRAME_BYTES
    at += 1 + message[at] + 8 + 1  # group id, epoch, content type
    at += 1 + message[at]  # authenticated data
    end = at + 1 + message[at]
    return message[:at], message[at:end], message[end:]


def taken(group: Group, message: bytes) -> Group:
    received = group.process(message)
    assert isinstance(received, Received)
    return received.group
