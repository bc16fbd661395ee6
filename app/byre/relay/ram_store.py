"""Held messages in memory (`--durability ram`): nothing of a message ever reaches a disk, and a restart loses them all.

HELLO says so: durability ram, and a store epoch that is new with every start, upon which senders send again what they
kept. Commit bodies, which order rooms, lie on the disk in both modes. The same interface as `HeldStore`, whose bucket
files it goes on using for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from byre.errors import ByreError, EnvironmentFault
from byre.relay.buckets import Buckets
from byre.relay.clock import Clock, ExpiryClock
from byre.relay.counters import Counters
from byre.relay.held_store import HeldRow, HeldStore

IN_MEMORY: Final = -1
"""The bucket number of what lies in no file."""


@dataclass(frozen=True, slots=True)
class _Held:
    seq: int
    since_ms: int
    expires_at: int
    body: bytes


class RamStore(HeldStore):
    """A `HeldStore` whose messages are in memory, at most `most_bytes` of them."""

    def __init__(
        self,
        buckets: Buckets,
        *,
        clock: Clock,
        expiry: ExpiryClock,
        counters: Counters,
        erase_delay_s: float,
        most_bytes: int,
    ) -> None:
        super().__init__(buckets, clock=clock, expiry=expiry, counters=counters, erase_delay_s=erase_delay_s)
        self._most_bytes = most_bytes
        self._held: dict[bytes, dict[bytes, _Held]] = {}
        self._held_bytes = 0

    def is_nearly_full(self) -> bool:
        """Tell whether four fifths of the memory for held messages are used: then only live ones pass."""
        return self._held_bytes > self._most_bytes * 4 // 5

    def put(
        self,
        *,
        mailbox: bytes,
        mid: bytes,
        seq: int,
        expires_at: int,
        body: bytes,
        on_stored: Callable[[int], None],
        on_failed: Callable[[ByreError], None],
    ) -> None:
        """Hold one message; one of the callbacks runs in the loop, later."""
        loop = asyncio.get_running_loop()
        if self._held_bytes + len(body) > self._most_bytes:
            fault = EnvironmentFault("the memory for held messages is full", code="disk_full")
            self._counters.count("disk_fail")
            loop.call_soon(on_failed, fault)
            return
        held = self._held.setdefault(mailbox, {})
        if mid not in held:
            held[mid] = _Held(seq, self._expiry.now_ms(), expires_at, body)
            self._held_bytes += len(body)
        self._counters.count("stored")
        loop.call_soon(on_stored, IN_MEMORY)

    def erase(self, bucket: int, mailbox: bytes, mid: bytes) -> None:
        """Forget one message."""
        held = self._held.get(mailbox, {})
        gone = held.pop(mid, None)
        if gone is not None:
            self._held_bytes -= len(gone.body)
        if not held:
            self._held.pop(mailbox, None)

    async def erase_mailbox(self, mailbox: bytes) -> None:
        """Forget everything held for a mailbox."""
        for mid in list(self._held.get(mailbox, ())):
            self.erase(IN_MEMORY, mailbox, mid)
        await super().erase_mailbox(mailbox)

    async def rows(self, mailbox: bytes) -> list[HeldRow]:
        """Return what is held for a mailbox, in order: what an earlier run left on the disk comes first."""
        found = [
            HeldRow(mid, each.seq, len(each.body), each.expires_at, IN_MEMORY)
            for mid, each in self._held.get(mailbox, {}).items()
        ]
        return await super().rows(mailbox) + sorted(found, key=lambda row: row.seq)

    async def bodies(self, start: int, mailbox: bytes, mids: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the bodies of these messages by mid; erased ones are left out."""
        if start != IN_MEMORY:
            return await super().bodies(start, mailbox, mids)
        held = self._held.get(mailbox, {})
        return {mid: held[mid].body for mid in mids if mid in held}

    def held_now(self) -> int:
        """Return how many messages are held."""
        return super().held_now() + sum(len(held) for held in self._held.values())

    def oldest_age_s(self) -> int:
        """Return the age of the oldest message that is held, 0 for none."""
        oldest = min((each.since_ms for held in self._held.values() for each in held.values()), default=None)
        in_memory = 0 if oldest is None else max(0, self._expiry.now_ms() - oldest) // 1000
        return max(in_memory, super().oldest_age_s())

    async def expire(self) -> list[tuple[bytes, bytes]]:
        """Forget what is past its end of life, in memory and on the disk."""
        now_ms = self._expiry.now_ms()
        gone = [
            (mailbox, mid)
            for mailbox, held in self._held.items()
            for mid, each in held.items()
            if each.expires_at <= now_ms
        ]
        for mailbox, mid in gone:
            self.erase(IN_MEMORY, mailbox, mid)
        self._counters.count("expired", len(gone))
        return gone + await super().expire()
