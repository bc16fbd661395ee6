"""A disk that fails (EIO, from below the database): nothing is confirmed that is not on it; later all goes on."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest

from byre.client.connection import Found, Granted, Progress
from byre.errors import ByreError
from byre.relay.main import free_port
from tests.fakes.broken_disk import COMPILER, BrokenDisk
from tests.fakes.hasty_clock import HastyClock
from tests.fakes.ledger import Ledger
from tests.fakes.relay_user import User, until
from tests.protocol.test_relay_heads import Room
from tests.protocol.test_relay_killed import RelayProcess

pytestmark = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler (cc) to build the broken disk with")


@pytest.mark.parametrize("how", ["write", "sync"])
async def test_what_a_failing_disk_did_not_take_is_never_confirmed(tmp_path: Path, how: str) -> None:
    disk = await asyncio.to_thread(BrokenDisk, tmp_path)
    admin = free_port("127.0.0.1")
    relay = RelayProcess(
        tmp_path / "relay", "--admin", f"127.0.0.1:{admin}", "--limit-erase-delay-ms=5", environment=disk.environment
    )
    await relay.start()
    clock, ledger = HastyClock(), Ledger()
    everybody = alice, there, away = [User(relay.url, number + 170, clock) for number in range(3)]
    try:
        for user in everybody:
            await user.network.start()
            await user.register()
        room = Room(alice.relay, await alice.relay.relay_id())
        await room.create()
        assert await room.claim(0, b"one") == Granted(1)
        away.detach()
        first = ledger.send(alice, away)
        await until(lambda: alice.told.has(first, Progress.STORED))

        disk.breaks(how)
        refused = [ledger.send(alice, away) for _ in range(5)]
        await until(lambda: {mid for mid, _, _ in alice.told.failures} == set(refused), "the refusals")
        assert {(code, wait > 0) for _, code, wait in alice.told.failures} == {("disk", True)}
        with pytest.raises(ByreError):
            await room.claim(1, b"two")
        live = ledger.send(alice, there)
        await until(lambda: alice.told.has(live, Progress.ACKED), "live messages pass")
        assert await readiness(admin) == (503, "not ready: store\n")
        away.attach()
        await until(lambda: first in away.told.mids, "what is held can still be read")
        away.detach()
        assert not any(alice.told.has(mid, Progress.STORED) for mid in refused)

        disk.heals()
        later = ledger.send(alice, away)
        await until(lambda: alice.told.has(later, Progress.STORED), "it stores again")
        assert await relay.end(signal.SIGKILL) == (-signal.SIGKILL, b"")
        relay.environment = {}
        await relay.start()
        away.attach()
        await until(lambda: not ledger.missing(), "everything arrived")
        assert ledger.complaints() == []
        assert await room.claim(1, b"two") == Granted(2)
        assert isinstance(await room.get(0), Found)
        for _ in range(100):
            if not ledger.residue(relay.path):
                break
            await asyncio.sleep(0.05)
        assert ledger.residue(relay.path) == []
    finally:
        for user in everybody:
            await user.network.stop()
        if relay.process is not None:
            await relay.end(signal.SIGKILL)


async def readiness(port: int) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as answer:
        return answer.status, await answer.text()
