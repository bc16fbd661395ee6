"""The account's own signed device list: signing, publishing, learning of it, and growing old.

A list that this primary signs is stored first, then published, then counts: a crash in between publishes the same
list again and never signs a second one of its version. A device that the newest list no longer names is revoked.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Collection, Sequence

from byre.client.context import FORK, FORK_ACCEPTED, Context, keep_list
from byre.client.directory import Directory
from byre.client.events import DeviceRevoked, DevicesChanged
from byre.client.own_record import Witness, compare, last_kept
from byre.client.registration import Registration
from byre.client.views import DeviceId as ShownDeviceId
from byre.client.views import SignedListView
from byre.errors import InternalBug, UsageError
from byre.identity.device_list import DeviceList
from byre.store import Transaction
from byre.wire.ids import DeviceId

RENEW_AFTER_MS = 25 * 24 * 3600 * 1000
REFRESH_EVERY_S = 600.0


class OwnList:
    """Keeps the own list and tells `when_changed` subscribers after it changed."""

    def __init__(self, context: Context, directory: Directory, registration: Registration) -> None:
        self._context = context
        self._directory = directory
        self._registration = registration
        self._changing = asyncio.Lock()
        self._subscribers: list[Callable[[], None]] = []

    def when_changed(self, subscriber: Callable[[], None]) -> None:
        """Call `subscriber`, in the loop, after the own list has changed."""
        self._subscribers.append(subscriber)

    async def publish(self, device_list: DeviceList) -> None:
        """Publish a list signed by this primary and take it as the newest.

        Raises:
            EnvironmentFault: code relay_unreachable; the list is stored and published by `resume`.
        """
        async with self._changing:
            if device_list.version <= self._context.own.device_list.version:
                return
            await self._publish(device_list)

    async def republish(self) -> None:
        """Publish the account again with the list that there is: something beside the list has changed.

        Raises:
            ByreError: the relay is away or refuses.
        """
        async with self._changing:
            await self._finish_unpublished()
            await self._registration.publish_account(self._context.own.device_list)

    async def publish_without(self, device_ids: Collection[DeviceId]) -> None:
        """Sign and publish the next list without some devices."""
        async with self._changing:
            await self._finish_unpublished()
            own = self._context.own
            if not any(own.device_list.has_device(device_id) for device_id in device_ids):
                return
            key, now_ms = own.require_account_key(), self._context.clock.now_ms()
            await self._publish(own.device_list.without_devices(key, device_ids, now_ms))

    async def forked_lists(self) -> Sequence[SignedListView]:
        """Return the lists that contradict each other, in the order of their issue; none while all is well."""
        own = self._context.own

        def work(tx: Transaction) -> list[DeviceList]:
            version = tx.settings.get(FORK)
            if not isinstance(version, int):
                return []
            rows = tx.lists.since(own.account_id, version - 1)
            near = [row for row in rows if row.version <= version]
            return [DeviceList.decode(row.bytes, own.account_public) for row in near]

        lists = await self._context.store.read(work)
        followed = {own.device_list.hash, own.device_list.previous}
        return [
            SignedListView(
                version=each.version,
                issued_at=each.issued_at_ms,
                device_ids=tuple(ShownDeviceId(entry.device_id.hex()) for entry in each.devices),
                is_ours=each.hash in followed,
            )
            for each in sorted(lists, key=lambda each: (each.version, each.issued_at_ms))
        ]

    async def accept_fork(self) -> None:
        """The user has looked at the two histories: this device goes on with the one that it follows.

        Raises:
            UsageError: code wrong_state; there is no fork.
        """

        def work(tx: Transaction) -> None:
            version = tx.settings.get(FORK)
            if version is None:
                raise UsageError("The account has signed one history only.", code="wrong_state")
            tx.settings.put(FORK_ACCEPTED, version)
            tx.settings.delete(FORK)

        await self._context.store.write(work)
        self._context.own = dataclasses.replace(self._context.own, is_forked=False)

    async def resume(self) -> None:
        """Publish what was signed before a crash, and renew a list that grows old."""
        async with self._changing:
            await self._finish_unpublished()
            own, now_ms = self._context.own, self._context.clock.now_ms()
            if own.account_key is not None and now_ms - own.device_list.issued_at_ms > RENEW_AFTER_MS:
                await self._publish(own.device_list.renewed(own.account_key, now_ms))

    async def refresh(self) -> None:
        """Ask the directory for the newest own list, and for the roles of the devices on it."""
        await self.look()

    async def look(self) -> Witness:
        """Refresh, and say what the directory's record of this device tells of older copies."""
        own = self._context.own
        kept_before = await self._context.store.read(lambda tx: last_kept(tx, own.device_id))
        account = await self._directory.lookup_account(own.account_id, own.relay)

        def note_roles(tx: Transaction) -> bool:
            is_new = False
            for device_id, record in account.devices.items():
                row, role = tx.own_devices.get(device_id), record.certificate.role.name.lower()
                if row is not None and row.role != role:
                    tx.own_devices.put(dataclasses.replace(row, role=role, certificate=record.certificate.encoded))
                    is_new = True
            return is_new

        if await self._context.store.write(note_roles):
            self._context.events.publish(DevicesChanged())
        if not account.device_list.has(own.certificate):
            return Witness.AGREES  # removed: its record went with it
        record, now_ms = account.devices.get(own.device_id), self._context.clock.now_ms()
        issued_at_ms = None if record is None else record.issued_at_ms
        return await self._context.store.write(
            lambda tx: compare(tx, own.device_id, issued_at_ms, kept_before=kept_before, now_ms=now_ms)
        )

    def learn(self, device_list: DeviceList) -> None:
        """Take a newer own list that was verified elsewhere."""
        self._context.tasks.spawn(self._learn(device_list), "own list")

    async def _learn(self, device_list: DeviceList) -> None:
        async with self._changing:
            if device_list.version > self._context.own.device_list.version:
                await self._adopt(device_list)

    async def _finish_unpublished(self) -> None:
        own = self._context.own
        if own.account_key is None:
            return
        rows = await self._context.store.read(lambda tx: tx.lists.since(own.account_id, own.device_list.version + 1))
        for row in rows:
            device_list = DeviceList.decode(row.bytes, own.account_public)
            if not row.is_published and device_list.previous == self._context.own.device_list.hash:
                await self._publish(device_list)  # what does not follow is evidence of a fork

    async def _publish(self, device_list: DeviceList) -> None:
        now_ms = self._context.clock.now_ms()
        own = self._context.own
        if device_list.version != own.device_list.version + 1 or device_list.previous != own.device_list.hash:
            raise InternalBug("a device list does not follow the published one")
        await self._context.store.write(lambda tx: keep_list(tx, device_list, now_ms, is_published=False))
        await self._registration.publish_account(device_list)
        await self._adopt(device_list)

    async def _adopt(self, device_list: DeviceList) -> None:
        before = self._context.own.device_list
        now_ms = self._context.clock.now_ms()
        gone = [entry.device_id for entry in before.devices if not device_list.has_device(entry.device_id)]

        def store(tx: Transaction) -> None:
            keep_list(tx, device_list, now_ms)
            tx.lists.mark_published(device_list.account_id, device_list.version)
            for device_id in gone:
                row = tx.own_devices.get(device_id)
                if row is not None:
                    tx.own_devices.put(dataclasses.replace(row, removed_at=now_ms, is_removal_wanted=False))

        await self._context.store.write(store)
        self._context.own = dataclasses.replace(self._context.own, device_list=device_list)
        for device_id in gone:
            self._context.events.publish(DeviceRevoked(ShownDeviceId(device_id.hex())))
        for subscriber in self._subscribers:
            subscriber()
