"""Rendezvous: five slots in which a new device and a phone leave sealed blobs for each other while linking.

Slots are write-once. A rendezvous opens with its first blob, takes slot 2 (the phone's answer) only while the offer is
alive, and dies after fifteen minutes, or a minute after its last slot was read. It lies in the durable file, so that a
relay restart in the middle of linking breaks nothing; the blobs are sealed under a secret that never reaches the relay.
"""

from __future__ import annotations

import asyncio
from typing import Final

from byre.db import Connection
from byre.relay.clock import ExpiryClock
from byre.relay.counters import Counters
from byre.relay.durable import Durable
from byre.relay.refusal import Refusal
from byre.relay.sealed_values import RENDEZVOUS, open_value, seal_value
from byre.relay.settings import Limits

LAST_SLOT: Final = 5
AFTER_LAST_MS: Final = 60_000
WAITERS: Final = 10_000


class Rendezvous:
    """All meeting points."""

    def __init__(self, *, durable: Durable, limits: Limits, counters: Counters, expiry: ExpiryClock) -> None:
        self._durable = durable
        self._limits = limits
        self._counters = counters
        self._expiry = expiry
        self._waiting: dict[tuple[bytes, int], set[asyncio.Future[None]]] = {}

    async def put(self, rendezvous: bytes, slot: int, blob: bytes) -> None:
        """Write a slot; the same bytes again are fine.

        Raises:
            Refusal: "taken" (other bytes are there), "expired" (slot 2 after the offer, or any after its life),
                "busy" (too many under way).
        """
        now_ms = self._expiry.now_ms()

        def work(connection: Connection) -> str:
            there = connection.execute(
                "SELECT key, blob FROM rendezvous JOIN key_slot AS at ON at.id = key_slot"
                " WHERE rendezvous = ? AND slot = ?",
                (rendezvous, slot),
            ).fetchone()
            if there is not None:
                return "" if _opened(there[0], there[1], rendezvous, slot) == blob else "taken"
            opened = connection.execute(
                "SELECT opened_at, expires_at FROM rendezvous WHERE rendezvous = ? LIMIT 1", (rendezvous,)
            ).fetchone()
            if opened is None and slot != 1:
                return "expired"
            opened_at, expires_at = opened or (now_ms, now_ms + 1000 * self._limits.rendezvous_s)
            if opened is None:
                count = connection.execute("SELECT count(*) FROM rendezvous").fetchone()
                if count and count[0] >= self._limits.rendezvous_blobs:
                    return "busy"
            if expires_at <= now_ms or (slot == 2 and now_ms > opened_at + 1000 * self._limits.rendezvous_open_s):
                return "expired"
            number, sealed = seal_value(
                connection, self._durable.random, blob, kind=RENDEZVOUS, owner=rendezvous + bytes((slot,))
            )
            connection.execute(
                "INSERT INTO rendezvous (rendezvous, slot, key_slot, blob, opened_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (rendezvous, slot, number, sealed, opened_at, expires_at),
            )
            return "" if opened else "opened"

        outcome = await self._durable.write(work)
        if outcome not in ("", "opened"):
            raise Refusal(outcome, retry_after_ms=10_000 if outcome == "busy" else 0)
        if outcome == "opened":
            self._counters.count("links_opened")
        for waiter in self._waiting.get((rendezvous, slot), ()):
            if not waiter.done():
                waiter.set_result(None)

    async def get(self, rendezvous: bytes, slot: int, wait_s: float) -> bytes | None:
        """Return a slot's blob, waiting up to `wait_s` for it; None while it is empty.

        Raises:
            Refusal: "busy" when too many wait.
        """
        blob = await self._read(rendezvous, slot)
        if blob is not None or wait_s <= 0:
            return blob
        if len(self._waiting) >= WAITERS:
            raise Refusal("busy", retry_after_ms=1000)
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiters = self._waiting.setdefault((rendezvous, slot), set())
        waiters.add(waiter)
        try:
            blob = await self._read(rendezvous, slot)  # it may have come between the first look and the waiting
            if blob is None:
                await asyncio.wait([waiter], timeout=wait_s)
                blob = await self._read(rendezvous, slot)
        finally:
            waiters.discard(waiter)
            if not waiters:
                self._waiting.pop((rendezvous, slot), None)
        return blob

    async def expire(self) -> None:
        """Delete what is past its life."""
        now_ms = self._expiry.now_ms()
        due = await self._durable.read(
            lambda connection: connection.execute(
                "SELECT 1 FROM rendezvous WHERE expires_at <= ? LIMIT 1", (now_ms,)
            ).fetchone()
        )
        if due:
            await self._durable.erase(
                lambda connection: (
                    connection.execute("DELETE FROM rendezvous WHERE expires_at <= ?", (now_ms,)).rowcount
                )
            )

    async def _read(self, rendezvous: bytes, slot: int) -> bytes | None:
        now_ms = self._expiry.now_ms()
        row = await self._durable.read(
            lambda connection: connection.execute(
                "SELECT key, blob FROM rendezvous JOIN key_slot AS at ON at.id = key_slot"
                " WHERE rendezvous = ? AND slot = ? AND expires_at > ?",
                (rendezvous, slot, now_ms),
            ).fetchone()
        )
        if row is None:
            return None
        if slot == LAST_SLOT:  # linking is complete: a minute for a repeated read, then it is gone
            await self._durable.write(
                lambda connection: (
                    connection.execute(
                        "UPDATE rendezvous SET expires_at = min(expires_at, ?) WHERE rendezvous = ?",
                        (now_ms + AFTER_LAST_MS, rendezvous),
                    ).rowcount
                )
            )
        return _opened(row[0], row[1], rendezvous, slot)


def _opened(key: bytes, sealed: bytes, rendezvous: bytes, slot: int) -> bytes:
    return open_value(key, sealed, kind=RENDEZVOUS, owner=rendezvous + bytes((slot,)))
