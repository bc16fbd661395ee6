"""Own devices where they are missing: whose care they are, how often they are asked, one package per room."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.directory import Directory
from byre.client.peers import Peers
from byre.client.reconcile import ASK_AGAIN_MS, PACKAGES_PER_MESSAGE, RETRY_S, Reconcile
from byre.errors import EnvironmentFault, UsageError
from byre.store import OwnDeviceRow
from byre.wire.content_bodies import DeviceName, KeyPackagesGiven, KeyPackagesWanted
from tests.fakes.account_desk import AccountDesk, answer_of
from tests.fakes.delivery_context import DeliveryContext
from tests.fakes.identities import Person


class Packages:
    """Gives bundles and takes packages; `is_empty`: the relay has none of that device."""

    def __init__(self) -> None:
        self.is_empty = False
        self.is_away = False

    async def fresh_bundles(self, count: int) -> list[Any]:
        if self.is_away:
            raise EnvironmentFault("away", code="relay_unreachable")
        return [SimpleNamespace(key_package=SimpleNamespace(encoded=b"mine %d" % at)) for at in range(count)]

    async def take_device(self, account_id: bytes, device_id: bytes) -> Any:
        if self.is_empty:
            raise EnvironmentFault("nothing there", code="relay_absent")
        return SimpleNamespace(message=b"its package")


class Bench:
    def __init__(self, around: DeliveryContext, *, is_pc: bool = False) -> None:
        self.person = Person("anna")
        self.pc, self.laptop = self.person.link(), self.person.link()
        self.desk = AccountDesk(around, self.person, self.pc if is_pc else None)
        self.keeper, self.packages, self.introduced = self.desk.keeper, Packages(), 0
        context = self.desk.context
        self.reconcile = Reconcile(
            context,
            self.keeper,  # type: ignore[arg-type]
            self.packages,  # type: ignore[arg-type]
            Directory(context, Peers(context)),
            SimpleNamespace(introduce_all=self._introduce),  # type: ignore[arg-type]
            SimpleNamespace(current=self._nobody),  # type: ignore[arg-type]
        )

    async def _introduce(self) -> None:
        self.introduced += 1

    async def _nobody(self) -> None:
        return None

    def wanted(self) -> list[tuple[bytes, int]]:
        return [(b.device_id, b.count) for b in self.keeper.sent if isinstance(b, KeyPackagesWanted)]


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[DeliveryContext]:
    surroundings = DeliveryContext(tmp_path)
    yield surroundings
    await surroundings.close()


async def test_the_phone_brings_in_whoever_is_missing_and_asks_once(around: DeliveryContext) -> None:
    bench = Bench(around)
    bench.keeper.in_device_room = {bench.pc.id}
    bench.keeper.lacking = {bench.pc.id: [b"room one", b"room two"]}
    await bench.reconcile.run()
    assert bench.laptop.id in bench.keeper.in_device_room
    assert (bench.introduced, bench.wanted()) == (1, [(bench.pc.id, 2)])
    await bench.reconcile.run()
    assert len(bench.wanted()) == 1
    around.clock.advance(ASK_AGAIN_MS / 1000 + 1)
    await bench.reconcile.run()
    assert len(bench.wanted()) == 2


async def test_a_device_without_packages_is_passed_over_until_it_has_some(around: DeliveryContext) -> None:
    bench = Bench(around)
    bench.packages.is_empty = True
    await bench.reconcile.run()
    assert (bench.keeper.in_device_room, bench.keeper.sent) == (set(), [])
    bench.packages.is_empty = False
    await bench.reconcile.run()
    assert bench.keeper.in_device_room == {bench.pc.id, bench.laptop.id}


@pytest.mark.parametrize("is_pc", [False, True])
async def test_without_a_device_room_a_phone_greets_its_pcs_once_and_does_nothing_else(
    around: DeliveryContext, is_pc: bool
) -> None:
    bench = Bench(around, is_pc=is_pc)
    greeted: list[bytes] = []
    faults = [EnvironmentFault("nothing there", code="relay_absent")]

    async def greet(device_id: bytes) -> None:
        if faults:
            raise faults.pop()
        greeted.append(device_id)

    bench.reconcile._greeting = SimpleNamespace(greet=greet)  # type: ignore[assignment]
    bench.keeper.is_in_room = False
    for _ in range(3):
        await bench.reconcile.run()
    assert sorted(greeted) == ([] if is_pc else sorted([bench.pc.id, bench.laptop.id]))
    assert (bench.keeper.in_device_room, bench.keeper.sent) == (set(), [])


async def test_a_pc_cares_for_a_lost_phone_alone(around: DeliveryContext) -> None:
    bench = Bench(around, is_pc=True)
    bench.desk.relay.entries[bench.person.account_id.hex()] = answer_of(
        bench.person, bench.person.primary, bench.pc, bench.laptop
    )
    await bench.reconcile.run()
    assert bench.keeper.in_device_room == {bench.person.primary.id}


async def test_packages_are_given_in_portions_and_used_one_per_room(around: DeliveryContext) -> None:
    bench = Bench(around)
    await bench.reconcile.give(PACKAGES_PER_MESSAGE + 3, to=bench.laptop.id)
    assert bench.keeper.sent_to == [bench.laptop.id, bench.laptop.id], "who did not ask would use them, too"
    given = [body for body in bench.keeper.sent if isinstance(body, KeyPackagesGiven)]
    assert [len(body.packages) for body in given] == [PACKAGES_PER_MESSAGE, 3]
    bench.keeper.lacking = {bench.pc.id: [b"new", b"old", b"oldest"]}
    await bench.reconcile.take(bench.pc.id, [b"first", b"second"])
    assert bench.keeper.added == [(b"new", b"first"), (b"old", b"second")]
    assert bench.wanted() == [(bench.pc.id, 3)]  # there are more rooms than packages: the rest is asked for
    await bench.reconcile.take(b"s" * 16, [b"a stranger's"])
    assert len(bench.keeper.added) == 2


async def test_a_room_that_refuses_keeps_no_other_from_its_turn(around: DeliveryContext) -> None:
    bench = Bench(around)
    bench.keeper.in_device_room = {bench.pc.id, bench.laptop.id}
    bench.keeper.lacking = {bench.pc.id: [b"new", b"old", b"oldest"]}
    away, refused = EnvironmentFault("away", code="relay_unreachable"), UsageError("no", code="wrong_state")
    bench.keeper.faults = {b"new": away, b"old": refused}
    await bench.reconcile.run()
    await bench.reconcile.take(bench.pc.id, [b"first", b"second", b"third"])
    assert [group_id for group_id, _ in bench.keeper.added] == [b"new", b"old", b"oldest"]
    await bench.reconcile.run()  # what still lacks the device is asked for at once
    assert len(bench.wanted()) == 2


async def test_what_was_asked_over_a_lost_connection_is_asked_again(around: DeliveryContext) -> None:
    bench = Bench(around)
    bench.keeper.in_device_room = {bench.pc.id, bench.laptop.id}
    bench.keeper.lacking = {bench.pc.id: [b"room"]}
    for _ in range(2):
        await bench.reconcile.run()
    assert len(bench.wanted()) == 1
    bench.reconcile.reconnected()
    await bench.reconcile.run()
    assert len(bench.wanted()) == 2


async def test_packages_are_given_once_the_relay_is_back(around: DeliveryContext) -> None:
    bench = Bench(around)
    bench.packages.is_away = True
    around.tasks.spawn(bench.reconcile.give(2, to=bench.laptop.id), "give")
    await around.settle(RETRY_S + 1)
    assert bench.keeper.sent == []
    bench.packages.is_away = False
    await around.settle(RETRY_S + 1)
    assert [len(b.packages) for b in bench.keeper.sent if isinstance(b, KeyPackagesGiven)] == [2]


async def test_a_new_device_hears_the_others_names(around: DeliveryContext) -> None:
    bench = Bench(around)
    around.store.now(lambda tx: tx.own_devices.put(OwnDeviceRow(bench.pc.id, "서재 PC", "linked", 1)))
    around.store.now(lambda tx: tx.own_devices.put(OwnDeviceRow(bench.laptop.id, "", "linked", 2)))
    around.store.now(lambda tx: tx.own_devices.put(OwnDeviceRow(b"not there yet...", "거실 PC", "linked", 0)))
    await bench.reconcile.introduce()
    assert bench.keeper.sent == [DeviceName(bench.pc.id, "서재 PC")]
