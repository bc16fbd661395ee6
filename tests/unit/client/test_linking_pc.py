"""The PC's side of linking: nothing before the yes, then everything at once, and without a Welcome nothing stays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.context import OwnIdentity, read_own
from byre.client.events import DeviceLinked, LinkCodeShown, LinkReady
from byre.client.interruption import Interruptible
from byre.client.joining_pc import read_joining
from byre.client.linking_pc import LOOK_EVERY_S, PcLinking
from byre.client.rendezvous import ANSWER, DONE, GRANT, OFFER, REVEAL
from byre.client.room_keeper import JoinedRoom
from byre.client.views import ProfileState
from byre.errors import ByreError, EnvironmentFault, UsageError
from byre.identity.linking import PhoneLink
from byre.mls.key_package import KeyPackage
from byre.store import Transaction
from byre.wire.content_bodies import DeviceName
from tests.fakes.account_desk import answer_of
from tests.fakes.delivery_context import DeliveryContext
from tests.fakes.identities import HOST, NOW_MS, RELAY, Person, SeededRandom
from tests.fakes.rendezvous_table import Table
from tests.refusals import refused


class Room:
    """The rooms of a session that has just begun."""

    def __init__(self) -> None:
        self.handler: Any = None
        self.sent: list[Any] = []

    def on_joined(self, handler: Any) -> None:
        self.handler = handler

    async def send_to_own_devices(self, body: Any) -> None:
        self.sent.append(body)


class Bench:
    """A new profile, and anna's phone at the other end of the handshake; `steps` is what was done, in order."""

    def __init__(self, around: DeliveryContext) -> None:
        around.clock._now_ms = NOW_MS
        self.around, self.table, self.anna = around, Table(), Person("anna")
        self.steps: list[str] = []
        self.begin_fault: ByreError | None = None
        self.account_of_removed: bytes | None = None
        self.session: Any = None
        self.rooms = Room()
        relay: Any = self.table
        for name in ("mailbox_new", "token_put", "mailbox_delete"):
            setattr(relay, name, self._noted(name))
        relay.directory_get = self._directory
        self.directory: Any = None
        around.network.relay = lambda url: relay  # type: ignore[method-assign]
        network: Any = around.network
        network.attach = lambda url, mailbox: self.steps.append("attach")
        network.detach = lambda url, mailbox_id: self.steps.append("detach")
        profile = SimpleNamespace(
            state=ProfileState.NEW,
            incomplete=None,
            changing=asyncio.Lock(),
            relay_waits=Interruptible(),
            require_lockable=self._lockable,
            require_undamaged=lambda: None,
            begin=self._begin,
            begin_anew=self._begin,
            give_up=self._noted("give up"),
            destroy=self._noted("destroy"),
            open_session=None,
            is_damaged=False,
            removed=None,
        )
        self.profile: Any = profile
        self.linking = PcLinking(
            profile,
            SimpleNamespace(  # type: ignore[arg-type]
                network=network, events=around.events, clock=around.clock, random=SeededRandom("pc")
            ),
            around.tasks,
            platform="Linux",
            status=lambda: "status",  # type: ignore[arg-type, return-value]
        )

    def _noted(self, name: str) -> Any:
        async def noted(*_: Any, **__: Any) -> None:
            self.steps.append(name)

        return noted

    async def _lockable(self, passphrase: str | None) -> None:
        if passphrase is None:
            raise UsageError("no key store", code="passphrase_required")

    async def _directory(self, **_: Any) -> Any:
        return self.directory

    async def _begin(self, *arguments: Any) -> Any:
        own: OwnIdentity = arguments[-2]
        fill: Callable[[Transaction], None] = arguments[-1]
        if self.begin_fault is not None:
            raise self.begin_fault
        self.steps.append("begin")
        await self.around.store.write(fill)
        self.around.own = own  # type: ignore[assignment]
        context: Any = self.around
        context.own_relay = self.table
        self.around.store.fold = self._noted("fold")  # type: ignore[attr-defined]
        self.session = SimpleNamespace(
            context=context,
            rooms=self.rooms,
            registration=SimpleNamespace(publish_device=self._noted("publish device")),
            key_packages=SimpleNamespace(publish_first=self._noted("publish packages")),
            start_delivery=self._noted("deliver"),
            complete=self._complete,
            is_complete=False,
        )
        return self.session

    def _complete(self) -> None:
        self.session.is_complete = True

    async def granted(self) -> PhoneLink:
        """Go as far as the question that the PC asks its user."""
        offer = await self.linking.offer(relay=RELAY, name="서재 PC", passphrase="소")
        phone = PhoneLink(offer.uri, now_ms=NOW_MS)
        assert phone.receive_blob1(self.table.slots[OFFER], now_ms=NOW_MS).device_name == "서재 PC"
        blob2 = phone.agree(
            account_public=self.anna.key.public, handle="anna", host=HOST, now_ms=NOW_MS, random=SeededRandom("phone")
        )
        await self.table.rendezvous_put(b"", ANSWER, blob2)
        await self.around.settle()
        phone.receive_blob3(self.table.slots[REVEAL], now_ms=NOW_MS)
        (shown,) = [event for event in self.around.told if isinstance(event, LinkCodeShown)]
        phone.enter_code(shown.code, now_ms=NOW_MS)
        granted = phone.grant(
            self.anna.key,
            device_list=self.anna.device_list,
            binding=self.anna.binding,
            display_name="Anna",
            relay_url=RELAY,
            now_ms=NOW_MS,
            random=SeededRandom("grant"),
        )
        self.anna.device_list = granted.device_list
        await self.table.rendezvous_put(b"", GRANT, granted.blob4)
        await self.around.settle()
        return phone

    async def finishing(self) -> asyncio.Task[Any]:
        """The user says yes; what follows runs."""
        task = asyncio.ensure_future(self.linking.finish(True))
        for _ in range(4):
            await self.around.settle()
        return task

    def welcome(self) -> None:
        """The device room's Welcome comes, in a transaction of its own."""
        after = self.around.store.now(lambda tx: self.rooms.handler(tx, JoinedRoom(b"d" * 32, "device")))
        assert after is not None
        after()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    around = DeliveryContext(tmp_path)
    yield Bench(around)
    await around.close()


