"""Outbox rows and deliveries."""

from __future__ import annotations

from dataclasses import replace

from byre.store import MemberRow, OutboxRow, Transaction
from byre.store.outbox import Doubt
from tests.unit.store.profile import ALICE, BOB, LAPTOP, NOW, PHONE, room, text

ROW = OutboxRow(
    id=0,
    message_id=b"1" * 16,
    device_id=LAPTOP,
    account_id=BOB,
    room=1,
    kind="message",
    relay="http://relay.test",
    mailbox_id=b"m" * 16,
    token=b"t" * 32,
    mid=b"a" * 16,
    ciphertext=b"sealed",
    state="queued",
    ttl_s=60,
    created_at=NOW,
    expires_at=NOW + 60_000,
)
TO_PHONE = replace(ROW, device_id=PHONE, account_id=ALICE, mid=b"b" * 16)
COMMIT = replace(ROW, message_id=b"2" * 16, kind="commit", mid=b"c" * 16, room=None, content=b"plain")


def test_rows_queue_in_order_and_once(tx: Transaction) -> None:
    assert tx.outbox.sealed_ever() == 0
    tx.outbox.add([ROW, TO_PHONE])
    tx.outbox.add([replace(ROW, mid=b"z" * 16), COMMIT])
    queued = tx.outbox.queued()
    assert [row.mid for row in queued] == [b"a" * 16, b"b" * 16, b"c" * 16]
    assert queued[0] == replace(ROW, id=queued[0].id)
    assert [row.mid for row in tx.outbox.queued(1, after=queued[0].id)] == [b"b" * 16]
    assert [row.device_id for row in tx.outbox.of_message(ROW.message_id)] == [LAPTOP, PHONE]
    assert sorted(tx.answers.states(ROW.message_id)) == sorted([(ROW.account_id, "queued"), (ALICE, "queued")])
    assert (tx.outbox.count(), tx.outbox.sealed_ever()) == (3, queued[-1].id)
    assert "sealed" not in repr(queued[0])


def test_the_relays_word_frees_the_ciphertext_only(tx: Transaction) -> None:
    tx.outbox.add([ROW])
    row = tx.outbox.set_state(b"a" * 16, "relayed", now_ms=NOW + 1)
    assert row is not None
    assert (row.state, row.ciphertext, row.sent_at) == ("relayed", b"sealed", NOW + 1)
    row = tx.outbox.set_state(b"a" * 16, "stored", now_ms=NOW + 2, free_ciphertext=True)
    assert row is not None
    assert (row.state, row.ciphertext, row.sent_at) == ("stored", None, NOW + 1)
    assert tx.outbox.queued() == []
    assert tx.outbox.set_state(b"?" * 16, "stored", now_ms=NOW) is None


def test_many_answers_are_written_together(tx: Transaction) -> None:
    many = [replace(ROW, message_id=bytes([n]) * 16, mid=bytes([n]) * 16) for n in range(70)]
    tx.outbox.add(many)
    mids = [bytes([n]) * 16 for n in range(70)]
    assert {mid: row.message_id for mid, row in tx.answers.rows([*mids, b"?" * 16]).items()} == dict(
        zip(mids, mids, strict=True)
    )
    tx.answers.set(mids[:40], "stored", now_ms=NOW + 1, free_ciphertext=True)
    tx.answers.set([], "stored", now_ms=NOW + 1)
    rows = tx.answers.rows(mids)
    assert [(rows[mid].state, rows[mid].ciphertext, rows[mid].sent_at) for mid in (mids[0], mids[39], mids[40])] == [
        ("stored", None, NOW + 1),
        ("stored", None, NOW + 1),
        ("queued", b"sealed", None),
    ]
    tx.answers.end([rows[mid].id for mid in mids[1:]])
    tx.answers.end([])
    assert (tx.outbox.count(), tx.answers.rows([])) == (1, {})


