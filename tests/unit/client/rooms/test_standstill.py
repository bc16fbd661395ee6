"""Rooms that stand still: for good by what members signed, and until the home agrees by what only the home said."""

from __future__ import annotations

import pytest

from byre.client.leaf_check import validate_leaf
from byre.client.rooms.groups import write_epoch
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.merging import Merging
from byre.client.rooms.standstill import Dispute, Standstill, read_dispute, working_state, write_dispute
from byre.errors import PeerError
from byre.identity.room_head import commit_hash
from byre.mls import RemoveProposal
from byre.store import RejoiningRow, Transaction
from tests.fakes.identities import NOW_MS, Person
from tests.fakes.paper_rooms import NOW_S, room_of, staged
from tests.fakes.room_desk import RoomDesk

GROUP = b"g" * 32


class Bench:
    """Anna's room with ben and carl."""

    def __init__(self, tx: Transaction, state: str = "active") -> None:
        self.tx = tx
        self.people = {name: Person(name) for name in ("anna", "ben", "carl")}
        self.rooms = room_of(*self.people.values())
        self.desk = RoomDesk(tx, self.people["anna"], self.rooms["anna"])
        stranger = self.people["ben"].account_id if state == "request" else None
        self.row = self.desk.write_room(self.rooms["anna"], state=state, requester_account=stranger)
        self.standstill = Standstill(self.desk.context, Merging(self.desk.context, None))  # type: ignore[arg-type]

    def commit(self, name: str, *changes: RemoveProposal) -> bytes:
        """A commit of one of them in the present epoch."""
        room, random = self.rooms[name], self.people[name].random
        return room.group.commit(list(changes), validate=validate_leaf, now_s=NOW_S, random=random).message

    def end_by(self, commit: bytes) -> None:
        """Let anna merge a commit; `past` is the epoch that it ended."""
        before = self.rooms["anna"]
        after = staged(before, commit).merge()
        write_epoch(self.tx, before.group, after, NOW_MS, ended_by=commit_hash(commit))
        self.past, self.present = LiveRoom.read(before.group.as_past()), LiveRoom.read(after)

    def second(self, commit: bytes) -> bool:
        return self.standstill.write_second(self.tx, self.past, self.present, commit)

    @property
    def state(self) -> str:
        row = self.tx.rooms.get(GROUP)
        assert row is not None
        return row.state

    @property
    def lines(self) -> list[str]:
        return [row.body for row in reversed(self.tx.messages.page(self.row.id, 10))]


@pytest.mark.parametrize("state", ["active", "request"])
async def test_a_disputed_room_goes_on_as_it_was(tx: Transaction, state: str) -> None:
    bench = Bench(tx, state)
    dispute = Dispute(GROUP, 1, b"digest")
    for _ in range(2):
        await bench.standstill.jam(GROUP, dispute)
    assert (bench.state, bench.lines, len(bench.desk.told)) == ("jammed", ["jammed"], 1)
    (kept,) = await bench.standstill.disputed()
    assert (kept.group_id, kept.epoch, kept.digest, kept.since) == (GROUP, 1, b"digest", NOW_MS)
    assert working_state(tx, GROUP) == state, "its commits go on"
    tx.joins.put_rejoining(RejoiningRow(GROUP, b"", b"", NOW_MS, NOW_MS))
    assert await bench.standstill.go_on(GROUP)
    assert tx.joins.rejoining(GROUP) is None
    assert (bench.state, bench.lines, len(bench.desk.told)) == (state, ["jammed", "unjammed"], 2)
    assert await bench.standstill.disputed() == []
    assert not await bench.standstill.go_on(GROUP)
    bench.desk.context.clock.advance(1)
    await bench.standstill.jam(GROUP, dispute)
    assert bench.lines == ["jammed", "unjammed", "jammed"]


async def test_what_is_proved_is_disputed_no_more(tx: Transaction) -> None:
    bench = Bench(tx)
    await bench.standstill.jam(GROUP, Dispute(GROUP, 1))
    await bench.standstill.jam(GROUP)
    assert (await bench.standstill.disputed(), await bench.standstill.go_on(GROUP)) == ([], False)
    assert (bench.state, bench.lines, working_state(tx, GROUP)) == ("jammed", ["jammed"], "jammed")
    await bench.standstill.jam(GROUP, Dispute(GROUP, 1))
    assert await bench.standstill.disputed() == []


