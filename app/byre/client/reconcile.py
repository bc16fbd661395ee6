"""Bringing own devices into the rooms where they belong.

After a linking, after a restore, and whenever this device comes into a room that lacks another listed device:

```
 not in the device room ── package by its directory record ──▶ added there
 no device room (a restored phone) ── greets its PCs, which learn its list ──▶ added by them
 in the device room, rooms lack it ── key_packages_wanted ──▶ key_packages_given ──▶ added, newest room first
```
The primary does this for everybody; the other devices do it only for a primary that is missing (it was restored from
its recovery code). Every step may be repeated: rooms know who is in them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from byre.client.contacts import Contacts
from byre.client.context import Context
from byre.client.directory import Directory
from byre.client.greeting import Greeting
from byre.client.key_packages import KeyPackages
from byre.client.names import OwnName
from byre.client.room_keeper import RoomKeeper
from byre.errors import ByreError, EnvironmentFault
from byre.identity.certificate import DeviceRole
from byre.wire.content_bodies import DeviceName, KeyPackagesGiven, KeyPackagesWanted
from byre.wire.ids import DeviceId

log = logging.getLogger(__name__)

PACKAGES_PER_MESSAGE = 16
RETRY_S = 5.0
ASK_AGAIN_MS = 10 * 60 * 1000
TASK = "bring own devices into rooms"


class Reconcile:
    """Adds listed own devices where they are missing, and answers for this one."""

    def __init__(
        self,
        context: Context,
        keeper: RoomKeeper,
        key_packages: KeyPackages,
        directory: Directory,
        contacts: Contacts,
        own_name: OwnName,
    ) -> None:
        self._context = context
        self._keeper = keeper
        self._key_packages = key_packages
        self._directory = directory
        self._contacts = contacts
        self._own_name = own_name
        self._running = asyncio.Lock()
        self._asked_at: dict[DeviceId, int] = {}
        self._greeting = Greeting(context, key_packages)
        self._greeted: set[DeviceId] = set()

    def start(self) -> None:
        """Run in the background; a failure (relay away) is tried again at the next occasion."""
        self._context.tasks.spawn(self.run(), TASK)

    async def run(self) -> None:
        """Look at every listed own device once."""
        async with self._running:
            own = self._context.own
            others = [entry.device_id for entry in own.device_list.devices if entry.device_id != own.device_id]
            if not own.is_listed or not others:
                return
            if not await self._keeper.has_device_room():
                await self._greet(others)
                return
            for device_id in await self._in_our_care(others):
                await self._bring(device_id)

    async def introduce(self) -> None:
        """Tell a device that is new in the device room what the others know; its own name it tells itself."""
        for row in await self._context.store.read(lambda tx: tx.own_devices.all()):
            if row.name and row.linked_at:  # who has not told its name yet is not reachable either
                await self._keeper.send_to_own_devices(DeviceName(DeviceId(row.device_id), row.name))
        profile = await self._own_name.current()
        if profile is not None:
            await self._keeper.send_to_own_devices(profile)
        await self._contacts.introduce_all()

    def reconnected(self) -> None:
        """The relay is back: what was asked for before may have been lost on the way, and is asked for again."""
        self._asked_at.clear()

    async def give(self, count: int, *, to: DeviceId) -> None:
        """Answer `key_packages_wanted`: as many messages as it takes. A relay that is away is waited for.

        Only who asked gets them: two that used one package for two rooms would lose the device one of the two.
        """
        while count > 0:
            try:
                bundles = await self._key_packages.fresh_bundles(min(count, PACKAGES_PER_MESSAGE))
            except EnvironmentFault:
                await self._context.clock.sleep(RETRY_S)
                continue
            packages = tuple(bundle.key_package.encoded for bundle in bundles)
            await self._keeper.send_to_own_devices(KeyPackagesGiven(self._context.own.device_id, packages), to=to)
            count -= len(bundles)

    async def take(self, device_id: DeviceId, packages: Sequence[bytes]) -> None:
        """Use packages that an own device gave: one per room that lacks it, newest first; then ask for the rest.

        A room that cannot be changed now keeps no other from its turn: what is to come about there is stored.
        """
        async with self._running:
            if not self._context.own.device_list.has_device(device_id):
                return
            rooms = await self._keeper.rooms_lacking(device_id)
            for group_id, package in zip(rooms, packages, strict=False):
                try:
                    await self._keeper.add_own_device(group_id, package)
                except ByreError as error:
                    log.info("an own device comes into a room later: %s", error.code)
            self._asked_at.pop(device_id, None)
            if len(rooms) > len(packages):
                await self._ask(device_id)

    async def _greet(self, others: Sequence[DeviceId]) -> None:
        """A restored phone is in no room: its PCs learn of it at once, and bring it into all of theirs."""
        for device_id in others:
            if device_id in self._greeted or not self._context.own.is_primary:
                continue
            try:
                await self._greeting.greet(device_id)
            except ByreError as error:
                log.info("an own device is not reached yet: %s", error.code)
            else:
                self._greeted.add(device_id)

    async def _in_our_care(self, others: Sequence[DeviceId]) -> Sequence[DeviceId]:
        if self._context.own.is_primary:
            return others
        account = await self._directory.lookup_known(self._context.own.account_id)
        primaries = {
            device_id for device_id, record in account.devices.items() if record.certificate.role is DeviceRole.PRIMARY
        }
        return [device_id for device_id in others if device_id in primaries]

    async def _bring(self, device_id: DeviceId) -> None:
        if not await self._keeper.is_in_device_room(device_id):
            try:
                taken = await self._key_packages.take_device(self._context.own.account_id, device_id)
            except ByreError:
                return  # it has no record or package yet: it is on its way, or gone for good
            await self._keeper.add_to_device_room(device_id, taken.message)
            await self.introduce()
        now_ms = self._context.clock.now_ms()
        asked_at = self._asked_at.get(device_id)
        if asked_at is None or now_ms - asked_at > ASK_AGAIN_MS:
            await self._ask(device_id)

    async def _ask(self, device_id: DeviceId) -> None:
        lacking = await self._keeper.rooms_lacking(device_id)
        if not lacking:
            return
        self._asked_at[device_id] = self._context.clock.now_ms()
        await self._keeper.send_to_own_devices(KeyPackagesWanted(device_id, min(len(lacking), PACKAGES_PER_MESSAGE)))
