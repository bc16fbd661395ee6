"""What a wipe takes: counted, sampled, and looked for afterwards."""

from __future__ import annotations

import pytest

from byre.db import Connection
from byre.store import Transaction, WipeScope, wipe_erase
from byre.store.wipe_erase import content_of, count_content, has_index_entries, last_positions, newest_moment
from tests.unit.store.profile import NOW, text
from tests.unit.store.wiped_content import begun, fill_two_rooms

COUNTS = {"messages": 6, "index_entries": 5, "outbox": 1, "drafts": 1, "envelopes": 1, "past_epochs": 2}


@pytest.fixture(autouse=True)
def _content(tx: Transaction) -> None:
    fill_two_rooms(tx)


def counts(connection: Connection, scope: WipeScope) -> dict[str, int]:
    return count_content(connection, begun(connection, scope))


def test_a_preview_counts_by_kind(connection: Connection) -> None:
    assert counts(connection, WipeScope.of_rooms([1])) == COUNTS
    assert counts(connection, WipeScope.of_rooms([1, 2])) == {name: 2 * count for name, count in COUNTS.items()}
    assert counts(connection, WipeScope.rotation()) == dict.fromkeys(COUNTS, 0)
    of_time = counts(connection, WipeScope.before(NOW + 3))
    assert (of_time["messages"], of_time["index_entries"], of_time["past_epochs"]) == (6, 6, 0)


def test_needles_are_chosen_from_everything_that_goes(connection: Connection) -> None:
    values = list(content_of(connection, begun(connection, WipeScope.of_rooms([1])), 6))
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
    assert list(content_of(connection, WipeScope.rotation(), 0)) == []


def test_of_very_many_messages_a_share_is_sampled(
    tx: Transaction, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(512):
        tx.messages.add(text(1024 + number, f"sampled {number}", at=1000 + number * 130_000))
    monkeypatch.setattr(wipe_erase, "_MOST_MESSAGES_SAMPLED", 64)
    monkeypatch.setattr(wipe_erase, "_NEWEST_SAMPLED", 5)
    scope = begun(connection, WipeScope.of_rooms([1]))
    sampled = [value for value in content_of(connection, scope, 512) if value.startswith(b"sampled")]
    assert len(sampled) == 64 + 5
    assert b"sampled 511" in sampled


def test_a_clock_that_was_set_back_spares_nothing(tx: Transaction, connection: Connection) -> None:
    tx.messages.add(text(500, "from the future", at=10**9))
    scope = WipeScope.of_rooms([1])
    assert newest_moment(connection, scope) == NOW + 10**9
    assert counts(connection, scope)["messages"] == 7
    tx.drafts.put(2, "later", NOW + 77)
    assert newest_moment(connection, WipeScope.of_rooms([2])) >= NOW + 77
    assert newest_moment(connection, WipeScope.rotation()) == 0


def test_index_entries_without_a_message_are_noticed(connection: Connection) -> None:
    scopes = [WipeScope.of_rooms([1, 2]), WipeScope.before(NOW), WipeScope.of_rooms([2])]
    assert not any(has_index_entries(connection, scope) for scope in scopes)
    connection.execute("DELETE FROM message WHERE room = 2")
    assert all(has_index_entries(connection, scope) for scope in scopes)
    assert not has_index_entries(connection, WipeScope.of_rooms([1]))


def test_the_last_position_of_a_room_that_is_gone_is_none(connection: Connection) -> None:
    assert last_positions(connection, [1, 9]) == {1: (NOW + 99) << 20, 9: 0}
