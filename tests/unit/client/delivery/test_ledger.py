"""Own messages in the store: rows per device and receipts per account become one shown state."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.client.delivery import ledger
from byre.client.delivery.ledger import StateChange
from byre.client.delivery.outbox import MESSAGE, PASSING, record_answers
from byre.db import open_connection
from byre.store import NewMessage, OutboxRow, RoomRow, Transaction

ME, ANNA, BEN = b"m" * 32, b"a" * 32, b"b" * 32
GROUP, MESSAGE_ID = b"g" * 32, b"1" * 16
NOW = 1_800_000_000_000


@pytest.fixture
def tx(tmp_path: Path) -> Transaction:
    from byre.crypto.secret import Secret
    from byre.db.migrations import migrate
    from byre.store.schema import APPLICATION_ID, MIGRATIONS

    connection = open_connection(tmp_path / "store.db", Secret(bytes(32)), create=True)
    migrate(connection, MIGRATIONS, application_id=APPLICATION_ID)
    return Transaction(connection)


def sent(tx: Transaction) -> None:
    """One message to two devices of Anna and one of Ben."""
    room = tx.rooms.add(
        RoomRow(
            id=0,
            group_id=GROUP,
            kind="group",
            state="active",
            relay="https://relay.test",
            group_tag=b"t" * 16,
            created_at=NOW,
            last_activity=NOW,
        )
    )
    row = tx.messages.add(
        NewMessage(
            room=room,
            message_id=MESSAGE_ID,
            account_id=ME,
            device_id=b"d" * 16,
            kind="text",
            state="queued",
            is_own=True,
            sent_at=NOW,
            received_at=NOW,
            body="hello",
        )
    )
    assert row is not None
    rows = [_row(room, ANNA, b"a1"), _row(room, ANNA, b"a2"), _row(room, BEN, b"b1")]
    tx.outbox.add(rows)
    ledger.expect(tx, row, [ANNA, BEN], ME, "queued")


def _row(room: int, account: bytes, device: bytes, kind: str = MESSAGE) -> OutboxRow:
    return OutboxRow(
        id=0,
        message_id=MESSAGE_ID if kind == MESSAGE else b"2" * 16,
        device_id=device * 8,
        account_id=account,
        room=room,
        kind=kind,
        relay="https://relay.test",
        mailbox_id=b"m" * 16,
        token=b"k" * 32,
        mid=device * 8,
        ciphertext=b"sealed",
        state="queued",
        ttl_s=60,
        created_at=NOW,
        expires_at=NOW + 60_000,
    )


def answers(tx: Transaction, *said: tuple[bytes, str]) -> list[StateChange]:
    return record_answers(tx, [(device * 8, word) for device, word in said], NOW, ME).changes


def test_the_least_advanced_account_decides(tx: Transaction) -> None:
    sent(tx)
    assert answers(tx, (b"a1", "stored")) == []
    changes = answers(tx, (b"b1", "relayed"))
    assert [(change.state, change.unread_by) for change in changes] == [("relayed", 2)]
    assert [change.state for change in answers(tx, (b"b1", "stored"))] == ["stored"]


def test_the_relay_s_word_frees_the_ciphertext_and_never_goes_back(tx: Transaction) -> None:
    sent(tx)
    answers(tx, (b"a1", "acked"), (b"a1", "relayed"))
    row = tx.outbox.by_mid(b"a1" * 8)
    assert row is not None
    assert (row.state, row.ciphertext) == ("acked", None)


def test_answers_of_one_moment_are_counted_together(tx: Transaction) -> None:
    sent(tx)
    changes = answers(tx, (b"a1", "relayed"), (b"b1", "stored"), (b"b1", "acked"), (b"a2", "failed"))
    assert [(change.state, change.reason) for change in changes] == [("relayed", "")]  # one of Anna's has it
    row = tx.messages.own(MESSAGE_ID)
    assert row is not None
    assert tx.deliveries.states(row.id) == {ANNA: "relayed", BEN: "stored"}  # it was held: no step back
    changes = answers(tx, (b"a1", "failed"))
    assert [(change.state, change.reason) for change in changes] == [("failed", "too_large")]


def test_what_came_last_of_a_device_counts_whatever_came_of_others(tx: Transaction) -> None:
    sent(tx)
    answers(tx, (b"a1", "acked"), (b"b1", "relayed"), (b"b1", "acked"), (b"b1", "relayed"))
    rows = tx.answers.rows([b"a1" * 8, b"b1" * 8])
    assert {(row.state, row.ciphertext) for row in rows.values()} == {("acked", None)}


def test_many_answers_read_no_row_of_another_device_whole(tx: Transaction) -> None:
    sent(tx)
    reads: list[bytes] = []
    whole = tx.outbox.of_message
    tx.outbox.of_message = lambda message_id: reads.append(message_id) or whole(message_id)  # type: ignore[method-assign, func-returns-value]
    answers(tx, (b"a1", "relayed"), (b"a2", "relayed"), (b"b1", "relayed"))
    assert reads == []


def test_a_receipt_settles_one_device_and_advances_its_account(tx: Transaction) -> None:
    sent(tx)
    assert ledger.delivered(tx, MESSAGE_ID, BEN, b"b1" * 8, ME) is None
    change = ledger.delivered(tx, MESSAGE_ID, ANNA, b"a2" * 8, ME)
    assert change is not None
    assert (change.group_id, change.state) == (GROUP, "delivered")
    assert [row.device_id for row in tx.outbox.of_message(MESSAGE_ID)] == [b"a1" * 8]
    assert ledger.delivered(tx, MESSAGE_ID, ANNA, b"a1" * 8, ME) is None
    assert tx.outbox.of_message(MESSAGE_ID) == []
    assert ledger.delivered(tx, b"?" * 16, ANNA, b"a1" * 8, ME) is None


def test_reading_counts_what_was_delivered(tx: Transaction) -> None:
    sent(tx)
    row = tx.messages.own(MESSAGE_ID)
    assert row is not None
    assert ledger.read_up_to(tx, row.room, row.id, ANNA, ME) == []
    for account, device in ((ANNA, b"a1"), (BEN, b"b1")):
        ledger.delivered(tx, MESSAGE_ID, account, device * 8, ME)
    assert [change.unread_by for change in ledger.read_up_to(tx, row.room, row.id, ANNA, ME)] == [1]
    assert [change.state for change in ledger.read_up_to(tx, row.room, row.id, BEN, ME)] == ["read"]


def test_what_was_erased_there_unread_is_never_read(tx: Transaction) -> None:
    sent(tx)
    row = tx.messages.own(MESSAGE_ID)
    assert row is not None
    for account, device in ((ANNA, b"a1"), (BEN, b"b1")):
        ledger.delivered(tx, MESSAGE_ID, account, device * 8, ME)
    ledger.gone_unread(tx, [MESSAGE_ID, b"?" * 16], ANNA)
    assert ledger.read_up_to(tx, row.room, row.id, ANNA, ME) == []
    assert [(c.state, c.unread_by) for c in ledger.read_up_to(tx, row.room, row.id, BEN, ME)] == [("delivered", 1)]
    ledger.gone_unread(tx, [MESSAGE_ID], BEN)  # it was read there before
    assert ledger.delivered(tx, MESSAGE_ID, ANNA, b"a1" * 8, ME) is None


def test_an_account_that_left_is_not_waited_for(tx: Transaction) -> None:
    sent(tx)
    row = tx.messages.own(MESSAGE_ID)
    assert row is not None
    ledger.delivered(tx, MESSAGE_ID, ANNA, b"a1" * 8, ME)
    assert [change.state for change in ledger.accounts_left(tx, row.room, [BEN], ME)] == ["delivered"]


def test_a_refused_message_waits_like_an_expired_one(tx: Transaction) -> None:
    sent(tx)
    recorded = record_answers(tx, [(b"b1" * 8, "refused")], NOW, ME)
    assert [change.state for change in recorded.changes] == ["expired"]
    assert [row.device_id for row in recorded.refused] == [b"b1" * 8]


def test_passing_things_end_with_the_relay_s_final_word(tx: Transaction) -> None:
    sent(tx)
    tx.outbox.add([_row(1, ANNA, b"r1", PASSING)])
    answers(tx, (b"r1", "relayed"))
    assert tx.outbox.by_mid(b"r1" * 8) is not None
    answers(tx, (b"r1", "stored"), (b"unknown.", "acked"))
    assert tx.outbox.by_mid(b"r1" * 8) is None


def test_a_state_that_is_told_becomes_an_event(tx: Transaction) -> None:
    event = StateChange(GROUP, MESSAGE_ID, "read", 0).event()
    assert (event.room_id, event.message_id, event.state) == (GROUP.hex(), MESSAGE_ID.hex(), "read")


def test_what_reached_nobody_before_all_of_them_left_has_failed(tx: Transaction) -> None:
    sent(tx)
    row = tx.messages.own(MESSAGE_ID)
    assert row is not None
    (change,) = ledger.accounts_left(tx, row.room, [ANNA, BEN], ME)
    assert (change.state, change.reason) == ("failed", "nobody_there")
    assert ledger.nobody_there(tx, row) == [], "said once"


def test_what_was_delivered_before_all_of_them_left_stays_delivered(tx: Transaction) -> None:
    sent(tx)
    row = tx.messages.own(MESSAGE_ID)
    assert row is not None
    for account, device in ((ANNA, b"a1"), (BEN, b"b1")):
        ledger.delivered(tx, MESSAGE_ID, account, device * 8, ME)
    assert ledger.accounts_left(tx, row.room, [ANNA, BEN], ME) == []
    assert [message.state for message in (tx.messages.at(row.id),) if message] == ["delivered"]


@pytest.mark.parametrize("kind", ["note", "device"])
def test_in_a_room_of_ones_own_the_own_devices_count(tx: Transaction, kind: str) -> None:
    sent(tx)
    row = tx.messages.own(MESSAGE_ID)
    assert row is not None
    tx.rooms.change(row.room, kind=kind)
    assert [change.state for change in ledger.accounts_left(tx, row.room, [ANNA, BEN], ME)] == ["delivered"]
