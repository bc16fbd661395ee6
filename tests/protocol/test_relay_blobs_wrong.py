"""Wrong, broken off and stalled requests for blobs: each gets its code or is cut off, and nothing of it stays."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from byre.wire.frames import BLOB_CHUNK_BYTES, BlobMade, Err, Ping, encode_frame
from tests.fakes.blob_client import BlobClient, bearer
from tests.fakes.relay import TEST_LIMITS, RunningRelay
from tests.fakes.relay_user import until
from tests.protocol.test_relay_blobs import scene

MIB = BLOB_CHUNK_BYTES


async def no_request_runs() -> None:
    """Wait for the HTTP library to give up on bodies that nobody sends on: a second."""

    def running() -> list[str]:
        return [repr(task.get_coro()) for task in asyncio.all_tasks() if "RequestHandler" in repr(task.get_coro())]

    await until(lambda: len(running()) <= 1, "requests ended")


async def test_a_stalled_upload_is_cut_off_and_the_blob_stays_writable(tmp_path: Path) -> None:
    async with scene(tmp_path) as (relay, client, bob):
        made = await client.made(bob.mailbox, bob.token, 10)
        requests = relay.relay._blob_requests
        requests._limits = replace(TEST_LIMITS, blob_stall_s=0)
        never = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield b"01234"
            await never.wait()

        headers = {**bearer(made.write_capability), "Byre-SHA-256": hashlib.sha256(b"0123456789").hexdigest()}
        answer = await client.request("PUT", f"/b/{made.blob_id.hex()}/0", body=slow(), headers=headers)
        assert answer.refusal == (503, "busy")
        requests._limits = TEST_LIMITS
        await client.upload(made, b"0123456789")
        await no_request_runs()


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("POST", "/b", {}, b"", 400),
        ("POST", "/b", {}, b"junk", 400),
        ("POST", "/b", {}, encode_frame(Ping(1)), 400),
        ("POST", "/b", {}, bytes(70_000), 413),
        ("POST", "/b", {"Content-Encoding": "gzip"}, gzip.compress(bytes(50_000_000)), 400),
        ("PUT", "/b/ID/0", {"W": "", "Byre-SHA-256": "0" * 64, "Content-Encoding": "deflate"}, b"0123456789", 400),
        ("PUT", "/b", {}, b"", 405),
        ("GET", "/b", {}, None, 405),
        ("PUT", "/b/ID/0", {}, b"0123456789", 400),
        ("PUT", "/b/ID/0", {"Authorization": "Bearer x"}, b"0123456789", 400),
        ("PUT", "/b/ID/0", {"W": ""}, b"0123456789", 400),
        ("PUT", "/b/ID/0", {"W": "", "Byre-SHA-256": "00"}, b"0123456789", 400),
        ("PUT", "/b/ID/0", {"W": "", "Byre-SHA-256": "0" * 64}, b"0123456789", 400),
        ("PUT", "/b/ID/0", {"W": "", "Byre-SHA-256": "0" * 64}, b"012345678", 413),
        ("PUT", "/b/ID/0", {"W": "", "Byre-SHA-256": "0" * 64}, b"01234567890", 413),
        ("PUT", "/b/ID/1", {"W": "", "Byre-SHA-256": "0" * 64}, b"0123456789", 413),
        ("PUT", "/b/ID/-1", {"W": "", "Byre-SHA-256": "0" * 64}, b"0123456789", 400),
        ("PUT", "/b/ID/00", {"W": "", "Byre-SHA-256": "0" * 64}, b"0123456789", 400),
        ("PUT", "/b/ID/0x0", {"W": "", "Byre-SHA-256": "0" * 64}, b"0123456789", 400),
        ("PATCH", "/b/ID/0", {"W": ""}, b"0123456789", 405),
        ("GET", "/b/nonsense", {"R": ""}, None, 400),
        ("GET", "/b/" + "A" * 32, {"R": ""}, None, 400),
        ("GET", "/b/ID", {}, None, 400),
        ("GET", "/b/ID", {"R": "", "Range": "bytes=5-1"}, None, 400),
        ("GET", "/b/ID", {"R": "", "Range": "lines=1-2"}, None, 400),
        ("GET", "/b/ID", {"R": "", "Range": "bytes=" + "9" * 5000 + "-"}, None, 400),
        ("GET", "/b/ID/state", {"R": ""}, None, 404),
        ("GET", "/b/ID/other", {"W": ""}, None, 405),
        ("DELETE", "/b/ID", {}, None, 400),
        ("DELETE", "/b/ID/0", {"W": ""}, None, 405),
        ("GET", "/b/../relay.db", {"R": ""}, None, 404),
        ("GET", "/b/%2e%2e%2frelay.keys", {"R": ""}, None, 400),
    ],
)
async def test_every_wrong_request_gets_its_code(
    wrong_scene: tuple[RunningRelay, BlobClient, BlobMade],
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes | None,
    status: int,
) -> None:
    relay, client, made = wrong_scene
    sent = {name: value for name, value in headers.items() if name not in ("W", "R")}
    if "W" in headers:
        sent |= bearer(made.write_capability)
    if "R" in headers:
        sent |= bearer(made.read_capabilities[0])
    answer = await client.request(method, path.replace("ID", made.blob_id.hex()), body=body, headers=sent)
    assert answer.status == status
    assert answer.headers.get("Server", "byre") == "byre"  # nothing about versions
    if status != 405 and ".." not in path:
        assert isinstance(answer.frame, Err)
    assert relay.counters["http_fail"] == 0


@pytest.fixture
async def wrong_scene(tmp_path: Path) -> AsyncIterator[tuple[RunningRelay, BlobClient, BlobMade]]:
    async with scene(tmp_path) as (relay, client, bob):
        yield relay, client, await client.made(bob.mailbox, bob.token, 10)


async def test_a_broken_off_upload_leaves_nothing_behind(tmp_path: Path) -> None:
    async with scene(tmp_path) as (relay, client, bob):
        made = await client.made(bob.mailbox, bob.token, MIB)
        reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
        head = (
            f"PUT /b/{made.blob_id.hex()}/0 HTTP/1.1\r\nHost: x\r\nContent-Length: {MIB}\r\n"
            f"Authorization: Bearer {made.write_capability.hex()}\r\nByre-SHA-256: {'0' * 64}\r\n\r\n"
        )
        writer.write(head.encode() + bytes(5000))
        await until(lambda: relay.counters["blob_transfers_now"] == 1)
        writer.close()
        await until(lambda: relay.counters["blob_transfers_now"] == 0)
        assert (await client.state(made)).chunks == b"\x00"
        reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
        writer.write(head.replace(f"Content-Length: {MIB}", "Transfer-Encoding: chunked").encode() + b"zz\r\nno")
        assert b" 400 " in await reader.readline()
        writer.close()
        await client.upload(made, bytes(MIB))
        assert (await client.get(made)).body == bytes(MIB)


async def test_a_download_that_nobody_reads_is_cut_off(tmp_path: Path) -> None:
    async with scene(tmp_path) as (relay, client, bob):
        size = 12 * MIB  # more than the kernel's buffers take
        made = await client.made(bob.mailbox, bob.token, size)
        await client.upload(made, bytes(size))
        relay.relay._blob_requests._limits = replace(TEST_LIMITS, blob_stall_s=0)
        reader, writer = await asyncio.open_connection("127.0.0.1", relay.port, limit=1024)
        secret = made.read_capabilities[0].hex()
        head = f"GET /b/{made.blob_id.hex()} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\n\r\n"
        writer.write(head.encode())
        assert b" 200 " in await reader.readline()
        await until(lambda: relay.counters["blob_transfers_now"] == 0)
        received = 0
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1 << 20):
                received += len(data)
        assert received < size
        writer.close()
        await no_request_runs()
        assert relay.counters["http_fail"] == 0


async def test_connections_for_requests_count_by_address_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(tmp_path, sockets_per_address=2, handshake_burst=100) as (relay, _, _):
        monkeypatch.setattr(relay.relay.sockets, "address_of", lambda remote, forwarded_for: "203.0.113.5")
        ask = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        opened = []
        for status in (b" 200 ", b" 200 ", b" 429 "):
            reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
            opened.append(writer)
            writer.write(ask)
            assert status in await reader.readline()
        for writer in opened:
            writer.close()
        await until(lambda: not relay.relay.sockets.addresses._open)
        reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
        writer.write(ask)
        assert b" 200 " in await reader.readline()
        writer.close()