def test_a_restart_sends_again_what_the_relay_did_not_confirm(tx: Transaction) -> None:
    tx.outbox.add([ROW, TO_PHONE, COMMIT])
    tx.outbox.set_state(b"a" * 16, "relayed", now_ms=NOW)
    tx.outbox.set_state(b"b" * 16, "stored", now_ms=NOW, free_ciphertext=True)
    first, second = tx.outbox.unconfirmed()
    assert [first.mid, second.mid] == [b"a" * 16, b"c" * 16]
    assert tx.outbox.unconfirmed(after=first.id) == [second]
    assert tx.outbox.unconfirmed(after=second.id) == []
    assert [row.kind for row in tx.outbox.of_kind("commit")] == ["commit"]
    assert [row.mid for row in tx.outbox.of_kind("message", room=1)] == [b"a" * 16, b"b" * 16]


def test_what_a_relay_lost_is_queued_or_sealed_again(tx: Transaction) -> None:
    tx.outbox.add([ROW, TO_PHONE, replace(COMMIT, relay="http://elsewhere")])
    tx.outbox.set_state(ROW.mid or b"", "stored", now_ms=NOW)
    tx.outbox.set_state(TO_PHONE.mid or b"", "stored", now_ms=NOW, free_ciphertext=True)
    tx.outbox.set_state(COMMIT.mid or b"", "stored", now_ms=NOW)
    assert [row.mid for row in tx.outbox.lost_by(ROW.relay)] == [ROW.mid, TO_PHONE.mid]
    states = {
        row.mid: row.state for row in (tx.outbox.by_mid(each.mid or b"") for each in (ROW, TO_PHONE, COMMIT)) if row
    }
    assert states == {ROW.mid: "queued", TO_PHONE.mid: "expired", COMMIT.mid: "stored"}
    assert tx.outbox.lost_by(ROW.relay) == []


def test_a_receipt_ends_a_row(tx: Transaction) -> None:
    tx.outbox.add([ROW, TO_PHONE])
    assert tx.outbox.settle(ROW.message_id, LAPTOP)
    assert not tx.outbox.settle(ROW.message_id, LAPTOP)
    assert [row.device_id for row in tx.outbox.of_message(ROW.message_id)] == [PHONE]


def test_what_expired_has_neither_bytes_nor_mid(tx: Transaction) -> None:
    tx.outbox.add([ROW, COMMIT])
    tx.outbox.set_state(b"a" * 16, "stored", now_ms=NOW)
    assert tx.outbox.expire(NOW + 59_999) == []
    assert [row.mid for row in tx.outbox.expire(NOW + 60_000)] == [b"a" * 16, b"c" * 16]
    assert tx.outbox.by_mid(b"a" * 16) is None
    expired = tx.outbox.of_device(LAPTOP, room=1, state="expired")
    assert [(row.ciphertext, row.mid) for row in expired] == [(None, None)]


def test_the_oldest_content_that_was_sealed_long_ago_unless_it_was_handed_over_then(tx: Transaction) -> None:
    number = tx.rooms.add(room())
    handed_over = replace(TO_PHONE, sent_at=NOW + 10)
    early = replace(ROW, message_id=b"e" * 16, mid=b"e" * 16, sent_at=NOW + 1)
    next_one = replace(ROW, message_id=b"n" * 16, mid=b"n" * 16)
    later = replace(ROW, message_id=b"l" * 16, mid=b"l" * 16, created_at=NOW + 11)
    tx.outbox.add([early, ROW, handed_over, next_one, COMMIT, later])

    def oldest(room: int) -> list[tuple[bytes, bytes]]:
        rows = tx.reseals.oldest_sealed_long_ago(room, sealed_by=NOW + 10, handed_over_from=NOW + 5)
        return [(row.message_id, row.device_id) for row in rows]

    assert oldest(number) == [], "nobody of whom it is for is in the room"
    _let_in(tx, number, LAPTOP, PHONE)
    assert oldest(number + 1) == []
    assert oldest(number) == [(ROW.message_id, LAPTOP), (ROW.message_id, PHONE)]
    for row in tx.outbox.of_message(ROW.message_id):
        tx.outbox.delete(row.id)
    assert oldest(number) == [(next_one.message_id, LAPTOP)]


