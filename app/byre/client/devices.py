"""The account's devices: the list that the user sees, names, and removal.

Only the primary can remove a device: it signs a list without it, publishes the list, and takes its leaves out of all
rooms. A linked device asks for it in the device room and shows the removal as pending.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Sequence

from byre.client.admission import is_list_pending
from byre.client.context import Context
from byre.client.events import DevicesChanged
from byre.client.own_list import OwnList
from byre.client.room_keeper import RoomKeeper
from byre.client.views import DeviceId as ShownDeviceId
from byre.client.views import DeviceView, Role
from byre.errors import UsageError
from byre.store import OwnDeviceRow, Transaction
from byre.wire.content_bodies import DeviceName, RemovalWanted
from byre.wire.ids import DeviceId

LONGEST_NAME = 64


class Devices:
    """Own devices (`DevicesApi`)."""

    def __init__(self, context: Context, own_list: OwnList, keeper: RoomKeeper) -> None:
        self._context = context
        self._own_list = own_list
        self._keeper = keeper
        self._settle: Callable[[], Awaitable[None]] | None = None

    def settle_first(self, settle: Callable[[], Awaitable[None]]) -> None:
        """Say what ends a linking under way, whose list is signed already: a removal must not wait for it."""
        self._settle = settle

    async def list(self) -> Sequence[DeviceView]:
        """Return the listed devices, the current one first, then by age."""
        own = self._context.own
        rows = {row.device_id: row for row in await self._context.store.read(lambda tx: tx.own_devices.all())}
        listed = [entry.device_id for entry in own.device_list.devices]
        views = [self._view(device_id, rows.get(device_id)) for device_id in listed]
        return sorted(views, key=lambda view: (not view.current, view.linked_at, view.device_id))

    async def remove(self, device_id: ShownDeviceId) -> None:
        """Remove a device from the account, or ask the primary to.

        Raises:
            UsageError: code no_such_device; not_allowed for the primary.
            EnvironmentFault: code relay_unreachable; the removal goes on when the relay is back.
        """
        own, target = self._context.own, DeviceId(bytes.fromhex(device_id))
        own.require_listed()
        if not own.device_list.has_device(target):
            raise UsageError("This account has no such device.", code="no_such_device")
        if await self._is_primary(target):
            raise UsageError("The phone that holds the account's key cannot be removed.", code="not_allowed")
        if own.is_primary and self._settle is not None:
            await self._settle()
        await self._context.store.write(lambda tx: want_removal(tx, target, self._context.clock.now_ms()))
        if own.is_primary:
            await self.execute_removals()
        else:
            await self._keeper.send_to_own_devices(RemovalWanted(target))

    async def rename(self, name: str) -> None:
        """Give this device another name, on all own devices.

        Raises:
            UsageError: code bad_params.
        """
        name = device_name(name)
        own = self._context.own
        own.require_listed()

        def put(tx: Transaction) -> None:
            row = tx.own_devices.get(own.device_id)
            if row is not None:
                tx.own_devices.put(dataclasses.replace(row, name=name))

        await self._context.store.write(put)
        self._context.events.publish(DevicesChanged())
        if await self._keeper.has_device_room():
            await self._keeper.send_to_own_devices(DeviceName(own.device_id, name))

    async def execute_removals(self) -> None:
        """On the primary: carry out every removal that is wanted, then take revoked devices out of all rooms."""
        own = self._context.own
        if not own.is_primary or await self._context.store.read(is_list_pending):
            return  # the list of an unfinished linking is signed: its successor waits for its end
        rows = await self._context.store.read(lambda tx: tx.own_devices.all(with_removed=True))
        wanted = [
            DeviceId(row.device_id)
            for row in rows
            if row.is_removal_wanted and row.removed_at is None and row.device_id != own.device_id
        ]
        if wanted:
            await self._own_list.publish_without(wanted)
        gone = {*wanted, *(DeviceId(row.device_id) for row in rows if row.removed_at is not None)}
        for device_id in sorted(gone):
            await self._keeper.remove_own_device(device_id)

    async def _is_primary(self, device_id: DeviceId) -> bool:
        if self._context.own.is_primary:
            return device_id == self._context.own.device_id
        row = await self._context.store.read(lambda tx: tx.own_devices.get(device_id))
        return row is not None and row.role == Role.PRIMARY.value

    def _view(self, device_id: DeviceId, row: OwnDeviceRow | None) -> DeviceView:
        own = self._context.own
        is_current = device_id == own.device_id
        role = Role(row.role) if row is not None else Role.PRIMARY if is_current and own.is_primary else Role.LINKED
        return DeviceView(
            device_id=ShownDeviceId(device_id.hex()),
            name="" if row is None else row.name,
            role=role,
            current=is_current,
            removal_pending=row is not None and row.is_removal_wanted,
            linked_at=0 if row is None else row.linked_at,
        )


def device_name(text: str) -> str:
    """Return a device name as it may be stored and sent.

    Raises:
        UsageError: code bad_params.
    """
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UsageError("A device name has 1 to 64 printable characters.")
    return name


def want_removal(tx: Transaction, device_id: DeviceId, now_ms: int) -> bool:
    """Note that a device is to go; its name may not have arrived yet. Returns False if it is gone."""
    row = tx.own_devices.get(device_id) or OwnDeviceRow(device_id, "", Role.LINKED.value, linked_at=now_ms)
    if row.removed_at is not None:
        return False
    tx.own_devices.put(dataclasses.replace(row, is_removal_wanted=True))
    return True
