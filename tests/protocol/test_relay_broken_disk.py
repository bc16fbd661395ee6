"""A disk that fails (EIO, from below the database): nothing is confirmed that is not on it; later all goes on."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest

from byre.client.connection import Found, Granted, Progress
from byre.relay.main import free_port
from byre.wire.frames import Err
from tests.fakes.broken_disk import COMPILER, BrokenDisk
from tests.fakes.hasty_clock import HastyClock
from tests.fakes.ledger import Ledger
from tests.fakes.raw_socket import raw_socket
from tests.fakes.relay_user import User, until
from tests.protocol.test_relay_heads import Room
from tests.protocol.test_relay_kill_records import claim_of
from tests.protocol.test_relay_killed import RelayProcess

RETRY_S = 20

pytestmark = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler (cc) to build the broken disk with")


async def test_what_a_failing_disk_did_not_take_is_never_confirmed(tmp_path: Path) -> None:
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

        for how in ("write", "sync"):
            told_before = len(alice.told.failures)
            disk.breaks(how)
            refused = [ledger.send(alice, away) for _ in range(3)]
            await until(lambda before=told_before: len(alice.told.failures) > before, "the refusal")  # type: ignore[misc]
            assert {(code, wait > 0) for _, code, wait in alice.told.failures[told_before:]} == {("disk", True)}
            async with raw_socket(relay.url, "/s") as socket:
                await socket.send(claim_of(room, 1, b"two"))
                answer = await socket.receive()
                assert isinstance(answer, Err)
                assert (answer.code, answer.retry_after_ms > 0) == ("disk", True)
            live = ledger.send(alice, there)
            await until(lambda live=live: alice.told.has(live, Progress.ACKED), "live messages pass")  # type: ignore[misc]
            assert await readiness(admin) == (503, "not ready: store\n")
            assert not any(alice.told.has(mid, Progress.STORED) for mid in refused)
            disk.heals()
            clock.skip(RETRY_S)  # what was refused waits so long, and behind it all else to that mailbox
        away.attach()
        await until(lambda: first in away.told.mids, "what is held can be read")
        away.detach()
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
        await until(lambda: not ledger.unconfirmed(), "nothing will be sent again")
        for _ in range(100):
            residue = ledger.residue(relay.path)
            if not residue:
                break
            await asyncio.sleep(0.05)
        assert residue == []
    finally:
        for user in everybody:
            await user.network.stop()
        if relay.process is not None:
            await relay.end(signal.SIGKILL)


async def readiness(port: int) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as answer:
        return answer.status, await answer.text()
