"""Claims that a home has ordered: which are kept, for how long, in which order."""

from __future__ import annotations

from dataclasses import replace

from byre.client.rooms.ordered_claims import (
    KEPT_MS,
    MOST,
    SignedClaim,
    claim_of,
    forget_ordered,
    groups_with_order,
    ordered,
    outdated,
    put_ordered,
    value_of,
)
from byre.store import Transaction
from tests.fakes.identities import NOW_MS, RELAY

GROUP, OTHER = b"g" * 32, b"o" * 32
CLAIM = SignedClaim(RELAY, b"t" * 16, 7, b"c" * 16, b"h" * 48, b"n" * 32, b"s" * 64, b"body")


def test_claim_is_the_same_after_it_was_kept() -> None:
    assert claim_of(value_of(CLAIM)) == CLAIM
    assert claim_of(None) is None


async def test_claims_come_by_epoch_and_each_room_has_its_own(tx: Transaction) -> None:
    for epoch in (16, 2, 9):
        put_ordered(tx, GROUP, replace(CLAIM, epoch=epoch), NOW_MS)
    put_ordered(tx, OTHER, CLAIM, NOW_MS)
    assert [claim.epoch for claim in ordered(tx, GROUP)] == [2, 9, 16]
    assert groups_with_order(tx) == [GROUP, OTHER]
    forget_ordered(tx, GROUP)
    assert (ordered(tx, GROUP), groups_with_order(tx)) == ([], [OTHER])


async def test_only_the_last_of_many_are_kept(tx: Transaction) -> None:
    for epoch in range(MOST + 2):
        put_ordered(tx, GROUP, replace(CLAIM, epoch=epoch), NOW_MS)
    assert [claim.epoch for claim in ordered(tx, GROUP)] == list(range(2, MOST + 2))


async def test_what_was_kept_for_three_days_is_of_no_use(tx: Transaction) -> None:
    put_ordered(tx, GROUP, CLAIM, NOW_MS)
    put_ordered(tx, OTHER, CLAIM, NOW_MS + 1)
    assert outdated(tx, NOW_MS + KEPT_MS - 1) == []
    (name,) = outdated(tx, NOW_MS + KEPT_MS)
    tx.settings.delete(name)
    assert groups_with_order(tx) == [OTHER]
