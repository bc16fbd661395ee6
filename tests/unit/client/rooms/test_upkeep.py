"""The clockwork: what is due is done once, in order, and what fails waits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from byre.client.key_packages import TakenPackage
from byre.client.leaf_check import validate_leaf
from byre.client.rooms.commit_rows import WELCOME_ANSWER_MS
from byre.client.rooms.intents import ReAdd, RemoveDevices
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.upkeep import READD_AGAIN_MS, STRANGER_PAUSE_MS, Upkeep
from byre.errors import EnvironmentFault
from byre.mls import AddProposal
from byre.store import JoiningRow, PeerRow, Transaction
from tests.fakes.identities import NOW_MS, Device, Person
from tests.fakes.paper_rooms import NOW_S, package_of, room_of
from tests.fakes.room_desk import RoomDesk, outbox_row

GROUP = b"g" * 32


class Packages:
    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    async def take_device(self, account_id: bytes, device_id: bytes) -> Any:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Bench:
    def __init__(self, tx: Transaction, person: Person, *rooms: Any, packages: Packages | None = None) -> None:
        self.desk = RoomDesk(tx, person, *rooms)
        self.words: list[str] = []
        self.changes: list[Any] = []
        self.upkeep = Upkeep(
            self.desk.context,
            self.desk.groups,  # type: ignore[arg-type]
            self.desk.commits,  # type: ignore[arg-type]
            packages or Packages(),  # type: ignore[arg-type]
            renew_leaves=lambda: self._say("renew"),
            changed=self.changes.append,
            ask_rejoins=lambda: self._say("ask"),
        )

    async def _say(self, word: str) -> None:
        self.words.append(word)


async def test_a_device_that_is_away_renews_nothing_and_does_not_count_as_online(tx: Transaction) -> None:
    bench = Bench(tx, Person("anna"))
    await bench.upkeep.turn()
    assert (bench.words, await bench.upkeep.away_ms()) == (["ask"], 0)
    bench.upkeep.has_caught_up = True
    await bench.upkeep.turn()
    assert bench.words == ["ask", "ask", "renew"]
    bench.upkeep.has_caught_up = False
    bench.desk.context.clock.advance(3600)
    await bench.upkeep.turn()
    assert await bench.upkeep.away_ms() == 3_600_000


async def test_a_new_profile_begins_online_and_an_old_one_does_not(tx: Transaction) -> None:
    first = Bench(tx, Person("anna"))
    await first.upkeep.begin()
    assert first.upkeep.has_caught_up
    again = Bench(tx, Person("anna"))
    again.desk.context.clock.advance(60)
    await again.upkeep.begin()
    assert not again.upkeep.has_caught_up
    assert await again.upkeep.away_ms() == 60_000


def with_device(room: LiveRoom, owner: Person, device: Device) -> LiveRoom:
    """Return the room after a device of its owner was added."""
    package = package_of(owner, device).key_package
    pending = room.group.commit([AddProposal(package)], validate=validate_leaf, now_s=NOW_S, random=owner.random)
    return LiveRoom.read(pending.group)


@pytest.mark.parametrize("is_own", [True, False])
async def test_a_device_that_is_no_longer_listed_is_removed_own_ones_at_once(tx: Transaction, is_own: bool) -> None:
    anna, ben = Person("anna"), Person("ben")
    owner = anna if is_own else ben
    gone = owner.link()
    room = with_device(room_of(anna, ben)["anna"], owner, gone)
    bench = Bench(tx, anna, room)
    row = bench.desk.write_room(room)
    await bench.upkeep.check_listing(GROUP)
    assert bench.desk.commits.added == []
    signed = owner.unlink(gone)
    if is_own:
        bench.desk.context.own.device_list = signed
    else:
        peer = PeerRow(ben.account_id, ben.key.public, "ben", "host", NOW_MS)
        tx.peers.put(replace(peer, device_list=signed.encoded, list_version=signed.version))
    await bench.upkeep.check_listing(GROUP)
    ((group_id, intent, delay_ms),) = bench.desk.commits.added
    assert group_id == GROUP
    assert intent == RemoveDevices(owner.account_id, frozenset({gone.id}), signed.encoded)
    assert delay_ms == (0 if is_own else STRANGER_PAUSE_MS)
    members = {member.device_id: member.is_revoked for member in tx.members.of_room(row.id)}
    assert {device for device, is_revoked in members.items() if is_revoked} == {gone.id}


async def test_a_changed_list_is_looked_at_once(tx: Transaction) -> None:
    anna, ben = Person("anna"), Person("ben")
    gone = anna.link()
    room = with_device(room_of(anna, ben)["anna"], anna, gone)
    bench = Bench(tx, anna, room)
    bench.desk.write_room(room)
    await bench.upkeep.turn()
    bench.desk.context.own.device_list = anna.unlink(gone)
    for _ in range(3):
        await bench.upkeep.turn()
    assert len(bench.desk.commits.added) == 1


async def test_who_never_answered_its_welcome_is_added_again_with_a_fresh_package(tx: Transaction) -> None:
    anna, ben, carl = Person("anna"), Person("ben"), Person("carl")
    taken = TakenPackage(ben.account_id, ben.primary.id, package_of(ben).key_package, is_last_resort=False)
    packages = Packages(EnvironmentFault("no relay", code="relay_unreachable"), taken)
    bench = Bench(tx, anna, packages=packages)
    for person in (carl, ben):
        tx.joins.put(JoiningRow(GROUP, person.primary.id, person.account_id, "added", NOW_MS, NOW_MS, NOW_MS + 10**9))
    await bench.upkeep.turn()
    ((group_id, intent, delay_ms),) = bench.desk.commits.added
    assert isinstance(intent, ReAdd)
    assert (group_id, delay_ms, packages.answers) == (GROUP, 0, [])
    waiting = [tx.joins.get(GROUP, person.primary.id) for person in (ben, carl)]
    assert {row.next_at for row in waiting if row} == {NOW_MS + WELCOME_ANSWER_MS, NOW_MS + READD_AGAIN_MS}
    await bench.upkeep.turn()
    assert len(bench.desk.commits.added) == 1


async def test_what_has_had_its_time_goes_and_shown_states_are_told(tx: Transaction) -> None:
    bench = Bench(tx, Person("anna"))
    row = bench.desk.write_room()
    sent = {"room": row.id, "account_id": b"b" * 32, "device_id": b"d" * 16}
    for number, kind in enumerate(("passing", "content")):
        tx.outbox.add([outbox_row(bytes([number]) * 16, kind, **sent)])
    await bench.upkeep.turn()
    assert [each.kind for each in tx.outbox.of_device(b"d" * 16)] == ["passing", "content"]
    bench.desk.context.clock.advance(61)
    await bench.upkeep.turn()
    assert [(each.kind, each.state) for each in tx.outbox.of_device(b"d" * 16)] == [("content", "expired")]


async def test_who_answers_while_its_relay_is_asked_is_not_added_again(tx: Transaction) -> None:
    ben = Person("ben")

    class Answered(Packages):
        async def take_device(self, account_id: bytes, device_id: bytes) -> Any:
            tx.joins.delete(GROUP, device_id)
            return await super().take_device(account_id, device_id)

    taken = TakenPackage(ben.account_id, ben.primary.id, package_of(ben).key_package, is_last_resort=False)
    bench = Bench(tx, Person("anna"), packages=Answered(taken))
    tx.joins.put(JoiningRow(GROUP, ben.primary.id, ben.account_id, "added", NOW_MS, NOW_MS, NOW_MS + 10**9))
    await bench.upkeep.turn()
    assert bench.desk.commits.added == []
    assert tx.joins.get(GROUP, ben.primary.id) is None
