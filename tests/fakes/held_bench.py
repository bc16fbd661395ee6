"""A held store on a folder, driven without a relay, and what an examiner with its keys finds in its files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from byre.errors import ByreError
from byre.relay.buckets import Buckets
from byre.relay.clock import ExpiryClock
from byre.relay.counters import Counters
from byre.relay.held_store import HeldStore
from byre.relay.key_file import KeyFile
from tests.fakes.relay import RelayClock, seeded
from tests.fakes.sqlcipher_pages import plain_pages

HOUR_MS: Final = 3_600_000
SPAN_MS: Final = 6 * HOUR_MS
MAILBOX: Final = bytes(16)


class HeldBench:
    """A held store on a folder, and what its callbacks said."""

    def __init__(self, path: Path, random: Callable[[int], bytes] | None = None) -> None:
        self.path = path
        key_path = path / "relay.keys"
        if key_path.exists():
            self.keys = KeyFile.restore(key_path, key_path.read_bytes())
        else:
            self.keys = KeyFile.create(key_path, seeded(1))
        self.clock = RelayClock()
        self.expiry = ExpiryClock(self.clock)
        self.counters = Counters()
        self.buckets = Buckets(path, self.keys, SPAN_MS, random or seeded(2))
        self.store = HeldStore(
            self.buckets, clock=self.clock, expiry=self.expiry, counters=self.counters, erase_delay_s=0.01
        )
        self.stored: dict[bytes, int] = {}
        self.failed: dict[bytes, ByreError] = {}
        self.running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.buckets.open_all()
        await self.store.healing.heal_unopened()
        self.running = asyncio.create_task(self.store.run())

    async def stop(self) -> None:
        if self.running is not None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)
            self.running = None
            await self.store.close()

    def put(self, number: int, body: bytes, *, hours: float = 48, mailbox: bytes = MAILBOX) -> bytes:
        mid = number.to_bytes(16)
        self.put_as(mailbox, mid, body, seq=number, hours=hours)
        return mid

    def put_as(self, mailbox: bytes, mid: bytes, body: bytes, *, seq: int = 1, hours: float = 48) -> None:
        self.store.put(
            mailbox=mailbox,
            mid=mid,
            seq=seq,
            expires_at=self.expiry.now_ms() + round(hours * HOUR_MS),
            body=body,
            on_stored=lambda bucket: self.stored.__setitem__(mid, bucket),
            on_failed=lambda fault: self.failed.__setitem__(mid, fault),
        )

    def files(self) -> list[str]:
        return sorted(path.name for path in self.path.glob("held-*"))

    async def key_of(self, mid: bytes) -> bytes:
        """The key of a held body."""
        for bucket in self.buckets.all():
            row = await bucket.database.read(
                lambda connection: connection.execute(
                    "SELECT key FROM held JOIN key_slot ON key_slot.id = slot WHERE mid = ?", (mid,)
                ).fetchone()
            )
            if row:
                return bytes(row[0])
        raise KeyError(mid)

    def pages(self) -> bytes:
        """Every page of every file in the clear, WAL and free pages included."""
        return b"\0".join(
            page
            for start, key in self.keys.buckets.items()
            for page in plain_pages(self.path / f"held-{start}.db", key.reveal())
        )

    def has(self, needle: bytes) -> bool:
        return needle in self.pages()
