"""A commit judged: who came, who went, what is refused, which packages were out of date."""

from __future__ import annotations

import pytest

from byre.client.leaf_check import validate_leaf
from byre.client.rooms.commit_rows import (
    GIVE_UP_JOIN_MS,
    TAKE_OVER_MS,
    WELCOME_ANSWER_MS,
    expect_joiners,
    has_tree_beside,
    intent_of,
    note_of,
)
from byre.client.rooms.judging import JudgedCommit, judge_commit
from byre.client.rooms.live_room import LiveRoom
from byre.errors import PeerError
from byre.mls import AddProposal, Proposal, RemoveProposal
from byre.store import PendingCommitRow, Transaction
from tests.fakes.identities import NOW_MS, Person
from tests.fakes.paper_rooms import NOW_S, context_of, package_of, room_of, staged


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return [Person(name) for name in ("anna", "ben", "carl")]


@pytest.fixture(scope="module")
def rooms(people: list[Person]) -> dict[str, LiveRoom]:
    return room_of(*people)


def committed(room: LiveRoom, person: Person, *proposals: Proposal) -> bytes:
    return room.group.commit(proposals, validate=validate_leaf, now_s=NOW_S, random=person.random).message


def judged_by(room: LiveRoom, message: bytes) -> JudgedCommit:
    return judge_commit(room, staged(room, message), message)


def test_an_add_tells_who_came_and_by_which_lifetime(people: list[Person], rooms: dict[str, LiveRoom]) -> None:
    dora = Person("dora")
    bundle = package_of(dora)
    judged = judged_by(rooms["ben"], committed(rooms["anna"], people[0], AddProposal(bundle.key_package)))
    assert [seat.account_id for seat in judged.come] == [dora.account_id]
    assert not judged.gone
    assert judged.committer == rooms["ben"].seat(0)
    assert judged.after is not None
    assert judged.after.epoch == rooms["ben"].epoch + 1
    assert [lifetime.covers(NOW_S) for lifetime in judged.lifetimes] == [True]
    assert {leaf.account_id for leaf in judged.facts.leaves} == {p.account_id for p in (*people, dora)}


def test_a_removal_tells_the_removed_one_that_its_leaf_is_gone(
    people: list[Person], rooms: dict[str, LiveRoom]
) -> None:
    message = committed(rooms["anna"], people[0], RemoveProposal(2))
    seen, own = judged_by(rooms["ben"], message), judged_by(rooms["carl"], message)
    assert seen.accounts_gone == {people[2].account_id}
    assert seen.devices_gone == {people[2].primary.id}
    assert own.after is None
    assert not own.is_readded
    assert not own.is_own_leaving


def test_a_readd_takes_the_device_out_and_in_again(people: list[Person], rooms: dict[str, LiveRoom]) -> None:
    again = package_of(people[2])
    message = committed(rooms["anna"], people[0], RemoveProposal(2), AddProposal(again.key_package))
    seen, own = judged_by(rooms["ben"], message), judged_by(rooms["carl"], message)
    assert seen.gone[0].device_id == seen.come[0].device_id == people[2].primary.id
    assert not seen.devices_gone
    assert own.is_readded


def test_a_mere_member_removes_nobody(people: list[Person], rooms: dict[str, LiveRoom]) -> None:
    with pytest.raises(PeerError) as caught:
        judged_by(rooms["carl"], committed(rooms["ben"], people[1], RemoveProposal(0)))
    assert caught.value.code == "not_allowed"


def test_who_was_added_is_waited_for_by_the_adder_first(
    people: list[Person], rooms: dict[str, LiveRoom], tx: Transaction
) -> None:
    dora = Person("dora")
    judged = judged_by(rooms["ben"], committed(rooms["anna"], people[0], AddProposal(package_of(dora).key_package)))
    for person, waits_ms in ((people[0], WELCOME_ANSWER_MS), (people[1], None)):
        expect_joiners(tx, judged, context_of(person, tx).own, NOW_MS)
        row = tx.joins.get(b"g" * 32, dora.primary.id)
        assert (None if row is None else row.next_at - NOW_MS) == waits_ms
        tx.joins.delete(b"g" * 32, dora.primary.id)


def test_another_own_device_waits_longer_and_a_readd_starts_anew(people: list[Person], tx: Transaction) -> None:
    anna, dora = Person("anna.two"), Person("dora.two")
    rooms = room_of(anna, people[1])
    pc = anna.link()
    add_pc = rooms["anna.two"].group.commit(
        [AddProposal(package_of(anna, pc).key_package)],
        leaf_credential=package_of(anna).key_package.leaf_node.credential,
        validate=validate_leaf,
        now_s=NOW_S,
        random=anna.random,
    )
    rooms = {
        "anna.two": LiveRoom.read(add_pc.group),
        "ben": LiveRoom.read(staged(rooms["ben"], add_pc.message).merge()),
    }
    message = committed(rooms["anna.two"], anna, AddProposal(package_of(dora).key_package))
    judged = judged_by(rooms["ben"], message)
    own = context_of(anna, tx).own
    own.device_id = pc.id
    expect_joiners(tx, judged, own, NOW_MS)
    row = tx.joins.get(b"g" * 32, dora.primary.id)
    assert row is not None
    assert row.next_at - NOW_MS == WELCOME_ANSWER_MS + TAKE_OVER_MS
    later = NOW_MS + WELCOME_ANSWER_MS
    expect_joiners(tx, judged, own, later)
    again = tx.joins.get(b"g" * 32, dora.primary.id)
    assert again is not None
    assert (again.tries, again.started_at, again.give_up_at) == (2, NOW_MS, NOW_MS + GIVE_UP_JOIN_MS)
    assert again.next_at - later == WELCOME_ANSWER_MS + TAKE_OVER_MS


@pytest.mark.parametrize("tree_beside", [True, False])
def test_a_pending_commit_s_note_reads_back(tree_beside: bool) -> None:
    row = PendingCommitRow(b"g", 1, b"c", "built", b"", b"", b"", None, b"", 0, note_of(77, tree_beside=tree_beside))
    assert intent_of(row) == 77
    assert has_tree_beside(row) is tree_beside
