"""A relay's rendezvous on paper: slots that are written once, and who waits for them."""

from __future__ import annotations

import asyncio

from byre.errors import ByreError, PeerError


class Table:
    """A relay's rendezvous where who looks for a slot waits until it is written; `fault` is raised instead."""

    def __init__(self) -> None:
        self.slots: dict[int, bytes] = {}
        self.fault: ByreError | None = None
        self._written = asyncio.Event()

    async def rendezvous_put(self, rendezvous: bytes, slot: int, blob: bytes) -> None:
        if self.fault is not None:
            raise self.fault
        if self.slots.get(slot, blob) != blob:
            raise PeerError("taken", code="relay_taken")
        self.slots[slot] = blob
        written, self._written = self._written, asyncio.Event()
        written.set()

    async def rendezvous_get(self, rendezvous: bytes, slot: int, *, wait_s: float = 0) -> bytes | None:
        if self.fault is not None:
            raise self.fault
        while wait_s and slot not in self.slots:
            await self._written.wait()
        return self.slots.get(slot)
