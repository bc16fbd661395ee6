"""Wipes as the window and the RPC work with them (`WipesApi`), and wipes that the phone orders for its PCs.

A wipe on the primary is told to the account's other devices through the device room, with a watermark per sending
device, so that copies that come later are skipped there. A wipe on a linked device stays on that device: an order by
it would have to be undoable on the phone for ten minutes, which nothing shows yet.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from byre.client.context import Context
from byre.client.events import RoomChanged, RoomErased, WipeProgressed
from byre.client.room_keeper import AfterCommit, DeviceMessage
from byre.client.rooms.service import room_row
from byre.client.views import RoomId, WipeCertificate, WipePreview
from byre.client.wiping.certifying import shown_certificate
from byre.errors import ByreError, EnvironmentFault
from byre.store import RoomRow, Transaction
from byre.store import Watermark as StoredWatermark
from byre.wire.content_bodies import MOST_WATERMARKS, Body, Watermark, Wipe
from byre.wire.ids import WIPE_ID_SIZE, AccountId, DeviceId, GroupId, RunId, WipeId

log = logging.getLogger(__name__)

RESUME_EVERY_S = 60
_ORDERED = "wiping.ordered"
"""Setting: hex group ids that another own device ordered to be wiped and that are not wiped yet."""


class Wiping:
    """`WipesApi`.

    Args:
        tell_own_devices: sends content in the device room.
    """

    def __init__(self, context: Context, tell_own_devices: Callable[[Body], Awaitable[None]]) -> None:
        self._context = context
        self._tell_own_devices = tell_own_devices
        self._is_wiping = False
        self._ordered_wipes = asyncio.Lock()

    async def preview(self, room_id: RoomId) -> WipePreview:
        """Return what a wipe would erase and whom it reaches.

        Raises:
            UsageError: code no_such_room.
        """
        rooms, held, devices = await self._context.store.read(lambda tx: self._reach(tx, room_id))
        counts = await self._context.store.preview_wipe([row.id for row in rooms])
        return WipePreview(
            messages=counts.get("messages", 0),
            own_devices=devices,
            relay_held=held,
            key_mode=self._context.store.key_mode,
        )

    async def wipe(self, room_id: RoomId) -> WipeCertificate:
        """Erase the room's content here, prove it, and tell one's other devices.

        Raises:
            UsageError: code no_such_room.
            EnvironmentFault: disk_full, key_unavailable, …; once begun, the wipe is completed at the latest at the
                next start.
        """
        wipe_id = WipeId(self._context.random(WIPE_ID_SIZE))
        row, order = await self._context.store.read(lambda tx: self._order(tx, room_id, wipe_id))
        certificate = await self._wipe(row, wipe_id)
        if self._context.own.is_primary:
            try:
                await self._tell_own_devices(order)
            except ByreError as error:
                log.warning("own devices were not told of a wipe: %s", error.code)
        return certificate

    async def certificates(self) -> Sequence[WipeCertificate]:
        """Return this device's certificates, newest first."""
        rows = await self._context.store.read(lambda tx: tx.wipes.certificates())
        return [shown_certificate(row) for row in rows]

    def on_ordered(self, tx: Transaction, message: DeviceMessage) -> AfterCommit | None:
        """Take the phone's order in the transaction that received it; the wipe itself follows after."""
        body = message.body
        if not isinstance(body, Wipe) or not self._is_from_primary(tx, message.sender_device_id):
            return None
        row = tx.rooms.get(body.group_id)
        if row is None:
            return None
        tx.seen.cover(row.id, [StoredWatermark(m.device_id, m.run_id, m.counter) for m in body.watermarks])
        tx.settings.put(_ORDERED, [*_ordered(tx), body.group_id.hex()])
        return lambda: self._context.tasks.spawn(self.run_ordered(), "wipes ordered by the phone")

    async def run(self) -> None:
        """Go on with wipes that a fault or a crash stopped, for ever; they are never given up."""
        while True:
            try:
                await self._resume()
                await self.run_ordered()
            except EnvironmentFault as error:
                log.warning("a wipe waits: %s", error.code)
            await self._context.clock.sleep(RESUME_EVERY_S)

    async def _resume(self) -> None:
        """Finish a wipe that was begun: its rooms are hidden until it ends."""

        def begun(tx: Transaction) -> list[RoomId]:
            rows = [tx.rooms.by_number(number) for number in tx.wipes.rooms()]
            return [RoomId(row.group_id.hex()) for row in rows if row is not None]

        if self._is_wiping:
            return
        rooms = await self._context.store.read(begun)
        if rooms and await self._context.store.resume_wipe() is not None:
            for room_id in rooms:
                self._context.events.publish(RoomErased(room_id))
                self._context.events.publish(RoomChanged(room_id))

    async def run_ordered(self) -> None:
        """Wipe what was ordered; after a crash the order is still there."""
        async with self._ordered_wipes:
            for group_id in await self._context.store.read(_ordered_groups):
                await self._wipe_ordered(group_id)

    async def _wipe_ordered(self, group_id: bytes) -> None:
        row = await self._context.store.read(lambda tx: tx.rooms.get(group_id))
        if row is not None:
            await self._wipe(row, WipeId(self._context.random(WIPE_ID_SIZE)))
        await self._context.store.write(lambda tx: _done(tx, group_id.hex()))

    async def _wipe(self, row: RoomRow, wipe_id: WipeId) -> WipeCertificate:
        room_id, publish = RoomId(row.group_id.hex()), self._context.events.publish
        rooms, sends = await self._context.store.read(lambda tx: _numbers_and_sends(tx, row))
        for relay, mid in sends:
            self._context.network.relay(relay).cancel(mid)

        def progress(step: str, fraction: float) -> None:
            publish(WipeProgressed(room_id, step, fraction))

        self._is_wiping = True
        try:
            done = await self._context.store.wipe(rooms, wipe_id=wipe_id, on_progress=progress)
        finally:
            self._is_wiping = False
        publish(RoomErased(room_id))
        publish(RoomChanged(room_id))
        return shown_certificate(done)

    def _order(self, tx: Transaction, room_id: RoomId, wipe_id: WipeId) -> tuple[RoomRow, Wipe]:
        row, own = room_row(tx, room_id), self._context.own
        accounts = {member.device_id: member.account_id for member in tx.members.of_room(row.id)}
        marks = [
            Watermark(AccountId(accounts[m.device_id]), DeviceId(m.device_id), RunId(m.run_id), m.counter)
            for m in tx.seen.current(row.id)
            if m.device_id in accounts
        ]
        if row.next_counter:
            marks.append(Watermark(own.account_id, own.device_id, own.run_id, row.next_counter - 1))
        return row, Wipe(wipe_id, GroupId(row.group_id), tuple(marks[-MOST_WATERMARKS:]))

    def _reach(self, tx: Transaction, room_id: RoomId) -> tuple[list[RoomRow], int, int]:
        row = room_row(tx, room_id)
        rooms = _with_twins(tx, row)
        held = sum(1 for room in rooms for one in tx.outbox.of_kind("message", room=room.id) if one.state == "stored")
        own = self._context.own
        others = [m for m in tx.members.of_room(row.id) if m.account_id == own.account_id]
        return rooms, held, max(len(others) - 1, 0) if own.is_primary else 0

    def _is_from_primary(self, tx: Transaction, device_id: bytes) -> bool:
        row = tx.own_devices.get(device_id)
        return row is not None and row.role == "primary"


def _ordered(tx: Transaction) -> list[str]:
    value = tx.settings.get(_ORDERED)
    return [str(item) for item in value] if isinstance(value, list) else []


def _ordered_groups(tx: Transaction) -> list[bytes]:
    return [bytes.fromhex(item) for item in _ordered(tx)]


def _done(tx: Transaction, group_hex: str) -> None:
    tx.settings.put(_ORDERED, [item for item in _ordered(tx) if item != group_hex])


def _with_twins(tx: Transaction, row: RoomRow) -> list[RoomRow]:
    twins = [] if row.peer_account is None else tx.rooms.direct_with(row.peer_account)
    return [row, *(twin for twin in twins if twin.superseded_by == row.group_id)]


def _numbers_and_sends(tx: Transaction, row: RoomRow) -> tuple[list[int], list[tuple[str, bytes]]]:
    """Return the rooms to wipe and the envelopes with their content that still wait at the connection."""
    rooms = _with_twins(tx, row)
    waiting = [one for room in rooms for one in tx.outbox.of_kind("message", room=room.id)]
    return [room.id for room in rooms], [(one.relay, one.mid) for one in waiting if one.mid is not None]
