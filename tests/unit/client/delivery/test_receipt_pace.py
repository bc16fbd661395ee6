from __future__ import annotations

from byre.client.delivery.receipt_pace import CATCHING_UP_MS, INTERVAL_MS, LULL_MS, MANY, ReceiptPace

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


def test_while_many_come_receipts_wait_for_a_lull() -> None:
    pace = ReceiptPace()
    pace.came(MANY, 5_000)
    assert pace.wait_ms(ROOM, 5_000) == LULL_MS
    pace.came(MANY, 5_300)
    assert pace.wait_ms(ROOM, 5_500) == 300
    assert pace.wait_ms(ROOM, 5_800) == 0


def test_while_many_come_for_long_a_receipt_goes_every_two_seconds() -> None:
    pace = ReceiptPace()
    sent = []
    for now_ms in range(5_000, 12_000, 100):
        pace.came(MANY, now_ms)
        if not pace.wait_ms(ROOM, now_ms):
            pace.sent(ROOM, now_ms)
            sent.append(now_ms)
    assert sent == [5_000 + CATCHING_UP_MS * turn for turn in (1, 2, 3)]


def test_a_second_catching_up_is_counted_anew() -> None:
    pace = ReceiptPace()
    pace.came(MANY, 5_000)
    pace.came(MANY, 60_000)
    pace.came(MANY, 60_400)
    assert pace.wait_ms(ROOM, 60_400) == LULL_MS


def test_a_few_together_hold_nothing() -> None:
    pace = ReceiptPace()
    pace.came(MANY - 1, 5_000)
    assert pace.wait_ms(ROOM, 5_000) == 0


def test_a_clock_set_back_while_many_come_holds_nothing() -> None:
    pace = ReceiptPace()
    pace.came(MANY, 5_000_000)
    pace.sent(ROOM, 5_000_000)
    assert pace.wait_ms(ROOM, 1_000) == 0


def test_a_room_is_remembered_for_as_long_as_it_may_have_to_wait() -> None:
    pace = ReceiptPace()
    pace.sent(ROOM, 5_000)
    pace.sent(OTHER, 5_000 + CATCHING_UP_MS - 1)
    pace.came(MANY, 5_000 + CATCHING_UP_MS - 1)
    assert pace.wait_ms(ROOM, 5_000 + CATCHING_UP_MS - 1) == LULL_MS
    assert set(pace._sent_at) == {ROOM, OTHER}
    pace.sent(OTHER, 5_000 + CATCHING_UP_MS)
    assert set(pace._sent_at) == {OTHER}, "a room that was quiet for long waits for nothing, and takes no place"
