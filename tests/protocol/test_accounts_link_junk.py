"""Linking when somebody writes into the rendezvous: who photographed the QR has its secret, and every slot is public.

Whatever lies there, both ends end at once with a code, nothing is left on the PC, the phone's lists have neither gap
nor fork, and the next linking works.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from byre.client.admission import read_admission
from byre.client.connection import RelayClient
from byre.client.events import LinkCodeShown, LinkEnded, LinkReady
from byre.client.views import ProfileState
from byre.crypto.random import system_random
from byre.errors import UsageError
from byre.identity.linking.sealing import BlobKeys
from byre.wire.ids import DELIVERY_TOKEN_SIZE
from byre.wire.link import LinkPayload, parse_link_uri
from tests.fakes.rooms import RoomHub
from tests.fakes.world import Client, World

SOON_S = 8.0


class Eve:
    """Has the photo of a QR, and writes first."""

    def __init__(self, world: World, client: Client, uri: str) -> None:
        self.payload: LinkPayload = parse_link_uri(uri)
        self._relay: RelayClient = client.engine._network.relay(world.relay.url)

    async def write(self, slot: int, *, is_sealed: bool) -> None:
        plaintext = system_random(DELIVERY_TOKEN_SIZE)
        blob = BlobKeys(self.payload).seal(slot, plaintext, system_random) if is_sealed else plaintext
        await self._relay.rendezvous_put(self.payload.rendezvous, slot, blob)


async def code_of(work: object) -> str:
    """The code that `work` is refused with, soon."""
    with pytest.raises(UsageError) as caught:
        async with asyncio.timeout(SOON_S):
            await work  # type: ignore[misc]
    return caught.value.code


async def ended(client: Client) -> str:
    return (await client.wait(LinkEnded, timeout_s=SOON_S)).code


async def expect_clean(world: World, phone: Client, pc: Client, *, versions: list[int]) -> None:
    """Nothing on the PC, whole lists on the phone, and the next linking works."""
    assert pc.engine.account.status().state is ProfileState.NEW
    assert not pc.folder.exists() or not list(pc.folder.iterdir())
    context = phone.engine._profile.session.context

    async def is_over() -> bool:
        return await context.store.read(read_admission) is None

    await world.until(is_over)
    account_id = bytes.fromhex(phone.engine.account.status().account_id or "")
    rows = await context.store.read(lambda tx: tx.lists.since(account_id, 1))
    assert [(row.version, row.is_published) for row in rows] == [(version, True) for version in versions]
    await world.link(phone, pc)


@pytest.mark.parametrize(("slot", "is_sealed"), [(2, True), (3, True), (4, False), (5, False), (5, True)])
async def test_junk_in_a_slot_ends_both_sides_at_once(tmp_path: Path, slot: int, is_sealed: bool) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        offer = await world.offer(pc)
        eve = Eve(world, await world.client("eve"), offer.uri)
        await eve.write(slot, is_sealed=is_sealed)
        accepting = phone.engine.linking.accept(offer.uri)
        if slot == 2:
            assert await code_of(accepting) == "offer_used"
            assert await ended(pc) == "link_failed"
            return await expect_clean(world, phone, pc, versions=[1])
        await accepting
        if slot == 3:
            assert (await ended(pc), await ended(phone)) == ("offer_used", "link_failed")
            assert await code_of(phone.engine.linking.confirm("123456")) == "offer_used"
            return await expect_clean(world, phone, pc, versions=[1])
        shown = await pc.wait(LinkCodeShown)
        if slot == 5:  # before anything is signed: the phone looks there while the code is typed
            assert (await ended(phone), await ended(pc)) == ("offer_used", "offer_used")
            assert await code_of(phone.engine.linking.confirm(shown.code)) == "offer_used"
            return await expect_clean(world, phone, pc, versions=[1])
        await phone.engine.linking.confirm(shown.code)
        assert await ended(pc) == "link_failed"
        assert await code_of(pc.engine.linking.finish(True)) == "wrong_state"
        assert await ended(phone) == "link_failed"
        return await expect_clean(world, phone, pc, versions=[1, 2, 3])


async def test_junk_that_wins_the_race_for_the_last_slot_ends_the_pc_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        offer = await world.offer(pc)
        eve = Eve(world, await world.client("eve"), offer.uri)
        put = RelayClient.rendezvous_put

        async def late(relay: RelayClient, rendezvous: bytes, slot: int, blob: bytes) -> None:
            if slot == 5 and relay is not eve._relay:
                await eve.write(5, is_sealed=True)
            await put(relay, rendezvous, slot, blob)

        monkeypatch.setattr(RelayClient, "rendezvous_put", late)
        await phone.engine.linking.accept(offer.uri)
        await phone.engine.linking.confirm((await pc.wait(LinkCodeShown)).code)
        await pc.wait(LinkReady)
        assert await code_of(pc.engine.linking.finish(True)) == "offer_used"
        monkeypatch.setattr(RelayClient, "rendezvous_put", put)
        await expect_clean(world, phone, pc, versions=[1, 2, 3])


async def test_a_phone_that_withdraws_ends_a_pc_that_has_said_yes(tmp_path: Path) -> None:
    hub = RoomHub()
    hub.holds_welcomes = True
    async with World(tmp_path, hub=hub) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        await world.link_until_ready(phone, pc)
        await phone.engine.linking.cancel()
        finishing = world.beside(pc.engine.linking.finish(True))
        world.clock.advance(6)
        await world.until(finishing.done, step_s=6)
        assert await code_of(finishing) == "offer_used"
        hub.holds_welcomes = False
        await expect_clean(world, phone, pc, versions=[1, 2, 3])


async def test_a_relay_that_withholds_the_last_blob_makes_nobody_wait_beyond_the_offer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        get = RelayClient.rendezvous_get

        async def withheld(relay: RelayClient, rendezvous: bytes, slot: int, *, wait_s: float = 0) -> bytes | None:
            if slot == 5:
                await world.clock.sleep(wait_s)
                return None
            return await get(relay, rendezvous, slot, wait_s=wait_s)

        monkeypatch.setattr(RelayClient, "rendezvous_get", withheld)
        await world.link_until_ready(phone, pc)
        finishing = world.beside(pc.engine.linking.finish(True))
        await world.until(lambda: pc.engine._profile.incomplete is not None)
        world.clock.advance(15 * 60 + 1)
        assert await ended(phone) == "offer_expired"
        await world.until(finishing.done, step_s=20)
        assert await code_of(finishing) in ("offer_used", "offer_expired")
        monkeypatch.setattr(RelayClient, "rendezvous_get", get)
        await expect_clean(world, phone, pc, versions=[1, 2, 3])
