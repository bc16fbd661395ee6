"""What each kind of wipe takes and what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from byre.db import Connection
from byre.errors import PeerError
from byre.store import PeerRow, Transaction, Watermark, WipeScope
from byre.store.peers import DeviceRecordRow, SignedListRow
from byre.store.wipe_erase import count_content, has_index_entries
from tests.unit.store.profile import ALICE, BOB, LAPTOP, NOW, RUN, found, text
from tests.unit.store.wiped_content import begun, copied, fill_two_rooms

Wipe = Callable[[WipeScope], Transaction]


@pytest.fixture
def wipe(tx: Transaction, connection: Connection, tmp_path: Path) -> Wipe:
    """Two rooms; wipes a scope and gives the next generation."""
    fill_two_rooms(tx)
    return lambda scope: Transaction(copied(connection, tmp_path, scope))


def count(tx: Transaction, sql: str) -> int:
    return int(tx.messages._connection.execute(f"SELECT count(*) FROM {sql}").fetchall()[0][0])


@pytest.mark.parametrize(
    "scope",
    [
        WipeScope.of_rooms([1, 2, 1]),
        WipeScope.covered([3]).begun(5),
        WipeScope.of_contact(b"a" * 32, [4]),
        WipeScope.before(77),
        WipeScope.rotation(),
    ],
)
def test_a_scope_survives_the_journal(scope: WipeScope) -> None:
    assert WipeScope.from_json(scope.to_json()) == scope
    assert scope.rooms in ((1, 2), (3,), (4,), ())


@pytest.mark.parametrize(
    "journal", ["", "[]", "{}", '["rooms", 1, null, 0, 0]', '["all", [], null, 0, 0]', "[1,2,3,4,5]"]
)
def test_a_damaged_scope_is_malformed(journal: str) -> None:
    with pytest.raises(PeerError) as caught:
        WipeScope.from_json(journal)
    assert caught.value.code == "malformed"


def test_content_goes_and_the_room_stays(tx: Transaction, wipe: Wipe, connection: Connection) -> None:
    after = wipe(scope := WipeScope.of_rooms([1]))
    copy = after.messages._connection
    assert count_content(copy, begun(copy, scope)) == dict.fromkeys(count_content(copy, scope), 0)
    assert not has_index_entries(copy, scope)
    row = after.rooms.by_number(1)
    assert row is not None
    up_to = (NOW + 99) << 20
    assert (row.title, row.state, row.unread, row.last_message, row.last_text) == ("방 1", "active", 0, None, "")
    assert (row.wiped_up_to, row.read_up_to) == (up_to, up_to)
    assert len(after.members.of_room(1)) == 1
    assert after.groups.current(bytes([1]) * 32) is not None
    assert [outgoing.kind for outgoing in after.outbox.of_device(LAPTOP, room=1)] == ["commit"]
    assert [due.room for due in after.receipts.due(NOW)] == [2]
    assert [kept.group_id for kept in after.inbox.kept()] == [bytes([2]) * 32]
    assert [record.group_id for record in after.inbox.undecryptable()] == [bytes([2]) * 32]
    assert count(after, "delivery") == 1
    assert count(after, "mls_ratchet WHERE group_id = (SELECT group_id FROM room WHERE id = 1)") == 1


def test_other_rooms_keep_everything(tx: Transaction, wipe: Wipe, connection: Connection) -> None:
    other = WipeScope.of_rooms([2])
    before = count_content(connection, begun(connection, other))
    after = wipe(WipeScope.of_rooms([1]))
    copy = after.messages._connection
    assert count_content(copy, begun(copy, other)) == before
    assert [row.room for row in found(after, "비밀", 99)] == [2] * 5
    assert after.drafts.get(2) == "쓰다 만 글 2"
    assert after.rooms.by_number(2) == tx.rooms.by_number(2)


def test_what_was_seen_stays_seen(wipe: Wipe) -> None:
    after = wipe(WipeScope.of_rooms([1]))
    assert after.messages.add(text(3, "방 1의 비밀 이야기 3", in_room=1)) is None
    assert after.messages.is_known(1, BOB, LAPTOP, (3).to_bytes(16, "big"))
    assert not after.seen.accept(1, LAPTOP, RUN, 3)
    assert after.seen.covered(1) == [Watermark(LAPTOP, RUN, 4)]
    assert after.seen.covered(2) == []


def test_later_messages_show_in_the_empty_room(wipe: Wipe) -> None:
    after = wipe(WipeScope.of_rooms([1]))
    after.wipes.end()
    assert after.messages.add(text(500, "새로 시작", in_room=1, at=500)) is not None
    assert [row.body for row in after.messages.page(1, 9)] == ["새로 시작"]
    assert [row.body for row in found(after, "시작", 9)] == ["새로 시작"]
    row = after.rooms.by_number(1)
    assert row is not None
    assert row.unread == 1


def test_what_came_after_the_wipe_began_stays(tx: Transaction, connection: Connection, tmp_path: Path) -> None:
    fill_two_rooms(tx)
    scope = begun(connection, WipeScope.of_rooms([1]))
    assert tx.messages.add(text(600, "그 사이에 온 글", at=-5, received_at=scope.started_at + 1)) is not None
    assert count_content(connection, scope)["messages"] == 6
    conditions = scope.conditions()
    stayed = connection.execute(f"SELECT body FROM message WHERE room = 1 AND NOT ({conditions['message']})")
    assert stayed.fetchall() == [("그 사이에 온 글",)]


def test_a_covered_wipe_keeps_what_no_watermark_covers(tx: Transaction, wipe: Wipe) -> None:
    for counter, body in ((7, "covered"), (8, "came later")):
        tx.messages.add(text(700 + counter, body, at=700 + counter, run_id=RUN, counter=counter))
    tx.messages.add(text(800, "not sent yet", at=800, own=True))
    tx.seen.cover(1, [Watermark(LAPTOP, RUN, 7)])
    after = wipe(WipeScope.covered([1]))
    assert [row.body for row in after.messages.page(1, 9)] == ["not sent yet", "came later", "방 1의 비밀 이야기 0"]
    row = after.rooms.by_number(1)
    assert row is not None
    assert (row.last_text, row.unread) == ("not sent yet", 1)
    assert [one.kind for one in after.outbox.of_kind("message", room=1)] == []
    assert found(after, "covered", 9) == []


def test_a_covered_wipe_takes_what_was_said_before_the_order_and_came_after_it(tx: Transaction, wipe: Wipe) -> None:
    tx.messages.add(text(708, "said before", at=708, run_id=RUN, counter=8))
    tx.messages.add(text(709, "said later", at=709, run_id=RUN, counter=9))
    tx.messages.add(text(710, "another room", in_room=2, at=708, run_id=RUN, counter=8))
    tx.seen.cover_late(1, [Watermark(LAPTOP, RUN, 1 << 62)], NOW + 708)
    after = wipe(WipeScope.covered([1]))
    assert [row.body for row in after.messages.page(1, 9) if row.run_id] == ["said later"]
    assert "another room" in [row.body for row in after.messages.page(2, 9)]


def test_a_covered_wipe_takes_what_counts_in_a_room_that_is_shown_in_another_one(tx: Transaction, wipe: Wipe) -> None:
    tx.messages.add(text(700, "of the twin", at=700, run_id=RUN, counter=7))
    tx.seen.cover(2, [Watermark(LAPTOP, RUN, 7)])
    after = wipe(WipeScope.covered([1, 2]))
    assert [row.body for row in after.messages.page(1, 9) if row.run_id] == []


def test_everything_before_a_time_goes_from_all_rooms(tx: Transaction, wipe: Wipe) -> None:
    tx.drafts.put(2, "newer draft", NOW + 50)
    after = wipe(WipeScope.before(NOW + 3))
    for number in (1, 2):
        bodies = [row.body for row in after.messages.page(number, 9)]
        assert bodies == ["", f"방 {number}의 비밀 이야기 4", f"방 {number}의 비밀 이야기 3"]
        row = after.rooms.by_number(number)
        assert row is not None
        assert (row.unread, row.wiped_up_to) == (2, 0)
    assert [row.room for row in found(after, "비밀", 99)] == [2, 1] * 2 or len(found(after, "비밀", 99)) == 4
    assert (after.drafts.get(1), after.drafts.get(2)) == ("", "newer draft")
    assert count(after, "mls_epoch WHERE expires_at IS NOT NULL") == 4
    assert count(after, "delivery") == 0
    assert after.messages.add(text(1, "again", in_room=1, at=1)) is None
    assert not has_index_entries(after.messages._connection, WipeScope.before(NOW + 3))


def add_peer(tx: Transaction) -> None:
    tx.peers.put(PeerRow(BOB, b"public", "bob", "host", NOW, name="밥", is_contact=True, trust="verified"))
    tx.peers.put_device_record(DeviceRecordRow(LAPTOP, BOB, b"record", NOW))
    tx.lists.add(SignedListRow(BOB, 1, b"hash", b"list", NOW))


def test_a_contact_in_a_room_that_stays_loses_name_and_trust_only(tx: Transaction, wipe: Wipe) -> None:
    add_peer(tx)
    tx.messages._connection.execute("UPDATE member SET account_id = ?", (BOB,))
    after = wipe(WipeScope.of_contact(BOB, [1]))
    peer = after.peers.get(BOB)
    assert peer is not None
    assert (peer.name, peer.is_contact, peer.trust, peer.account_public) == ("", False, "unverified", b"public")
    assert len(after.peers.device_records(BOB)) == len(after.lists.since(BOB, 0)) == 1
    assert after.messages.page(1, 9) == []
    assert len(after.messages.page(2, 9)) == 6


def test_a_contact_whose_rooms_were_left_goes_altogether(tx: Transaction, wipe: Wipe) -> None:
    add_peer(tx)
    tx.messages._connection.execute("UPDATE member SET account_id = ? WHERE room = 1", (BOB,))
    tx.rooms.change(1, state="left", peer_account=BOB)
    tx.seen.cover_late(1, [Watermark(LAPTOP, RUN, 99)], NOW)
    after = wipe(WipeScope.of_contact(BOB, [1]))
    assert after.peers.get(BOB) is None
    assert after.peers.device_records(BOB) == after.lists.since(BOB, 0) == []
    assert [row.id for row in after.rooms.all(with_hidden=True)] == [2]
    for table in ("member", "seen_window", "seen_message", "wipe_watermark", "wipe_late", "wipe_room", "message"):
        assert count(after, f"{table} WHERE room = 1") == 0
    assert after.messages._connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_rotation_takes_nothing(tx: Transaction, wipe: Wipe) -> None:
    after = wipe(WipeScope.rotation())
    assert after.rooms.all() == tx.rooms.all()
    assert [after.messages.page(n, 9) for n in (1, 2)] == [tx.messages.page(n, 9) for n in (1, 2)]
    assert ALICE in {row.account_id for row in after.messages.page(1, 9)}
