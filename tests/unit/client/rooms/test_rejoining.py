"""Being brought back: who is asked and who answers what, on real rooms and real signatures."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.events import RoomChanged
from byre.client.leaf_check import validate_leaf
from byre.client.rooms.commit_rows import note_brought_back
from byre.client.rooms.intents import ReAdd
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.rejoining import AGAIN_AFTER_MS, JITTER_MS, Rejoining
from byre.errors import EnvironmentFault
from byre.identity.rejoin import RejoinRequest, RejoinRequestIn, RemovedAnswer, RemovedAnswerIn
from byre.mls import AddProposal
from byre.store import RejoiningRow, RoomRow, Transaction
from byre.wire.ids import GroupId
from tests.fakes.identities import NOW_MS, Person
from tests.fakes.paper_rooms import NOW_S, package_of, room_of
from tests.fakes.room_desk import RoomDesk
from tests.unit.store.profile import text

GROUP = GroupId(b"g" * 32)


class Bench:
    def __init__(self, tx: Transaction, person: Person, *rooms: LiveRoom) -> None:
        self.desk = RoomDesk(tx, person, *rooms)
        self.bundle = package_of(person)
        self.fault: Exception | None = None
        packages: Any = SimpleNamespace(fresh_bundle=self._fresh)
        self.learned: list[int] = []
        peers: Any = SimpleNamespace(learn=self._learn)
        self.rejoining = Rejoining(
            self.desk.context,
            self.desk.groups,  # type: ignore[arg-type]
            self.desk.outbox,  # type: ignore[arg-type]
            packages,
            lambda: self.desk.commits,  # type: ignore[arg-type, return-value]
            SimpleNamespace(lookup_known=self._lookup),  # type: ignore[arg-type]
            peers,
        )
        self.listed: dict[bytes, Any] = {}
        self.looked_up: list[bytes] = []

    async def _lookup(self, account_id: bytes) -> Any:
        self.looked_up.append(account_id)
        if self.fault is not None:
            raise self.fault
        return SimpleNamespace(devices=self.listed)

    def _learn(self, tx: Transaction, credential: Any) -> Any:
        return lambda: self.learned.append(credential.device_list.version)

    async def _fresh(self) -> Any:
        if self.fault is not None:
            raise self.fault
        return self.bundle

    def state(self, row: RoomRow) -> str:
        found = self.desk.tx.rooms.by_number(row.id)
        assert found is not None
        return found.state


def with_linked(anna: Person, *others: Person) -> tuple[LiveRoom, Any]:
    """Return anna's room with her second device in it, and that device."""
    linked = anna.link()
    room = room_of(anna, *others)["anna"]
    add = AddProposal(package_of(anna, linked).key_package)
    pending = room.group.commit([add], validate=validate_leaf, now_s=NOW_S, random=anna.random)
    return LiveRoom.read(pending.group), linked


async def test_who_is_lost_asks_all_others_its_own_devices_first(tx: Transaction) -> None:
    anna, ben = Person("anna"), Person("ben")
    room, linked = with_linked(anna, ben)
    bench = Bench(tx, anna, room)
    row = bench.desk.write_room(room)
    await bench.rejoining.begin(GROUP)
    await bench.desk.settle()
    assert bench.state(row) == "rejoining"
    assert bench.desk.told == [RoomChanged(GROUP.hex())]  # type: ignore[arg-type]
    assert [each.device_id for each in bench.desk.outbox.sent] == [linked.id, ben.primary.id]
    asked = tx.joins.rejoining(GROUP)
    assert asked is not None
    assert (asked.reference, asked.tries, asked.next_at) == (bench.bundle.reference, 1, NOW_MS + AGAIN_AFTER_MS)
    content = bench.desk.outbox.sent[0].content
    assert content is not None
    assert RejoinRequestIn.decode(content).group_id == GROUP
    await bench.rejoining.ask_due()
    assert len(bench.desk.outbox.sent) == 2


@pytest.mark.parametrize("state", ["left", "removed", "rejoining", "jammed"])
async def test_nobody_asks_back_into_a_room_that_is_over(tx: Transaction, state: str) -> None:
    bench = Bench(tx, Person("anna"))
    row = bench.desk.write_room(state=state)
    await bench.rejoining.begin(GROUP)
    await bench.desk.settle()
    assert (bench.state(row), bench.desk.told, tx.joins.rejoining(GROUP)) == (state, [], None)


async def test_a_request_that_cannot_be_made_now_waits(tx: Transaction) -> None:
    bench = Bench(tx, Person("anna"))
    bench.desk.write_room(state="rejoining")
    tx.joins.put_rejoining(RejoiningRow(GROUP, b"", b"", NOW_MS, NOW_MS))
    bench.fault = EnvironmentFault("no", code="relay_unreachable")
    await bench.rejoining.ask_due()
    assert (bench.desk.outbox.sent, len(tx.joins.rejoins_due(NOW_MS))) == ([], 1)
    bench.fault = None
    tx.rooms.change(1, state="active")  # a Welcome came meanwhile
    await bench.rejoining.ask_due()
    assert (bench.desk.outbox.sent, tx.joins.rejoining(GROUP)) == ([], None)


