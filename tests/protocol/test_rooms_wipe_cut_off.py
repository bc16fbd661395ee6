"""A wipe on all devices that is cut off: between the parts of its order, before a report, at whom it reaches.

By default between two parts; BYRE_KILL_ALL=1 cuts at the others, too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from byre.client.events import WipeReported
from byre.client.views import RoomId
from byre.client.wiping import parts, reach, service
from byre.client.wiping.orders import Order
from byre.client.wiping.service import Wiping
from byre.errors import EnvironmentFault
from byre.store import RoomRow, WipeCertificateRow
from byre.wire.ids import WipeId
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_devices, shows, texts

CUTS = range(3) if os.environ.get("BYRE_KILL_ALL") else (1,)
"""Before, between and after the parts."""


async def two_of_anna_and_ben(world: World) -> tuple[Client, Client, Client, RoomId]:
    """Anna's phone and PC, and Ben, in their room."""
    anna, ben = await acquainted(world, "anna", "ben")
    pc = await world.linked_pc(anna, "pc")
    room = await anna.engine.rooms.create(["ben"])
    for client in (anna, ben, pc):
        await has_devices(world, client, room, 3)
    return anna, ben, pc, room


async def have_erased(world: World, client: Client, wipe_id: str) -> None:
    """Wait until every device that was asked has reported to the client that it erased."""

    async def all_have() -> bool:
        return {each.state for each in await client.engine.wipes.reports(wipe_id)} == {"erased"}

    await world.until(all_have, step_s=20)


def no_room(*_: object, **__: object) -> None:
    raise EnvironmentFault("the disk is full; nothing was changed", code="disk_full")


async def test_a_pc_whose_ordered_wipe_was_held_up_reports_it_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        anna, ben, pc, room = await two_of_anna_and_ben(world)
        await ben.engine.messages.send(room, "one")
        for client in (anna, pc):
            await shows(world, client, room, "one")
        erase, failed = Wiping._erase, []

        async def without_room(self: Wiping, row: RoomRow, wipe_id: WipeId, order: Order | None) -> WipeCertificateRow:
            if order is not None and not failed:
                failed.append(wipe_id)
                no_room()
            return await erase(self, row, wipe_id, order)

        monkeypatch.setattr(Wiping, "_erase", without_room)
        certificate = await anna.engine.wipes.wipe(room)
        await world.until(lambda: failed)
        pc = await world.restart(pc)
        await anna.wait(WipeReported, lambda event: (event.erased, event.asked) == (1, 1))
        await have_erased(world, anna, certificate.wipe_id)
        await shows(world, pc, room)


def failing_at(number: int, real: Callable[..., Any], calls: Iterator[int]) -> Callable[..., Any]:
    """`real`, but for its call of that number: everything that would have come after it does not."""

    def work(*args: Any, **named: Any) -> Any:
        if next(calls) == number:
            no_room()
        return real(*args, **named)

    return work


@pytest.mark.parametrize("place", ["before it goes", "before that is noted", "at whom it reaches"])
async def test_a_wipe_in_parts_that_is_cut_off_reaches_every_device_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr(parts, "MARKS_AT_ONCE", 1)
    async with World(tmp_path) as world:
        anna, ben, pc, room = await two_of_anna_and_ben(world)
        asked: list[bytes] = []
        for cut in CUTS:
            for client in (anna, ben):
                said = f"erased {cut} of {client.folder.name}"
                await client.engine.messages.send(room, said)
                await _all_show(world, room, said, anna, pc)
            with monkeypatch.context() as patched:
                wiping = anna.engine._profile.session.rooms.wipes
                if place == "before it goes":
                    patched.setattr(wiping, "_tell_own_devices", failing_at(cut, wiping._tell_own_devices, count()))
                elif place == "before that is noted":
                    patched.setattr(reach, "told", failing_at(cut, reach.told, count()))
                else:
                    patched.setattr(service, "drop_order", failing_at(cut, service.drop_order, count()))
                try:
                    await anna.engine.wipes.wipe(room)
                except EnvironmentFault:
                    assert place == "before that is noted"
                if place == "at whom it reaches":
                    await _has_erased(world, pc, times=len(asked) + 2)
            pc = await world.restart(pc)
            anna = await world.restart(anna)
            wipe_id = (await anna.engine.wipes.certificates())[0].wipe_id
            await have_erased(world, anna, wipe_id)
            await ben.engine.messages.send(room, f"later {cut}")
            for client in (anna, pc):
                await shows(world, client, room, f"later {cut}")
            head = bytes.fromhex(wipe_id)
            asked += await anna.engine._profile.session.context.store.read(lambda tx, head=head: parts.whole(tx, head))
            assert sorted(asked) == sorted(bytes.fromhex(each.wipe_id) for each in await pc.engine.wipes.certificates())


async def _all_show(world: World, room: RoomId, text: str, *clients: Client) -> None:
    async def do() -> bool:
        return all([text in await texts(client, room) for client in clients])

    await world.until(do)


async def _has_erased(world: World, client: Client, *, times: int) -> None:
    async def has() -> bool:
        return len(await client.engine.wipes.certificates()) >= times

    await world.until(has)
