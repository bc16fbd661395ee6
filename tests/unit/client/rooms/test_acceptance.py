"""A stranger's room waits for its user, through everything that a room comes out of again."""

from __future__ import annotations

import pytest

from byre.client.rooms.acceptance import accept, is_unaccepted, settled_state
from byre.store import Transaction
from tests.fakes.identities import Person
from tests.fakes.room_desk import RoomDesk

STRANGER = b"s" * 32


@pytest.mark.parametrize("state", ["request", "rejoining", "jammed"])
def test_what_nobody_accepted_is_a_request_again(tx: Transaction, state: str) -> None:
    row = RoomDesk(tx, Person("anna")).write_room(state=state, requester_account=STRANGER)
    assert (is_unaccepted(row), settled_state(row)) == (True, "request")
    assert accept(tx, row)
    accepted = tx.rooms.by_number(row.id)
    assert accepted is not None
    assert (is_unaccepted(accepted), settled_state(accepted)) == (False, "active")
    assert accepted.state == ("active" if state == "request" else state)
    assert not accept(tx, accepted)


@pytest.mark.parametrize("state", ["active", "left", "removed"])
def test_a_room_that_was_accepted_or_left_asks_nothing(tx: Transaction, state: str) -> None:
    row = RoomDesk(tx, Person("anna")).write_room(state=state, requester_account=STRANGER)
    assert not is_unaccepted(row)
    assert not accept(tx, row)


@pytest.mark.parametrize("state", ["active", "rejoining", "jammed"])
def test_a_contact_s_room_is_no_request(tx: Transaction, state: str) -> None:
    assert settled_state(RoomDesk(tx, Person("anna")).write_room(state=state)) == "active"
