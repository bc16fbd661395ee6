"""Wipes as the window and the RPC work with them (`WipesApi`), here and on every device that they reach.

A wipe erases here at once. The account's other devices are told in the device room: by the phone, and they obey; by a
linked PC, and the phone obeys after ten minutes in which its user can undo it, and tells the others. Other members'
devices are asked in the room, only if the user wants it and may. Every device answers with its signed certificate.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from byre.client.context import Context
from byre.client.delivery.fan_out import Recipient
from byre.client.delivery.sending import Sending
from byre.client.events import Event, RoomChanged, RoomErased, WipeOrdered, WipeProgressed
from byre.client.peers import Peers
from byre.client.room_keeper import AfterCommit, DeviceMessage
from byre.client.rooms.live_room import LiveRoom, recipient_of
from byre.client.rooms.service import room_row
from byre.client.views import DeviceId, RoomId, WipeCertificate, WipeOrder, WipePreview, WipeReceipt
from byre.client.wiping import parts, reach, reports
from byre.client.wiping.certifying import shown_certificate
from byre.client.wiping.orders import UNDO_MS, Order, add_order, bound, cover, drop_order, read_orders
from byre.errors import ByreError, UsageError
from byre.store import RoomRow, Transaction, WipeCertificateRow, WipeScope
from byre.wire.content_bodies import Body, Wipe, WipeReport, WipeUndone
from byre.wire.ids import WIPE_ID_SIZE, WipeId

log = logging.getLogger(__name__)

RESUME_EVERY_S = 60


class Wiping:
    """`WipesApi`.

    Args:
        tell_own_devices: sends content in the device room.
    """

    def __init__(
        self, context: Context, tell_own_devices: Callable[[Body], Awaitable[None]], sending: Sending, peers: Peers
    ) -> None:
        self._context = context
        self._tell_own_devices = tell_own_devices
        self._sending = sending
        self._peers = peers
        self._is_wiping = False
        self._obeying = asyncio.Lock()

    async def preview(self, room_id: RoomId) -> WipePreview:
        """Return what a wipe would erase and whom it reaches.

        Raises:
            UsageError: code no_such_room.
        """
        own = self._context.own
        rooms, held, devices = await self._context.store.read(lambda tx: reach.of_room(tx, room_row(tx, room_id), own))
        counts = await self._context.store.preview_wipe([row.id for row in rooms])
        return WipePreview(
            messages=counts.get("messages", 0),
            own_devices=devices,
            relay_held=held,
            key_mode=self._context.store.key_mode,
        )

    async def wipe(self, room_id: RoomId, *, others: bool = False) -> WipeCertificate:
        """Erase the room's content here, prove it, and tell one's other devices; with `others` the members' too.

        Raises:
            UsageError: code no_such_room, or not_allowed: only admins ask the members of a group.
            EnvironmentFault: disk_full, key_unavailable, …; once begun, the wipe is completed at the latest at the
                next start, and the others are told then.
        """
        own, now_ms = self._context.own, self._context.clock.now_ms()
        wipe_id = WipeId(self._context.random(WIPE_ID_SIZE))

        def begin(tx: Transaction) -> RoomRow:
            row = room_row(tx, room_id)
            if others and not reach.may_ask(tx, row, own.account_id):
                raise UsageError("Only admins may ask the members of a group to erase it.", code="not_allowed")
            if own.is_listed:
                orders = reach.orders_of(tx, row, own, wipe_id)
                parts.note_parts(tx, orders)
                for order in orders:
                    reports.ask(tx, order.wipe_id, reach.devices(tx, row, own, others=others), now_ms)
                reach.note_untold(tx, orders, others=others)
            return row

        row = await self._context.store.write(begin)
        certificate = await self._erase(row, wipe_id, None)
        await self._tell_untold()
        return await self._shown(certificate)

    async def certificates(self) -> Sequence[WipeCertificate]:
        """Return this device's certificates, newest first."""
        rows = await self._context.store.read(lambda tx: tx.wipes.certificates())
        return [await self._shown(row) for row in rows]

    async def reports(self, wipe_id: str) -> Sequence[WipeReceipt]:
        """Return what the other devices answered to a wipe."""
        number = bytes.fromhex(wipe_id)
        return await self._context.store.read(lambda tx: reports.shown_reports(tx, number, self._peers))

    async def pending(self) -> Sequence[WipeOrder]:
        """Return what linked PCs have ordered and this phone can still undo."""
        orders = [order for order in await self._context.store.read(read_orders) if order.is_undoable]
        heads = parts.heads_among(order.wipe.wipe_id for order in orders)
        return [_shown_order(order) for order in orders if order.wipe.wipe_id in heads]

    async def undo(self, wipe_id: str) -> None:
        """Recall a wipe that a linked PC ordered: no other device erases anything.

        Raises:
            UsageError: code wrong_state; there is no such order, or it is too late.
        """
        number = WipeId(bytes.fromhex(wipe_id))

        def drop(tx: Transaction) -> list[WipeId]:
            undoable = [order.wipe.wipe_id for order in read_orders(tx) if order.is_undoable]
            if number not in undoable:
                return []
            going = [number, *(one for one in undoable if parts.is_part(one, number))]
            for one in going:
                drop_order(tx, one)
            parts.note_undone(tx, number)
            return going

        async with self._obeying:
            gone = await self._context.store.write(drop)
            if not gone:
                raise UsageError("There is no such wipe to undo.", code="wrong_state")
        await self._tell_undone(gone)

    def on_device_content(self, tx: Transaction, message: DeviceMessage) -> AfterCommit | None:
        """Take what an own other device says of wipes, in the transaction that received it."""
        own, body, now_ms = self._context.own, message.body, self._context.clock.now_ms()
        if isinstance(body, Wipe):
            return self._on_order(tx, message, body, now_ms)
        event: Event | None = None
        if isinstance(body, WipeReport):
            event = reports.take(
                tx,
                body,
                account_id=own.account_id,
                device_id=message.sender_device_id,
                device_key=message.sender_key,
                now_ms=now_ms,
            )
        elif isinstance(body, WipeUndone) and reach.is_primary(tx, message.sender_device_id):
            event = reports.undone(tx, body.wipe_id, now_ms)
        return None if event is None else lambda: self._context.events.publish(event)

    def on_room_content(
        self, tx: Transaction, row: RoomRow, account_id: bytes, message: DeviceMessage
    ) -> AfterCommit | None:
        """Take what another member says of wipes: a request that its role permits, or its report."""
        body, now_ms = message.body, self._context.clock.now_ms()
        if self._peers.is_own(account_id):
            return None
        if isinstance(body, WipeReport):
            event = reports.take(
                tx,
                body,
                account_id=account_id,
                device_id=message.sender_device_id,
                device_key=message.sender_key,
                now_ms=now_ms,
            )
            return None if event is None else lambda: self._context.events.publish(event)
        if not isinstance(body, Wipe) or body.group_id != row.group_id or row.state != "active":
            return None
        if not reach.may_ask(tx, row, account_id):
            log.warning("a member asked for a wipe that it may not ask for")
            return None
        until = min(message.sent_at, now_ms)
        return self._obey_later(
            tx, row, Order(body, message.sender_device_id, now_ms, reply_to=account_id, until=until)
        )

    async def run(self) -> None:
        """Go on with wipes that a fault or a crash stopped, and with orders as they fall due; never given up."""
        while True:
            try:
                await self._resume()
                await self._tell_untold()
                await self.run_ordered()
            except ByreError as error:
                log.warning("a wipe waits: %s", error.code)
            await self._context.clock.sleep(RESUME_EVERY_S)

    async def run_ordered(self) -> None:
        """Carry out the orders that are due."""
        async with self._obeying:
            for order in await self._context.store.read(read_orders):
                if order.due_at > self._context.clock.now_ms():
                    continue
                try:
                    await self._obey(order)
                except ByreError as error:  # it stays; the others need not wait for it
                    log.warning("an ordered wipe waits: %s", error.code)

    def _on_order(self, tx: Transaction, message: DeviceMessage, wipe: Wipe, now_ms: int) -> AfterCommit | None:
        row, device_id = tx.rooms.get(wipe.group_id), message.sender_device_id
        if row is None:
            return None
        order = Order(wipe, device_id, now_ms, until=min(message.sent_at, now_ms))
        if reach.is_primary(tx, device_id):
            return self._obey_later(tx, row, order)
        if not self._context.own.is_primary:
            return None  # another PC's wish: the phone decides, and tells
        if parts.is_undone(tx, wipe.wipe_id):
            return lambda: self._context.tasks.spawn(self._tell_undone([wipe.wipe_id]), "a wipe that was undone")
        order = replace(order, due_at=now_ms + UNDO_MS, is_undoable=True)
        order = bound(tx, reach.with_twins(tx, row), order, self._context.own)
        if not add_order(tx, order) or any(parts.is_part(wipe.wipe_id, one.wipe.wipe_id) for one in read_orders(tx)):
            return None
        event = WipeOrdered(_shown_order(order))
        return lambda: self._context.events.publish(event)

    def _obey_later(self, tx: Transaction, row: RoomRow, order: Order) -> AfterCommit | None:
        rooms = reach.with_twins(tx, row)
        order = bound(tx, rooms, order, self._context.own)
        cover(tx, [room.id for room in rooms], order)
        add_order(tx, order)
        done = tx.wipes.certificate(order.wipe.wipe_id)  # this device's own wipe, or a copy of an order that was done
        return lambda: self._context.tasks.spawn(
            self.run_ordered() if done is None else self._answer(order, done), "a wipe that was ordered"
        )

    async def _obey(self, order: Order) -> None:
        """Erase, tell, answer; only then the order is forgotten: whatever a crash cuts off is done again."""
        wipe, own = order.wipe, self._context.own

        def find(tx: Transaction) -> tuple[RoomRow | None, WipeCertificateRow | None]:
            row = tx.rooms.get(wipe.group_id)
            if row is not None:
                cover(tx, [room.id for room in reach.with_twins(tx, row)], order)
            if row is not None and order.is_undoable:
                reports.ask(tx, wipe.wipe_id, reach.devices(tx, row, own, others=False), self._context.clock.now_ms())
            return row, tx.wipes.certificate(wipe.wipe_id)

        row, done = await self._context.store.write(find)
        if row is not None and done is None:
            await self._erase(row, wipe.wipe_id, order)
        if order.is_undoable:
            await self._tell_own_devices(wipe)
        done = await self._context.store.read(lambda tx: tx.wipes.certificate(wipe.wipe_id))
        if done is not None:
            await self._answer(order, done)
        await self._context.store.write(lambda tx: drop_order(tx, wipe.wipe_id))

    async def _answer(self, order: Order, done: WipeCertificateRow) -> None:
        """Send this device's certificate to who ordered: in the device room, or to the asking account in the room."""
        body = WipeReport(WipeId(done.wipe_id), done.document)
        if not order.reply_to:
            await self._tell_own_devices(body)
            return

        def choose(tx: Transaction, row: RoomRow, room: LiveRoom) -> tuple[Body, list[Recipient]] | None:
            to = [leaf for leaf in room.facts.leaves if leaf.account_id == order.reply_to]
            return body, [recipient_of(leaf) for leaf in to if WipeReport.KIND in leaf.info.content_kinds]

        await self._sending.chosen(order.wipe.group_id, choose)

    async def _tell_undone(self, wipe_ids: Sequence[WipeId]) -> None:
        for wipe_id in wipe_ids:
            await self._tell_own_devices(WipeUndone(wipe_id))

    async def _tell_untold(self) -> None:
        """Tell the own devices, and the members if they are to be asked, of wipes that this device has done."""
        for wipe, others in await self._context.store.read(reach.untold):
            try:
                await self._tell_own_devices(wipe)
                if others:
                    await self._sending.chosen(wipe.group_id, lambda tx, row, room, w=wipe: self._ask(room, w))  # type: ignore[misc]
            except ByreError as error:
                log.warning("others were not told of a wipe: %s", error.code)
                continue
            await self._context.store.write(lambda tx, w=wipe: reach.told(tx, w.wipe_id))  # type: ignore[misc]

    def _ask(self, room: LiveRoom, wipe: Wipe) -> tuple[Body, list[Recipient]] | None:
        own = self._context.own.account_id
        leaves = [leaf for leaf in room.facts.leaves if leaf.account_id != own]
        to = [recipient_of(leaf) for leaf in leaves if WipeReport.KIND in leaf.info.content_kinds]
        return (wipe, to) if to else None

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

    async def _erase(self, row: RoomRow, wipe_id: WipeId, order: Order | None) -> WipeCertificateRow:
        room_id, publish = RoomId(row.group_id.hex()), self._context.events.publish
        rooms, sends = await self._context.store.read(lambda tx: reach.numbers_and_sends(tx, row))
        if order is None:
            for relay, mid in sends:
                self._context.network.relay(relay).cancel(mid)

        def progress(step: str, fraction: float) -> None:
            publish(WipeProgressed(room_id, step, fraction))

        scope = WipeScope.of_rooms(rooms) if order is None else WipeScope.covered(rooms)
        self._is_wiping = True
        try:
            done = await self._context.store.wipe(scope, wipe_id=wipe_id, on_progress=progress)
        finally:
            self._is_wiping = False
        publish(RoomErased(room_id))
        publish(RoomChanged(room_id))
        return done

    async def _shown(self, row: WipeCertificateRow) -> WipeCertificate:
        told = await self._context.store.read(lambda tx: reports.reported(tx, row.wipe_id))
        return replace(shown_certificate(row), devices_asked=told.asked, devices_erased=told.erased)


def _shown_order(order: Order) -> WipeOrder:
    return WipeOrder(
        wipe_id=order.wipe.wipe_id.hex(),
        room_id=RoomId(order.wipe.group_id.hex()),
        device_id=DeviceId(order.device_id.hex()),
        due_at=order.due_at,
    )
