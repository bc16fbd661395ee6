"""Receipts in batches."""

from __future__ import annotations

import pytest

from byre.db import Connection
from byre.store import EarlyReceiptRow, ReadDueRow, ReceiptDueRow, Transaction, receipts
from tests.unit.store.profile import ALICE, BOB, LAPTOP, NOW, room, text

FIRST = ReceiptDueRow(1, BOB, b"1" * 16, NOW)
SECOND = ReceiptDueRow(1, ALICE, b"2" * 16, NOW + 5)
READ = ReadDueRow(1, 100, b"2" * 16, NOW + 3)


@pytest.fixture(autouse=True)
def _room(tx: Transaction) -> None:
    tx.rooms.add(room(1))


def test_receipts_fall_due_and_are_done(tx: Transaction) -> None:
    assert tx.receipts.next_due() is None
    for row in (SECOND, FIRST, FIRST):
        tx.receipts.add(row)
    assert tx.receipts.next_due() == NOW
    assert tx.receipts.due(NOW) == [FIRST]
    assert tx.receipts.due(NOW + 5) == [FIRST, SECOND]
    tx.receipts.done(FIRST)
    assert tx.receipts.due(NOW + 5) == [SECOND]


def test_a_room_takes_its_oldest_receipts_alone(tx: Transaction) -> None:
    tx.rooms.add(room(2))
    elsewhere = ReceiptDueRow(2, BOB, b"4" * 16, NOW)
    third = ReceiptDueRow(1, BOB, b"3" * 16, NOW + 7)
    tx.receipts.add(third, elsewhere, SECOND, FIRST, FIRST)
    assert tx.receipts.due_in(1, NOW + 9, 2) == [FIRST, SECOND]
    assert tx.receipts.due_in(1, NOW, 9) == [FIRST]
    tx.receipts.done(FIRST, SECOND)
    assert tx.receipts.due(NOW + 9) == [third, elsewhere]
    tx.receipts.add()
    tx.receipts.done()


def test_a_reading_position_only_grows(tx: Transaction) -> None:
    tx.receipts.add_read(READ)
    tx.receipts.add_read(ReadDueRow(1, 90, b"1" * 16, NOW))
    assert tx.receipts.due_reads(NOW + 9) == [READ]
    tx.receipts.add_read(ReadDueRow(1, 110, b"3" * 16, NOW + 8))
    assert tx.receipts.due_reads(NOW + 3) == [ReadDueRow(1, 110, b"3" * 16, NOW + 3)]
    assert tx.receipts.due_reads(NOW + 2) == []
    assert tx.receipts.next_due() == NOW + 3


def test_what_was_read_meanwhile_stays_due(tx: Transaction) -> None:
    tx.receipts.add_read(READ)
    tx.receipts.done_read(ReadDueRow(1, 50, b"", 0))
    assert tx.receipts.due_reads(NOW + 9) == [READ]
    tx.receipts.done_read(READ)
    assert tx.receipts.due_reads(NOW + 9) == []


def test_a_rooms_receipts_are_dropped(tx: Transaction) -> None:
    tx.receipts.add(FIRST)
    tx.receipts.add_read(READ)
    tx.receipts.delete_room(1)
    assert tx.receipts.next_due() is None


def early(number: int, *, is_read: bool = False, at: int = 0) -> EarlyReceiptRow:
    return EarlyReceiptRow(number.to_bytes(16), 1, BOB, LAPTOP, is_read=is_read, received_at=NOW + at)


def test_an_early_receipt_waits_for_its_message_and_is_taken_once(tx: Transaction) -> None:
    assert tx.receipts.take_early([b"1" * 16]) == []
    tx.receipts.add_early([early(2, is_read=True), early(1), early(2), early(1)])
    assert tx.receipts.take_early([number.to_bytes(16) for number in range(2, 90)]) == [
        early(2, is_read=True),
        early(2),
    ]
    assert tx.receipts.take_early([(1).to_bytes(16)]) == [early(1)]
    assert tx.receipts.take_early([(1).to_bytes(16), (2).to_bytes(16)]) == []


def test_early_receipts_die_with_time_room_and_number(
    tx: Transaction, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    tx.receipts.add_early([early(1), early(2, at=1)])
    tx.receipts.expire_early(NOW + receipts.EARLY_KEPT_FOR_MS)
    assert tx.receipts.take_early([(1).to_bytes(16), (2).to_bytes(16)]) == [early(2, at=1)]
    monkeypatch.setattr(receipts, "EARLY_KEPT", 2)
    tx.receipts.add_early([early(number) for number in range(5)])
    assert tx.receipts.take_early([number.to_bytes(16) for number in range(5)]) == [early(3), early(4)]
    tx.receipts.add_early([early(6)])
    tx.receipts.delete_room(1)
    assert tx.receipts.take_early([(6).to_bytes(16)]) == []


def test_a_wiped_message_has_no_receipts_to_come(tx: Transaction, connection: Connection) -> None:
    tx.messages.add(text(1, "x"))
    connection.execute("INSERT INTO seen_message (message_id, room, author) VALUES (?, 1, 1)", ((9).to_bytes(16),))
    tx.receipts.add_early([early(9)])
    assert tx.receipts.take_early([(9).to_bytes(16)]) == []
