"""Rooms without MLS: engines in one process meet in a hub, so that accounts and linking are tested without delivery.

Who is in which room is a set of device ids in the hub; a Welcome and a device message run the engine's own handlers in
a transaction of its store, as the real rooms do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from byre.client.context import Context
from byre.client.room_keeper import AfterCommit, DeviceContentHandler, DeviceMessage, JoinedHandler, JoinedRoom
from byre.identity.mailbox import open_envelope
from byre.store import Transaction
from byre.wire.content_bodies import Body, kind_of
from byre.wire.envelope import REJOIN_REQUEST

DEVICE_ROOM = b"device room"


class RoomHub:
    """All rooms of all accounts: (account, group) -> device ids."""

    def __init__(self) -> None:
        self.members: dict[tuple[bytes, bytes], set[bytes]] = {}
        self.services: dict[bytes, FakeRooms] = {}
        self.sent: list[tuple[bytes, Body]] = []
        self.holds_welcomes = False

    def make(self, context: Context, *_: Any) -> FakeRooms:
        """Build the rooms of one session: an engine's `make_rooms`."""
        return FakeRooms(self, context)

    def of_account(self, account_id: bytes) -> dict[bytes, set[bytes]]:
        """Rooms of an account by group id."""
        return {group: devices for (owner, group), devices in self.members.items() if owner == account_id}


class FakeRooms:
    """`RoomServices` of one session."""

    def __init__(self, hub: RoomHub, context: Context) -> None:
        self._hub, self._context = hub, context
        self._contents: dict[str, DeviceContentHandler] = {}
        self._joined: list[JoinedHandler] = []
        self._welcomes: list[JoinedRoom] = []
        self._mail: list[DeviceMessage] = []
        self._is_running = False
        self.rooms = self.messages = self.wipes = self.erasures = None

    @property
    def _device(self) -> bytes:
        return self._context.own.device_id

    def _room(self, group_id: bytes) -> set[bytes]:
        return self._hub.members.setdefault((self._context.own.account_id, group_id), set())

    async def start(self) -> None:
        self._is_running = True
        before = self._hub.services.get(self._device)
        if before is not None and before is not self:  # what a relay would have held meanwhile
            self._welcomes += before._welcomes
            self._mail += before._mail
        self._hub.services[self._device] = self
        await self.flush()

    async def start_reading(self) -> None: ...

    async def stop(self) -> None:
        self._is_running = False

    async def flush(self) -> None:
        """Take what waited."""
        if not self._is_running or self._hub.holds_welcomes:
            return
        while self._welcomes:
            joined = self._welcomes.pop(0)
            await self._handle([partial(_swapped, handler, joined) for handler in self._joined])
        while self._mail:
            message = self._mail.pop(0)
            handler = self._contents.get(kind_of(message.body))
            if handler is not None:
                await self._handle([partial(_swapped, handler, message)])

    async def _handle(self, handlers: Sequence[Callable[[Transaction], AfterCommit | None]]) -> None:
        effects = await self._context.store.write(lambda tx: [handler(tx) for handler in handlers])
        for effect in effects:
            if effect is not None:
                effect()

    async def ensure_own_rooms(self) -> None:
        self._room(DEVICE_ROOM).add(self._device)
        self._room(b"note").add(self._device)

    async def has_device_room(self) -> bool:
        return self._device in self._room(DEVICE_ROOM)

    async def is_in_device_room(self, device_id: bytes) -> bool:
        return device_id in self._room(DEVICE_ROOM)

    async def add_to_device_room(self, device_id: bytes, key_package: bytes) -> None:
        assert await self.has_device_room()
        await self._add(DEVICE_ROOM, device_id, "device")

    async def rooms_lacking(self, device_id: bytes) -> Sequence[bytes]:
        rooms = self._hub.of_account(self._context.own.account_id)
        return [
            group
            for group, devices in rooms.items()
            if group != DEVICE_ROOM and self._device in devices and device_id not in devices
        ]

    async def add_own_device(self, group_id: bytes, key_package: bytes) -> None:
        await self._add(group_id, device_id=_device_of(key_package), kind="group")

    async def _add(self, group_id: bytes, device_id: bytes, kind: str) -> None:
        if device_id in self._room(group_id):
            return
        self._room(group_id).add(device_id)
        other = self._hub.services.get(device_id)
        assert other is not None, "a Welcome for a device that never started"
        other._welcomes.append(JoinedRoom(group_id, kind))
        self._context.tasks.spawn(other.flush(), "fake welcome")

    async def remove_own_device(self, device_id: bytes) -> None:
        for devices in self._hub.of_account(self._context.own.account_id).values():
            devices.discard(device_id)

    async def tell_name(self, *, is_changed_here: bool) -> None: ...

    async def say_back(self) -> None: ...

    async def send_to_own_devices(self, body: Body, *, to: bytes | None = None) -> None:
        self._hub.sent.append((self._device, body))
        for device_id in self._room(DEVICE_ROOM) - {self._device}:
            if to not in (None, device_id):
                continue
            other = self._hub.services.get(device_id)
            if other is not None:
                other._mail.append(DeviceMessage(self._device, body, self._context.clock.now_ms()))
                self._context.tasks.spawn(other.flush(), "fake device message")

    def on_device_content(self, kind: str, handler: DeviceContentHandler) -> None:
        self._contents[kind] = handler

    def on_joined(self, handler: JoinedHandler) -> None:
        self._joined.append(handler)

    async def on_envelopes(self, relay_url: str, mailbox_id: bytes, envelopes: Sequence[tuple[bytes, bytes]]) -> None:
        for _, sealed in envelopes:  # a restored phone greets its PCs; nothing else comes this way
            opened = open_envelope(self._context.own.mailbox.box_private, sealed)
            assert opened.type == REJOIN_REQUEST, "nobody sends messages here"

    def on_progress(self, mid: bytes, progress: Any) -> None: ...
    def on_failed(self, mid: bytes, code: str, retry_after_ms: int) -> None: ...
    def on_store(self, relay_url: str, store_epoch: bytes) -> None: ...
    def on_store_put_back(self, relay_url: str) -> None: ...

    def on_connection(self, relay_url: str, is_connected: bool) -> None: ...


def _swapped(handler: Callable[[Transaction, Any], AfterCommit | None], about: Any, tx: Transaction) -> Any:
    return handler(tx, about)


def _device_of(key_package: bytes) -> bytes:
    from byre.client.leaf_check import credential_of
    from byre.mls.key_package import KeyPackage

    return credential_of(KeyPackage.decode(key_package).leaf_node).device_id