def test_the_oldest_content_that_expired_for_one_device_or_for_all(tx: Transaction) -> None:
    number = tx.rooms.add(room())
    second = replace(ROW, message_id=b"s" * 16, mid=b"s" * 16)
    tx.outbox.add([TO_PHONE, ROW, second])
    _let_in(tx, number, LAPTOP, PHONE)
    assert tx.reseals.oldest_expired(number) == []
    tx.outbox.expire(NOW, room=number)
    assert [row.device_id for row in tx.reseals.oldest_expired(number)] == [PHONE, LAPTOP]
    assert [row.device_id for row in tx.reseals.oldest_expired(number, LAPTOP)] == [LAPTOP]
    tx.outbox.settle(ROW.message_id, LAPTOP)
    assert [row.message_id for row in tx.reseals.oldest_expired(number, LAPTOP)] == [second.message_id]
    assert tx.reseals.oldest_expired(number + 1) == []


def test_the_oldest_content_that_was_refused_so_many_times_before_its_time_was_over(tx: Transaction) -> None:
    number = tx.rooms.add(room())
    _let_in(tx, number, LAPTOP, PHONE)
    tried = replace(ROW, message_id=b"t" * 16, mid=b"t" * 16, attempts=1)
    passing = replace(ROW, message_id=b"p" * 16, mid=b"p" * 16, kind="passing")
    tx.outbox.add([replace(row, state="expired", mid=None) for row in (passing, tried, ROW, TO_PHONE)])

    def oldest(attempts: int, now_ms: int = NOW) -> list[tuple[bytes, bytes]]:
        rows = tx.reseals.oldest_refused(number, now_ms=now_ms, attempts=attempts)
        return [(row.message_id, row.device_id) for row in rows]

    assert oldest(0) == [(ROW.message_id, LAPTOP), (ROW.message_id, PHONE)]
    assert oldest(1) == [(tried.message_id, LAPTOP)]
    assert oldest(2) == []
    assert oldest(0, ROW.expires_at) == []


def test_what_a_relay_has_and_nobody_confirms_is_in_doubt_after_a_while_or_once_its_device_spoke(
    tx: Transaction,
) -> None:
    number = tx.rooms.add(room())
    _let_in(tx, number, LAPTOP, PHONE)
    kept = {"state": "acked", "sent_at": NOW + 5, "expires_at": NOW + 10_000}
    tried = replace(ROW, message_id=b"t" * 16, mid=b"t" * 16, attempts=2, **kept)  # type: ignore[arg-type]
    queued = replace(ROW, message_id=b"q" * 16, mid=b"q" * 16)
    rows = [replace(row, **kept) for row in (ROW, TO_PHONE, replace(COMMIT, room=number))]  # type: ignore[arg-type]
    held = replace(ROW, **{**kept, "message_id": b"h" * 16, "mid": b"h" * 16, "state": "stored"})  # type: ignore[arg-type]
    tx.outbox.add([queued, *rows, tried, held])

    def in_doubt(now_ms: int) -> list[tuple[bytes, bytes]]:
        doubt = Doubt(now_ms, heard_ms=20, pause_ms=100, silence_ms=1000)
        found = tx.reseals.oldest_in_doubt(number, doubt)
        assert tx.reseals.rooms_in_doubt(doubt) == ([number] if found else [])
        return [(row.message_id, row.device_id) for row in found]

    assert in_doubt(NOW + 999) == []
    assert in_doubt(NOW + 1000) == [(ROW.message_id, LAPTOP), (ROW.message_id, PHONE)]
    tx.members.heard(number, PHONE, NOW + 24)
    assert in_doubt(NOW + 100) == [], "it may have said that before the message came"
    tx.members.heard(number, PHONE, NOW + 25)
    assert in_doubt(NOW + 99) == []
    assert in_doubt(NOW + 100) == [(ROW.message_id, PHONE)]
    for row in tx.outbox.of_message(ROW.message_id):
        tx.outbox.delete(row.id)
    assert in_doubt(NOW + 3999) == []
    assert in_doubt(NOW + 4000) == [(tried.message_id, LAPTOP)], "each pause is twice the one before"
    tx.outbox.settle(tried.message_id, LAPTOP)
    assert in_doubt(NOW + 7999) == []
    assert in_doubt(NOW + 8000) == [(held.message_id, LAPTOP)], "who is away is waited for eight times as long"
    assert in_doubt(NOW + 10_000) == [], "its time is over: it waits to be heard"


