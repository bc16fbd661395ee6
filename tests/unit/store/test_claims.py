"""Signed claims: which are granted, which ordered, and which are kept."""

from __future__ import annotations

from dataclasses import replace

from byre.store import SignedClaimRow, Transaction
from byre.store.claims import CLAIMS_KEPT

NOW_MS = 1_760_000_000_000
GROUP, OTHER = b"g" * 32, b"o" * 32
CLAIM = SignedClaimRow(GROUP, 7, "https://relay", b"t" * 16, b"c" * 16, b"h" * 48, b"n" * 32, b"s" * 64, b"body")


def put_ordered(tx: Transaction, claim: SignedClaimRow, now_ms: int = NOW_MS) -> None:
    tx.claims.put(replace(claim, ordered_at=now_ms))


def test_a_granted_claim_becomes_an_ordered_one(tx: Transaction) -> None:
    assert (tx.claims.granted(GROUP), tx.claims.groups_with_granted()) == (None, [])
    assert not tx.claims.mark_ordered(GROUP, NOW_MS)
    tx.claims.put(CLAIM)
    tx.claims.put(replace(CLAIM, group_id=OTHER))
    assert (tx.claims.granted(GROUP), tx.claims.groups_with_granted()) == (CLAIM, [GROUP, OTHER])
    assert (tx.claims.ordered(GROUP), tx.claims.groups_with_order()) == ([], [])
    assert tx.claims.mark_ordered(GROUP, NOW_MS)
    assert (tx.claims.granted(GROUP), tx.claims.groups_with_granted()) == (None, [OTHER])
    assert (tx.claims.ordered(GROUP), tx.claims.groups_with_order()) == ([replace(CLAIM, ordered_at=NOW_MS)], [GROUP])
    assert not tx.claims.mark_ordered(GROUP, NOW_MS + 1), "it stays ordered at its time"
    assert tx.claims.ordered(GROUP)[0].ordered_at == NOW_MS


def test_claims_come_by_epoch_and_each_room_has_its_own(tx: Transaction) -> None:
    for epoch in (16, 2, 9):
        put_ordered(tx, replace(CLAIM, epoch=epoch))
    put_ordered(tx, replace(CLAIM, group_id=OTHER))
    tx.claims.put(replace(CLAIM, epoch=17))
    assert [claim.epoch for claim in tx.claims.ordered(GROUP)] == [2, 9, 16]
    assert tx.claims.groups_with_order() == [GROUP, OTHER]
    tx.claims.forget_ordered(GROUP)
    assert (tx.claims.ordered(GROUP), tx.claims.groups_with_order()) == ([], [OTHER])
    assert tx.claims.granted(GROUP) == replace(CLAIM, epoch=17), "what nobody has named is to be claimed still"


def test_only_the_last_of_many_are_kept(tx: Transaction) -> None:
    put_ordered(tx, replace(CLAIM, group_id=OTHER, epoch=0))
    for epoch in range(CLAIMS_KEPT + 2):
        tx.claims.put(replace(CLAIM, epoch=epoch))
        tx.claims.mark_ordered(GROUP, NOW_MS + epoch)
    assert [claim.epoch for claim in tx.claims.ordered(GROUP)] == list(range(2, CLAIMS_KEPT + 2))
    assert [claim.epoch for claim in tx.claims.ordered(OTHER)] == [0]


def test_what_was_ordered_long_ago_goes(tx: Transaction) -> None:
    put_ordered(tx, CLAIM)
    put_ordered(tx, replace(CLAIM, group_id=OTHER), NOW_MS + 1)
    tx.claims.put(replace(CLAIM, epoch=8))
    assert not tx.claims.is_any_ordered(NOW_MS - 1)
    assert tx.claims.is_any_ordered(NOW_MS)
    tx.claims.drop_ordered(NOW_MS)
    assert tx.claims.groups_with_order() == [OTHER]
    assert tx.claims.groups_with_granted() == [GROUP]
    assert "body" not in repr(CLAIM)
