"""Erasing in the fake engine: wipes of rooms, other erasures, and what other devices answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from byre.client import events as ev
from byre.client.views import AccountId, MessageId, RoomId, WipeCertificate, WipeOrder, WipePreview, WipeReceipt
from tests.fakes.engine_constants import at, hex_id

if TYPE_CHECKING:
    from tests.fakes.engine import FakeEngine


def made_certificate(count: int, remnants: tuple[str, ...]) -> WipeCertificate:
    """A certificate that erased `count` messages."""
    return WipeCertificate(
        wipe_id=hex_id("wipe", 32), created_at=at(11, 42),
        counts={"rooms": 1, "messages": count, "drafts": 0, "outbox": 2, "past_epochs": 3, "index_entries": 41_870},
        scanned={"pages": 21_344, "wal_frames": 0, "files": 37, "raw_bytes": 643_259, "needles": 64},
        remnants=remnants, generation=6, key_mode="A",
        limits=("images_taken_with_the_key", "backups_and_snapshots", "memory_until_restart", "other_devices"),
        exports=(), signature="4c1e" + "0" * 120 + "a907", certificate_json='{"wipe_id": "sample"}',
        devices_asked=2, devices_erased=1,
    )  # fmt: skip


class FakeWipes:
    STEPS = ("hide", "delete", "rebuild", "scan", "switch", "destroy", "certify")

    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine
        self.remnants: tuple[str, ...] = ()
        self.gate: asyncio.Event | None = None
        self.done: list[WipeCertificate] = []
        self.orders: list[WipeOrder] = []

    async def preview(self, room_id: RoomId) -> WipePreview:
        self._e.check("wipes.preview", room_id)
        return WipePreview(len(self._e.rows[room_id]), 2, 1, "A")

    async def wipe(self, room_id: RoomId, *, others: bool = False) -> WipeCertificate:
        self._e.check("wipes.wipe", (room_id, others))
        await self.steps(room_id)
        count = len(self._e.rows[room_id])
        self._e.rows[room_id] = []
        self._e.room_views[room_id] = replace(self._e.room_views[room_id], last_message=None, unread=0)
        self._e.events.publish(ev.RoomErased(room_id))
        certificate = made_certificate(count, self.remnants)
        self.done.append(certificate)
        return certificate

    async def steps(self, room_id: RoomId) -> None:
        """Tell of each step; a `gate` holds the third one up."""
        for i, step in enumerate(self.STEPS):
            self._e.events.publish(ev.WipeProgressed(room_id, step, (i + 0.5) / len(self.STEPS)))
            if step == "rebuild" and self.gate is not None:
                await self.gate.wait()
            await asyncio.sleep(0)

    async def certificates(self) -> Sequence[WipeCertificate]:
        return tuple(self.done)

    async def reports(self, wipe_id: str) -> Sequence[WipeReceipt]:
        return ()

    async def pending(self) -> Sequence[WipeOrder]:
        return tuple(self.orders)

    async def undo(self, wipe_id: str) -> None:
        self._e.check("wipes.undo", wipe_id)
        self.orders = [order for order in self.orders if order.wipe_id != wipe_id]


class FakeErasures:
    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine

    async def delete_message(self, message_id: MessageId) -> None:
        self._e.check("erasures.delete_message", message_id)
        for room_id, rows in self._e.rows.items():
            if any(m.message_id == message_id for m in rows):
                self._e.rows[room_id] = [m for m in rows if m.message_id != message_id]
                self._e.events.publish(ev.MessagesErased(room_id, (message_id,)))
                self._e.events.publish(ev.RoomChanged(room_id))

    async def wipe_contact(self, account_id: AccountId) -> WipeCertificate:
        self._e.check("erasures.wipe_contact", account_id)
        await self._e.wipes.steps(RoomId(""))
        self._e.strangers.add(account_id)
        self._e.events.publish(ev.ContactChanged(account_id))
        return made_certificate(3, ())

    async def wipe_before(self, time_ms: int) -> WipeCertificate:
        self._e.check("erasures.wipe_before", time_ms)
        await self._e.wipes.steps(RoomId(""))
        for room_id, rows in self._e.rows.items():
            self._e.rows[room_id] = [m for m in rows if m.sent_at >= time_ms]
            self._e.events.publish(ev.RoomErased(room_id))
        return made_certificate(7, self._e.wipes.remnants)
