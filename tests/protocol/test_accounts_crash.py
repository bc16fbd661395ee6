"""A linking that is cut off at any of its store transactions, on either end: both sides linked, or neither.

A cut stops the flow for good just before or just after one transaction, as a kill would; then the profile is opened
anew. Whatever came of it, a further linking works, and the signed lists have no gap and no fork.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from byre.client.admission import read_admission
from byre.client.views import ProfileState
from byre.errors import ByreError, EnvironmentFault
from byre.identity.device_list import DeviceList
from byre.identity.fork import newest_of_chain
from byre.store import Store
from tests.fakes.world import Client, World

CUTS = [(number, is_after) for number in range(1, 9) for is_after in (False, True)]


class Cut:
    """Lets the first transactions of a folder's store through, then stops whatever comes, for good."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int, is_after: bool) -> None:
        self._left, self._is_after = number, is_after
        self._folder: Path | None = None
        self.is_done, self._is_over = asyncio.Event(), asyncio.Event()
        write = Store.write

        async def cut(store: Store, work: Callable[[Any], Any]) -> Any:
            if self._folder is None or store._vault.directory != self._folder:
                return await write(store, work)
            self._left -= 1
            if self._left == 0 and self._is_after:
                await write(store, work)
            if self._left <= 0:
                self.is_done.set()
                await self._is_over.wait()
                raise EnvironmentFault("nothing is written any more", code="io_error")
            return await write(store, work)

        monkeypatch.setattr(Store, "write", cut)

    def begin(self, client: Client) -> None:
        """Count from here."""
        self._folder = client.folder

    def give_up(self) -> None:
        """Let what hangs fail: the engine is stopped now, and writes nothing more."""
        self._is_over.set()

    def end(self) -> None:
        """Let everything through again: the profile is opened anew."""
        self._folder = None


async def linked_devices(client: Client) -> set[str]:
    return {device.device_id for device in await client.engine.devices.list()}


async def settle(world: World, phone: Client, pc: Client) -> None:
    """Wait until both ends have come to an end, time passing as it must."""

    async def is_settled() -> bool:
        world.clock.advance(61)
        await asyncio.sleep(0.1)
        if phone.engine.account.status().state is not ProfileState.READY:
            return False
        store = phone.engine._profile.session.context.store
        is_incomplete = pc.engine._profile.incomplete is not None
        return await store.read(read_admission) is None and not is_incomplete

    await world.until(is_settled)


async def expect_one_truth(world: World, phone: Client, pc: Client) -> None:
    account_id = bytes.fromhex(phone.engine.account.status().account_id or "")
    session = phone.engine._profile.session
    rows = await session.context.store.read(lambda tx: tx.lists.since(account_id, 1))
    lists = [DeviceList.decode(row.bytes, session.context.own.account_public) for row in rows]
    assert [each.version for each in lists] == list(range(1, len(lists) + 1))
    assert all(row.is_published for row in rows)
    assert newest_of_chain(lists) == session.context.own.device_list
    status = pc.engine.account.status()
    is_listed = status.device_id in await linked_devices(phone)
    if status.state is ProfileState.READY:
        assert is_listed
    else:
        assert status.state is ProfileState.NEW


@pytest.mark.logs_errors  # an envelope that could not be taken, for one
@pytest.mark.parametrize(("number", "is_after"), CUTS)
async def test_a_phone_that_is_cut_off_anywhere_ends_in_one_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, is_after: bool
) -> None:
    async with World(tmp_path) as world:
        cut = Cut(monkeypatch, number, is_after)
        phone, pc = await world.account("cow"), await world.client("pc")
        cut.begin(phone)
        linking = world.beside(world.link(phone, pc))
        await asyncio.wait({linking, world.beside(cut.is_done.wait())}, return_when=asyncio.FIRST_COMPLETED)
        phone = await restarted(world, phone, cut)
        with contextlib.suppress(ByreError, TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.shield(linking)
        await settle(world, phone, pc)
        await expect_one_truth(world, phone, pc)
        await world.link(phone, await world.client("second"))


@pytest.mark.logs_errors  # an envelope that could not be taken, for one
@pytest.mark.parametrize(("number", "is_after"), CUTS)
async def test_a_pc_that_is_cut_off_anywhere_ends_in_one_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, is_after: bool
) -> None:
    async with World(tmp_path) as world:
        cut = Cut(monkeypatch, number, is_after)
        phone, pc = await world.account("cow"), await world.client("pc")
        cut.begin(pc)
        linking = world.beside(world.link(phone, pc))
        await asyncio.wait({linking, world.beside(cut.is_done.wait())}, return_when=asyncio.FIRST_COMPLETED)
        pc = await restarted(world, pc, cut)
        await settle(world, phone, pc)
        await expect_one_truth(world, phone, pc)
        await world.link(phone, await world.client("second"))


async def restarted(world: World, client: Client, cut: Cut) -> Client:
    """Drop the engine as it stands and open its profile anew."""
    cut.give_up()
    await world.stop(client)
    cut.end()
    return await world.restart(client)