async def test_nothing_is_done_before_the_yes_and_everything_at_once_after_it(bench: Bench) -> None:
    phone = await bench.granted()
    (ready,) = [event for event in bench.around.told if isinstance(event, LinkReady)]
    assert (ready.handle, ready.host) == ("anna", HOST)
    assert (bench.steps, bench.around.store.writes) == ([], 0)
    finishing = await bench.finishing()
    assert bench.steps == ["mailbox_new", "attach", "token_put", "begin", "deliver"]
    assert bench.around.store.writes == 1
    account = bench.around.store.now(lambda tx: tx.account.get())
    assert account is not None
    assert (account.is_published, account.is_linked, account.account_seed) == (True, False, None)
    package = KeyPackage.decode(phone.receive_blob5(bench.table.slots[DONE], now_ms=NOW_MS))
    assert package.leaf_node.signature_key == phone.device_key
    bench.welcome()
    assert await finishing == bench.around.own.device_id.hex()
    assert bench.steps[5:] == ["publish device", "publish packages", "fold"]
    own = bench.around.store.now(read_own)
    account = bench.around.store.now(lambda tx: tx.account.get())
    assert own is not None
    assert account is not None
    assert (account.is_linked, own.account_id) == (True, bench.anna.account_id)
    assert bench.around.store.now(read_joining) is None
    (said,) = bench.rooms.sent
    assert isinstance(said, DeviceName)
    assert said.name == "서재 PC"
    assert DeviceLinked(own.device_id.hex(), "서재 PC") in bench.around.told  # type: ignore[arg-type]


async def test_a_no_leaves_nothing_and_tells_the_phone(bench: Bench) -> None:
    await bench.granted()
    assert await bench.linking.finish(False) is None
    await bench.around.settle()
    assert (bench.steps, DONE in bench.table.slots) == ([], True)
    assert await refused(bench.linking.finish(True)) == "wrong_state"


async def test_a_yes_without_a_grant_is_refused(bench: Bench) -> None:
    assert await refused(bench.linking.finish(True)) == "wrong_state"
    await bench.linking.offer(relay=RELAY, name="PC", passphrase="소")
    assert await refused(bench.linking.finish(True)) == "wrong_state"
    assert await bench.linking.cancel()
    assert not await bench.linking.cancel()
    assert bench.around.link_endings == ["cancelled"]


