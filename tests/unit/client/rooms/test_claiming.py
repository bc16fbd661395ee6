"""Claims that were granted: kept as they were sent, sent again word for word, forgotten once the home agrees."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.connection.results import ClaimResult, ConflictingCommit, Gone, Granted
from byre.client.rooms.claiming import Claiming, Standing, keep_claim
from byre.errors import EnvironmentFault, PeerError
from byre.store import SignedClaimRow, Transaction
from tests.fakes.identities import NOW_MS, RELAY, Person
from tests.fakes.room_desk import RoomDesk

GROUP = b"g" * 32
CLAIM = SignedClaimRow(GROUP, 7, RELAY, b"t" * 16, b"c" * 16, b"h" * 48, b"n" * 32, b"s" * 64, b"body")
ORDERED = replace(CLAIM, ordered_at=NOW_MS)


class Bench:
    """A home that answers with `answer`, or raises it."""

    def __init__(self, tx: Transaction, answer: ClaimResult | Exception | None = None) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []
        network = SimpleNamespace(relay=lambda url: SimpleNamespace(claim=self._claim))
        self.claiming = Claiming(RoomDesk(tx, Person("anna"), network=network).context)

    async def _claim(self, **claim: Any) -> Any:
        self.asked.append(claim)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "standing"),
    [
        (Granted(8), Standing.ORDERED),
        (ConflictingCommit(8, b"c" * 16, CLAIM.commit_hash, b""), Standing.ORDERED),
        (ConflictingCommit(8, b"x" * 16, b"x" * 48, b""), Standing.OVERRULED),
        (Gone(9), Standing.UNKNOWN),
        (EnvironmentFault("away", code="relay_unreachable"), Standing.UNKNOWN),
        (PeerError("no", code="relay_auth"), Standing.UNKNOWN),
    ],
)
async def test_a_granted_claim_is_made_again_word_for_word(
    tx: Transaction, answer: ClaimResult | Exception, standing: Standing
) -> None:
    bench = Bench(tx, answer)
    keep_claim(tx, CLAIM, NOW_MS)
    assert tx.claims.granted(GROUP) == CLAIM
    assert await bench.claiming.again(GROUP) is standing
    (asked,) = bench.asked
    assert asked == {name: getattr(CLAIM, name) for name in asked}
    assert len(asked) == len(CLAIM.__slots__) - 3, "all of it but whose home it is, and since when it is ordered"


async def test_what_the_home_has_confirmed_is_claimed_no_more(tx: Transaction) -> None:
    bench = Bench(tx)
    assert await bench.claiming.unconfirmed() == []
    keep_claim(tx, CLAIM, NOW_MS)
    assert await bench.claiming.unconfirmed() == [GROUP]
    for _ in range(2):
        await bench.claiming.confirmed(GROUP)
    assert (await bench.claiming.unconfirmed(), tx.claims.granted(GROUP)) == ([], None)
    assert await bench.claiming.again(GROUP) is Standing.UNKNOWN
    assert bench.asked == []
    assert tx.claims.ordered(GROUP) == [ORDERED], "a home that is put back may need it again"


async def test_claim_that_a_later_one_follows_is_kept_with_it(tx: Transaction) -> None:
    later = replace(CLAIM, epoch=8)
    for claim in (CLAIM, later):
        keep_claim(tx, claim, NOW_MS)
    assert (tx.claims.granted(GROUP), tx.claims.ordered(GROUP)) == (later, [ORDERED])
