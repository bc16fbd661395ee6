"""What follows from what when a room turns; every part is a stand-in that notes how it was asked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.rooms.standstill import Dispute
from byre.client.rooms.turning import AWAY_MS, COMMITS_KEPT_MS, Turning
from byre.errors import EnvironmentFault
from byre.store import Transaction
from byre.wire.content_bodies import Back, Joined, Receipt
from tests.fakes.identities import Person
from tests.fakes.room_desk import Notes, RoomDesk

GROUP = b"g" * 32
ALL_TURN = ["tell_name", "check_listing", "flush_held", "wake", "proposal_came"]


class Bench:
    def __init__(self, tx: Transaction, **given: Any) -> None:
        self.desk = RoomDesk(tx, Person("anna"))
        self.desk.groups.rooms[GROUP] = SimpleNamespace(epoch=5)  # type: ignore[assignment]
        self.notes: list[Any] = []
        parts: Any = Notes(self.notes, **{"disputed": [], **given})
        self.upkeep = parts
        self.turning = Turning(
            self.desk.context,
            self.desk.groups,  # type: ignore[arg-type]
            *[parts] * 8,
            parts.tell_name,
        )

    @property
    def words(self) -> list[str]:
        return [note[0] for note in self.notes]


def judged(**changes: Any) -> Any:
    own = SimpleNamespace(leaf_index=0)
    values = {
        "is_readded": False,
        "after": SimpleNamespace(epoch=6),
        "before": SimpleNamespace(own_seat=own),
        "committer": SimpleNamespace(leaf_index=1),
        "digest": b"digest",
    }
    return SimpleNamespace(**{**values, **changes}), own


async def test_after_anybodys_commit_that_the_home_confirms_everything_goes_on(tx: Transaction) -> None:
    bench = Bench(tx, agrees=True)
    bench.desk.write_room()
    await bench.turning.epoch_changed(GROUP, judged()[0])
    assert bench.notes[0] == ("agrees", GROUP, 6, b"digest")
    assert bench.words[1:] == ALL_TURN


async def test_a_commit_that_the_home_does_not_know_jams_the_room_and_nothing_else(tx: Transaction) -> None:
    bench = Bench(tx, agrees=False)
    bench.desk.write_room()
    await bench.turning.epoch_changed(GROUP, judged()[0])
    assert bench.words == ["agrees", "jam"]
    assert bench.notes[1] == ("jam", GROUP, Dispute(GROUP, 6, b"digest"))


async def test_ones_own_commit_was_granted_and_is_not_asked_about(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.desk.write_room()
    value, own = judged()
    value.committer = own
    await bench.turning.epoch_changed(GROUP, value)
    assert bench.words == ALL_TURN


@pytest.mark.parametrize(
    ("state", "words"), [("left", ["propose"]), ("removed", []), ("request", []), ("rejoining", []), ("jammed", [])]
)
async def test_only_active_rooms_go_on(tx: Transaction, state: str, words: list[str]) -> None:
    bench = Bench(tx, agrees=True)
    bench.desk.write_room(state=state)
    await bench.turning.epoch_changed(GROUP, judged()[0])
    assert bench.words == words


async def test_who_was_readded_takes_the_kept_welcome(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.desk.write_room()
    await bench.turning.epoch_changed(GROUP, judged(is_readded=True, after=None)[0])
    assert bench.notes == [("retry", GROUP)]


@pytest.mark.parametrize("agrees", [True, False])
async def test_who_joined_says_so_unless_the_home_knows_another_room(tx: Transaction, agrees: bool) -> None:
    bench = Bench(tx, agrees=agrees)
    bench.desk.write_room()
    await bench.turning.joined(GROUP)
    assert bench.notes[0] == ("agrees", GROUP, 5, None)
    assert bench.notes[1] == (("content", GROUP, Joined()) if agrees else ("jam", GROUP, Dispute(GROUP, 5)))
    assert bench.words[2:] == (ALL_TURN if agrees else [])


async def test_an_accepted_room_without_due_receipts_tells_the_own_devices(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.desk.write_room()
    bench.turning.accepted(GROUP)
    await bench.desk.settle()
    assert ("tell_name", GROUP) in bench.notes
    assert ("content", GROUP, Receipt(), {bench.desk.context.own.account_id}) in bench.notes


@pytest.mark.parametrize(
    ("away_ms", "is_late"), [(0, None), (AWAY_MS, None), (AWAY_MS + 1, False), (COMMITS_KEPT_MS + 1, True)]
)
async def test_who_was_away_for_a_day_catches_up_first(tx: Transaction, away_ms: int, is_late: bool | None) -> None:
    bench = Bench(tx, room=True)
    bench.desk.write_room()
    bench.upkeep.away_ms = _answer(away_ms)
    await bench.turning.came_back()
    expected: list[Any] = [] if is_late is None else [("room", GROUP, is_late), ("content", GROUP, Back())]
    assert bench.notes == [("disputed",), *expected, ("online",)]
    assert bench.upkeep.has_caught_up
    bench.turning.went_away()
    assert not bench.upkeep.has_caught_up


@pytest.mark.parametrize(("state", "is_online"), [("active", False), ("request", False)])
async def test_who_could_not_catch_up_is_not_back(tx: Transaction, state: str, is_online: bool) -> None:
    bench = Bench(tx, room=False)
    bench.desk.write_room(state=state)
    bench.upkeep.away_ms = _answer(AWAY_MS + 1)
    await bench.turning.came_back()
    assert ("online" in bench.words) is is_online


async def test_a_room_that_fails_keeps_no_other_from_being_caught_up(tx: Transaction) -> None:
    bench = Bench(tx, room=EnvironmentFault("no relay", code="relay_unreachable"))
    bench.desk.write_room()
    bench.desk.write_room(group_id=b"h" * 32, group_tag=bytes([1]) * 16)
    bench.upkeep.away_ms = _answer(AWAY_MS + 1)
    await bench.turning.came_back()
    assert bench.words == ["disputed", "room", "room", "online"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"has_settled": False}, ["has_settled"]),
        ({"has_settled": True, "go_on": False}, ["has_settled", "go_on"]),
        ({"has_settled": True, "go_on": True, "room": False}, ["has_settled", "go_on", "room"]),
        ({"has_settled": True, "go_on": True, "room": True}, ["has_settled", "go_on", "room", *ALL_TURN]),
    ],
)
async def test_a_disputed_room_goes_on_when_the_home_agrees(
    tx: Transaction, given: dict[str, Any], words: list[str]
) -> None:
    bench = Bench(tx, disputed=[Dispute(GROUP, 5)], **given)
    bench.desk.write_room()
    await bench.turning.look_again()
    assert bench.words == ["disputed", *words]


async def test_back_is_said_where_one_is(tx: Transaction) -> None:
    bench = Bench(tx)
    for number, state in enumerate(("active", "request", "left", "removed", "rejoining")):
        bench.desk.write_room(group_id=bytes([number]) * 32, group_tag=bytes([number]) * 16, state=state)
    await bench.turning.say_back()
    assert sorted(note[1][0] for note in bench.notes) == [0, 1]
    assert {note[2] for note in bench.notes} == {Back()}


def _answer(value: int) -> Any:
    async def answer() -> int:
        return value

    return answer
