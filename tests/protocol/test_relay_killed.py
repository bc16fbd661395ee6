"""kill -9 of a real relay process, again and again, in the middle of everything: nothing confirmed is ever lost.

Two receivers (one always there, one that comes and goes), one sender, one room head. The instant of each kill and the
traffic come from a seed; the seed of a failure is in the test's name.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from byre.client.clock import SystemClock
from byre.client.connection import Found, Granted, Progress
from byre.client.connection.requester import TIMEOUT_S
from byre.wire.ids import ClaimId
from tests.disk import on_disk, written_bytes
from tests.fakes.kept_port import KeptPort
from tests.fakes.relay_user import User, until
from tests.protocol.test_relay_heads import Room

APP = Path(__file__).resolve().parents[2] / "app"
START_S = 20.0
KILLS = 50
NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1"}  # what Python keeps of a module that it met late would be counted


class HastyClock(SystemClock):
    """Back-offs are cut short, so that 50 restarts do not wait for them; time limits of requests are not."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds if seconds == TIMEOUT_S else min(seconds, 0.05))


class RelayProcess:
    """`byre relay` in a process of its own, on one data directory and port."""

    def __init__(self, path: Path, *flags: str, environment: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.environment = environment or {}
        self.flags = flags
        self._place = KeptPort()
        self.port = self._place.number
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "byre",
            "relay",
            "--data",
            str(self.path),
            "--listen",
            f"127.0.0.1:{self.port}",
            "--limit-free-disk-store-percent=0",
            "--limit-free-disk-new-percent=0",
            *self.flags,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(APP), **self.environment},
        )
        assert self.process.stdout is not None
        async with asyncio.timeout(START_S):
            line = await self.process.stdout.readline()
        assert line.startswith(b"byre relay: listening on"), line

    async def end(self, how: signal.Signals) -> tuple[int | None, bytes]:
        """End it; return its exit code and what it said on stderr."""
        assert self.process is not None
        self.process.send_signal(how)
        async with asyncio.timeout(START_S):
            _, errors = await self.process.communicate()
        code, self.process = self.process.returncode, None
        return code, errors


@asynccontextmanager
async def relay_process(
    path: Path, *flags: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[RelayProcess]:
    relay = RelayProcess(path, *flags, environment=environment)
    await relay.start()
    try:
        yield relay
    finally:
        if relay.process is not None:
            await relay.end(signal.SIGKILL)


async def claims(room: Room, granted: dict[int, bytes], stop: asyncio.Event) -> None:
    """End one epoch after the other, with commits of which only one may win."""
    epoch = 0
    while not stop.is_set():
        commit = b"commit %d" % epoch
        with contextlib.suppress(Exception):
            if await room.claim(epoch, commit, claim_id=ClaimId(epoch.to_bytes(16))) == Granted(epoch + 1):
                granted[epoch] = commit
                epoch += 1
        await asyncio.sleep(0.01)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.xdist_group("kill")
@pytest.mark.parametrize("seed", [20261122])
async def test_a_relay_killed_at_fifty_instants_loses_nothing_that_it_confirmed(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    clock = HastyClock()
    async with relay_process(tmp_path / "relay") as relay:
        alice, always, sometimes = (User(relay.url, seed + number, clock) for number in range(3))
        for user in (alice, always, sometimes):
            await user.network.start()
            await user.register()
        room = Room(alice.relay, await alice.relay.relay_id())
        await room.create()
        granted: dict[int, bytes] = {}
        stop = asyncio.Event()
        claiming = asyncio.create_task(claims(room, granted, stop))
        sent: dict[bytes, User] = {}
        try:
            for _ in range(KILLS):
                if dice.random() < 0.5:
                    sometimes.detach()
                else:
                    sometimes.attach()
                until_kill_s = dice.random() * 0.15
                for _ in range(dice.randrange(1, 12)):
                    receiver = dice.choice([always, sometimes])
                    sent[alice.send(receiver, dice.randbytes(dice.choice([512, 1024, 4096])))] = receiver
                    await asyncio.sleep(until_kill_s / 12)
                await relay.end(signal.SIGKILL)
                await relay.start()
                await until(lambda: alice.relay.is_connected and always.relay.is_connected)
            sometimes.attach()
            confirmed = {mid for mid, progress in alice.told.progress if progress is not Progress.RELAYED}
            await until(lambda: set(always.told.mids) | set(sometimes.told.mids) >= confirmed, "confirmed arrived")
            await until(lambda: set(always.told.mids) | set(sometimes.told.mids) >= sent.keys(), "all arrived")
            for mid, receiver in sent.items():
                assert mid in receiver.told.mids
                assert mid not in (sometimes if receiver is always else always).told.mids
            stop.set()
            await claiming
            for epoch, commit in granted.items():
                found = await room.get(epoch)
                assert isinstance(found, Found)
                assert found.body == b"sealed " + commit
            assert len(granted) > KILLS
            assert alice.told.failures == []
        finally:
            stop.set()
            claiming.cancel()
            await asyncio.gather(claiming, return_exceptions=True)
            for user in (alice, always, sometimes):
                await user.network.stop()
        code, errors = await relay.end(signal.SIGTERM)
        assert (code, errors) == (0, b"")


async def test_a_relay_told_to_go_drains_and_its_log_says_nothing(tmp_path: Path) -> None:
    async with relay_process(tmp_path / "relay") as relay:
        alice, bob = (User(relay.url, number, HastyClock()) for number in range(2))
        for user in (alice, bob):
            await user.network.start()
            await user.register()
        never = asyncio.Event()

        async def wait(mid: bytes) -> None:
            await never.wait()

        bob.told.take = wait  # type: ignore[method-assign]
        mids = [alice.send(bob) for _ in range(20)]
        await until(lambda: all(alice.told.has(mid, Progress.RELAYED) for mid in mids))
        code, errors = await relay.end(signal.SIGTERM)
        assert (code, errors) == (0, b"")
        assert all(alice.told.has(mid, Progress.STORED) for mid in mids)
        for user in (alice, bob):
            await user.network.stop()


async def test_two_relays_do_not_share_a_data_directory(tmp_path: Path) -> None:
    async with relay_process(tmp_path / "relay") as relay:
        second = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "byre",
            "relay",
            "--data",
            str(relay.path),
            "--listen",
            "127.0.0.1:0",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(APP)},
        )
        _, errors = await second.communicate()
        assert second.returncode
        assert b"profile_in_use" in errors or b"Another relay" in errors


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="the kernel does not count writes per process")
async def test_live_messages_make_the_process_write_nothing(tmp_path: Path) -> None:
    with on_disk(tmp_path) as folder:
        async with relay_process(folder / "relay", environment=NO_BYTECODE) as relay:
            alice, bob = (User(relay.url, number) for number in range(2))
            for user in (alice, bob):
                await user.network.start()
                await user.register()
            try:
                first = alice.send(bob)
                await until(lambda: alice.told.has(first, Progress.ACKED))
                assert relay.process is not None
                before = written_bytes(relay.process.pid)
                assert before > 0  # the mailboxes were written
                mids = [alice.send(bob, bytes(512)) for _ in range(300)]
                await until(lambda: all(alice.told.has(mid, Progress.ACKED) for mid in mids))
                assert written_bytes(relay.process.pid) == before
                bob.detach()
                held = alice.send(bob)
                await until(lambda: alice.told.has(held, Progress.STORED))
                assert written_bytes(relay.process.pid) > before
            finally:
                for user in (alice, bob):
                    await user.network.stop()
