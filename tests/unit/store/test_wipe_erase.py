"""What an erasure takes and what it leaves."""

from __future__ import annotations

import pytest

from byre.db import Connection
from byre.store import (
    KeptEnvelopeRow,
    MemberRow,
    ReadDueRow,
    ReceiptDueRow,
    Transaction,
    UndecryptableRow,
    Watermark,
    wipe_erase,
)
from byre.store.wipe_erase import content_of, count_content, erase_content, has_index_entries, last_positions
from tests.unit.store.profile import ALICE, BOB, LAPTOP, NOW, PHONE, RUN, found, room, text
from tests.unit.store.test_outbox import COMMIT, ROW


@pytest.fixture(autouse=True)
def _content(tx: Transaction) -> None:
    for number in (1, 2):
        tx.rooms.add(room(number, title=f"방 {number}"))
        group = bytes([number]) * 32
        tx.members.replace(number, [MemberRow(number, PHONE, ALICE, 0, b"address")])
        for n in range(5):
            body = f"방 {number}의 비밀 이야기 {n}"
            message = tx.messages.add(text(n, body, in_room=number, at=n, own=n == 0, content=b"map %d" % n))
            assert message is not None
            tx.seen.accept(number, LAPTOP, RUN, n)
        own = tx.messages.get(number, (0).to_bytes(16, "big"))
        assert own is not None
        tx.deliveries.start(own.id, [BOB])
        tx.messages.add(text(99, "", in_room=number, at=99, kind="system", detail="member_added"))
        tx.drafts.put(number, f"쓰다 만 글 {number}", NOW)
        tx.receipts.add(ReceiptDueRow(number, BOB, b"1" * 16, NOW))
        tx.receipts.add_read(ReadDueRow(number, 5, b"1" * 16, NOW))
        tx.inbox.keep(
            KeptEnvelopeRow(0, b"m" * 16, bytes([number]), "future_epoch", group, 9, b"kept %d" % number, NOW)
        )
        tx.inbox.add_undecryptable(UndecryptableRow(0, b"x", group, 1, "bad_ciphertext", NOW))
        for epoch in range(3):
            tx.groups.save_epoch(group, epoch, b"epoch %d" % epoch, b"ratchet %d" % epoch)
            if epoch < 2:
                tx.groups.end_epoch(group, epoch, expires_at=NOW)
        for row in (ROW, COMMIT):
            fields = {name: getattr(row, name) for name in row.__dataclass_fields__}
            mid = bytes([number, len(row.kind)])
            tx.outbox.add([type(row)(**{**fields, "room": number, "mid": mid, "message_id": mid})])


def test_a_preview_counts_by_kind(connection: Connection) -> None:
    counts = {"messages": 6, "index_entries": 5, "outbox": 1, "drafts": 1, "envelopes": 1, "past_epochs": 2}
    assert count_content(connection, [1]) == counts
    assert count_content(connection, [1, 2]) == {name: 2 * count for name, count in counts.items()}
    assert count_content(connection, []) == dict.fromkeys(counts, 0)


def test_needles_are_chosen_from_everything_that_goes(connection: Connection) -> None:
    values = list(content_of(connection, 1))
    assert "방 1의 비밀 이야기 3".encode() in values
    for expected in (
        b"map 3",
        b"member_added",
        "쓰다 만 글 1".encode(),
        b"sealed",
        b"kept 1",
        b"epoch 1",
        b"ratchet 0",
    ):
        assert expected in values
    assert b"epoch 2" not in values  # the current epoch stays
    assert b"plain" not in values  # and so does a commit


def test_content_goes_and_the_room_stays(tx: Transaction, connection: Connection) -> None:
    rooms = last_positions(connection, [1])
    assert rooms == {1: (NOW + 99) << 20}
    erase_content(connection, rooms)
    erase_content(connection, rooms)
    assert count_content(connection, [1]) == dict.fromkeys(count_content(connection, [1]), 0)
    assert not has_index_entries(connection, [1])
    row = tx.rooms.by_number(1)
    assert row is not None
    assert (row.title, row.state, row.unread, row.last_message, row.last_text) == ("방 1", "active", 0, None, "")
    assert (row.wiped_up_to, row.read_up_to) == (rooms[1], rooms[1])
    assert len(tx.members.of_room(1)) == 1
    assert tx.groups.current(bytes([1]) * 32) is not None
    assert [outgoing.kind for outgoing in tx.outbox.of_device(LAPTOP, room=1)] == ["commit"]
    assert [due.room for due in tx.receipts.due(NOW)] == [2]
    assert [kept.group_id for kept in tx.inbox.kept()] == [bytes([2]) * 32]
    assert [record.group_id for record in tx.inbox.undecryptable()] == [bytes([2]) * 32]
    assert connection.execute("SELECT count(*) FROM delivery").fetchone() == (1,)


def test_other_rooms_keep_everything(tx: Transaction, connection: Connection) -> None:
    before = count_content(connection, [2])
    erase_content(connection, last_positions(connection, [1]))
    assert count_content(connection, [2]) == before
    assert [row.room for row in found(tx, "비밀", 99)] == [2] * 5
    assert tx.drafts.get(2) == "쓰다 만 글 2"


def test_what_was_seen_stays_seen(tx: Transaction, connection: Connection) -> None:
    erase_content(connection, last_positions(connection, [1]))
    assert tx.messages.add(text(3, "방 1의 비밀 이야기 3", in_room=1)) is None
    assert tx.messages.is_known(1, BOB, LAPTOP, (3).to_bytes(16, "big"))
    assert not tx.seen.accept(1, LAPTOP, RUN, 3)
    assert tx.seen.covered(1) == [Watermark(LAPTOP, RUN, 4)]
    assert tx.seen.covered(2) == []


def test_later_messages_show_in_the_empty_room(tx: Transaction, connection: Connection) -> None:
    erase_content(connection, last_positions(connection, [1]))
    assert tx.messages.add(text(500, "새로 시작", in_room=1, at=500)) is not None
    assert [row.body for row in tx.messages.page(1, 9)] == ["새로 시작"]
    assert [row.body for row in found(tx, "시작", 9)] == ["새로 시작"]
    row = tx.rooms.by_number(1)
    assert row is not None
    assert row.unread == 1


def test_index_entries_without_a_message_are_noticed(connection: Connection) -> None:
    assert not has_index_entries(connection, [1, 2])
    connection.execute("DELETE FROM message WHERE room = 2")
    assert has_index_entries(connection, [1, 2])


def test_large_rooms_go_in_batches(tx: Transaction, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wipe_erase, "_BATCH", 2)
    erase_content(connection, last_positions(connection, [1, 2]))
    assert not has_index_entries(connection, [1, 2])
    assert found(tx, "비밀", 9) == []


def test_a_room_that_is_gone_meanwhile_is_no_error(connection: Connection) -> None:
    assert last_positions(connection, [9]) == {9: 0}
    erase_content(connection, {9: 0})
