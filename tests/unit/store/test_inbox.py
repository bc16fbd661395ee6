"""Kept envelopes and mids."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.store import KeptEnvelopeRow, Transaction, UndecryptableRow, inbox
from byre.store.inbox import KEPT_FOR_MS, MIDS_KEPT_FOR_MS
from tests.unit.store.profile import NOW

BOX = b"m" * 16
ROW = KeptEnvelopeRow(0, BOX, b"1" * 16, "future_epoch", b"g", 4, b"envelope", NOW)


def row(number: int, **columns: object) -> KeptEnvelopeRow:
    return replace(ROW, mid=number.to_bytes(16, "big"), **columns)  # type: ignore[arg-type]


def test_a_mid_is_taken_once_in_seven_days(tx: Transaction) -> None:
    assert tx.inbox.take_mid(BOX, b"1" * 16, NOW)
    assert not tx.inbox.take_mid(BOX, b"1" * 16, NOW + 5)
    assert tx.inbox.take_mid(b"n" * 16, b"1" * 16, NOW)
    tx.inbox.expire(NOW + MIDS_KEPT_FOR_MS - 1)
    assert not tx.inbox.take_mid(BOX, b"1" * 16, NOW)
    tx.inbox.expire(NOW + MIDS_KEPT_FOR_MS)
    assert tx.inbox.take_mid(BOX, b"1" * 16, NOW)


def test_envelopes_are_kept_by_group(tx: Transaction) -> None:
    for kept in (row(1), row(2, group_id=None, reason="unknown_group"), row(3), row(1)):
        tx.inbox.keep(kept)
    assert [kept.mid[-1] for kept in tx.inbox.kept()] == [1, 2, 3]
    first, third = tx.inbox.kept(b"g")
    assert first == row(1, id=first.id, expires_at=NOW + KEPT_FOR_MS)
    tx.inbox.drop(first.id)
    assert tx.inbox.kept(b"g") == [third]
    assert tx.inbox.drop_group(b"g") == 1
    assert len(tx.inbox.kept()) == 1


def test_a_burst_takes_what_is_new_of_it(tx: Transaction) -> None:
    mids = [bytes([number]) * 16 for number in range(150)]
    assert tx.inbox.take_mid(BOX, mids[3], NOW)
    assert tx.inbox.take_mids(BOX, [*mids[:2], mids[0]], NOW) == set(mids[:2])
    assert tx.inbox.take_mids(BOX, mids, NOW) == set(mids) - {mids[0], mids[1], mids[3]}
    assert tx.inbox.take_mids(BOX, mids, NOW) == set()
    assert tx.inbox.take_mids(b"n" * 16, mids[:1], NOW) == set(mids[:1])
    assert tx.inbox.take_mids(BOX, [], NOW) == set()
    assert tx.inbox.is_taken(BOX, mids[149])
    assert not tx.inbox.is_taken(BOX, b"\xff" * 16)


def test_envelopes_are_given_up_after_72_hours_with_a_record(tx: Transaction) -> None:
    tx.inbox.keep(row(1))
    tx.inbox.keep(row(2, received_at=NOW + 1))
    assert tx.inbox.expire(NOW + KEPT_FOR_MS) == 1
    assert [kept.mid[-1] for kept in tx.inbox.kept()] == [2]
    assert [record.reason for record in tx.inbox.undecryptable()] == ["expired"]


@pytest.mark.parametrize(("name", "bound"), [("KEPT_COUNT", 3), ("KEPT_BYTES", 3 * len(b"envelope") + 1)])
def test_the_oldest_give_way(tx: Transaction, monkeypatch: pytest.MonkeyPatch, name: str, bound: int) -> None:
    monkeypatch.setattr(inbox, name, bound)
    for number in range(5):
        tx.inbox.keep(row(number))
    assert [kept.mid[-1] for kept in tx.inbox.kept()] == [2, 3, 4]
    assert [(record.mid[-1], record.reason) for record in tx.inbox.undecryptable()] == [
        (1, "inbox_full"),
        (0, "inbox_full"),
    ]


def test_records_are_bounded(tx: Transaction, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "UNDECRYPTABLE_KEPT", 2)
    for number in range(4):
        tx.inbox.add_undecryptable(UndecryptableRow(0, bytes([number]), None, None, "bad_ciphertext", NOW))
    assert [record.mid[0] for record in tx.inbox.undecryptable()] == [3, 2]
    assert len(tx.inbox.undecryptable(1)) == 1
