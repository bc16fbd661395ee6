"""What own devices tell each other in the device room, and what this device does about it.

Handlers run inside the transaction that receives the message; network and events follow after the commit. Every
sender is a device of the own account: the MLS group and its membership rules have seen to that.
"""

from __future__ import annotations

import dataclasses
from typing import assert_never

from byre.client.contacts import Contacts
from byre.client.context import Context
from byre.client.devices import Devices, want_removal
from byre.client.events import ContactChanged, DeviceLinked, DevicesChanged
from byre.client.names import OwnName
from byre.client.own_list import OwnList
from byre.client.peers import shown_account
from byre.client.reconcile import Reconcile
from byre.client.room_keeper import AfterCommit, DeviceMessage, RoomKeeper
from byre.client.views import DeviceId as ShownDeviceId
from byre.store import OwnDeviceRow, Transaction
from byre.wire.content_bodies import Contact, DeviceName, KeyPackagesGiven, KeyPackagesWanted, Profile, RemovalWanted
from byre.wire.ids import DeviceId

Known = Contact | DeviceName | KeyPackagesGiven | KeyPackagesWanted | Profile | RemovalWanted


class DeviceRoom:
    """Handles the device room's kinds that are not about messages."""

    def __init__(
        self,
        context: Context,
        contacts: Contacts,
        devices: Devices,
        reconcile: Reconcile,
        own_list: OwnList,
        own_name: OwnName,
    ) -> None:
        self._context = context
        self._contacts = contacts
        self._devices = devices
        self._reconcile = reconcile
        self._own_list = own_list
        self._own_name = own_name
        self._keeper: RoomKeeper | None = None

    def register(self, keeper: RoomKeeper) -> None:
        """Take over the kinds that are handled here."""
        self._keeper = keeper
        for kind in (Contact, DeviceName, KeyPackagesGiven, KeyPackagesWanted, Profile, RemovalWanted):
            keeper.on_device_content(kind.KIND, self._receive)

    def _receive(self, tx: Transaction, message: DeviceMessage) -> AfterCommit | None:
        body = message.body
        if not isinstance(body, Known):
            return None
        match body:
            case Contact():
                account_id = self._contacts.take_synced(tx, body)
                return lambda: self._context.events.publish(ContactChanged(shown_account(account_id)))
            case DeviceName():
                return self._named(tx, body)
            case KeyPackagesWanted():
                if body.device_id != self._context.own.device_id:
                    return None
                asker = DeviceId(message.sender_device_id)
                return lambda: self._context.tasks.spawn(
                    self._reconcile.give(body.count, to=asker), "give key packages"
                )
            case KeyPackagesGiven():
                if body.device_id != message.sender_device_id:
                    return None
                return lambda: self._context.tasks.spawn(
                    self._reconcile.take(body.device_id, body.packages), "add own device to rooms"
                )
            case Profile():
                name = self._own_name.take(tx, body)
                return None if name is None else lambda: self._renamed(name)
            case RemovalWanted():
                return self._removal_wanted(tx, body)
            case _:
                assert_never(body)

    def _renamed(self, name: str) -> None:
        self._own_name.took(name)
        self._context.tasks.spawn(self._keeper_told(), "tell the own name")

    async def _keeper_told(self) -> None:
        if self._keeper is not None:
            await self._keeper.tell_name(is_changed_here=False)

    def _named(self, tx: Transaction, body: DeviceName) -> AfterCommit | None:
        row = tx.own_devices.get(body.device_id)
        if row is not None and row.linked_at:
            if row.name == body.name:
                return None
            tx.own_devices.put(dataclasses.replace(row, name=body.name))
            return self._changed
        row = row or OwnDeviceRow(body.device_id, "", "linked", linked_at=0)  # the phone that admitted it knows it
        tx.own_devices.put(dataclasses.replace(row, name=body.name, linked_at=self._context.clock.now_ms()))
        event = DeviceLinked(ShownDeviceId(body.device_id.hex()), body.name)

        def after() -> None:
            self._context.events.publish(event)
            if not self._context.own.device_list.has_device(body.device_id):
                self._context.tasks.spawn(self._own_list.refresh(), "fetch the own list")

        return after

    def _changed(self) -> None:
        self._context.events.publish(DevicesChanged())

    def _removal_wanted(self, tx: Transaction, body: RemovalWanted) -> AfterCommit | None:
        if not want_removal(tx, body.device_id, self._context.clock.now_ms()):
            return None
        if not self._context.own.is_primary or body.device_id == self._context.own.device_id:
            return self._changed
        return lambda: self._context.tasks.spawn(self._devices.execute_removals(), "remove device")
