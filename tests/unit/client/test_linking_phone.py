"""The phone's side of linking after the code: every stage is stored before it begins, and each can be gone on with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.admission import Stage, read_admission
from byre.client.events import LinkEnded
from byre.client.key_packages import generate_bundle
from byre.client.linking_phone import END_WAIT_S, REFUSED_S, RETRY_S, TASK_FOLLOW, PhoneLinking
from byre.client.rendezvous import DONE, GRANT, OFFER
from byre.errors import ByreError, EnvironmentFault, PeerError
from byre.identity.account import AccountKey
from byre.identity.device_list import DeviceList
from byre.identity.linking import NewDeviceLink, ReceivedGrant
from byre.store import OwnDeviceRow
from byre.wire.ids import DeliveryToken
from tests.fakes.account_desk import AccountDesk, own_of
from tests.fakes.delivery_context import DeliveryContext
from tests.fakes.identities import NOW_MS, RELAY, Device, Person, SeededRandom
from tests.fakes.rendezvous_table import Table
from tests.refusals import refused

AWAY = EnvironmentFault("away", code="relay_unreachable")
REFUSED = PeerError("The relay refused.", code="relay_stale")


class Bench:
    """Anna's phone; `steps` is what the other services were asked for, in order."""

    def __init__(self, around: DeliveryContext, device: Device | None = None, person: Person | None = None) -> None:
        self.person = person or Person("anna")
        self.around, self.table = around, Table()
        self.desk = AccountDesk(around, self.person, device)
        around.network.relay = lambda url: self.table  # type: ignore[method-assign]
        self.steps: list[Any] = []
        self.fault: ByreError | None = None
        self._open()

    def _open(self) -> None:
        keeper: Any = self.desk.keeper
        keeper.ensure_own_rooms = self._noted("own rooms")
        own_list: Any = SimpleNamespace(publish=self._published, publish_without=self._published_without)
        reconcile: Any = SimpleNamespace(introduce=self._noted("introduce"), start=lambda: self.steps.append("start"))
        context = self.desk.context
        self.linking = PhoneLinking(context, keeper, own_list, reconcile, on_ended=self._noted("ended"))

    def _noted(self, name: str) -> Any:
        async def noted(*_: Any) -> None:
            self.steps.append(name)

        return noted

    async def _published(self, device_list: DeviceList) -> None:
        if self.fault is not None:
            raise self.fault
        self.steps.append(("list", device_list.version, len(device_list.devices)))

    async def _published_without(self, device_ids: list[bytes]) -> None:
        self.steps.append(("without", len(device_ids)))

    async def restart(self) -> None:
        """The process ended; what is stored is gone on with."""
        self.around.tasks.cancel(TASK_FOLLOW)
        await self.around.settle()
        self._open()
        await self.linking.resume()
        await self.around.settle()

    async def to_the_code(self, seed: str = "pc") -> tuple[NewDeviceLink, str]:
        """A PC offers itself, the user agrees; returns the PC's end and the code that it shows."""
        link = NewDeviceLink(
            relay_url=RELAY, device_name="PC", platform="Linux", now_ms=NOW_MS, random=SeededRandom(seed)
        )
        self.table.slots.clear()
        await self.table.rendezvous_put(link.payload.rendezvous, OFFER, link.blob1)
        request = await self.linking.accept(link.uri)
        assert (request.device_name, request.platform) == ("PC", "Linux")
        shown = link.receive_blob2(self.table.slots[2], now_ms=NOW_MS, random=SeededRandom("answer"))
        await self.table.rendezvous_put(link.payload.rendezvous, 3, shown.blob3)
        await self.around.settle()
        return link, shown.code

    async def granted(self) -> tuple[NewDeviceLink, ReceivedGrant]:
        link, code = await self.to_the_code()
        await self.linking.confirm(code)
        await self.around.settle()
        return link, link.receive_blob4(self.table.slots[GRANT], now_ms=NOW_MS)

    async def done_by(self, link: NewDeviceLink, grant: ReceivedGrant, *, is_stranger: bool = False) -> None:
        """The PC, or somebody who photographed its QR, lays blob 5 down."""
        own = replace(
            own_of(self.person),
            device_key=link.device_key,
            certificate=grant.certificate,
            device_list=grant.device_list,
        )
        if is_stranger:
            own = own_of(Person("mallory"))
        token = DeliveryToken(bytes(32))
        bundle = generate_bundle(own, token, now_s=NOW_MS // 1000, random=SeededRandom("bundle"))
        blob5 = link.confirm(bundle.key_package.encoded, now_ms=NOW_MS, random=SeededRandom("done"))
        await self.table.rendezvous_put(link.payload.rendezvous, DONE, blob5)
        await self.around.settle()

    @property
    def stage(self) -> Stage | None:
        admission = self.around.store.now(read_admission)
        return None if admission is None else admission.stage

    @property
    def ended(self) -> list[str]:
        return [event.code for event in self.around.told if isinstance(event, LinkEnded)]


ADMITTED = [("list", 2, 2), "own rooms", "introduce", "start", "ended"]
WITHDRAWN = [("list", 2, 2), ("without", 1), "ended"]


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[DeliveryContext]:
    surroundings = DeliveryContext(tmp_path)
    yield surroundings
    await surroundings.close()


async def test_a_pc_is_admitted_in_the_order_that_survives_a_crash(around: DeliveryContext) -> None:
    bench = Bench(around)
    link, grant = await bench.granted()
    assert (bench.stage, bench.steps) == (Stage.GRANTED, [])  # nothing is published before the PC has answered
    assert await bench.linking.is_list_pending()
    await bench.done_by(link, grant)
    assert (bench.steps, bench.stage, bench.ended) == (ADMITTED, None, [])
    assert bench.desk.keeper.in_device_room == {grant.certificate.device_id}


async def test_a_pc_has_the_name_of_its_offer_until_it_tells_its_own(around: DeliveryContext) -> None:
    bench = Bench(around)
    link, grant = await bench.granted()
    assert around.store.now(lambda tx: tx.own_devices.all()) == []
    await bench.done_by(link, grant)
    of_the_pc = OwnDeviceRow(grant.certificate.device_id, "PC", "linked", linked_at=0)
    assert around.store.now(lambda tx: tx.own_devices.all()) == [of_the_pc]


async def test_the_grant_is_stored_before_it_leaves(around: DeliveryContext) -> None:
    bench = Bench(around)
    _, code = await bench.to_the_code()
    around.store.fault = EnvironmentFault("full", code="disk_full")
    assert await refused(bench.linking.confirm(code)) == "disk_full"
    around.store.fault = None
    await around.settle()
    assert (bench.stage, bench.steps) == (None, [])
    assert len(bench.table.slots[GRANT]) > 1120  # junk: the PC begins anew at once
    assert await refused(bench.linking.confirm(code)) == "wrong_state"


@pytest.mark.parametrize(("fault", "wait_s"), [(AWAY, RETRY_S), (REFUSED, REFUSED_S)])
async def test_what_the_relay_refuses_now_is_tried_again(
    around: DeliveryContext, fault: ByreError, wait_s: float
) -> None:
    bench = Bench(around)
    link, grant = await bench.granted()
    bench.fault = fault
    await bench.done_by(link, grant)
    assert (bench.stage, bench.steps) == (Stage.ANSWERED, [])
    bench.fault = None
    await around.settle(wait_s + 1)
    assert (bench.steps, bench.stage) == (ADMITTED, None)


@pytest.mark.parametrize("stage", [Stage.GRANTED, Stage.ANSWERED])
async def test_a_restart_goes_on_from_the_stage_that_was_stored(around: DeliveryContext, stage: Stage) -> None:
    bench = Bench(around)
    link, grant = await bench.granted()
    if stage is Stage.ANSWERED:
        bench.fault = AWAY
        await bench.done_by(link, grant)
    assert bench.stage is stage
    bench.fault = None
    await bench.restart()
    if stage is Stage.GRANTED:
        assert bench.steps == []
        await bench.done_by(link, grant)
    assert (bench.steps, bench.stage) == (ADMITTED, None)


async def test_a_stranger_s_key_package_withdraws_the_grant(around: DeliveryContext) -> None:
    bench = Bench(around)
    link, grant = await bench.granted()
    await bench.done_by(link, grant, is_stranger=True)
    assert (bench.steps, bench.stage, bench.ended) == (WITHDRAWN, None, ["link_failed"])
    assert bench.desk.keeper.in_device_room == set()


async def test_a_pc_that_never_answers_is_withdrawn_at_the_deadline(around: DeliveryContext) -> None:
    bench = Bench(around)
    await bench.granted()
    await around.settle(16 * 60)
    assert (bench.steps, bench.stage, bench.ended) == (WITHDRAWN, None, ["offer_expired"])


async def test_a_cancel_before_the_code_tells_the_pc_and_signs_nothing(around: DeliveryContext) -> None:
    bench = Bench(around)
    await bench.to_the_code()
    await bench.linking.cancel()
    await around.settle()
    assert (GRANT in bench.table.slots, bench.stage, bench.steps) == (True, None, [])
    assert await refused(bench.linking.confirm("123456")) == "wrong_state"


async def test_a_cancel_after_the_grant_publishes_both_lists(around: DeliveryContext) -> None:
    bench = Bench(around)
    await bench.granted()
    await bench.linking.cancel()
    await around.settle()
    assert (bench.steps, bench.stage) == (WITHDRAWN, None)
    await bench.linking.cancel()
    assert bench.steps == WITHDRAWN


async def test_a_pc_whose_code_nobody_will_type_hears_of_it(around: DeliveryContext) -> None:
    bench = Bench(around)
    await bench.to_the_code()
    link, code = await bench.to_the_code("second")
    await around.settle()
    assert len(bench.table.slots[GRANT]) > 1120  # junk for the first PC; here both share one table
    del bench.table.slots[GRANT]
    await bench.linking.confirm(code)
    await around.settle()
    assert link.receive_blob4(bench.table.slots[GRANT], now_ms=NOW_MS)
    await bench.linking.cancel()


async def test_another_qr_waits_until_the_first_grant_s_lists_are_out(around: DeliveryContext) -> None:
    bench = Bench(around)
    await bench.granted()
    bench.fault = AWAY
    second = around.tasks
    settling = bench.linking.settle()
    second.spawn(around.settle(END_WAIT_S + 1), "time goes on")
    bench.linking._wait_for_end = bench._noted("waited")  # type: ignore[method-assign]
    assert await refused(settling) == "relay_unreachable"
    assert bench.stage is Stage.WITHDRAWN
    bench.fault = None
    await around.settle(RETRY_S + 1)
    assert bench.steps[-3:] == WITHDRAWN
    await bench.to_the_code("second")
    await bench.linking.cancel()


async def test_a_pc_admits_nobody_and_a_restored_phone_waits_for_its_pcs(around: DeliveryContext) -> None:
    bench = Bench(around)
    bench.person.link()
    around.own = own_of(bench.person)  # type: ignore[assignment]
    bench.desk.keeper.is_in_room = False
    assert await refused(bench.linking.accept("byre://link#")) == "no_device_room"
    bench.desk.keeper.is_in_room = True
    assert await refused(bench.linking.accept("byre://link#")) == "bad_link"
    assert isinstance(bench.person.key, AccountKey)
    around.own = own_of(bench.person, bench.person.link())  # type: ignore[assignment]
    assert await refused(bench.linking.accept("byre://link#")) == "not_allowed"


async def test_nothing_under_way_is_nothing_to_go_on_with(around: DeliveryContext) -> None:
    bench = Bench(around)
    await bench.linking.resume()
    await bench.linking.settle()
    await bench.linking.cancel()
    assert (bench.steps, await bench.linking.is_list_pending()) == ([], False)
    assert await refused(bench.linking.confirm("123456")) == "wrong_state"
