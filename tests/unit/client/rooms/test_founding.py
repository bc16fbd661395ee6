"""Opening a room: the head first, then the store, then one commit; and what is left when a step fails."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.events import RoomChanged
from byre.client.key_packages import TakenPackage
from byre.client.rooms.founding import Founding, package_of
from byre.client.rooms.intents import MAX_DEVICES, AddDevices
from byre.errors import EnvironmentFault, UsageError
from byre.identity.room_context import RoomKind
from byre.mls import LEAF_PROFILE, Credential, Extension
from byre.store import Transaction
from tests.fakes import paper_rooms
from tests.fakes.identities import RELAY, Person
from tests.fakes.room_desk import RoomDesk


class Bench:
    def __init__(self, tx: Transaction, *others: Person) -> None:
        self.anna = Person("anna")
        self.words: list[Any] = []
        self.head_fault: Exception | None = None
        self.taken = {person.account_id: [_taken(person)] for person in others}
        relay = SimpleNamespace(relay_id=self._relay_id, create_head=self._create_head)
        self.desk = RoomDesk(tx, self.anna, own_relay=relay)
        device = self.anna.primary
        own = self.desk.context.own
        own.credential = lambda: Credential(self.anna.credential(device))
        leaf = Extension(LEAF_PROFILE, device.info().encode())
        tokens: Any = SimpleNamespace(fresh=self._fresh, leaf_extension=lambda token: leaf)
        packages: Any = SimpleNamespace(take=self._take)
        self.founding = Founding(
            self.desk.context,
            self.desk.groups,  # type: ignore[arg-type]
            self.desk.commits,  # type: ignore[arg-type]
            tokens,
            packages,
            self._opened,
        )

    async def _relay_id(self) -> bytes:
        return b"r" * 32

    async def _create_head(self, **frame: Any) -> None:
        if self.head_fault is not None:
            raise self.head_fault
        self.words.append(("head", frame["epoch"], len(self.desk.tx.rooms.all())))

    async def _fresh(self) -> bytes:
        return bytes(self.anna.primary.token)

    async def _take(self, account_id: bytes) -> list[TakenPackage]:
        return self.taken.get(account_id, [])  # type: ignore[call-overload]

    async def _opened(self, group_id: bytes, kind: str) -> None:
        self.words.append(("opened", group_id, kind))


def _taken(person: Person) -> TakenPackage:
    package = paper_rooms.package_of(person).key_package
    return TakenPackage(person.account_id, person.primary.id, package, is_last_resort=False)


async def test_a_group_has_its_head_before_its_row_and_asks_for_one_commit(tx: Transaction) -> None:
    ben = Person("ben")
    bench = Bench(tx, ben)
    group_id = await bench.founding.group([ben.account_id], "외양간")
    assert bench.words == [("head", 0, 0), ("opened", group_id, "group")]
    (row,) = tx.rooms.all()
    assert (row.group_id, row.kind, row.state, row.title, row.relay) == (group_id, "group", "active", "외양간", RELAY)
    intent = AddDevices((package_of(bench.taken[ben.account_id][0]),))
    assert bench.desk.commits.brought_about == [(group_id, intent)]
    assert [each.kind for each in tx.intents.of_group(group_id)] == ["add_devices"]
    stored = tx.groups.current(group_id)
    assert stored is not None
    assert stored.epoch_bytes == bench.desk.groups.rooms[group_id].group.epoch_bytes()
    assert [member.device_id for member in tx.members.of_room(row.id)] == [bench.anna.primary.id]
    assert bench.desk.told == [RoomChanged(group_id.hex())]  # type: ignore[arg-type]


async def test_a_direct_room_knows_its_peer_and_the_own_other_devices_come_along(tx: Transaction) -> None:
    ben = Person("ben")
    bench = Bench(tx, ben)
    linked = bench.anna.link()
    package = paper_rooms.package_of(bench.anna, linked).key_package
    bench.taken[bench.anna.account_id] = [TakenPackage(bench.anna.account_id, linked.id, package, is_last_resort=False)]
    await bench.founding.direct(ben.account_id)
    (row,) = tx.rooms.all()
    assert (row.kind, row.peer_account) == ("direct", ben.account_id)
    ((_, intent),) = bench.desk.commits.brought_about
    assert isinstance(intent, AddDevices)
    assert [each.device_id for each in intent.packages] == [ben.primary.id, linked.id]


async def test_a_room_of_ones_own_needs_no_commit(tx: Transaction) -> None:
    bench = Bench(tx)
    group_id = await bench.founding.alone(RoomKind.DEVICE)
    assert (bench.desk.commits.brought_about, tx.intents.of_group(group_id)) == ([], [])
    assert bench.words[-1] == ("opened", group_id, "device")


async def test_without_a_head_nothing_is_stored(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.head_fault = EnvironmentFault("no relay", code="relay_unreachable")
    with pytest.raises(EnvironmentFault):
        await bench.founding.alone(RoomKind.NOTE)
    assert (tx.rooms.all(), bench.desk.groups.rooms) == ([], {})


async def test_a_room_of_too_many_is_refused_before_its_head(tx: Transaction) -> None:
    ben = Person("ben")
    bench = Bench(tx, ben)
    bench.taken[ben.account_id] *= MAX_DEVICES
    with pytest.raises(UsageError) as caught:
        await bench.founding.group([ben.account_id], "")
    assert (caught.value.code, bench.words) == ("room_too_large", [])


async def test_a_room_that_nobody_can_be_added_to_is_forgotten(tx: Transaction) -> None:
    ben = Person("ben")
    bench = Bench(tx, ben)
    bench.desk.commits.refusal = UsageError("no", code="not_allowed")
    with pytest.raises(UsageError):
        await bench.founding.group([ben.account_id], "")
    assert (tx.rooms.all(with_hidden=True), bench.desk.groups.rooms, bench.desk.told) == ([], {}, [])
    ((group_id, _),) = bench.desk.commits.brought_about
    assert (tx.groups.current(group_id), tx.intents.of_group(group_id)) == (None, [])


async def test_a_room_whose_home_is_away_stays_and_goes_on_later(tx: Transaction) -> None:
    ben = Person("ben")
    bench = Bench(tx, ben)
    bench.desk.commits.refusal = EnvironmentFault("no", code="relay_unreachable")
    with pytest.raises(EnvironmentFault):
        await bench.founding.group([ben.account_id], "")
    (row,) = tx.rooms.all()
    assert len(tx.intents.of_group(row.group_id)) == 1


async def test_a_lost_room_of_ones_own_begins_anew_under_its_old_id(tx: Transaction) -> None:
    bench = Bench(tx)
    group_id = await bench.founding.alone(RoomKind.NOTE)
    (row,) = tx.rooms.all()
    before = tx.groups.current(group_id)
    tx.rooms.change(row.id, state="rejoining")
    await bench.founding.again(row)
    (after,) = tx.rooms.all()
    assert (after.id, after.group_id, after.state) == (row.id, group_id, "active")
    assert after.group_tag != row.group_tag
    current = tx.groups.current(group_id)
    assert current is not None
    assert before is not None
    assert (current.epoch, current.epoch_bytes == before.epoch_bytes) == (0, False)
