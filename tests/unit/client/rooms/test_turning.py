"""What follows from what when a room turns; every part is a stand-in that notes how it was asked."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.rooms.catch_up import Word
from byre.client.rooms.claiming import Standing
from byre.client.rooms.groups import PAST_EPOCH_LIFE_MS
from byre.client.rooms.standstill import BRING_BACK_AFTER_MS, Dispute
from byre.client.rooms.turning import AWAY_MS, COMMITS_KEPT_MS, Turning
from byre.errors import EnvironmentFault
from byre.store import MemberRow, OutboxRow, RoomRow, Transaction
from byre.wire.content_bodies import Back, Joined, Receipt
from tests.fakes.identities import NOW_MS, RELAY, Person
from tests.fakes.room_desk import Notes, RoomDesk, outbox_row

GROUP = b"g" * 32
ASKED = ["ask_back", "retry"]
ALL_TURN = ["tell_name", "check_listing", "replace", "flush_held", "wake", "proposal_came"]


class Bench:
    def __init__(self, tx: Transaction, **given: Any) -> None:
        self.desk = RoomDesk(tx, Person("anna"))
        self.desk.groups.rooms[GROUP] = SimpleNamespace(epoch=5)  # type: ignore[assignment]
        self.notes: list[Any] = []
        parts: Any = Notes(self.notes, **{"disputed": [], "unconfirmed": [], **given})
        self.upkeep = parts
        self.turning = Turning(
            self.desk.context,
            self.desk.groups,  # type: ignore[arg-type]
            *[parts] * 10,
            Notes([]),
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


DISPUTE = Dispute(GROUP, 6, b"digest")


@pytest.mark.parametrize("is_own", [False, True])
async def test_after_anybodys_commit_that_the_home_names_everything_goes_on(tx: Transaction, is_own: bool) -> None:
    bench = Bench(tx, word=Word.AGREES)
    bench.desk.write_room()
    value, own = judged()
    value.committer = own if is_own else value.committer
    await bench.turning.epoch_changed(GROUP, value)
    assert bench.notes[0] == ("word", DISPUTE)
    assert bench.words[1:] == ["confirmed", *ALL_TURN]


async def test_a_home_that_says_nothing_is_asked_again_later(tx: Transaction) -> None:
    bench = Bench(tx, word=Word.SILENT)
    bench.desk.write_room()
    await bench.turning.epoch_changed(GROUP, judged()[0])
    assert bench.words == ["word", *ALL_TURN]


@pytest.mark.parametrize(
    ("standing", "then"),
    [(Standing.UNKNOWN, ["jam"]), (Standing.ORDERED, ["word", "jam"]), (Standing.OVERRULED, ["jam", *ASKED])],
)
async def test_a_commit_that_the_home_does_not_know_puts_the_room_in_doubt_and_text_goes_on(
    tx: Transaction, standing: Standing, then: list[str]
) -> None:
    bench = Bench(tx, word=Word.DISAGREES, again=standing)
    bench.desk.write_room()
    await bench.turning.epoch_changed(GROUP, judged()[0])
    assert bench.words == ["word", "again", *then, *ALL_TURN]
    assert ("jam", GROUP, DISPUTE) in bench.notes


@pytest.mark.parametrize(
    ("state", "words"), [("left", ["propose"]), ("removed", []), ("request", []), ("rejoining", [])]
)
async def test_only_rooms_that_one_is_in_go_on(tx: Transaction, state: str, words: list[str]) -> None:
    bench = Bench(tx, word=Word.AGREES)
    bench.desk.write_room(state=state)
    await bench.turning.epoch_changed(GROUP, judged()[0])
    assert bench.words == words


async def test_a_later_commit_that_the_home_names_takes_the_doubt_back(tx: Transaction) -> None:
    bench = Bench(tx, moved=DISPUTE, look=Word.AGREES, go_on=True, room=False)
    bench.desk.write_room(state="jammed")
    await bench.turning.epoch_changed(GROUP, judged()[0])
    assert bench.notes[:2] == [("moved", DISPUTE), ("look", DISPUTE)]
    assert bench.words[2:] == ["go_on", "confirmed", "room", *ALL_TURN]


async def test_who_was_readded_takes_the_kept_welcome(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.desk.write_room()
    await bench.turning.epoch_changed(GROUP, judged(is_readded=True, after=None)[0])
    assert bench.notes == [("retry", GROUP)]


@pytest.mark.parametrize("word", [Word.AGREES, Word.DISAGREES, Word.SILENT])
async def test_who_joined_says_so_and_looks_whether_the_home_knows_the_room(tx: Transaction, word: Word) -> None:
    bench = Bench(tx, word=word, again=Standing.UNKNOWN)
    bench.desk.write_room()
    await bench.turning.joined(GROUP)
    assert bench.notes[0] == ("word", Dispute(GROUP, 5))
    assert ("content", GROUP, Joined()) in bench.notes
    assert (("jam", GROUP, Dispute(GROUP, 5)) in bench.notes) is (word is Word.DISAGREES)
    assert bench.words[-len(ALL_TURN) :] == ALL_TURN


async def test_who_was_brought_back_sends_again_what_nobody_on_the_head_could_read(tx: Transaction) -> None:
    bench = Bench(tx, word=Word.AGREES)
    bench.desk.write_room()
    await bench.turning.joined(GROUP)
    assert ("seal_again", GROUP) in bench.notes


@pytest.mark.parametrize(("epochs", "sealed"), [(4, 0), (5, 1)])
async def test_what_was_sealed_before_many_missed_commits_is_sealed_again(
    tx: Transaction, epochs: int, sealed: int
) -> None:
    """After a commit, and at a connection, where a crash came between: and never what is sealed now."""
    bench = Bench(tx, word=Word.AGREES)
    row = bench.desk.write_room()
    device = b"d" * 16
    tx.members.replace(row.id, [MemberRow(row.id, device, b"b" * 32, 1, b"")])
    for epoch in range(epochs):
        tx.groups.save_epoch(GROUP, epoch, b"e", b"r")
        tx.groups.end_epoch(GROUP, epoch, expires_at=NOW_MS - 1 + PAST_EPOCH_LIFE_MS)
    at = {"room": row.id, "device_id": device, "account_id": b"b" * 32}
    tx.outbox.add(
        [outbox_row(b"m" * 16, "message", created_at=NOW_MS - 1, **at), outbox_row(b"n" * 16, "message", **at)]
    )
    found: list[OutboxRow] = []

    async def replace(group_id: bytes, oldest: Callable[[Transaction, RoomRow], list[OutboxRow]]) -> int:
        found.extend(oldest(tx, row))
        return 0

    bench.upkeep.replace = replace
    bench.upkeep.away_ms = _answer(0)
    await bench.turning.epoch_changed(GROUP, None)
    assert [each.message_id for each in found] == [b"m" * 16] * sealed
    await bench.turning.came_back()
    assert [each.message_id for each in found] == [b"m" * 16] * 2 * sealed


async def test_an_accepted_room_without_due_receipts_tells_the_own_devices(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.desk.write_room()
    bench.turning.accepted(GROUP)
    await bench.desk.settle()
    assert ("tell_name", GROUP) in bench.notes
    assert ("announce", GROUP, "group") in bench.notes, "own devices may lack in a room that was none yet"
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
    assert bench.notes == [("disputed",), ("unconfirmed",), *expected, ("online",)]
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


@pytest.mark.parametrize("columns", [{"relay": "https://elsewhere.test"}, {"state": "jammed"}, {"state": "rejoining"}])
async def test_another_relay_or_a_room_in_doubt_keeps_nobody_from_being_back(
    tx: Transaction, columns: dict[str, str]
) -> None:
    bench = Bench(tx, room=False)
    row = bench.desk.write_room(**{"relay": RELAY, **columns, "state": "active"})
    bench.upkeep.away_ms = _answer(AWAY_MS + 1)

    def room(*_: Any, **__: Any) -> Any:
        tx.rooms.change(row.id, state=columns.get("state", "active"))
        return _answer(False)()

    bench.upkeep.room = room
    await bench.turning.came_back()
    assert "online" in bench.words


async def test_a_room_that_fails_keeps_no_other_from_being_caught_up(tx: Transaction) -> None:
    bench = Bench(tx, room=EnvironmentFault("no relay", code="relay_unreachable"))
    bench.desk.write_room()
    bench.desk.write_room(group_id=b"h" * 32, group_tag=bytes([1]) * 16)
    bench.upkeep.away_ms = _answer(AWAY_MS + 1)
    await bench.turning.came_back()
    assert bench.words == ["disputed", "unconfirmed", "room", "room", "online"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"look": Word.SILENT}, ["look"]),
        ({"look": Word.AGREES, "go_on": False}, ["look", "go_on"]),
        ({"look": Word.AGREES, "go_on": True, "room": False}, ["look", "go_on", "confirmed", "room"]),
        ({"look": Word.AGREES, "go_on": True, "room": True}, ["look", "go_on", "confirmed", "room", *ALL_TURN]),
        ({"look": Word.DISAGREES, "again": Standing.UNKNOWN}, ["look", "again"]),
        ({"look": Word.DISAGREES, "again": Standing.ORDERED}, ["look", "again", "look"]),
        ({"look": Word.DISAGREES, "again": Standing.OVERRULED}, ["look", "again", *ASKED]),
    ],
)
async def test_a_disputed_room_goes_on_when_the_home_agrees(
    tx: Transaction, given: dict[str, Any], words: list[str]
) -> None:
    bench = Bench(tx, disputed=[Dispute(GROUP, 5, since=NOW_MS)], **given)
    bench.desk.write_room()
    await bench.turning.look_again()
    assert bench.words == ["disputed", *words, "unconfirmed"]


@pytest.mark.parametrize(("is_gone", "asked"), [(False, ASKED), (True, [])])
async def test_a_home_that_disagrees_for_a_minute_makes_one_ask_to_be_brought_back(
    tx: Transaction, is_gone: bool, asked: list[str]
) -> None:
    dispute = Dispute(GROUP, 5, is_gone=is_gone, since=NOW_MS - BRING_BACK_AFTER_MS)
    bench = Bench(tx, disputed=[dispute], look=Word.DISAGREES, again=Standing.UNKNOWN)
    bench.desk.write_room(state="jammed")
    await bench.turning.look_again()
    assert bench.words == ["disputed", "look", "again", *asked, "unconfirmed"]


@pytest.mark.parametrize(
    ("state", "words"), [("active", ["word", "confirmed"]), ("left", ["confirmed"]), ("jammed", []), ("rejoining", [])]
)
async def test_a_grant_that_was_not_confirmed_is_asked_about(tx: Transaction, state: str, words: list[str]) -> None:
    bench = Bench(tx, unconfirmed=[GROUP], word=Word.AGREES)
    bench.desk.write_room(state=state)
    await bench.turning.look_again()
    assert bench.words == ["disputed", "unconfirmed", *words]


async def test_back_is_said_where_one_is(tx: Transaction) -> None:
    bench = Bench(tx)
    for number, state in enumerate(("active", "request", "left", "removed", "rejoining", "jammed")):
        bench.desk.write_room(group_id=bytes([number]) * 32, group_tag=bytes([number]) * 16, state=state)
    await bench.turning.say_back()
    assert sorted(note[1][0] for note in bench.notes) == [0, 1, 5]
    assert {note[2] for note in bench.notes} == {Back()}


def _answer(value: int) -> Any:
    async def answer() -> int:
        return value

    return answer
