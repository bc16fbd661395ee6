"""How a wipe begins: what goes is as of one moment, and is written down at once."""

from __future__ import annotations

import json

import pytest

from byre.db import Connection
from byre.errors import UsageError
from byre.store import Transaction, WipeScope
from byre.store.erasures import DEBT
from byre.store.peers import PeerRow
from byre.store.wipe_beginning import look, write_down
from tests.unit.store.profile import ALICE, BOB, NOW, seeded, text
from tests.unit.store.test_outbox import ROW
from tests.unit.store.wiped_content import fill_two_rooms


@pytest.fixture(autouse=True)
def _content(tx: Transaction) -> None:
    fill_two_rooms(tx)
    for account, name in ((ALICE, "앨리스"), (BOB, "밥")):
        tx.peers.put(PeerRow(account, b"p" * 32, name, "relay.test", NOW, name=name, is_contact=True, trust="verified"))
    tx.settings.put(DEBT, 3)


def begin(connection: Connection, scope: WipeScope) -> None:
    beginning = look(connection, scope, NOW + 200)
    write_down(connection, beginning, wipe_id=b"w" * 16, generation=4, random=seeded("begin"))


def test_what_goes_is_as_of_the_moment_of_the_look(tx: Transaction, connection: Connection) -> None:
    beginning = look(connection, WipeScope.of_rooms([1]), NOW + 200)
    tx.messages.add(text(500, "came later", at=500))
    write_down(connection, beginning, wipe_id=None, generation=4, random=seeded("begin"))
    journal = tx.wipes.journal()
    assert journal is not None
    assert json.loads(journal.counts)["messages"] == 6
    assert (journal.from_generation, journal.started_at, len(journal.wipe_id)) == (4, NOW + 200, 16)
    assert tx.wipes.rooms() == {1: (NOW + 99) << 20}
    assert tx.seen.covered(1) == tx.seen.current(1) != []


def test_rooms_that_go_as_a_whole_are_hidden_and_the_debt_is_paid(tx: Transaction, connection: Connection) -> None:
    begin(connection, WipeScope.of_rooms([1]))
    assert [row.id for row in tx.rooms.all()] == [2]
    assert tx.erasures.debt() == 0
    assert [peer.name for peer in tx.peers.contacts()] == ["밥", "앨리스"]


def test_the_name_of_a_contact_goes_at_once(tx: Transaction, connection: Connection) -> None:
    begin(connection, WipeScope.of_contact(BOB, [1]))
    gone = tx.peers.get(BOB)
    assert gone is not None
    assert (gone.name, gone.is_contact, gone.trust) == ("", False, "unverified")
    assert [peer.name for peer in tx.peers.contacts()] == ["앨리스"]


def test_what_waits_to_go_out_or_come_in_goes_at_once(tx: Transaction, connection: Connection) -> None:
    begin(connection, WipeScope.of_rooms([1]))
    assert [(row.room, row.kind) for row in tx.outbox.queued()] == [(1, "commit"), (2, ROW.kind), (2, "commit")]
    assert [row.group_id for row in tx.inbox.kept()] == [bytes([2]) * 32]
    assert tx.messages.count(1) == 6  # what is only shown goes with the switch


@pytest.mark.parametrize("rooms", [[], [9], [1, 9]])
def test_a_room_that_is_not_there_is_refused(connection: Connection, rooms: list[int]) -> None:
    with pytest.raises(UsageError) as caught:
        look(connection, WipeScope.of_rooms(rooms), NOW)
    assert caught.value.code == "no_such_room"
