"""A home whose head went back: what is claimed again, in which order, and when to stop."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.connection.results import ClaimResult, ConflictingCommit, Gone, Granted
from byre.client.rooms.catch_up import Word
from byre.client.rooms.reordering import KEPT_MS, Reordering
from byre.client.rooms.standstill import Dispute
from byre.errors import EnvironmentFault, PeerError
from byre.store import SignedClaimRow, Transaction
from tests.fakes.identities import NOW_MS, RELAY, Person
from tests.fakes.room_desk import RoomDesk

GROUP, EPOCH = b"g" * 32, 9
CLAIM = SignedClaimRow(GROUP, 5, RELAY, b"t" * 16, b"c" * 16, b"h" * 48, b"n" * 32, b"s" * 64, b"body")
LATER = replace(CLAIM, epoch=8, commit_hash=b"l" * 48)


class Home:
    """A home whose head is at `head`; `foreign` are the epochs that somebody else ends."""

    def __init__(self, tx: Transaction, head: int, *claims: SignedClaimRow, foreign: tuple[int, ...] = ()) -> None:
        self.head, self.foreign = head, foreign
        self.asked: list[int] = []
        self.told: list[bytes] = []
        self.put_back: list[str] = []
        self.word_of: Word | None = None
        self.answer: ClaimResult | Exception | None = None
        desk = RoomDesk(tx, Person("anna"))
        self.context = desk.context
        room: Any = SimpleNamespace(group_id=GROUP, epoch=EPOCH, context=SimpleNamespace(home_url=RELAY))
        desk.groups.rooms[GROUP] = room
        for claim in claims:
            tx.claims.put(replace(claim, ordered_at=NOW_MS))
        self.reordering = Reordering(
            desk.context,
            desk.groups,  # type: ignore[arg-type]
            SimpleNamespace(send=self._send),  # type: ignore[arg-type]
            word=self._word,
            told=self._tell,
            put_back=self.put_back.append,
        )

    async def _word(self, dispute: Dispute) -> Word:
        assert dispute == Dispute(GROUP, EPOCH)
        if self.word_of is not None:
            return self.word_of
        return Word.AGREES if self.head >= EPOCH else Word.DISAGREES

    async def _tell(self, group_id: bytes) -> None:
        self.told.append(group_id)

    async def _send(self, claim: SignedClaimRow) -> ClaimResult:
        self.asked.append(claim.epoch)
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is not None:
            return self.answer
        if claim.epoch > self.head:
            raise PeerError("no", code="relay_auth")
        self.fill(claim.epoch + 1)
        return Granted(claim.epoch + 1)

    def fill(self, head: int) -> None:
        """Others claim theirs."""
        self.head = max(self.head, head)
        while self.head in self.foreign:
            self.head += 1


async def test_home_that_knows_the_epoch_is_claimed_nothing_from(tx: Transaction) -> None:
    home = Home(tx, EPOCH, CLAIM, LATER)
    await home.reordering.connected(RELAY)
    assert (home.asked, home.told, home.put_back) == ([], [], [])


async def test_head_that_went_back_is_brought_forward_in_order_and_the_room_is_told(tx: Transaction) -> None:
    home = Home(tx, 5, LATER, CLAIM, foreign=(6, 7))
    await home.reordering.connected(RELAY)
    assert (home.asked, home.head, home.told) == ([5, 8], EPOCH, [GROUP])
    await home.reordering.look_again()
    assert (home.asked, home.told) == ([5, 8], [GROUP]), "once is enough"


async def test_what_somebody_else_ended_is_waited_for_and_nothing_claimed_twice(tx: Transaction) -> None:
    home = Home(tx, 5, CLAIM, LATER)
    await home.reordering.connected(RELAY)
    assert (home.asked, home.told) == ([5, 8], [])
    await home.reordering.look_again()
    assert (home.asked, home.put_back) == ([5, 8, 8], [RELAY])
    home.head = 8
    await home.reordering.look_again()
    assert (home.head, home.told) == (EPOCH, [GROUP])


async def test_who_lacks_only_others_claims_tells_too_once_they_are_there(tx: Transaction) -> None:
    """One of them is enough, but none knows which."""
    home = Home(tx, 5, LATER)
    await home.reordering.connected(RELAY)
    home.head = EPOCH
    await home.reordering.look_again()
    assert home.told == [GROUP]


async def test_order_that_came_about_since_is_left_alone(tx: Transaction) -> None:
    home = Home(tx, 6, CLAIM, LATER)
    home.answer = ConflictingCommit(6, b"x" * 16, b"x" * 48, b"")
    await home.reordering.connected(RELAY)
    await home.reordering.look_again()
    assert (home.asked, home.told, tx.claims.ordered(GROUP)) == ([5], [], [])


async def test_claim_that_the_home_has_forgotten_is_passed_over(tx: Transaction) -> None:
    home = Home(tx, 8, CLAIM, LATER)
    home.answer = Gone(8)
    await home.reordering.connected(RELAY)
    assert home.asked == [5, 8]


@pytest.mark.parametrize("word", [Word.SILENT, Word.DISAGREES])
async def test_home_that_is_away_is_asked_again(tx: Transaction, word: Word) -> None:
    home = Home(tx, 5, CLAIM, LATER, foreign=(6, 7))
    home.word_of, home.answer = word, EnvironmentFault("away", code="relay_unreachable")
    await home.reordering.connected(RELAY)
    assert home.asked == ([] if word is Word.SILENT else [5])
    home.word_of = home.answer = None
    await home.reordering.connected(RELAY)
    assert (home.head, home.told) == (EPOCH, [GROUP])


async def test_other_relays_and_rooms_that_one_left_are_not_looked_at(tx: Transaction) -> None:
    home = Home(tx, 5, CLAIM)
    await home.reordering.connected("https://other.example")
    home.reordering._groups.rooms.clear()  # type: ignore[attr-defined]
    await home.reordering.connected(RELAY)
    assert home.asked == []


async def test_claims_are_made_for_three_days_and_no_longer(tx: Transaction) -> None:
    home = Home(tx, 5, LATER)
    await home.reordering.connected(RELAY)
    now_ms = NOW_MS + KEPT_MS
    home.context.clock.now_ms = lambda: now_ms  # type: ignore[method-assign]
    await home.reordering.look_again()
    assert (home.asked, tx.claims.ordered(GROUP)) == ([8], [])