async def test_a_slot_that_a_stranger_wrote_ends_it_before_anything_is_installed(bench: Bench) -> None:
    await bench.granted()
    await bench.table.rendezvous_put(b"", DONE, b"junk")
    assert await refused(bench.linking.finish(True)) == "offer_used"
    assert (bench.steps, bench.around.link_endings) == ([], ["offer_used"])


async def test_a_full_disk_installs_nothing_and_the_user_may_try_again_or_not(bench: Bench) -> None:
    await bench.granted()
    bench.begin_fault = EnvironmentFault("full", code="disk_full")
    assert await refused(bench.linking.finish(True)) == "disk_full"
    assert bench.steps == ["mailbox_new", "attach", "token_put", "detach"]
    assert bench.around.store.now(lambda tx: tx.account.get()) is None


async def test_a_relay_that_is_away_at_the_yes_can_be_tried_again(bench: Bench) -> None:
    await bench.granted()
    relay: Any = bench.table
    good = relay.mailbox_new

    async def away(*_: Any) -> None:
        raise EnvironmentFault("away", code="relay_unreachable")

    relay.mailbox_new = away
    assert await refused(bench.linking.finish(True)) == "relay_unreachable"
    assert bench.steps == []
    relay.mailbox_new = good
    finishing = await bench.finishing()
    bench.welcome()
    assert await finishing == bench.around.own.device_id.hex()


async def test_without_a_welcome_nothing_stays(bench: Bench) -> None:
    await bench.granted()
    finishing = await bench.finishing()
    await bench.around.settle(17 * 60)
    await bench.around.settle()
    assert await refused(finishing) == "offer_expired"
    assert bench.steps[5:] == ["mailbox_delete", "give up"]
    assert bench.around.link_endings == ["offer_expired"]


async def test_a_later_list_without_this_pc_is_the_phone_s_no(bench: Bench) -> None:
    await bench.granted()
    finishing = await bench.finishing()
    device_id = bench.around.own.device_id
    bench.anna.device_list = bench.anna.device_list.without_devices(bench.anna.key, [device_id], NOW_MS)
    bench.directory = answer_of(bench.anna)
    for _ in range(3):
        await bench.around.settle(LOOK_EVERY_S + 1)
    assert await refused(finishing) == "offer_used"
    assert (bench.steps[-1], bench.around.link_endings) == ("give up", ["offer_used"])


async def test_a_relay_that_says_nothing_of_the_account_is_no_no(bench: Bench) -> None:
    await bench.granted()
    finishing = await bench.finishing()
    bench.directory = answer_of(bench.anna)  # the list that admits this PC
    await bench.around.settle(LOOK_EVERY_S + 1)
    bench.directory = None
    await bench.around.settle(LOOK_EVERY_S + 1)
    bench.welcome()
    assert await finishing == bench.around.own.device_id.hex()


async def test_a_removed_device_is_linked_to_its_own_account_only(bench: Bench) -> None:
    await bench.granted()
    other = SimpleNamespace(context=SimpleNamespace(own=SimpleNamespace(account_id=b"x" * 32)))
    bench.profile.removed = other
    assert await refused(bench.linking.finish(True)) == "other_account"
    assert bench.steps == []
    other.context.own.account_id = bench.anna.account_id
    finishing = await bench.finishing()
    bench.welcome()
    assert await finishing == bench.around.own.device_id.hex()


async def test_an_offer_needs_a_name_a_relay_and_a_lock(bench: Bench) -> None:
    for relay, name, passphrase, code in (
        ("ftp://x", "PC", "소", "bad_relay"),
        (RELAY, " ", "소", "bad_params"),
        (RELAY, "PC", None, "passphrase_required"),
    ):
        assert await refused(bench.linking.offer(relay=relay, name=name, passphrase=passphrase)) == code
    bench.profile.incomplete = object()
    assert await refused(bench.linking.offer(relay=RELAY, name="PC", passphrase="소")) == "wrong_state"
    assert bench.table.slots == {}


async def test_a_process_that_died_before_the_yes_was_stored_leaves_nothing(bench: Bench) -> None:
    session: Any = SimpleNamespace(context=bench.around.context)
    await bench.linking.resume(session)
    assert bench.steps == ["destroy"]
