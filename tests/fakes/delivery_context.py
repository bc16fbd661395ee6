"""What surrounds one delivery module: a real store on the test's own thread, a network that remembers, a frozen clock.

surroundings = DeliveryContext(tmp_path)
surroundings.store.fault = EnvironmentFault("…", code="disk_full")   # what every write answers from now on
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from byre.client.context import Context
from byre.client.delivery.burst import Burst
from byre.client.events import Event, EventBus, LinkEnded
from byre.client.stretch import Turns
from byre.client.tasks import TaskSupervisor
from byre.crypto.random import system_random
from byre.crypto.secret import Secret
from byre.db import open_connection
from byre.db.migrations import migrate
from byre.db.transaction import read_transaction, write_transaction
from byre.errors import EnvironmentFault
from byre.store import RoomRow, Transaction
from byre.store.schema import APPLICATION_ID, MIGRATIONS
from tests.fakes.clock import FrozenClock

T = TypeVar("T")
ME, MY_DEVICE, GROUP = b"m" * 32, b"d" * 16, b"g" * 32
NOW = 1_800_000_000_000


class StoreOnPaper:
    """`Store.read` and `Store.write` without a thread; `writes` counts, `fault` refuses."""

    def __init__(self, folder: Path) -> None:
        self.connection = open_connection(folder / "store.db", Secret(bytes(32)), create=True)
        migrate(self.connection, MIGRATIONS, application_id=APPLICATION_ID)
        self.writes = 0
        self.fault: EnvironmentFault | None = None

    async def write(self, work: Callable[[Transaction], T]) -> T:
        await asyncio.sleep(0)
        if self.fault is not None:
            raise self.fault
        self.writes += 1
        return write_transaction(self.connection, lambda connection: work(Transaction(connection)))

    async def read(self, work: Callable[[Transaction], T]) -> T:
        await asyncio.sleep(0)
        return read_transaction(self.connection, lambda connection: work(Transaction(connection)))

    def now(self, work: Callable[[Transaction], T]) -> T:
        """Do something at once, for the test."""
        return write_transaction(self.connection, lambda connection: work(Transaction(connection)))


@dataclass
class NetworkOnPaper:
    """Remembers what was handed over: (relay, mid) in order."""

    sent: list[tuple[str, bytes]] = field(default_factory=list)
    volatile_relays: frozenset[str] = frozenset()
    store_epochs: dict[str, bytes] = field(default_factory=dict)

    def relay(self, url: str) -> Any:
        return SimpleNamespace(send=lambda **frame: self.sent.append((url, frame["mid"])))


class DeliveryContext:
    """What delivery modules take as their `Context`. End with `close`."""

    def __init__(self, folder: Path) -> None:
        self.store = StoreOnPaper(folder)
        self.network = NetworkOnPaper()
        self.clock = FrozenClock(NOW)
        self.random = system_random
        self.turns = Turns()
        self.bugs: list[tuple[str, BaseException]] = []
        self.tasks = TaskSupervisor(lambda name, error: self.bugs.append((name, error)))
        self.events = EventBus()
        self.told: list[Event] = []
        self.events.subscribe(self.told.append)
        self.own = SimpleNamespace(account_id=ME, device_id=MY_DEVICE, mailbox=SimpleNamespace(mailbox_id=b"b" * 16))

    @property
    def context(self) -> Context:
        """This, where a `Context` is asked for."""
        return cast(Context, self)

    @property
    def link_endings(self) -> list[str]:
        """The codes with which linkings, and handshakes like them, have ended."""
        return [event.code for event in self.told if isinstance(event, LinkEnded)]

    def room(self, group_id: bytes = GROUP) -> int:
        """Make a room; returns its number."""
        row = RoomRow(
            id=0,
            group_id=group_id,
            kind="group",
            state="active",
            relay="https://relay.test",
            group_tag=b"t" * 16,
            created_at=NOW,
            last_activity=NOW,
        )
        return self.store.now(lambda tx: tx.rooms.add(row))

    async def settle(self, seconds: float = 0.0) -> None:
        """Move the clock on and let everything run that can."""
        for _ in range(8):
            await asyncio.sleep(0)
        if seconds:
            self.clock.advance(seconds)
        for _ in range(12):
            await asyncio.sleep(0)

    async def close(self) -> None:
        await self.tasks.stop()
        self.store.connection.close()
        assert not self.bugs


def within(around: DeliveryContext, work: Any) -> Any:
    """Do `work(burst)` in a transaction with a burst of its own, finished at the end."""

    def transaction(tx: Transaction) -> Any:
        burst = Burst(tx, {GROUP: None})
        result = work(burst)
        burst.finish()
        return result

    return around.store.now(transaction)
