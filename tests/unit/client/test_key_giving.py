"""The phone gives a key back: to the PC whose key it keeps, after the code, and to nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from byre.client.events import LinkEnded
from byre.client.key_giving import KeyGiving, is_key_uri
from byre.client.rendezvous import GRANT, OFFER
from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault
from byre.identity.linking.key_return import KeySeeker, KeyWanted
from byre.store import OwnDeviceRow, Transaction
from byre.store.archive import KEY_COPY
from tests.fakes.account_desk import AccountDesk
from tests.fakes.delivery_context import DeliveryContext
from tests.fakes.identities import NOW_MS, RELAY, Device, Person, SeededRandom
from tests.fakes.rendezvous_table import Table
from tests.refusals import refused

PROFILE, SECRET = b"p" * 16, Secret(b"s" * 32)


class Bench:
    """A phone that keeps generation 3 of one PC's key."""

    def __init__(self, around: DeliveryContext, *, is_pc: bool = False) -> None:
        person = Person("anna")
        self.pc_device: Device = person.link()
        self.desk, self.table = AccountDesk(around, person, self.pc_device if is_pc else None), Table()
        self.around = around
        around.network.relay = lambda url: self.table  # type: ignore[method-assign]
        around.store.now(self._keep)
        self.giving = KeyGiving(self.desk.context)

    def _keep(self, tx: Transaction) -> None:
        value = {"device": self.pc_device.id.hex(), "generation": 3, "secret": SECRET.reveal().hex()}
        tx.settings.put(KEY_COPY + PROFILE.hex(), value)
        tx.own_devices.put(OwnDeviceRow(self.pc_device.id, "서재 PC", "linked", 1))

    async def asked_by(self, wanted: KeyWanted, seed: str = "pc") -> KeySeeker:
        """A PC lays its offer down."""
        seeker = KeySeeker(wanted, relay_url=RELAY, now_ms=NOW_MS, random=SeededRandom(seed))
        self.table.slots.clear()
        await self.table.rendezvous_put(seeker.payload.rendezvous, OFFER, seeker.blob1)
        return seeker

    async def to_the_code(self, seeker: KeySeeker) -> str:
        """Accept, and let the PC answer; returns the code that it shows."""
        await self.giving.accept(seeker.uri)
        shown = seeker.receive_blob2(self.table.slots[2], now_ms=NOW_MS, random=SeededRandom("answer"))
        await self.table.rendezvous_put(seeker.payload.rendezvous, 3, shown.blob3)
        await self.around.settle()
        return shown.code


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[DeliveryContext]:
    surroundings = DeliveryContext(tmp_path)
    yield surroundings
    await surroundings.close()


async def unreachable(*_: Any) -> None:
    raise EnvironmentFault("away", code="relay_unreachable")


@pytest.mark.parametrize("is_away", [False, True])
async def test_the_pc_gets_its_key_after_the_code(around: DeliveryContext, is_away: bool) -> None:
    bench = Bench(around)
    seeker = await bench.asked_by(KeyWanted(PROFILE, 3))
    code = await bench.to_the_code(seeker)
    assert bench.giving.is_under_way
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert await refused(bench.giving.confirm(wrong)) == "code_mismatch"
    assert GRANT not in bench.table.slots
    if is_away:  # the PC waits on, and the code may be typed again
        put, bench.table.rendezvous_put = bench.table.rendezvous_put, unreachable  # type: ignore[method-assign]
        assert await refused(bench.giving.confirm(code)) == "relay_unreachable"
        assert bench.giving.is_under_way
        bench.table.rendezvous_put = put  # type: ignore[method-assign]
    await bench.giving.confirm(code)
    copy = seeker.receive_key(bench.table.slots[GRANT], now_ms=NOW_MS)
    assert (copy.profile_id, copy.generation, copy.secret) == (PROFILE, 3, SECRET)
    assert not bench.giving.is_under_way
    assert await refused(bench.giving.confirm(code)) == "wrong_state"  # once


async def test_the_user_sees_the_name_that_the_account_gave_the_pc(around: DeliveryContext) -> None:
    bench = Bench(around)
    request = await bench.giving.accept((await bench.asked_by(KeyWanted(PROFILE, 3))).uri)
    assert (request.device_name, request.wants_key) == ("서재 PC", True)
    await bench.giving.cancel()


@pytest.mark.parametrize("wanted", [KeyWanted(b"q" * 16, 3), KeyWanted(PROFILE, 2), KeyWanted(PROFILE, 4)])
async def test_another_profile_and_another_generation_get_nothing(around: DeliveryContext, wanted: KeyWanted) -> None:
    bench = Bench(around)
    seeker = await bench.asked_by(wanted)
    assert await refused(bench.giving.accept(seeker.uri)) == "no_key_copy"
    assert (set(bench.table.slots), bench.giving.is_under_way) == ({OFFER}, False)  # it was not even answered


async def test_a_second_qr_ends_the_first(around: DeliveryContext) -> None:
    bench = Bench(around)
    first = await bench.asked_by(KeyWanted(PROFILE, 3))
    await bench.to_the_code(first)
    before = bench.table.slots
    second = await bench.asked_by(KeyWanted(PROFILE, 3), "another")
    assert before is bench.table.slots
    await bench.giving.accept(second.uri)
    await around.settle()
    assert GRANT in bench.table.slots  # junk: the first PC shows its code no longer
    await bench.giving.cancel()
    assert not bench.giving.is_under_way
    await bench.giving.cancel()


async def test_the_third_wrong_code_ends_it_and_tells_the_pc(around: DeliveryContext) -> None:
    bench = Bench(around)
    code = await bench.to_the_code(await bench.asked_by(KeyWanted(PROFILE, 3)))
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert [await refused(bench.giving.confirm(wrong)) for _ in range(3)] == ["code_mismatch"] * 3
    assert await refused(bench.giving.confirm(code)) == "offer_used"
    await around.settle()
    assert GRANT in bench.table.slots
    assert [event for event in around.told if isinstance(event, LinkEnded)] == []
    await bench.giving.cancel()


async def test_a_pc_gives_no_keys_and_no_qr_is_needed_to_say_no(around: DeliveryContext) -> None:
    bench = Bench(around, is_pc=True)
    seeker = await bench.asked_by(KeyWanted(PROFILE, 3))
    assert await refused(bench.giving.accept(seeker.uri)) == "not_allowed"
    assert await refused(bench.giving.confirm("123456")) == "wrong_state"
    texts = (seeker.uri, f" {seeker.uri}\n", "byre://link#x", "")
    assert [is_key_uri(text) for text in texts] == [True, True, False, False]