def request_of(person: Person, device: Any = None, key: Any = None) -> tuple[bytes, Any]:
    device = device or person.primary
    package = package_of(person, device).key_package
    made = RejoinRequest.issue(key or device.key, group_id=GROUP, key_package=package.encoded, now_ms=NOW_MS)
    return made.encoded, package


async def test_a_member_is_brought_back_at_once_by_its_own_devices_later_by_others(tx: Transaction) -> None:
    anna, ben = Person("anna"), Person("ben")
    room, linked = with_linked(anna, ben)
    bench = Bench(tx, anna, room)
    bench.desk.write_room(room)
    for data, package, most_ms in (
        (*request_of(anna, linked), 0),
        (*request_of(ben), JITTER_MS),
    ):
        bench.desk.commits.added.clear()
        await bench.rejoining.on_request(data, b"m" * 16)
        ((group_id, intent, delay_ms),) = bench.desk.commits.added
        assert isinstance(intent, ReAdd)
        assert (group_id, intent.package.key_package) == (GROUP, package.encoded)
        assert 0 <= delay_ms <= most_ms
    assert bench.desk.outbox.sent == []


async def test_a_request_by_another_key_or_of_nobody_brings_nobody_back(tx: Transaction) -> None:
    anna, ben, eve = Person("anna"), Person("ben"), Person("eve")
    room = room_of(anna, ben)["anna"]
    bench = Bench(tx, anna, room)
    bench.desk.write_room(room)
    data, _ = request_of(ben)
    for wrong in (request_of(ben, key=eve.primary.key)[0], b"", data[:-1], data + b"\x00"):
        await bench.rejoining.on_request(wrong, b"m" * 16)
    assert (bench.desk.commits.added, bench.desk.outbox.sent) == ([], [])
    await bench.rejoining.on_request(request_of(eve)[0], b"m" * 16)
    assert bench.desk.commits.added == []
    (answer,) = bench.desk.outbox.sent
    assert (answer.kind, answer.device_id) == ("removed", eve.primary.id)
    assert answer.content is not None
    RemovedAnswerIn.decode(answer.content).verified(anna.primary.key.public)


@pytest.mark.parametrize("spoilt", ["init_key", "signature"])
async def test_a_package_that_its_device_did_not_sign_brings_nobody_back(tx: Transaction, spoilt: str) -> None:
    """The request is signed as it should be: a Welcome to an init key that the device never made would lock it out."""
    anna, ben = Person("anna"), Person("ben")
    bench = Bench(tx, anna, room_of(anna, ben)["anna"])
    package = package_of(ben).key_package
    first = getattr(package, spoilt)[0]
    at = package.encoded.index(getattr(package, spoilt))
    bad = package.encoded[:at] + bytes((first ^ 1,)) + package.encoded[at + 1 :]
    bench.desk.write_room()
    for encoded, is_taken in ((bad, False), (package.encoded, True)):
        asked = RejoinRequest.issue(ben.primary.key, group_id=GROUP, key_package=encoded, now_ms=NOW_MS)
        await bench.rejoining.on_request(asked.encoded, b"m" * 16)
        assert bool(bench.desk.commits.added) is is_taken


async def test_a_package_that_stands_in_the_tree_already_is_done(tx: Transaction) -> None:
    anna, ben = Person("anna"), Person("ben")
    package = package_of(ben)
    room = room_of(anna)["anna"]
    add = AddProposal(package.key_package)
    pending = room.group.commit([add], validate=validate_leaf, now_s=NOW_S, random=anna.random)
    bench = Bench(tx, anna, LiveRoom.read(pending.group))
    bench.desk.write_room(LiveRoom.read(pending.group))
    asked = RejoinRequest.issue(ben.primary.key, group_id=GROUP, key_package=package.key_package.encoded, now_ms=NOW_MS)
    await bench.rejoining.on_request(asked.encoded, b"m" * 16)
    assert (bench.desk.commits.added, bench.desk.outbox.sent) == ([], [])


