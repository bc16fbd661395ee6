"""Leaving: out at once, proposals for all own leaves, and who commits them when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.client.events import RoomChanged
from byre.client.rooms.intents import CommitLeaving
from byre.client.rooms.leaving import JITTER_MS, RANK_PAUSE_MS, Leaving
from byre.client.rooms.live_room import LiveRoom
from byre.mls import ProposalReceived, RemoveProposal
from byre.store import IntentRow, ReceiptDueRow, Transaction
from tests.fakes.identities import NOW_MS, Person
from tests.fakes.paper_rooms import room_of
from tests.fakes.room_desk import RoomDesk
from tests.unit.store.profile import text

GROUP = b"g" * 32
TASK = f"leaving of {GROUP.hex()[:8]}"


def leaving_of(desk: RoomDesk) -> Leaving:
    return Leaving(desk.context, desk.groups, desk.outbox, desk.commits)  # type: ignore[arg-type]


async def test_who_leaves_is_out_at_once_and_tells_every_other_device(tx: Transaction) -> None:
    anna, ben, carl = Person("anna"), Person("ben"), Person("carl")
    rooms = room_of(anna, ben, carl)
    desk = RoomDesk(tx, ben, rooms["ben"])
    row = desk.write_room(rooms["ben"])
    tx.intents.add(IntentRow(0, GROUP, "retitle", b"", NOW_MS, NOW_MS))
    tx.receipts.add(ReceiptDueRow(row.id, anna.account_id, b"m" * 16, NOW_MS))
    await leaving_of(desk).leave(GROUP)
    assert tx.receipts.due_in(row.id, NOW_MS, 9) == []  # who has left confirms nothing
    changed = tx.rooms.by_number(row.id)
    assert changed is not None
    assert (changed.state, tx.intents.of_group(GROUP)) == ("left", [])
    assert {each.device_id for each in desk.outbox.sent} == {anna.primary.id, carl.primary.id}
    assert {(each.kind, each.room) for each in desk.outbox.sent} == {("commit", row.id)}
    assert desk.told == [RoomChanged(GROUP.hex())]
    stored = tx.groups.current(GROUP)
    assert stored is not None
    assert stored.ratchet_bytes == desk.groups.rooms[GROUP].group.ratchet_bytes()
    pending = desk.groups.rooms[GROUP].group.pending_proposals
    assert [each.proposal for each in pending] == [RemoveProposal(rooms["ben"].group.own_leaf_index)]


async def test_what_was_held_in_a_room_disappears_once_its_user_has_left(tx: Transaction) -> None:
    anna, ben = Person("anna"), Person("ben")
    rooms = room_of(anna, ben)
    desk = RoomDesk(tx, ben, rooms["ben"])
    row = desk.write_room(rooms["ben"])
    held = text(1, "never said", in_room=row.id, own=True, timer_s=60)
    tx.messages.add(held)
    await leaving_of(desk).leave(GROUP)
    left = tx.messages.own(held.message_id)
    assert left is not None
    assert left.expires_at == NOW_MS + 60_000


async def test_the_word_and_its_proposals_are_stored_together_or_not_at_all(tx: Transaction) -> None:
    anna, ben = Person("anna"), Person("ben")
    rooms = room_of(anna, ben)
    desk = RoomDesk(tx, ben, rooms["ben"])
    row = desk.write_room(rooms["ben"])
    writes: list[object] = []
    write = desk.context.store.write

    async def counted(work: object) -> object:
        writes.append(work)
        return await write(work)  # type: ignore[arg-type]

    desk.context.store.write = counted  # type: ignore[method-assign, assignment]
    await leaving_of(desk).leave(GROUP)
    assert len(writes) == 1
    changed = tx.rooms.by_number(row.id)
    assert changed is not None
    assert (changed.state, len(desk.outbox.sent)) == ("left", 1)


async def test_who_still_has_a_leaf_in_a_room_it_left_proposes_again_once_a_day(tx: Transaction) -> None:
    anna, ben = Person("anna"), Person("ben")
    rooms = room_of(anna, ben)
    desk = RoomDesk(tx, ben, rooms["ben"])
    row = desk.write_room(rooms["ben"])
    leaving = leaving_of(desk)
    await leaving.propose_due()
    assert desk.outbox.sent == [], "nobody has left"
    await leaving.leave(GROUP)
    leaving = leaving_of(desk)  # a restart
    await leaving.propose_due()
    assert len(desk.outbox.sent) == 1, "the proposal is still on its way"
    for sent in tx.outbox.of_kind("commit", room=row.id):
        tx.outbox.delete(sent.id)
    await leaving.propose_due()
    assert len(desk.outbox.sent) == 2
    for sent in tx.outbox.of_kind("commit", room=row.id):
        tx.outbox.delete(sent.id)
    await leaving.propose_due()
    assert len(desk.outbox.sent) == 2, "not again today"
    tx.groups.delete(GROUP)
    await leaving_of(desk).propose_due()
    assert len(desk.outbox.sent) == 2, "the members have committed it"


async def test_a_room_of_ones_own_just_ends(tx: Transaction) -> None:
    anna = Person("anna")
    room = room_of(anna)["anna"]
    desk = RoomDesk(tx, anna, room)
    desk.write_room(room)
    await leaving_of(desk).leave(GROUP)
    assert (tx.groups.current(GROUP), desk.groups.rooms, desk.outbox.sent) == (None, {}, [])


async def test_a_room_without_state_is_left_all_the_same(tx: Transaction) -> None:
    desk = RoomDesk(tx, Person("anna"))
    row = desk.write_room()
    await leaving_of(desk).leave(GROUP)
    changed = tx.rooms.by_number(row.id)
    assert changed is not None
    assert (changed.state, desk.outbox.sent) == ("left", [])


def heard(rooms: dict[str, LiveRoom], leaver: str) -> dict[str, LiveRoom]:
    """Return the rooms after the others heard that somebody leaves."""
    group, message = rooms[leaver].group.propose_self_remove(random=Person(leaver).random)
    after = {leaver: rooms[leaver].with_group(group)}
    for name, room in rooms.items():
        if name != leaver:
            received = room.group.process(message)
            assert isinstance(received, ProposalReceived)
            after[name] = room.with_group(received.group)
    return after


@pytest.mark.parametrize(
    ("leaver", "who", "least_ms"),
    [("carl", "anna", 0), ("carl", "ben", RANK_PAUSE_MS), ("anna", "ben", 0), ("anna", "carl", RANK_PAUSE_MS)],
)
async def test_the_lowest_leaf_that_stays_commits_first(tx: Transaction, leaver: str, who: str, least_ms: int) -> None:
    people = {name: Person(name) for name in ("anna", "ben", "carl")}
    rooms = heard(room_of(*people.values()), leaver)
    desk = RoomDesk(tx, people[who], rooms[who])
    leaving_of(desk).proposal_came(GROUP)
    await desk.context.tasks.ended(TASK)
    ((group_id, intent, delay_ms),) = desk.commits.added
    assert (group_id, intent) == (GROUP, CommitLeaving())
    assert least_ms <= delay_ms <= least_ms + (JITTER_MS if least_ms else 0)


async def test_the_leaver_itself_and_who_heard_nothing_commit_nothing(tx: Transaction) -> None:
    anna, ben = Person("anna"), Person("ben")
    quiet = room_of(anna, ben)
    rooms = heard(quiet, "ben")
    for person, room in ((ben, rooms["ben"]), (anna, quiet["anna"])):
        desk = RoomDesk(tx, person, room)
        leaving_of(desk).proposal_came(GROUP)
        await desk.context.tasks.ended(TASK)
        assert desk.commits.added == []


async def test_half_an_account_is_not_committed(tx: Transaction) -> None:
    anna, ben = Person("anna"), Person("ben")
    rooms = heard(room_of(anna, ben), "ben")
    room = rooms["anna"]
    desk = RoomDesk(tx, anna, room)
    halved = replace(room.situation(), is_whole=False)
    desk.groups.rooms[GROUP] = _Saying(room, halved)  # type: ignore[assignment]
    leaving_of(desk).proposal_came(GROUP)
    await desk.context.tasks.ended(TASK)
    assert desk.commits.added == []


class _Saying:
    def __init__(self, room: LiveRoom, situation: object) -> None:
        self.group = room.group
        self.situation = lambda: situation
