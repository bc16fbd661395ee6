"""The MLS groups of this device: one value each in memory, one lock each, written in two parts.

Whoever changes a group holds its lock, computes the new value, writes it in a store transaction together with what
belongs to it, and only then puts it here. When anything in between fails or is cancelled the value in memory is
dropped and read again: it must never lag behind the store, or a ratchet key would be used twice.

A large room takes long to parse and to verify: that happens on a thread beside the loop, as does whatever else of MLS
grows with the room. Groups are values, so that no thread ever sees another one's half-done work.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from byre.client.rooms.live_room import LiveRoom
from byre.mls import Group
from byre.store import EpochRow, Store, Transaction

PAST_EPOCH_LIFE_MS = 72 * 3600 * 1000
"""As long as the relay may hold a message that was encrypted in a past epoch."""


class Groups:
    """Current groups by group id."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rooms: dict[bytes, LiveRoom] = {}
        self._locks: dict[bytes, asyncio.Lock] = {}
        self._readings: dict[bytes, _Reading] = {}

    @asynccontextmanager
    async def held(self, group_id: bytes) -> AsyncIterator[LiveRoom | None]:
        """Hold the group: nobody else reads for change or writes it meanwhile. Yields its value, None if not joined."""
        async with self._locks.setdefault(group_id, asyncio.Lock()):
            try:
                room = await self.current(group_id)
                if room is not None:
                    self._rooms[group_id] = room
                yield room
            except BaseException:
                self._rooms.pop(group_id, None)
                raise

    async def current(self, group_id: bytes) -> LiveRoom | None:
        """Return the group's current value without holding it, None when this device has no state of it."""
        known = self._rooms.get(group_id)
        if known is not None:
            return known
        row = await self._store.read(lambda tx: tx.groups.current(group_id))
        if row is None:
            return None
        # Only the holder may keep what it reads: without the lock this row may be overwritten meanwhile.
        return await self._shared(group_id, row)

    async def past(self, group_id: bytes, epoch: int) -> LiveRoom | None:
        """Return a past epoch, good for reading what was sent in it; None when it is no longer kept."""
        row = await self._store.read(lambda tx: tx.groups.at(group_id, epoch))
        if row is None or row.expires_at is None:
            return None
        return await asyncio.to_thread(_read, row, is_past=True)

    async def _shared(self, group_id: bytes, row: EpochRow) -> LiveRoom:
        """Read a row on a thread; who asks for the same bytes meanwhile, as many do after a start, shares it."""
        reading = self._readings.get(group_id)
        if reading is None or reading.row != row:
            value = asyncio.get_running_loop().run_in_executor(None, partial(_read, row, is_past=False))
            reading = self._readings[group_id] = _Reading(row, value)
            value.add_done_callback(lambda done: self._was_read(group_id, done))
        return await asyncio.shield(reading.value)

    def _was_read(self, group_id: bytes, done: asyncio.Future[LiveRoom]) -> None:
        if not done.cancelled():
            done.exception()  # seen: who asked for it may have been cancelled
        reading = self._readings.get(group_id)
        if reading is not None and reading.value is done:
            del self._readings[group_id]

    def put(self, room: LiveRoom) -> None:
        """Take over a value that the store has."""
        self._rooms[room.group_id] = room

    def forget(self, group_id: bytes) -> None:
        """Drop the value in memory: the group was left, or is read anew."""
        self._rooms.pop(group_id, None)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A row that a thread is reading."""

    row: EpochRow
    value: asyncio.Future[LiveRoom]


def _read(row: EpochRow, *, is_past: bool) -> LiveRoom:
    return LiveRoom.read(Group.load(row.epoch_bytes, row.ratchet_bytes, past=is_past))


def write_ratchets(tx: Transaction, group: Group) -> None:
    """Store what a message changed."""
    tx.groups.save_ratchets(group.group_id, group.epoch, group.ratchet_bytes())


def write_epoch(
    tx: Transaction, ended: Group | None, group: Group, now_ms: int, *, ended_by: bytes | None = None
) -> None:
    """Store a new current epoch; the one that `ended` (by the commit of that hash) stays, stripped, to be read in."""
    if ended is not None:
        write_ended(tx, ended, now_ms, ended_by=ended_by)
    tx.groups.save_epoch(group.group_id, group.epoch, group.epoch_bytes(), group.ratchet_bytes())


def write_ended(tx: Transaction, ended: Group, now_ms: int, *, ended_by: bytes | None = None) -> None:
    """Strip the epoch that ended to what reads messages."""
    past = ended.as_past()
    tx.groups.end_epoch(
        ended.group_id,
        ended.epoch,
        expires_at=now_ms + PAST_EPOCH_LIFE_MS,
        epoch_bytes=past.epoch_bytes(),
        ratchet_bytes=past.ratchet_bytes(),
        ended_by=ended_by,
    )
