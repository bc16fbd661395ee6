"""Own devices in own rooms: the device room, the notes, and the leaves of one's devices everywhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from byre.client.context import Context
from byre.client.delivery.fan_out import Recipient
from byre.client.delivery.sending import Sending
from byre.client.leaf_check import credential_of
from byre.client.rooms.commits import Commits
from byre.client.rooms.founding import Founding
from byre.client.rooms.groups import Groups
from byre.client.rooms.intents import AddDevices, Package, RemoveDevices
from byre.client.rooms.live_room import LiveRoom
from byre.errors import UsageError
from byre.identity.room_context import RoomKind
from byre.mls import KeyPackage
from byre.store import RoomRow, Transaction
from byre.wire.content_bodies import Body

_SHARED = ("direct", "group", "note")


class OwnDevices:
    """Brings own devices into rooms and out of them."""

    def __init__(
        self, context: Context, groups: Groups, commits: Commits, founding: Founding, sending: Sending
    ) -> None:
        self._context = context
        self._groups = groups
        self._commits = commits
        self._founding = founding
        self._sending = sending
        self._founding_lock = asyncio.Lock()

    async def ensure_rooms(self) -> None:
        """Open the device room and the note room where they are missing, or lost with nobody to ask for them."""
        async with self._founding_lock:
            for lost in await self._context.store.read(self._lost_alone):
                await self._founding.again(lost)
            for kind in (RoomKind.DEVICE, RoomKind.NOTE):
                name = kind.name.lower()
                rows = await self._context.store.read(lambda tx, n=name: tx.rooms.of_kind(n))  # type: ignore[misc]
                if not any(row.state in ("active", "rejoining") for row in rows):
                    await self._founding.alone(kind)

    def _lost_alone(self, tx: Transaction) -> list[RoomRow]:
        rows = [row for kind in ("device", "note") for row in tx.rooms.of_kind(kind) if row.state == "rejoining"]
        own_device = self._context.own.device_id
        return [row for row in rows if all(m.device_id == own_device for m in tx.members.of_room(row.id))]

    async def device_room(self) -> bytes | None:
        """Return the device room's group id, None when this device is not in it."""
        rows = await self._context.store.read(lambda tx: tx.rooms.of_kind("device"))
        return next((row.group_id for row in reversed(rows) if row.state == "active"), None)

    async def is_in_device_room(self, device_id: bytes) -> bool:
        """Whether an own device has a leaf in the device room."""
        group_id = await self.device_room()
        room = None if group_id is None else await self._groups.current(group_id)
        return room is not None and room.recipient(device_id) is not None

    async def add_to_device_room(self, device_id: bytes, key_package: bytes) -> None:
        """Add an own device to the device room.

        Raises:
            UsageError: code wrong_state; there is no device room.
            EnvironmentFault: code relay_unreachable; it goes on by itself later.
        """
        group_id = await self.device_room()
        if group_id is None:
            raise UsageError("There is no device room yet.", code="wrong_state")
        await self.add(group_id, key_package)

    async def add(self, group_id: bytes, key_package: bytes) -> None:
        """Add an own device to one room; nothing happens when it is there."""
        leaf = KeyPackage.decode(key_package).leaf_node
        credential = credential_of(leaf)
        package = Package(credential.account_id, credential.device_id, leaf.encryption_key, key_package)
        await self._commits.bring_about(group_id, AddDevices((package,)))

    async def rooms_lacking(self, device_id: bytes) -> Sequence[bytes]:
        """Return joined rooms without that device, newest activity first."""

        def work(tx: Transaction) -> list[bytes]:
            rows = [row for row in tx.rooms.all(with_hidden=True) if row.kind in _SHARED and row.state == "active"]
            return [row.group_id for row in rows if tx.members.get(row.id, device_id) is None]

        return await self._context.store.read(work)

    async def remove(self, device_id: bytes) -> None:
        """Have the device's leaves removed from every room, in the background; the list that lacks it goes along."""
        own = self._context.own
        intent = RemoveDevices(own.account_id, frozenset({device_id}), own.device_list.encoded)

        def work(tx: Transaction) -> list[RoomRow]:
            rows = [row for row in tx.rooms.all(with_hidden=True) if row.state in ("active", "request")]
            tx.members.set_revoked(own.account_id, device_id)
            return [row for row in rows if tx.members.get(row.id, device_id) is not None]

        for row in await self._context.store.write(work):
            await self._commits.add(row.group_id, intent)

    async def send(self, body: Body, *, to: bytes | None = None) -> None:
        """Send content in the device room, or `to` one device there; without a room there is nobody to tell."""
        group_id = await self.device_room()
        if group_id is None:
            return
        if to is None:
            await self._sending.content(group_id, body, is_kept=True)
            return

        def choose(tx: Transaction, row: RoomRow, room: LiveRoom) -> tuple[Body, list[Recipient]] | None:
            recipients = [each for each in room.recipients() if each.device_id == to]
            return (body, recipients) if recipients else None

        await self._sending.chosen(group_id, choose)
