from __future__ import annotations

from byre.client.delivery.receipt_pace import INTERVAL_MS, ReceiptPace

ROOM, OTHER = b"room", b"other"


def test_the_first_receipt_goes_at_once_and_the_next_a_second_later() -> None:
    pace = ReceiptPace()
    assert pace.wait_ms(ROOM, 5_000) == 0
    pace.sent(ROOM, 5_000)
    assert pace.wait_ms(ROOM, 5_000) == INTERVAL_MS
    assert pace.wait_ms(ROOM, 5_999) == 1
    assert pace.wait_ms(ROOM, 6_000) == 0


def test_rooms_do_not_wait_for_each_other() -> None:
    pace = ReceiptPace()
    pace.sent(ROOM, 5_000)
    assert pace.wait_ms(OTHER, 5_000) == 0
    pace.sent(OTHER, 5_500)
    assert pace.wait_ms(ROOM, 5_500) == 500


def test_a_clock_set_back_holds_nothing() -> None:
    pace = ReceiptPace()
    pace.sent(ROOM, 5_000_000)
    assert pace.wait_ms(ROOM, 1_000) == 0
