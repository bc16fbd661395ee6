"""A disk that is full or cannot be written: senders are told, live messages pass, and all goes on when it heals.

The kernel itself refuses: the limit on file size of the relay's own process is set, and lifted, from outside.
"""

from __future__ import annotations

import asyncio
import resource
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from byre.client.connection import Progress
from tests.fakes.hasty_clock import HastyClock
from tests.fakes.killed_relay import KilledRelay
from tests.fakes.ledger import Ledger
from tests.fakes.relay import RunningRelay, running_relay
from tests.fakes.relay_user import User, until, users

UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


@asynccontextmanager
async def started(relay: KilledRelay) -> AsyncIterator[tuple[User, User, User]]:
    clock = HastyClock()
    alice, there, away = (User(relay.url, number + 70, clock) for number in range(3))
    await relay.start()
    try:
        for user in (alice, there, away):
            await user.network.start()
            await user.register()
        yield alice, there, away
    finally:
        for user in (alice, there, away):
            await user.network.stop()
        relay.signal(signal.SIGKILL)
        await relay.ended()


def limit_files(relay: KilledRelay, size_bytes: int) -> None:
    resource.prlimit(relay.process_id, resource.RLIMIT_FSIZE, (size_bytes, resource.RLIM_INFINITY))


def lift(relay: KilledRelay) -> None:
    resource.prlimit(relay.process_id, resource.RLIMIT_FSIZE, UNLIMITED)


def sizes(relay: KilledRelay) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in relay.path.glob("held-*")}


async def test_a_disk_full_at_an_insert_refuses_keeps_live_messages_going_and_heals(tmp_path: Path) -> None:
    relay = KilledRelay(tmp_path / "relay")
    ledger = Ledger()
    async with started(relay) as (alice, there, away):
        away.detach()
        first = ledger.send(alice, away)
        await until(lambda: alice.told.has(first, Progress.STORED))
        limit_files(relay, 8192)  # the log cannot grow
        refused = ledger.send(alice, away, 4096)
        await until(lambda: any(mid == refused for mid, _, _ in alice.told.failures), "the refusal")
        assert {(code, wait > 0) for _, code, wait in alice.told.failures} == {("disk", True)}
        live = ledger.send(alice, there)
        await until(lambda: alice.told.has(live, Progress.ACKED), "live messages pass")
        assert not alice.told.has(refused, Progress.STORED)
        lift(relay)
        away.attach()
        await until(lambda: first in away.told.mids)
        relay.signal(signal.SIGKILL)  # a back-off of ten seconds is not waited for: a new socket sends at once
        await relay.ended()
        await relay.start()
        await until(lambda: not ledger.missing(), "everything arrived")
        assert ledger.complaints() == []


async def test_a_checkpoint_that_cannot_grow_the_file_is_done_when_it_can(tmp_path: Path) -> None:
    relay = KilledRelay(tmp_path / "relay")
    ledger = Ledger()
    async with started(relay) as (alice, _, away):
        away.detach()
        for _ in range(20):
            mid = ledger.send(alice, away, 4096)
        await until(lambda: alice.told.has(mid, Progress.STORED))
        (database,) = (size for name, size in sizes(relay).items() if name.endswith(".db"))
        (log,) = (size for name, size in sizes(relay).items() if name.endswith("-wal"))
        assert log > database  # everything still stands in the log alone
        limit_files(relay, max(log, 65536) + 65536)
        away.attach()
        await until(lambda: len(away.told.mids) == 20)
        limit_files(relay, max(database, 8192))
        await asyncio.sleep(0.1)
        assert relay.is_alive
        lift(relay)
        await until(lambda: not ledger.unconfirmed(), "nothing will be sent again")
        for _ in range(100):
            residue = ledger.residue(relay.path)
            if not residue:
                break
            await asyncio.sleep(0.1)
        assert residue == []
        assert ledger.complaints() == []


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RunningRelay]:
    async with running_relay(tmp_path / "relay") as running:
        yield running


async def read_only(relay: RunningRelay, is_on: bool) -> None:
    """Refuse writes in SQLite itself, as on a file system that was mounted read-only."""
    store = relay.relay._store
    switch = "ON" if is_on else "OFF"
    for bucket in store._buckets.all():
        await bucket.database.run(lambda connection: connection.execute(f"PRAGMA query_only={switch}").fetchall())


async def test_a_read_only_store_refuses_and_delivers_what_it_has(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        bob.detach()
        await until(lambda: relay.relay.services.mailboxes.cached(bob.mailbox).socket is None)  # type: ignore[union-attr]
        held = alice.send(bob)
        await until(lambda: alice.told.has(held, Progress.STORED))
        await read_only(relay, is_on=True)
        refused = alice.send(bob)
        await until(lambda: alice.told.failures)
        assert alice.told.failures[0][:2] == (refused, "disk")
        bob.attach()
        await until(lambda: bob.told.mids == [held])
        live = alice.send(bob)
        assert relay.counters["disk_fail"] > 0
        await read_only(relay, is_on=False)
        await until(lambda: relay.counters["held_now"] == 0, "the erasure is tried again")
        assert live not in [mid for mid, _, _ in alice.told.failures]
