"""Letters and their outcomes: in order, each room with its own ratchet, and nothing moved by what does not open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from byre.client.delivery.beside import Beside
from byre.client.delivery.reading import Decrypted, Letter, Outcome, decrypt, read_content
from byre.client.rooms.live_room import LiveRoom
from byre.errors import PeerError
from byre.mls import Received, Unverified
from byre.wire.content import Content, encode_content
from byre.wire.content_bodies import Text
from byre.wire.ids import MessageId, RunId
from byre.wire.tls import opaque
from tests.fakes.identities import Person
from tests.fakes.mls import seeded
from tests.fakes.mls_forger import reseal
from tests.fakes.paper_rooms import room_of

GROUP, OTHER = b"g" * 32, b"h" * 32
ALONE = Beside(has_room=False)


@dataclass(frozen=True)
class PaperGroup:
    """A ratchet that counts: `bad` does not open, `bug` is a fault of ours, `forged` opens and does not verify."""

    taken: int = 0

    def process(self, message: bytes, **_: Any) -> Received | None:
        opened = self.open(message)
        return None if opened is None else opened.verify()

    def open(self, message: bytes) -> Unverified | None:
        if message == b"proposal":
            return None
        if message == b"bad":
            raise PeerError("it does not open", code="bad_ciphertext")
        if message == b"bug":
            raise ZeroDivisionError
        return cast(Unverified, PaperMessage(PaperGroup(self.taken + 1), message))


@dataclass(frozen=True)
class PaperMessage:
    group: PaperGroup
    message: bytes

    def verify(self) -> Received:
        if self.message == b"forged":
            raise PeerError("nobody signed it", code="bad_signature")
        number = self.group.taken - 1
        return Received(cast(Any, self.group), 1, self.message + b"%d" % number, b"", number)


@dataclass(frozen=True)
class PaperRoom:
    group_id: bytes
    epoch: int = 3
    group: PaperGroup = PaperGroup()

    def with_group(self, group: PaperGroup) -> PaperRoom:
        return replace(self, group=group)


ROOMS = cast(dict[bytes, LiveRoom | None], {GROUP: PaperRoom(GROUP), OTHER: PaperRoom(OTHER), b"unknown": None})


def letter(message: bytes, group_id: bytes | None = GROUP, epoch: int = 3, **more: Any) -> Letter:
    return Letter(b"mid", group_id, epoch, message, **more)


def test_what_a_message_says_is_decoded_with_it() -> None:
    said = Content(MessageId(b"m" * 16), RunId(b"r" * 8), 1, 5, Text("hello"))
    content = read_content(encode_content(said))
    assert isinstance(content, Content)
    assert content.body == Text("hello")
    (outcome,) = decrypt([letter(b"no content")], ROOMS, 0, ALONE)
    assert isinstance(outcome, Decrypted)
    assert isinstance(outcome.content, PeerError)


def words(outcomes: Sequence[Outcome]) -> list[str]:
    """Each outcome in a word: what was read, the code of why not, or nothing."""
    return [
        each.received.data.decode() if isinstance(each, Decrypted) else "" if each is None else each.code
        for each in outcomes
    ]


MIXED = [
    letter(b"a"),
    letter(b"a", OTHER),
    letter(b"bad"),
    letter(b"b"),
    letter(b"later", epoch=4),
    letter(b"earlier", epoch=2),
    letter(b"commit", is_handshake=True),
    letter(b"x", b"unknown"),
    letter(b"", None, 0, unreadable="malformed"),
    letter(b"c"),
]
EXPECTED = ["a0", "a0", "bad_ciphertext", "b1", "", "", "", "", "", "c2"]


def test_each_message_moves_its_own_room_and_a_bad_one_none() -> None:
    outcomes = decrypt(MIXED, ROOMS, 0, ALONE)
    assert words(outcomes) == EXPECTED
    last = outcomes[-1]
    assert isinstance(last, Decrypted)
    assert last.room.group == PaperGroup(3)
    assert ROOMS[GROUP] == PaperRoom(GROUP)


def test_a_message_that_nobody_signed_moves_no_room_wherever_it_stands() -> None:
    forged = [letter(b"forged"), *MIXED[:3], letter(b"forged"), letter(b"forged", OTHER), *MIXED[3:], letter(b"forged")]
    outcomes = decrypt(forged, ROOMS, 0, ALONE)
    bad = "bad_signature"
    assert words(outcomes) == [bad, *EXPECTED[:3], bad, bad, *EXPECTED[3:], bad]
    last = outcomes[-2]
    assert isinstance(last, Decrypted)
    assert last.room.group == PaperGroup(3)


def test_what_turns_out_to_be_no_message_is_left_to_others() -> None:
    assert words(decrypt([letter(b"a"), letter(b"proposal"), letter(b"b")], ROOMS, 0, ALONE)) == ["a0", "", "b1"]


def test_a_fault_of_ours_is_none_of_the_peers() -> None:
    with pytest.raises(ZeroDivisionError):
        decrypt([letter(b"a"), letter(b"bug"), letter(b"b")], ROOMS, 0, ALONE)


@pytest.mark.parametrize("has_room", [False, True])
def test_a_burst_with_a_members_forgery_leaves_the_ratchets_that_one_by_one_leaves(has_room: bool) -> None:
    rooms = room_of(Person("anna"), Person("ben"), Person("carl"))
    ben = rooms["ben"].group
    messages = []
    for number in range(24):
        ben, message = ben.encrypt(b"%d" % number, random=seeded(number))
        messages.append(message)
    # Carl seals in ben's name what ben never signed, in the place of a message that ben has sent.
    forged = reseal(rooms["carl"].group, opaque(b"?") + opaque(bytes(64)), sender_leaf=ben.own_leaf_index, generation=9)
    anna = rooms["anna"]
    burst = [letter(each, anna.group_id, anna.epoch) for each in [*messages[:9], forged, *messages[9:]]]
    beside = Beside(has_room=has_room)
    try:
        outcomes = decrypt(burst, {anna.group_id: anna}, 0, beside)
    finally:
        beside.close()
    expected = [str(number) for number in range(24)]
    assert words(outcomes) == [*expected[:9], "bad_signature", *expected[9:]]
    one_by_one = anna.group
    for message in messages:
        result = one_by_one.process(message)
        assert isinstance(result, Received)
        one_by_one = result.group
    last = outcomes[-1]
    assert isinstance(last, Decrypted)
    assert last.room.group.ratchet_bytes() == one_by_one.ratchet_bytes()