@pytest.mark.parametrize(
    ("asked_hash", "signer", "ends"), [("right", "ben", True), ("other", "ben", False), ("right", "eve", False)]
)
async def test_only_a_member_who_answers_this_very_request_ends_the_room(
    tx: Transaction, asked_hash: str, signer: str, ends: bool
) -> None:
    anna, ben, eve = Person("anna"), Person("ben"), Person("eve")
    room = room_of(anna, ben)["anna"]
    bench = Bench(tx, anna, room)
    row = bench.desk.write_room(room, state="rejoining")
    right = b"h" * 32
    tx.joins.put_rejoining(RejoiningRow(GROUP, right, b"ref", NOW_MS, NOW_MS))
    answer = RemovedAnswer.issue(
        (ben if signer == "ben" else eve).primary.key,
        group_id=GROUP,
        request_hash=right if asked_hash == "right" else b"x" * 32,
        account_id=ben.account_id,
        device_id=ben.primary.id,
    )
    held = text(1, "never said", in_room=row.id, own=True, timer_s=60)
    tx.messages.add(held)
    await bench.rejoining.on_removed(answer.encoded, b"m" * 16)
    assert bench.state(row) == ("removed" if ends else "rejoining")
    assert (tx.groups.current(GROUP) is None) is ends
    assert (GROUP not in bench.desk.groups.rooms) is ends
    assert (tx.erasures.next_due() is not None) is ends  # nobody will have it


@pytest.mark.parametrize(
    ("member", "signer", "fault", "ends"),
    [
        ("ben", "ben", None, True),
        ("ben", "eve", None, False),
        ("eve", "eve", None, False),
        ("ben", "ben", EnvironmentFault("away", code="relay_unreachable"), False),
    ],
    ids=["a member", "another key", "no member", "no directory"],
)
async def test_who_has_lost_the_tree_goes_by_the_list_of_members_and_the_directory(
    tx: Transaction, member: str, signer: str, fault: Exception | None, ends: bool
) -> None:
    people = {name: Person(name) for name in ("anna", "ben", "eve")}
    room = room_of(people["anna"], people["ben"])["anna"]
    bench = Bench(tx, people["anna"])
    row = bench.desk.write_room(room, state="rejoining")
    tx.groups.delete(GROUP)  # restored: there is no MLS state
    bench.fault, told = fault, people[member]
    bench.listed = {told.primary.id: SimpleNamespace(certificate=told.primary.certificate)}
    tx.joins.put_rejoining(RejoiningRow(GROUP, b"h" * 32, b"ref", NOW_MS, NOW_MS))
    answer = RemovedAnswer.issue(
        people[signer].primary.key,
        group_id=GROUP,
        request_hash=b"h" * 32,
        account_id=told.account_id,
        device_id=told.primary.id,
    )
    await bench.rejoining.on_removed(answer.encoded, b"m" * 16)
    await bench.desk.settle()
    assert bench.state(row) == ("removed" if ends else "rejoining")
    assert bench.looked_up == ([told.account_id] if member == "ben" else [])


async def test_a_request_that_comes_again_or_late_brings_nobody_back_twice(tx: Transaction) -> None:
    anna, ben = Person("anna"), Person("ben")
    rooms = room_of(anna, ben)
    bench = Bench(tx, anna, rooms["anna"])
    bench.desk.write_room(rooms["anna"])
    bundle = package_of(ben)
    request = RejoinRequest.issue(
        ben.primary.key, group_id=GROUP, key_package=bundle.key_package.encoded, now_ms=NOW_MS
    ).encoded
    seat = next(each for each in rooms["anna"].seats() if each.account_id == ben.account_id)
    back = replace(seat, package_key=bundle.key_package.leaf_node.encryption_key)
    judged: Any = SimpleNamespace(come=(back,), devices_back={back.device_id})
    note_brought_back(tx, judged, bench.desk.context.own, NOW_MS)  # by another member; ben has replaced that leaf since
    await bench.rejoining.on_request(request, b"m" * 16)
    assert (bench.desk.commits.added, bench.desk.outbox.sent) == ([], [])


async def test_what_an_own_device_that_asks_knows_of_the_account_is_learnt(tx: Transaction) -> None:
    anna = Person("anna")
    pc = anna.link()
    bench = Bench(tx, anna)
    package = package_of(anna, pc).key_package.encoded
    request = RejoinRequest.issue(pc.key, group_id=GROUP, key_package=package, now_ms=NOW_MS)
    await bench.rejoining.on_request(request.encoded, b"m" * 16)
    assert bench.learned == [anna.device_list.version]
    assert (bench.desk.commits.added, bench.desk.outbox.sent) == ([], []), "there is no such room to answer for"


async def test_nobody_learns_of_an_old_greeting_or_of_a_stranger_s(tx: Transaction) -> None:
    anna, ben = Person("anna"), Person("ben")
    bench = Bench(tx, anna)
    for person, age_ms in ((anna, 30 * 24 * 3600 * 1000), (ben, 0)):
        package = package_of(person).key_package.encoded
        request = RejoinRequest.issue(
            person.primary.key, group_id=GROUP, key_package=package, now_ms=NOW_MS - age_ms
        ).encoded
        await bench.rejoining.on_request(request, b"m" * 16)
    assert bench.learned == []
