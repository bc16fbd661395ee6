"""Both halves of the handshake over one rendezvous on paper: the way through, and each way in which it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.events import LinkCodeShown
from byre.client.handshake import OFFER_WAIT_MS, ScannedOffer, await_reply, ending_of, post_offer, tell_phone
from byre.client.rendezvous import ANSWER, DONE, GRANT, OFFER, REVEAL
from byre.errors import EnvironmentFault, PeerError, UsageError
from byre.identity.key_copy import KeyCopy
from byre.identity.linking import NewDeviceLink, PhoneLink
from byre.identity.linking.key_return import KeyHolder, KeySeeker, KeyWanted
from byre.identity.linking.phone import PhoneState
from tests.fakes.account_desk import own_of
from tests.fakes.clock import FrozenClock
from tests.fakes.delivery_context import DeliveryContext
from tests.fakes.identities import NOW_MS, RELAY, Person, SeededRandom
from tests.fakes.rendezvous_table import Table
from tests.refusals import refused


class Bench:
    def __init__(self, around: DeliveryContext) -> None:
        self.phone, self.table = around, Table()
        around.clock._now_ms = NOW_MS
        around.own = own_of(Person("anna"))  # type: ignore[assignment]
        network = SimpleNamespace(relay=lambda url: self.table)
        around.network = network  # type: ignore[assignment]
        self.heard: list[Any] = []
        self.pc: Any = SimpleNamespace(
            network=network,
            events=SimpleNamespace(publish=self.heard.append),
            clock=around.clock,
            random=SeededRandom("pc"),
        )

    @property
    def clock(self) -> FrozenClock:
        return self.phone.clock

    def make(self, url: str, now_ms: int) -> NewDeviceLink:
        random = SeededRandom("device")
        return NewDeviceLink(relay_url=url, device_name="PC", platform="Linux", now_ms=now_ms, random=random)

    async def offered(self) -> NewDeviceLink:
        return await post_offer(self.pc, RELAY, self.make)

    def replying(self, link: NewDeviceLink) -> asyncio.Task[bytes]:
        return asyncio.ensure_future(await_reply(self.pc, link, lambda blob, now_ms: blob))

    async def scanned(self, link: NewDeviceLink) -> ScannedOffer[PhoneLink]:
        offer = ScannedOffer(self.phone.context, PhoneLink, link.uri)
        request = await offer.request()
        assert (request.device_name, request.platform) == ("PC", "Linux")
        await offer.answer()
        return offer

    async def to_the_code(self) -> tuple[NewDeviceLink, asyncio.Task[bytes], ScannedOffer[PhoneLink], str]:
        link = await self.offered()
        reply = self.replying(link)
        offer = await self.scanned(link)
        await self.phone.settle()
        (shown,) = self.heard
        assert isinstance(shown, LinkCodeShown)
        return link, reply, offer, shown.code


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    around = DeliveryContext(tmp_path)
    yield Bench(around)
    await around.close()


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def test_from_the_qr_to_what_the_phone_posts(bench: Bench) -> None:
    _, reply, offer, code = await bench.to_the_code()
    await offer.enter_code(f" {code[:3]} {code[3:]} ")
    await offer.post(b"the grant")
    assert await reply == b"the grant"
    assert set(bench.table.slots) == {OFFER, ANSWER, REVEAL, GRANT}
    offer.drop()
    await bench.phone.settle(3600)
    assert bench.phone.link_endings == []


async def test_full_width_digits_are_digits_and_what_is_no_code_costs_no_try(bench: Bench) -> None:
    _, reply, offer, code = await bench.to_the_code()
    for typo in ("", "12345", "1234567", "abcdef", "12345½", "١٢٣٤٥٦", "한글 자리 여섯"):
        assert await refused(offer.enter_code(typo)) == "bad_params"
    assert offer.link.tries_left == 3
    await offer.enter_code("".join(chr(ord(digit) + 0xFEE0) for digit in code))
    assert offer.link.state is PhoneState.MATCHED
    await offer.enter_code(another(code))  # right once is right
    reply.cancel()


async def test_the_third_wrong_code_ends_both_halves(bench: Bench) -> None:
    _, reply, offer, code = await bench.to_the_code()
    assert [await refused(offer.enter_code(another(code))) for _ in range(3)] == ["code_mismatch"] * 3
    assert await refused(offer.enter_code(code)) == "offer_used"
    await bench.phone.settle()
    assert len(bench.table.slots[GRANT]) > 1120
    assert len(await reply) > 1120  # what a link makes of that: see the next test


async def test_junk_for_a_grant_is_an_offer_that_was_used(bench: Bench) -> None:
    seeking = KeySeeker(KeyWanted(b"p" * 16, 1), relay_url=RELAY, now_ms=NOW_MS, random=SeededRandom("key"))
    await post_offer(bench.pc, RELAY, lambda url, now_ms: seeking)
    reply_of_key = asyncio.ensure_future(
        await_reply(bench.pc, seeking, lambda blob, now_ms: seeking.receive_key(blob, now_ms=now_ms))
    )
    holder = ScannedOffer(bench.phone.context, KeyHolder, seeking.uri)
    await holder.request()
    await holder.answer()
    await bench.phone.settle()
    holder.tell_pc()
    assert await refused(reply_of_key) == "offer_used"
    holder.drop()


async def test_a_key_goes_the_same_way(bench: Bench) -> None:
    wanted = KeyWanted(b"p" * 16, 7)
    seeker = await post_offer(
        bench.pc,
        RELAY,
        lambda url, now_ms: KeySeeker(wanted, relay_url=url, now_ms=now_ms, random=SeededRandom("key")),
    )
    reply = asyncio.ensure_future(
        await_reply(bench.pc, seeker, lambda blob, now_ms: seeker.receive_key(blob, now_ms=now_ms))
    )
    with pytest.raises(UsageError) as caught:
        ScannedOffer(bench.phone.context, PhoneLink, seeker.uri)
    assert caught.value.code == "bad_link"
    holder = ScannedOffer(bench.phone.context, KeyHolder, seeker.uri)
    await holder.request()
    await holder.answer()
    await bench.phone.settle()
    await holder.enter_code(bench.heard[0].code)
    copy = KeyCopy(b"p" * 16, 7, bench.phone.own.mailbox.box_private)  # type: ignore[attr-defined]
    await holder.post(holder.link.give(copy, now_ms=NOW_MS))
    assert (await reply).secret == copy.secret
    holder.drop()


@pytest.mark.parametrize("is_early", [True, False])
async def test_the_phone_hears_at_once_that_the_pc_has_ended_it(bench: Bench, is_early: bool) -> None:
    if is_early:  # before the PC has read the phone's answer
        link = await bench.offered()
        offer = await bench.scanned(link)
    else:
        link, reply, offer, _ = await bench.to_the_code()
        reply.cancel()
    await tell_phone(bench.pc, link)
    await bench.phone.settle()
    assert bench.phone.link_endings == ["link_failed" if is_early else "offer_used"]
    assert await refused(offer.enter_code("123456")) == "offer_used"


async def test_who_photographed_the_qr_and_answers_first_wins_nothing(bench: Bench) -> None:
    link = await bench.offered()
    bench.table.slots[ANSWER] = b"junk"
    assert await refused(bench.scanned(link)) == "offer_used"
    assert await refused(bench.replying(link)) == "bad_ciphertext"
    assert bench.heard == []


async def test_what_never_comes_has_expired(bench: Bench) -> None:
    link = bench.make(RELAY, NOW_MS)
    asking = asyncio.ensure_future(ScannedOffer(bench.phone.context, PhoneLink, link.uri).request())
    reply = bench.replying(link)
    await bench.phone.settle(OFFER_WAIT_MS / 1000 + 1)
    assert await refused(asking) == "offer_expired"
    await bench.phone.settle(300)
    assert await refused(reply) == "offer_expired"
    with pytest.raises(UsageError) as caught:
        ScannedOffer(bench.phone.context, PhoneLink, link.uri)
    assert caught.value.code == "offer_expired"


async def test_a_phone_that_is_offline_says_so_and_not_that_the_offer_is_over(bench: Bench) -> None:
    link = bench.make(RELAY, NOW_MS)
    bench.table.fault = EnvironmentFault("away", code="relay_unreachable")
    asking = asyncio.ensure_future(ScannedOffer(bench.phone.context, PhoneLink, link.uri).request())
    await bench.phone.settle(OFFER_WAIT_MS / 1000 + 1)
    assert await refused(asking) == "relay_unreachable"


@pytest.mark.parametrize("has_nonce", [True, False])
async def test_a_code_that_nobody_types_expires_on_both_ends(bench: Bench, has_nonce: bool) -> None:
    if has_nonce:
        _, reply, _, _ = await bench.to_the_code()
    else:
        link = await bench.offered()
        await bench.scanned(link)
        reply = bench.replying(bench.make(RELAY, NOW_MS))
        bench.table.slots.pop(ANSWER)
    await bench.phone.settle(3600)
    assert bench.phone.link_endings == ["offer_expired"]
    assert await refused(reply) == "offer_expired"


async def test_a_relay_that_is_away_can_be_asked_again(bench: Bench) -> None:
    bench.table.fault = EnvironmentFault("away", code="relay_unreachable")
    assert await refused(bench.offered()) == "relay_unreachable"
    bench.table.fault = None
    _, reply, offer, code = await bench.to_the_code()
    await offer.enter_code(code)
    bench.table.fault = EnvironmentFault("away", code="relay_unreachable")
    assert await refused(offer.post(b"grant")) == "relay_unreachable"
    bench.table.fault = None
    await offer.enter_code(code)
    await offer.post(b"grant")
    assert await reply == b"grant"
    offer.drop()


async def test_a_typo_in_the_relay_is_told(bench: Bench) -> None:
    for wrong in ("ftp://x", "", "relay", "http://relay.test"):
        assert await refused(post_offer(bench.pc, wrong, bench.make)) == "bad_relay"


def test_what_the_pc_s_user_hears() -> None:
    codes = ("offer_expired", "offer_used", "wrong_key", "relay_unreachable", "bad_signature", "disk_full")
    assert [ending_of(PeerError("", code=code)) for code in codes] == [*codes[:4], "link_failed", "link_failed"]


async def test_the_slots_are_the_ones_of_the_law() -> None:
    assert (OFFER, ANSWER, REVEAL, GRANT, DONE) == (1, 2, 3, 4, 5)