def test_the_rooms_in_which_something_waits(tx: Transaction) -> None:
    assert tx.reseals.rooms() == []
    tx.outbox.add([ROW, TO_PHONE, replace(COMMIT, room=None), replace(ROW, message_id=b"o" * 16, mid=None, room=7)])
    assert sorted(tx.reseals.rooms()) == [1, 7]


def _let_in(tx: Transaction, number: int, *devices: bytes) -> None:
    tx.members.replace(number, [MemberRow(number, device, ALICE, 1, b"") for device in devices])


def test_rows_go_with_their_device_room_or_number(tx: Transaction) -> None:
    tx.outbox.add([ROW, TO_PHONE, COMMIT])
    assert [row.kind for row in tx.outbox.of_device(LAPTOP)] == ["message", "commit"]
    assert tx.outbox.delete_device(LAPTOP, room=1) == 1
    assert tx.outbox.delete_device(LAPTOP) == 1
    tx.outbox.delete(tx.outbox.queued()[0].id)
    assert tx.outbox.count() == 0
    tx.outbox.add([ROW, COMMIT])
    assert tx.outbox.delete_device(LAPTOP, room=1) == 1
    assert tx.outbox.count() == 1


def test_deliveries_move_forward(tx: Transaction) -> None:
    tx.rooms.add(room())
    message = tx.messages.add(text(1, "x", own=True))
    assert message is not None
    tx.deliveries.start(message.id, [ALICE, BOB])
    tx.deliveries.start(message.id, [BOB], "failed")
    assert tx.deliveries.states(message.id) == {ALICE: "queued", BOB: "queued"}
    assert tx.deliveries.advance(message.id, BOB, "delivered")
    assert not tx.deliveries.advance(message.id, BOB, "stored")
    assert not tx.deliveries.advance(message.id, b"C" * 32, "read")
    tx.deliveries.set(message.id, ALICE, "expired")
    assert tx.deliveries.advance(message.id, ALICE, "read")
    assert tx.deliveries.states(message.id) == {ALICE: "read", BOB: "delivered"}
    tx.deliveries.forget_account(message.id, BOB)
    assert tx.deliveries.states(message.id) == {ALICE: "read"}


def test_what_was_sealed_to_a_leaf_that_is_gone_expires_before_its_time(tx: Transaction) -> None:
    kept = replace(ROW, message_id=b"3" * 16, kind="content", mid=b"d" * 16, state="acked", ciphertext=None)
    passing = replace(ROW, message_id=b"4" * 16, kind="passing", mid=b"e" * 16)
    elsewhere = replace(ROW, message_id=b"5" * 16, mid=b"f" * 16, room=2)
    tx.outbox.add([ROW, TO_PHONE, COMMIT, kept, passing, elsewhere])
    assert [row.mid for row in tx.outbox.expire(NOW, room=1, device_id=LAPTOP)] == [ROW.mid, kept.mid]
    assert [row.state for row in tx.outbox.of_device(LAPTOP)] == ["expired", "queued", "expired", "queued", "queued"]
    assert [row.mid for row in tx.outbox.expire(NOW, room=1)] == [TO_PHONE.mid]
    assert tx.outbox.expire(NOW, room=1) == []
