"""Messages: order, unread counts, paging, search."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from byre.db import Connection
from byre.errors import InternalBug
from byre.store import MessageRow, Transaction
from byre.store.messages import TIE_BITS, _apart
from tests.unit.store.profile import ALICE, BOB, LAPTOP, NOW, PHONE, found, room, text
from tests.unit.store.test_wipes import JOURNAL


@pytest.fixture(autouse=True)
def _room(tx: Transaction) -> None:
    tx.rooms.add(room(1))
    tx.rooms.add(room(2))


def bodies(rows: list[MessageRow]) -> list[str]:
    return [row.body for row in rows]


def stored(row: MessageRow | None) -> MessageRow:
    assert row is not None
    return row


def test_a_message_comes_back_as_it_went_in(tx: Transaction) -> None:
    new = text(1, "안녕 👋", at=5, received_at=NOW + 9, detail="d", content=b"map", unread_by=2)
    row = stored(tx.messages.add(new))
    assert row.id == (NOW + 5) << TIE_BITS
    assert row._asdict() == {"id": row.id, **asdict(new)}
    assert tx.messages.at(row.id) == tx.messages.get(1, new.message_id) == row
    assert "안녕" not in repr(row)
    assert "안녕" not in repr(new)


def test_order_is_by_the_earlier_of_sent_and_received(tx: Transaction) -> None:
    tx.messages.add(text(1, "second", at=10))
    tx.messages.add(text(2, "future clock", sent_at=NOW + 9_000_000, received_at=NOW + 20))
    tx.messages.add(text(3, "came late", sent_at=NOW, received_at=NOW + 30))
    tx.messages.add(text(4, "same instant", at=10))
    assert bodies(tx.messages.page(1, 10)) == ["future clock", "same instant", "second", "came late"]


def test_a_full_millisecond_runs_over(tx: Transaction, connection: Connection) -> None:
    first = stored(tx.messages.add(text(1, "x")))
    last_of_it = first.id + (1 << TIE_BITS) - 1
    connection.execute("UPDATE message SET id = ? WHERE id = ?", (last_of_it, first.id))
    tx.messages.add(text(2, "y", at=1))
    assert stored(tx.messages.add(text(3, "z"))).id == (NOW + 1 << TIE_BITS) + 1


def test_times_out_of_range(tx: Transaction) -> None:
    assert stored(tx.messages.add(text(1, "x", sent_at=-5))).id == 0
    with pytest.raises(InternalBug):
        tx.messages.add(text(2, "x", at=1 << 45))


def test_a_message_id_is_taken_once_per_sender_and_room(tx: Transaction) -> None:
    assert tx.messages.add(text(1, "first")) is not None
    assert tx.messages.add(text(1, "again")) is None
    assert tx.messages.add(text(1, "another sender", device_id=PHONE)) is not None
    assert tx.messages.add(text(1, "another room", in_room=2)) is not None
    assert tx.messages.is_known(1, BOB, LAPTOP, (1).to_bytes(16, "big"))
    assert not tx.messages.is_known(1, ALICE, PHONE, (1).to_bytes(16, "big"))
    assert stored(tx.messages.get(1, (1).to_bytes(16, "big"))).body == "first"


def test_an_id_that_another_sender_has_used_is_set_apart(tx: Transaction) -> None:
    number = (1).to_bytes(16, "big")
    first = stored(tx.messages.add(text(1, "first")))
    forged, elsewhere = text(1, "forged", device_id=PHONE), text(1, "forged", device_id=PHONE, in_room=2)
    second = stored(tx.messages.add(forged))
    third = stored(tx.messages.add(elsewhere))
    assert first.message_id == number != second.message_id == third.message_id
    assert tx.erasures.positions(number) == [first.id]
    assert tx.messages.is_known(1, BOB, PHONE, number)
    assert tx.messages.add_many([forged, elsewhere, text(1, "first")]) == [None, None, None]
    tx.erasures.erase([second.id])
    assert tx.messages.add(forged) is None  # what was deleted does not come back
    taken = text(1, "squatted", account_id=ALICE, device_id=PHONE)
    squatter = text(9, "was here first", message_id=_apart(number, ALICE, PHONE))
    tx.messages.add(squatter)
    assert not tx.messages.is_known(1, ALICE, PHONE, number)
    again, once_more = tx.messages.add_many([taken, taken])
    assert once_more is None
    assert stored(again).message_id not in (number, squatter.message_id)
    assert tx.messages.is_known(1, ALICE, PHONE, number)


def test_two_senders_of_one_id_are_told_apart_in_one_burst_too(tx: Transaction) -> None:
    first, second, again = tx.messages.add_many(
        [text(1, "first"), text(1, "forged", device_id=PHONE), text(1, "first")]
    )
    assert again is None
    assert stored(first).message_id == (1).to_bytes(16, "big") != stored(second).message_id


def test_own_messages_and_lines_keep_their_ids(tx: Transaction) -> None:
    tx.messages.add(text(1, "forged"))
    for new in (text(1, "mine", own=True), text(1, "member_added", account_id=ALICE, kind="system")):
        assert stored(tx.messages.add(new)).message_id == new.message_id


def test_many_messages_are_stored_as_one_by_one(tx: Transaction, connection: Connection) -> None:
    tx.messages.add(text(2, "there"))
    connection.execute("INSERT INTO seen_message (message_id, room, author) VALUES (?, 1, 1)", ((50).to_bytes(16),))
    came = [text(number, f"회의 {number}", at=number // 2, in_room=1 + number % 2) for number in range(60)]
    rows = tx.messages.add_many([*came, came[7]])
    assert [number for number, row in enumerate(rows) if row is None] == [2, 50, 60]
    assert [row for row in rows if row is not None] == [tx.messages.at(row.id) for row in rows if row is not None]
    assert bodies(tx.messages.page(1, 100))[::-1] == [
        "there",
        *(f"회의 {number}" for number in range(0, 60, 2) if number not in (2, 50)),
    ]
    assert len(found(tx, "회의", 100)) == 58
    first, second = tx.rooms.by_number(1), tx.rooms.by_number(2)
    assert first is not None
    assert second is not None
    assert (first.unread, first.last_text, first.last_activity) == (29, "회의 58", NOW + 29)
    assert (second.unread, second.last_text, second.last_activity) == (30, "회의 59", NOW + 29)
    assert tx.messages.add_many([]) == []


def test_what_was_read_already_is_not_counted_anew(tx: Transaction) -> None:
    newest = stored(tx.messages.add(text(1, "read", at=10)))
    tx.rooms.mark_read(1, newest.id)
    tx.messages.add_many([text(2, "late", at=5), text(3, "new", at=11), text(4, "mine", own=True, at=12)])
    row = tx.rooms.by_number(1)
    assert row is not None
    assert (row.unread, row.last_text) == (1, "mine")
    tx.messages.add(text(5, "later still", at=1))
    row = tx.rooms.by_number(1)
    assert row is not None
    assert (row.unread, row.last_text, row.last_activity) == (1, "mine", NOW + 12)


def test_asking_whether_a_message_is_known_writes_nothing(tx: Transaction, connection: Connection) -> None:
    before = connection.total_changes
    assert not tx.messages.is_known(1, ALICE, PHONE, b"1" * 16)
    assert connection.total_changes == before


def test_an_own_message_is_found_by_id_alone(tx: Transaction) -> None:
    tx.messages.add(text(1, "forged", in_room=2))
    own = tx.messages.add(text(1, "mine", own=True))
    assert tx.messages.own((1).to_bytes(16, "big")) == own
    assert tx.messages.own(b"?" * 16) is None


def test_the_room_row_follows(tx: Transaction) -> None:
    tx.messages.add(text(1, "새 글 " * 100, at=100))
    newest = stored(tx.messages.get(1, (1).to_bytes(16, "big")))
    tx.messages.add(text(2, "old", at=50))
    tx.messages.add(text(3, "mine", at=20, own=True))
    row = tx.rooms.by_number(1)
    assert row is not None
    assert (row.last_message, row.last_kind, row.last_text) == (newest.id, "text", ("새 글 " * 100)[:160])
    assert (row.unread, row.last_activity) == (2, NOW + 100)


def test_pages_are_ranges(tx: Transaction) -> None:
    rows = [stored(tx.messages.add(text(n, str(n), at=n))) for n in range(10)]
    tx.messages.add(text(99, "elsewhere", in_room=2, at=5))
    assert bodies(tx.messages.page(1, 3)) == ["9", "8", "7"]
    assert bodies(tx.messages.page(1, 3, before=rows[7].id)) == ["6", "5", "4"]
    assert bodies(tx.messages.after(1, 2, rows[3].id)) == ["4", "5"]
    assert bodies(tx.messages.around(1, rows[5].id, 5)) == ["7", "6", "5", "4", "3"]
    assert tx.messages.count(1) == 10
    assert tx.messages.count(3) == 0


def test_own_messages_not_read_by_all(tx: Transaction) -> None:
    rows = [stored(tx.messages.add(text(n, str(n), at=n, own=True))) for n in range(3)]
    tx.messages.add(text(9, "theirs"))
    tx.messages.set_state(rows[0].id, "read", unread_by=0)
    tx.messages.set_state(rows[1].id, "delivered")
    assert bodies(tx.messages.unsettled(1, rows[2].id)) == ["1", "2"]
    assert bodies(tx.messages.unsettled(1, rows[1].id)) == ["1"]
    assert stored(tx.messages.at(rows[1].id)).state == "delivered"


@pytest.fixture
def corpus(tx: Transaction) -> Transaction:
    for number, body in enumerate(
        ["주간회의실 예약", "회의 안건 정리", "점심 뭐 먹지", "Hello world", "help me rm2", "hello 회의"]
    ):
        tx.messages.add(text(number, body, at=number))
    tx.messages.add(text(50, "회의록", in_room=2, at=50))
    tx.messages.add(text(51, "회의 시작", in_room=2, at=51, kind="system"))
    return tx


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("회의", ["회의록", "hello 회의", "회의 안건 정리", "주간회의실 예약"]),
        ("의실", ["주간회의실 예약"]),
        ("실", ["주간회의실 예약"]),
        ("hel", ["hello 회의", "help me rm2", "Hello world"]),
        ("HELLO 회의", ["hello 회의"]),
        ('"회의 안건"', ["회의 안건 정리"]),
        ('"안건 회의"', []),
        ("r", ["help me rm2"]),
        ("rm2", ["help me rm2"]),
        ("", []),
        ("* OR \" ' ( NEAR", []),
        ("없는말", []),
    ],
)
def test_search_finds_parts_newest_first(corpus: Transaction, query: str, expected: list[str]) -> None:
    assert bodies(found(corpus, query, 10)) == expected


def test_search_in_one_room_and_in_pages(corpus: Transaction) -> None:
    assert bodies(found(corpus, "회의", 10, room=2)) == ["회의록"]
    page = found(corpus, "회의", 2)
    assert bodies(page) == ["회의록", "hello 회의"]
    assert bodies(found(corpus, "회의", 2, before=page[-1].id)) == ["회의 안건 정리", "주간회의실 예약"]


def test_search_leaves_hidden_rooms_out(corpus: Transaction) -> None:
    corpus.wipes.begin(JOURNAL, {1: 0})
    assert bodies(found(corpus, "회의", 10)) == ["회의록"]


def test_moved_messages_leave_nothing_behind(tx: Transaction) -> None:
    for number, body in ((1, "회의 하나"), (2, "회의 둘")):
        tx.messages.add(text(number, body, at=number))
    tx.messages.add(text(2, "회의 둘", in_room=2, at=2))
    tx.messages.add(text(3, "own", in_room=2, at=0, own=True))
    assert tx.messages.move(1, 2) == 1
    assert bodies(found(tx, "회의", 9, room=2)) == ["회의 둘", "회의 하나"]
    assert bodies(found(tx, "회의", 9, room=1)) == ["회의 둘"]
    tx.messages.move(1, 2)
    left, target = tx.rooms.by_number(1), tx.rooms.by_number(2)
    assert left is not None
    assert target is not None
    assert (target.last_text, target.unread) == ("회의 둘", 2)
    assert (left.last_text, left.unread) == ("회의 둘", 1)


def test_an_emptied_room_shows_no_text(tx: Transaction) -> None:
    tx.messages.add(text(1, "회의 하나"))
    assert tx.messages.move(1, 2) == 1
    left = tx.rooms.by_number(1)
    assert left is not None
    assert (left.last_message, left.last_kind, left.last_text, left.unread) == (None, "", "", 0)


def test_what_a_watermark_compares_is_kept_and_can_come_later(tx: Transaction) -> None:
    sent = tx.messages.add(text(1, "held", own=True, timer_s=60, expires_at=NOW + 60_000))
    assert sent is not None
    assert (sent.run_id, sent.counter, sent.timer_s, sent.expires_at) == (None, None, 60, NOW + 60_000)
    tx.messages.set_counter(sent.id, b"r" * 8, 7)
    stored = tx.messages.at(sent.id)
    assert stored is not None
    assert (stored.run_id, stored.counter, stored.timer_s, stored.has_file) == (b"r" * 8, 7, 60, False)
    other = tx.messages.add(text(2, "other", run_id=b"q" * 8, counter=3, has_file=True))
    assert other is not None
    assert tx.messages.at(other.id) == other
