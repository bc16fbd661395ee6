"""Letters and their outcomes: in order, each room with its own ratchet, and nothing moved by what does not open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from byre.client.delivery.reading import Decrypted, Letter, Outcome, decrypt, read_content
from byre.client.rooms.live_room import LiveRoom
from byre.errors import PeerError
from byre.mls import Received
from byre.wire.content import Content, encode_content
from byre.wire.content_bodies import Text
from byre.wire.ids import MessageId, RunId

GROUP, OTHER = b"g" * 32, b"h" * 32


@dataclass(frozen=True)
class PaperGroup:
    """A ratchet that counts: `bad` does not open, `bug` is a fault of ours."""

    taken: int = 0

    def process(self, message: bytes, **_: Any) -> Received:
        if message == b"bad":
            raise PeerError("it does not open", code="bad_ciphertext")
        if message == b"bug":
            raise ZeroDivisionError
        group = cast(Any, PaperGroup(self.taken + 1))
        return Received(group, 1, message + b"%d" % self.taken, b"", self.taken)


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
    (outcome,) = decrypt([letter(b"no content")], ROOMS, 0)
    assert isinstance(outcome, Decrypted)
    assert isinstance(outcome.content, PeerError)


def words(outcomes: list[Outcome]) -> list[str]:
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
    outcomes = list(decrypt(MIXED, ROOMS, 0))
    assert words(outcomes) == EXPECTED
    last = outcomes[-1]
    assert isinstance(last, Decrypted)
    assert last.room.group == PaperGroup(3)
    assert ROOMS[GROUP] == PaperRoom(GROUP)


def test_outcomes_come_one_by_one_and_a_fault_of_ours_at_its_place() -> None:
    outcomes = decrypt([letter(b"a"), letter(b"bug"), letter(b"b")], ROOMS, 0)
    assert words([next(outcomes)]) == ["a0"]
    with pytest.raises(ZeroDivisionError):
        next(outcomes)
