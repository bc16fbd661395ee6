"""Blobs whose connection is cut at each byte that goes either way, and carried to the end by the client.

Chunks are made small here, so that a blob of several has few enough bytes to try every one: requests, heads, bodies,
answers. A selection in the suite; all of them by `BYRE_BLOB_CUTS=all`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from byre.client.connection.blobs import Blobs
from byre.client.connection.dialer import Dialer
from byre.crypto.hashes import sha256
from byre.relay import blob_files, blob_requests, blob_rows, blobs
from tests.fakes.relay import TEST_LIMITS, RunningRelay, running_relay, seeded
from tests.fakes.relay_user import User, until, users

ALL = os.environ.get("BYRE_BLOB_CUTS") == "all"
STEP = 1 if ALL else 89
CHUNK = 48
DATA = bytes(range(7, 7 + 3 * CHUNK - 11))  # three chunks, the last one short
TO_RELAY, TO_CLIENT = 0, 1


@dataclass
class CuttingProxy:
    """Forwards to a port; once so many bytes have gone one way it ends the connection, once."""

    target: int
    port: int = 0
    cut: tuple[int, int] | None = None
    is_abrupt: bool = False
    passed: list[int] = field(default_factory=lambda: [0, 0])
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def arm(self, cut: tuple[int, int] | None, *, is_abrupt: bool) -> None:
        self.cut, self.is_abrupt, self.passed = cut, is_abrupt, [0, 0]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = await asyncio.open_connection("127.0.0.1", self.target)
        ways = (self._pump(reader, upstream[1], TO_RELAY), self._pump(upstream[0], writer, TO_CLIENT))
        pumps = [asyncio.ensure_future(way) for way in ways]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for end in (upstream[1], writer):
                if self.is_abrupt:
                    end.transport.abort()
                end.close()
            await asyncio.gather(upstream[1].wait_closed(), writer.wait_closed(), return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: int) -> None:
        while data := await reader.read(65536):
            left = self.cut[1] - self.passed[way] if self.cut is not None and self.cut[0] == way else len(data)
            writer.write(data[: max(0, left)])
            self.passed[way] += min(left, len(data))
            await writer.drain()
            if left < len(data) or (self.cut is not None and left == len(data) and self.cut[0] == way):
                self.cut = None
                return

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self.serve(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


@dataclass
class Scene:
    """A relay with small chunks, the client's blobs through a proxy, and who they are for."""

    relay: RunningRelay
    proxy: CuttingProxy
    client: Blobs
    bob: User
    made: int = 0
    paid: int = 0
    """Bytes that his token's day was charged."""

    async def story(self, cut: tuple[int, int] | None, *, is_abrupt: bool = False) -> list[int]:
        """Put a blob, fetch it twice, use it up; return how many bytes went each way."""
        self.proxy.arm(cut, is_abrupt=is_abrupt)
        url = f"http://127.0.0.1:{self.proxy.port}"
        stored = await self.client.put(url, DATA, mailbox=self.bob.mailbox, token=self.bob.token, readers=2, ttl_s=0)
        self.made += 1
        assert self.relay.counters["blobs_made"] == self.made, "a request that is repeated makes one blob"
        assert len(self.files()) == 1
        for capability in stored.read_capabilities:
            found = await self.client.get(url, stored.blob_id, capability, len(DATA))
            assert found == DATA, cut
            await self.client.finish(url, stored.blob_id, capability)
        await until(lambda: not self.files() and not self.relay.counters["blob_transfers_now"])
        assert (self.relay.counters["blobs_now"], self.relay.counters["blob_bytes_now"]) == (0, 0)
        return self.proxy.passed

    def files(self) -> list[Path]:
        return list(self.relay.path.glob("blobs/*"))


@pytest.fixture
async def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    for module in (blob_files, blob_requests, blob_rows, blobs):
        monkeypatch.setattr(module, "BLOB_CHUNK_BYTES", CHUNK)
    monkeypatch.setattr(blob_files, "SLOT_BYTES", CHUNK + blob_files.SEALED_EXTRA)
    limits = replace(TEST_LIMITS, blob_bytes_per_token_day=1 << 40)
    async with (
        running_relay(tmp_path / "relay", limits=limits) as relay,
        users(relay.url, 1) as (bob,),
        blob_client() as client,
    ):
        proxy = CuttingProxy(relay.port)
        server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
        proxy.port = server.sockets[0].getsockname()[1]
        made = Scene(relay, proxy, client, bob)
        take = relay.relay.services.blobs._by_token.take

        def counted(key: Hashable, amount: int) -> None:
            assert key == sha256(bob.token)
            made.paid += amount
            take(key, amount)

        monkeypatch.setattr(relay.relay.services.blobs._by_token, "take", counted)
        try:
            yield made
        finally:
            server.close()
            for task in list(proxy.tasks):
                task.cancel()
            await asyncio.gather(*proxy.tasks, return_exceptions=True)
            await server.wait_closed()


@asynccontextmanager
async def blob_client() -> AsyncIterator[Blobs]:
    async def at_once(seconds: float) -> None:
        await asyncio.sleep(0)

    dialer = Dialer(random=seeded(6))
    try:
        yield Blobs(dialer, random=seeded(5), sleep=at_once)
    finally:
        await dialer.close()


@pytest.mark.timeout(3600 if ALL else 300)
@pytest.mark.parametrize("way", [TO_RELAY, TO_CLIENT])
async def test_cut_at_any_byte_a_blob_comes_whole_counts_once_and_leaves_nothing(scene: Scene, way: int) -> None:
    whole = (await scene.story(None))[way]
    assert whole > 1000
    for at in range(0, whole, STEP):
        for is_abrupt in (False, True) if ALL else (bool(at % 2),):
            await scene.story((way, at), is_abrupt=is_abrupt)
            assert scene.proxy.cut is None, "the cut came"
    assert scene.made >= whole // STEP
    assert scene.paid == scene.made * len(DATA)
