"""A wipe on all devices: ordered by the phone or by a PC, undone in time, asked of other members, reported back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from byre.client.events import RoomErased, WipeOrdered, WipeReported
from byre.client.views import RoomId
from byre.client.wiping import parts, reach
from byre.client.wiping.orders import read_orders
from byre.identity.wipe_certificate import parse_wipe_certificate
from byre.wire.ids import WipeId
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_devices, joined, shows, texts
from tests.refusals import refused


async def states(client: Client, wipe_id: str) -> dict[str, str]:
    """The state of each other device, by its name or its account's handle."""
    return {each.device_name or each.handle: each.state for each in await client.engine.wipes.reports(wipe_id)}


async def family(world: World) -> tuple[Client, Client, Client, Client, RoomId]:
    """Anna with two PCs, and Ben, in their direct room with two messages that everybody shows."""
    anna, ben = await acquainted(world, "anna", "ben")
    pc, laptop = await world.linked_pc(anna, "pc"), await world.linked_pc(anna, "laptop")
    room = await anna.engine.rooms.create(["ben"])
    for client in (anna, ben, pc, laptop):
        await has_devices(world, client, room, 4)
    await ben.engine.messages.send(room, "one")
    await anna.engine.messages.send(room, "two")
    for client in (anna, ben, pc, laptop):
        await shows(world, client, room, "one", "two")
    return anna, ben, pc, laptop, room


