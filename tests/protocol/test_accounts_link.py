"""Linking a PC over a real relay's rendezvous, both ends; rooms are faked."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from byre.client.admission import read_admission
from byre.client.events import DeviceLinked, LinkCodeShown, LinkEnded, LinkReady
from byre.client.views import DeviceView, ProfileState, Role
from byre.errors import UsageError
from byre.identity.device_list import DeviceList
from byre.wire.content_bodies import DeviceName
from tests.fakes.rooms import DEVICE_ROOM, RoomHub
from tests.fakes.world import Client, World


async def refused(work: object, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        await work  # type: ignore[misc]
    assert caught.value.code == code


def profile_is_untouched(client: Client) -> bool:
    return not client.folder.exists() or not list(client.folder.iterdir())


async def test_a_pc_is_linked_and_both_ends_say_so(tmp_path: Path) -> None:
    hub = RoomHub()
    async with World(tmp_path, hub=hub) as world:
        phone = await world.account("cow")
        pc = await world.client("stable-pc")
        offer = await world.offer(pc)
        request = await phone.engine.linking.accept(offer.uri)
        assert request.device_name == "stable-pc"
        shown = await pc.wait(LinkCodeShown)
        assert (shown.handle, len(shown.code)) == ("cow", 6)
        assert shown.expires_at == request.expires_at > offer.expires_at
        await phone.engine.linking.confirm(shown.code)
        ready = await pc.wait(LinkReady)
        assert (ready.handle, ready.account_id) == ("cow", phone.engine.account.status().account_id)
        assert pc.engine.account.status().state is ProfileState.NEW
        assert profile_is_untouched(pc)

        device_id = await pc.engine.linking.finish(True)

        status = pc.engine.account.status()
        assert (status.state, status.role, status.device_id) == (ProfileState.READY, Role.LINKED, device_id)
        assert (status.account_id, status.name) == (phone.engine.account.status().account_id, "Cow")
        linked = await phone.wait(DeviceLinked)
        assert (linked.device_id, linked.name) == (device_id, "stable-pc")
        assert await pc.wait(DeviceLinked) == linked
        rooms = hub.of_account(bytes.fromhex(status.account_id or ""))
        both = {bytes.fromhex(each) for each in (device_id or "", phone.engine.account.status().device_id or "")}
        await world.until(lambda: rooms[DEVICE_ROOM] == both and rooms[b"note"] == both)
        for client in (phone, pc):
            await world.until(lambda c=client: _names(c, {"cow", "stable-pc"}))


async def _names(client: Client, names: set[str]) -> bool:
    return {device.name for device in await client.engine.devices.list()} == names


async def test_a_linked_pc_opens_again(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone = await world.account("cow")
        pc = await world.linked_pc(phone)
        before = pc.engine.account.status()
        pc = await world.restart(pc)
        await world.until(lambda: pc.engine.account.status().connected)
        assert pc.engine.account.status() == before


async def test_a_second_pc_is_announced_to_the_first(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone = await world.account("cow")
        first = await world.linked_pc(phone, "first")
        await world.linked_pc(phone, "second")
        assert await first.wait(DeviceLinked, lambda event: event.name == "second")


async def test_contacts_reach_a_new_pc(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, _ = await world.account("cow"), await world.account("ox")
        contact = await phone.engine.contacts.add("ox")
        pc = await world.linked_pc(phone)

        async def has_contact() -> bool:
            return [each.account_id for each in await pc.engine.contacts.list()] == [contact.account_id]

        await world.until(has_contact)
        assert (await pc.engine.contacts.list())[0] == contact


async def test_wrong_codes_are_refused_and_the_third_kills_the_offer(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        offer = await world.offer(pc)
        await phone.engine.linking.accept(offer.uri)
        shown = await pc.wait(LinkCodeShown)
        wrong = f"{(int(shown.code) + 1) % 1_000_000:06}"
        for _ in range(3):
            await refused(phone.engine.linking.confirm(wrong), "code_mismatch")
        await refused(phone.engine.linking.confirm(shown.code), "offer_used")
        await refused(phone.engine.linking.accept(offer.uri), "offer_used")
        assert await pc.wait(LinkEnded) == LinkEnded("offer_used")  # the PC need not show its code any longer
        assert not [event for event in pc.events if isinstance(event, LinkReady)]
        assert len(await phone.engine.devices.list()) == 1


async def test_one_offer_is_taken_by_one_phone(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        cow, ox, pc = await world.account("cow"), await world.account("ox"), await world.client("pc")
        offer = await world.offer(pc)
        await cow.engine.linking.accept(offer.uri)
        await refused(ox.engine.linking.accept(offer.uri), "offer_used")


async def test_what_is_no_link_is_refused(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone = await world.account("cow")
        for uri in ("", "hello", "byre://link#", "byre://link#AAAA", "https://example.org/"):
            await refused(phone.engine.linking.accept(uri), "bad_link")
        await refused(phone.engine.linking.confirm("123456"), "wrong_state")


async def test_an_expired_offer_is_refused_by_the_phone_and_ended_on_the_pc(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        offer = await world.offer(pc)
        world.clock.advance(301)
        await refused(phone.engine.linking.accept(offer.uri), "offer_expired")
        assert await pc.wait(LinkEnded) == LinkEnded("offer_expired")


async def test_a_pc_that_says_no_stays_new_and_the_phone_withdraws(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        await world.link_until_ready(phone, pc)
        assert await pc.engine.linking.finish(False) is None
        assert profile_is_untouched(pc)
        await refused(pc.engine.linking.finish(True), "wrong_state")
        assert await phone.wait(LinkEnded) == LinkEnded("link_failed")  # at once: nobody waits for an expiry
        assert await versions_of(world, phone) == [1, 2, 3]
        assert len(await phone.engine.devices.list()) == 1
        await world.link(phone, pc)  # and it can be tried again
        assert await versions_of(world, phone) == [1, 2, 3, 4]


async def versions_of(world: World, client: Client) -> list[int]:
    account_id = bytes.fromhex(client.engine.account.status().account_id or "")
    session = client.engine._profile.session

    async def lists() -> list[int]:
        rows = await session.context.store.read(lambda tx: tx.lists.since(account_id, 1))
        assert all(row.is_published for row in rows)
        return [row.version for row in rows]

    async def has_ended() -> bool:
        return await session.context.store.read(read_admission) is None

    await world.until(has_ended)
    return await lists()


async def test_the_phone_can_cancel_after_its_grant(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        await world.link_until_ready(phone, pc)
        await phone.engine.linking.cancel()
        assert await versions_of(world, phone) == [1, 2, 3]
        assert len(await phone.engine.devices.list()) == 1


async def test_a_new_offer_ends_a_linking_that_waits_for_its_pc(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        await world.link_until_ready(phone, pc)
        await pc.engine.linking.finish(False)
        await world.link(phone, pc)
        assert await versions_of(world, phone) == [1, 2, 3, 4]
        dead, other = await world.client("dead"), await world.client("other")
        await world.link_until_ready(phone, dead)
        await world.stop(dead)
        await world.link(phone, other)
        assert {device.name for device in await other.engine.devices.list()} >= {"other"}
        assert len(await phone.engine.devices.list()) == 3


async def test_of_two_offers_at_once_the_later_one_counts(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        earlier, later = await asyncio.gather(world.offer(pc), world.offer(pc))
        await phone.engine.linking.accept(later.uri)
        await phone.engine.linking.confirm((await pc.wait(LinkCodeShown)).code)
        await pc.wait(LinkReady)
        assert await pc.engine.linking.finish(True)
        assert earlier.uri != later.uri


async def test_qr_that_another_one_has_replaced_is_refused_before_any_digits(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        earlier = await world.offer(pc)
        later = await world.offer(pc)

        async def is_dead() -> bool:
            try:
                await phone.engine.linking.accept(earlier.uri)
            except UsageError as error:
                return error.code == "offer_used"
            return False

        await world.until(is_dead)
        assert not [event for event in pc.events if isinstance(event, LinkCodeShown)]
        await phone.engine.linking.accept(later.uri)
        await phone.engine.linking.confirm((await pc.wait(LinkCodeShown)).code)
        await pc.wait(LinkReady)


async def test_phone_that_had_answered_hears_that_another_offer_took_its_place(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        await phone.engine.linking.accept((await world.offer(pc)).uri)
        await pc.wait(LinkCodeShown)
        await world.offer(pc)
        assert await phone.wait(LinkEnded) == LinkEnded("offer_used")


async def test_the_pc_can_cancel_its_offer(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        await world.link_until_ready(phone, pc)
        await pc.engine.linking.cancel()
        assert await pc.wait(LinkEnded) == LinkEnded("cancelled")
        await refused(pc.engine.linking.finish(True), "wrong_state")
        await pc.engine.linking.cancel()  # nothing is under way: nothing happens
        assert len([event for event in pc.events if isinstance(event, LinkEnded)]) == 1


async def test_a_pc_that_gives_up_while_it_is_admitted_is_listed_by_its_name(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        await world.link_until_ready(phone, pc)
        own_list = phone.engine._profile.session.own_list
        publish, answered, given_up = own_list.publish, asyncio.Event(), asyncio.Event()

        async def late(device_list: DeviceList) -> None:
            answered.set()
            await given_up.wait()
            await publish(device_list)

        own_list.publish = late  # type: ignore[method-assign]
        finishing = world.beside(pc.engine.linking.finish(True))
        await answered.wait()
        await pc.engine.linking.cancel()
        await refused(finishing, "offer_expired")
        assert pc.engine._profile.state is ProfileState.NEW
        given_up.set()

        async def listed() -> list[DeviceView]:
            return [device for device in await phone.engine.devices.list() if not device.current]

        (ghost,) = await world.until(listed)
        assert (ghost.name, ghost.linked_at) == ("pc", 0)
        await phone.engine.devices.remove(ghost.device_id)
        assert await listed() == []
        assert not [event for event in phone.events if isinstance(event, DeviceLinked)]


async def test_a_pc_that_the_phone_has_let_in_cannot_be_given_up(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        await world.link_until_ready(phone, pc)
        half, is_in, may_go_on = pc.engine.linking._pc, asyncio.Event(), asyncio.Event()  # type: ignore[attr-defined]
        complete = half._complete

        async def slow(*arguments: object) -> None:
            is_in.set()
            await may_go_on.wait()
            await complete(*arguments)

        half._complete = slow
        finishing = world.beside(pc.engine.linking.finish(True))
        await is_in.wait()
        await pc.engine.linking.cancel()
        may_go_on.set()
        assert await finishing is not None
        assert not [event for event in pc.events if isinstance(event, LinkEnded)]


async def test_a_welcome_that_comes_while_a_pc_gives_up_links_it(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        await world.link_until_ready(phone, pc)
        own_list, half = phone.engine._profile.session.own_list, pc.engine.linking._pc  # type: ignore[attr-defined]
        publish, give_up = own_list.publish, half._profile.give_up
        answered, gives_up = asyncio.Event(), asyncio.Event()

        async def late(device_list: DeviceList) -> None:
            answered.set()
            await gives_up.wait()
            await publish(device_list)

        async def slow() -> None:
            gives_up.set()
            await half._welcomed.wait()
            await give_up()

        own_list.publish, half._profile.give_up = late, slow
        world.beside(pc.engine.linking.finish(True))
        await answered.wait()
        await pc.engine.linking.cancel()
        await pc.wait(DeviceLinked)
        assert pc.engine._profile.state is ProfileState.READY
        assert not [event for event in pc.events if isinstance(event, LinkEnded)]


async def test_a_linked_pc_cannot_link_another(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone = await world.account("cow")
        pc, other = await world.linked_pc(phone), await world.client("other")
        offer = await world.offer(other)
        await refused(pc.engine.linking.accept(offer.uri), "not_allowed")
        await refused(world.offer(pc), "wrong_state")


async def test_a_phone_that_was_killed_after_its_grant_admits_the_pc_later(tmp_path: Path) -> None:
    async with World(tmp_path, hub=RoomHub()) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        await world.link_until_ready(phone, pc)
        await world.stop(phone)
        finishing = world.beside(pc.engine.linking.finish(True))
        phone = await world.restart(phone)
        assert await finishing
        assert len(await phone.engine.devices.list()) == 2


async def test_a_pc_that_was_killed_after_its_yes_is_linked_later(tmp_path: Path) -> None:
    hub = RoomHub()
    hub.holds_welcomes = True
    async with World(tmp_path, hub=hub) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        await world.link_until_ready(phone, pc)
        finishing = world.beside(pc.engine.linking.finish(True))
        await world.until(lambda: _is_welcomed(hub))
        assert pc.engine.account.status().state is ProfileState.NEW
        assert not [event for event in phone.events if isinstance(event, DeviceLinked)]
        pc = await world.restart(pc)
        await refused(finishing, "offer_expired")
        hub.holds_welcomes = False
        for services in list(hub.services.values()):
            await services.flush()
        assert await pc.wait(DeviceLinked)
        assert pc.engine.account.status().state is ProfileState.READY


def _is_welcomed(hub: RoomHub) -> bool:
    return any(group == DEVICE_ROOM and len(devices) == 2 for (_, group), devices in hub.members.items())


async def test_a_welcome_that_never_comes_returns_the_pc_to_new(tmp_path: Path) -> None:
    hub = RoomHub()
    hub.holds_welcomes = True
    async with World(tmp_path, hub=hub) as world:
        phone, pc = await world.account("cow"), await world.client("pc")
        await world.link_until_ready(phone, pc)
        finishing = world.beside(pc.engine.linking.finish(True))
        await world.until(lambda: _is_welcomed(hub))
        world.clock.advance(20 * 60)
        await refused(finishing, "offer_expired")
        assert pc.engine.account.status().state is ProfileState.NEW
        assert await pc.wait(LinkEnded) == LinkEnded("offer_expired")
        assert [path.name for path in pc.folder.iterdir()] == []


async def test_names_go_to_the_device_room_only(tmp_path: Path) -> None:
    hub = RoomHub()
    async with World(tmp_path, hub=hub) as world:
        phone = await world.account("cow")
        pc = await world.linked_pc(phone, "pc")
        await pc.engine.devices.rename("Stable PC")
        await world.until(lambda: _names(phone, {"cow", "Stable PC"}))
        assert any(isinstance(body, DeviceName) and body.name == "Stable PC" for _, body in hub.sent)
        for bad in ("", "x" * 65, "a\nb\x00"):
            await refused(pc.engine.devices.rename(bad), "bad_params")