async def test_a_dispute_about_a_room_that_went_another_way_is_forgotten(tx: Transaction) -> None:
    bench = Bench(tx)
    await bench.standstill.jam(GROUP, Dispute(GROUP, 1))
    tx.rooms.change(bench.row.id, state="left")
    assert not await bench.standstill.go_on(GROUP)
    assert await bench.standstill.disputed() == []
    assert not [name for name in tx.settings.names() if name.startswith("rooms.dispute")]
    await bench.standstill.jam(GROUP, Dispute(GROUP, 1))
    assert (bench.state, await bench.standstill.disputed()) == ("left", [])


def test_a_second_commit_for_an_epoch_stops_the_room(tx: Transaction) -> None:
    bench = Bench(tx)
    first, second = bench.commit("ben"), bench.commit("carl")
    bench.end_by(first)
    assert not bench.second(first), "the same one again is history"
    assert bench.state == "active"
    assert bench.second(second)
    assert (bench.state, bench.lines) == ("jammed", ["jammed"])
    assert read_dispute(tx, GROUP) == Dispute(GROUP, bench.present.epoch, commit_hash(first), since=NOW_MS)
    assert not bench.second(second)


def test_what_is_no_commit_of_that_epoch_stops_nothing(tx: Transaction) -> None:
    bench = Bench(tx)
    first, second = bench.commit("ben"), bench.commit("carl")
    proposal = bench.rooms["carl"].group.propose_self_remove(random=bench.people["carl"].random)[1]
    bench.end_by(first)
    assert not bench.second(proposal)
    for forged in (second[:-1] + bytes((second[-1] ^ 1,)), b"junk"):
        with pytest.raises(PeerError):
            bench.second(forged)
    tx.groups.end_epoch(GROUP, bench.past.epoch, expires_at=NOW_MS)  # a profile from before this was noted
    assert not bench.second(second)
    assert bench.state == "active"


def test_who_has_left_cannot_stop_the_room_out_of_its_past(tx: Transaction) -> None:
    bench = Bench(tx)
    second = bench.commit("carl")
    leaf = bench.rooms["carl"].group.own_leaf_index
    bench.end_by(bench.commit("ben", RemoveProposal(leaf)))
    with pytest.raises(PeerError) as caught:
        bench.second(second)
    assert (caught.value.code, bench.state) == ("wrong_epoch", "active")


async def test_what_a_room_in_doubt_merges_is_in_question_instead(tx: Transaction) -> None:
    bench = Bench(tx)
    await bench.standstill.jam(GROUP)  # a member's unlawful commit
    bench.desk.context.clock.advance(5)
    moved = await bench.standstill.moved(Dispute(GROUP, 2, b"later"))
    assert moved == Dispute(GROUP, 2, b"later", since=NOW_MS + 5000)
    bench.desk.context.clock.advance(5)
    assert (await bench.standstill.moved(Dispute(GROUP, 3, b"latest"))).since == NOW_MS + 5000
    assert await bench.standstill.disputed() == [Dispute(GROUP, 3, b"latest", since=NOW_MS + 5000)]
    assert await bench.standstill.go_on(GROUP)
    assert bench.state == "active"


@pytest.mark.parametrize(("state", "lines"), [("jammed", ["unjammed"]), ("rejoining", [])])
def test_who_was_brought_back_is_in_doubt_no_more(tx: Transaction, state: str, lines: list[str]) -> None:
    bench = Bench(tx, state)
    write_dispute(tx, Dispute(GROUP, 1, is_gone=state == "rejoining"))
    row = tx.rooms.get(GROUP)
    assert row is not None
    bench.standstill.write_back(tx, row)
    assert (read_dispute(tx, GROUP), bench.lines) == (None, lines)


async def test_a_home_that_takes_back_that_commits_are_gone_gives_the_room_back(tx: Transaction) -> None:
    bench = Bench(tx, "rejoining")
    write_dispute(tx, Dispute(GROUP, 1, is_gone=True))
    assert working_state(tx, GROUP) == "rejoining"
    assert await bench.standstill.go_on(GROUP)
    assert (bench.state, bench.lines) == ("active", [])
    tx.rooms.change(bench.row.id, state="rejoining")
    assert not await bench.standstill.go_on(GROUP), "this time it is no word of the home's"
    assert working_state(tx, b"x" * 32) == ""