async def test_the_phones_wipe_is_reported_by_every_pc_with_its_own_certificate(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, pc, laptop, room = await family(world)
        await world.stop(laptop)
        certificate = await anna.engine.wipes.wipe(room)
        assert (certificate.devices_asked, certificate.devices_erased) == (2, 0)
        await anna.wait(WipeReported, lambda event: (event.erased, event.asked) == (1, 2))
        assert await texts(pc, room) == []
        await ben.engine.messages.send(room, "later")  # nobody wiped this
        laptop = await world.restart(laptop)
        await anna.wait(WipeReported, lambda event: (event.erased, event.asked) == (2, 2))
        assert await states(anna, certificate.wipe_id) == {"pc": "erased", "laptop": "erased"}
        for receipt in await anna.engine.wipes.reports(certificate.wipe_id):
            signed = parse_wipe_certificate(receipt.certificate_json)
            assert signed.certificate.wipe_id.hex() == certificate.wipe_id
        assert len({each.certificate_json for each in await anna.engine.wipes.reports(certificate.wipe_id)}) == 2
        (kept,) = await anna.engine.wipes.certificates()
        assert (kept.devices_asked, kept.devices_erased) == (2, 2)
        for client in (anna, pc, laptop):
            await shows(world, client, room, "later")
        await shows(world, ben, room, "one", "two", "later")


async def test_a_pcs_wipe_can_be_undone_on_the_phone(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, _, pc, laptop, room = await family(world)
        certificate = await pc.engine.wipes.wipe(room)
        assert await texts(pc, room) == []
        ordered = await anna.wait(WipeOrdered)
        assert (ordered.order.wipe_id, ordered.order.room_id) == (certificate.wipe_id, room)
        assert await anna.engine.wipes.pending() == [ordered.order]
        anna = await world.restart(anna)
        assert await anna.engine.wipes.pending() == [ordered.order]
        await anna.engine.wipes.undo(certificate.wipe_id)
        assert await anna.engine.wipes.pending() == []
        assert await refused(anna.engine.wipes.undo(certificate.wipe_id)) == "wrong_state"
        await pc.wait(WipeReported)
        assert await states(pc, certificate.wipe_id) == {"anna": "undone", "laptop": "undone"}
        world.clock.advance(20 * 60)
        for client in (anna, laptop):
            await shows(world, client, room, "one", "two")


async def test_a_pcs_wipe_that_is_not_undone_reaches_all_devices_and_spares_what_came_later(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, pc, laptop, room = await family(world)
        certificate = await pc.engine.wipes.wipe(room)
        await anna.wait(WipeOrdered)
        await ben.engine.messages.send(room, "in the ten minutes")
        await laptop.engine.messages.send(room, "and this")
        for client in (anna, laptop):
            await shows(world, client, room, "one", "two", "in the ten minutes", "and this")
        await shows(world, pc, room, "in the ten minutes", "and this")
        world.clock.advance(9 * 60)
        await anna.engine._profile.session.rooms.wipes.run_ordered()  # as it does every minute
        await shows(world, anna, room, "one", "two", "in the ten minutes", "and this")
        world.clock.advance(2 * 60 + 1)
        for client in (anna, laptop):
            await client.wait(RoomErased)
            await shows(world, client, room, "in the ten minutes", "and this")
        await pc.wait(WipeReported, lambda event: (event.erased, event.asked) == (2, 2))
        assert await states(pc, certificate.wipe_id) == {"anna": "erased", "laptop": "erased"}
        await shows(world, pc, room, "in the ten minutes", "and this")
        assert await refused(anna.engine.wipes.undo(certificate.wipe_id)) == "wrong_state"
        assert len(await pc.engine.wipes.certificates()) == 1


@pytest.mark.parametrize("is_undone", [False, True])
async def test_an_order_in_parts_is_shown_undone_carried_out_and_reported_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_undone: bool
) -> None:
    monkeypatch.setattr(parts, "MARKS_AT_ONCE", 1)
    async with World(tmp_path) as world:
        anna, ben, pc, laptop, room = await family(world)
        await world.stop(laptop)
        certificate = await pc.engine.wipes.wipe(room)
        ordered = await anna.wait(WipeOrdered)
        store = anna.engine._profile.session.context.store

        async def has_every_part() -> bool:
            return len(await store.read(read_orders)) > 1

        await world.until(has_every_part)
        anna = await world.restart(anna)
        assert await anna.engine.wipes.pending() == [ordered.order]
        assert ordered.order.wipe_id == certificate.wipe_id
        if is_undone:
            await anna.engine.wipes.undo(certificate.wipe_id)
            assert await anna.engine.wipes.pending() == []
            await pc.wait(WipeReported)
            expected = {"anna": "undone", "laptop": "undone"}
        else:
            world.clock.advance(10 * 60 + 61)
            laptop = await world.restart(laptop)
            await pc.wait(WipeReported, lambda event: (event.erased, event.asked) == (2, 2))
            expected = {"anna": "erased", "laptop": "erased"}
        assert await states(pc, certificate.wipe_id) == expected
        for client in (anna,) if is_undone else (anna, laptop):
            await shows(world, client, room, *(("one", "two") if is_undone else ()))
        await shows(world, ben, room, "one", "two")


async def test_the_other_side_is_asked_only_if_the_user_wants_it(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await ben.engine.messages.send(room, "one")
        await shows(world, anna, room, "one")
        await anna.engine.wipes.wipe(room)
        await shows(world, ben, room, "one")
        certificate = await anna.engine.wipes.wipe(room, others=True)
        await ben.wait(RoomErased, lambda event: event.room_id == room)
        assert await texts(ben, room) == []
        await anna.wait(WipeReported, lambda event: (event.erased, event.asked) == (1, 1))
        assert await states(anna, certificate.wipe_id) == {"ben": "erased"}


async def test_in_a_group_only_admins_ask_the_members(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], "team")
        await joined((ben, carl), room)
        await anna.engine.messages.send(room, "one")
        for client in (ben, carl):
            await shows(world, client, room, "one")
        assert await refused(ben.engine.wipes.wipe(room, others=True)) == "not_allowed"
        session = ben.engine._profile.session  # a modified client asks all the same
        group_id = bytes.fromhex(room)
        forged = await session.context.store.read(
            lambda tx: reach.orders_of(tx, tx.rooms.get(group_id), session.context.own, WipeId(bytes(16)))[0]  # type: ignore[arg-type]
        )
        await session.rooms._sending.content(group_id, forged)  # type: ignore[attr-defined]
        await ben.engine.messages.send(room, "after the forged order")
        for client in (anna, carl):
            await shows(world, client, room, "one", "after the forged order")
        certificate = await anna.engine.wipes.wipe(room, others=True)
        await anna.wait(WipeReported, lambda event: (event.erased, event.asked) == (2, 2))
        assert await states(anna, certificate.wipe_id) == {"ben": "erased", "carl": "erased"}
        assert [await texts(client, room) for client in (anna, ben, carl)] == [[], [], []]


async def test_an_order_that_names_what_nobody_has_said_yet_takes_nothing_of_it(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(anna, "pc")
        room = await anna.engine.rooms.create(["ben"])
        for client in (anna, ben, pc):
            await has_devices(world, client, room, 3)
        await pc.engine.messages.send(room, "from the pc")
        for client in (anna, ben, pc):
            await shows(world, client, room, "from the pc")
        session, group_id = ben.engine._profile.session, bytes.fromhex(room)
        honest = await session.context.store.read(
            lambda tx: reach.orders_of(tx, tx.rooms.get(group_id), session.context.own, WipeId(bytes(16)))[0]  # type: ignore[arg-type]
        )
        greedy = replace(honest, watermarks=tuple(replace(mark, counter=1 << 62) for mark in honest.watermarks))
        await session.rooms._sending.content(group_id, greedy)  # type: ignore[attr-defined]
        for client in (anna, pc):
            await client.wait(RoomErased)
            await shows(world, client, room)
        world.clock.advance(1)
        await pc.engine.messages.send(room, "the pc is heard")
        await anna.engine.messages.send(room, "so is the phone")
        for client in (anna, pc):
            await shows(world, client, room, "the pc is heard", "so is the phone")
        world.clock.advance(1)
        await anna.engine.wipes.wipe(room, others=True)
        for client in (anna, pc, ben):
            await shows(world, client, room)
