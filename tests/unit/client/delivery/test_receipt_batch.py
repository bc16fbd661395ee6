from __future__ import annotations

from byre.client.delivery.receipt_batch import INTERVAL_MS, MAX_IDS, ReceiptBatch

ROOM, OTHER, ANNA, BEN = b"room", b"other", b"anna", b"ben"


def test_the_first_receipt_goes_at_once_and_the_next_a_second_later() -> None:
    batch = ReceiptBatch()
    batch.delivered(ROOM, ANNA, b"1")
    assert batch.due(0) == [ROOM]
    assert batch.take(ROOM, 0) is not None
    batch.delivered(ROOM, ANNA, b"2")
    assert batch.due(INTERVAL_MS - 1) == []
    assert batch.next_due_ms() == INTERVAL_MS
    assert batch.due(INTERVAL_MS) == [ROOM]


def test_rooms_do_not_wait_for_each_other() -> None:
    batch = ReceiptBatch()
    batch.delivered(ROOM, ANNA, b"1")
    batch.take(ROOM, 0)
    batch.delivered(OTHER, ANNA, b"2")
    assert batch.due(0) == [OTHER]


def test_one_receipt_names_all_authors() -> None:
    batch = ReceiptBatch()
    batch.delivered(ROOM, ANNA, b"1")
    batch.delivered(ROOM, BEN, b"2")
    batch.read(ROOM, b"2", {BEN})
    receipt = batch.take(ROOM, 0)
    assert receipt is not None
    assert receipt.ids == (b"1", b"2")
    assert receipt.read_up_to == b"2"
    assert receipt.authors == {ANNA, BEN}


def test_a_second_copy_is_answered_again() -> None:
    batch = ReceiptBatch()
    batch.delivered(ROOM, ANNA, b"1")
    batch.take(ROOM, 0)
    batch.delivered(ROOM, ANNA, b"1")
    receipt = batch.take(ROOM, INTERVAL_MS)
    assert receipt is not None
    assert receipt.ids == (b"1",)


def test_a_long_backlog_goes_in_parts() -> None:
    batch = ReceiptBatch()
    for n in range(MAX_IDS + 1):
        batch.delivered(ROOM, ANNA, n.to_bytes(16, "big"))
    first, second = batch.take(ROOM, 0), batch.take(ROOM, INTERVAL_MS)
    assert first is not None
    assert second is not None
    assert (len(first.ids), len(second.ids)) == (MAX_IDS, 1)


def test_nothing_waiting_is_no_receipt() -> None:
    batch = ReceiptBatch()
    assert batch.take(ROOM, 0) is None
    assert batch.next_due_ms() is None


def test_a_receipt_put_back_goes_with_the_next() -> None:
    batch = ReceiptBatch()
    batch.delivered(ROOM, ANNA, b"1")
    batch.read(ROOM, b"1", {ANNA})
    receipt = batch.take(ROOM, 0)
    assert receipt is not None
    batch.read(ROOM, b"2", {BEN})
    batch.put_back(ROOM, receipt)
    again = batch.take(ROOM, INTERVAL_MS)
    assert again is not None
    assert again.ids == (b"1",)
    assert again.read_up_to == b"2"
    assert again.authors == {ANNA, BEN}


def test_a_put_back_read_mark_is_kept_when_no_newer_one_came() -> None:
    batch = ReceiptBatch()
    batch.read(ROOM, b"1", {ANNA})
    receipt = batch.take(ROOM, 0)
    assert receipt is not None
    batch.put_back(ROOM, receipt)
    again = batch.take(ROOM, INTERVAL_MS)
    assert again is not None
    assert again.read_up_to == b"1"


def test_a_forgotten_room_sends_nothing() -> None:
    batch = ReceiptBatch()
    batch.delivered(ROOM, ANNA, b"1")
    batch.forget(ROOM)
    assert batch.due(0) == []
