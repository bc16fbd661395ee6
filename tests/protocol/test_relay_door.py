"""The relay's door over real connections: foreign WebSocket clients, and everything that is no orderly handshake."""

from __future__ import annotations

import asyncio
import os
import resource
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Event, Message, RejectConnection, Request
from wsproto.events import Ping as WsPing
from wsproto.events import Pong as WsPong

from byre.client.connection import Progress
from byre.relay.listening import Address, Listening
from byre.relay.main import free_port
from byre.relay.server import Relay
from byre.wire.frames import SUBPROTOCOL, Err, Hello, Ping, Pong, decode_frame, encode_frame
from tests.fakes.relay import TEST_LIMITS, RelayClock, RunningRelay, running_relay, seeded
from tests.fakes.relay_user import until, users
from tests.patience import WAIT_S

HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
)


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RunningRelay]:
    async with running_relay(tmp_path / "relay") as running:
        yield running


@asynccontextmanager
async def connection(relay: RunningRelay) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def everything(reader: asyncio.StreamReader) -> bytes:
    """Read until the relay closes."""
    async with asyncio.timeout(WAIT_S):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


class ForeignClient:
    """wsproto over a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._connection = WSConnection(ConnectionType.CLIENT)
        self._events: list[Event] = []

    def send(self, event: Event) -> None:
        self._writer.write(self._connection.send(event))

    async def event(self) -> Event:
        while not self._events:
            async with asyncio.timeout(WAIT_S):
                self._connection.receive_data(await self._reader.read(65536) or None)
            self._events += self._connection.events()
        return self._events.pop(0)


async def test_a_foreign_client_shakes_hands_talks_in_fragments_and_closes(relay: RunningRelay) -> None:
    async with connection(relay) as streams:
        client = ForeignClient(*streams)
        client.send(Request(host="relay", target="/s", subprotocols=[SUBPROTOCOL, "rly.0"]))
        accepted = await client.event()
        assert isinstance(accepted, AcceptConnection)
        assert accepted.subprotocol == SUBPROTOCOL
        hello = await client.event()
        assert isinstance(hello, BytesMessage)
        assert isinstance(decode_frame(bytes(hello.data)), Hello)
        frame = encode_frame(Ping(77))
        client.send(Message(data=frame[:1], message_finished=False))
        client.send(WsPing(payload=b"between"))
        client.send(Message(data=frame[1:]))
        pong = await client.event()
        assert isinstance(pong, WsPong)
        assert bytes(pong.payload) == b"between"
        answer = await client.event()
        assert isinstance(answer, BytesMessage)
        assert decode_frame(bytes(answer.data)) == Pong(77)
        client.send(CloseConnection(code=3333, reason="enough"))
        closed = await client.event()
        assert isinstance(closed, CloseConnection)
        assert closed.code == 3333
        assert await everything(streams[0]) == b""


async def test_no_subprotocol_is_version_one_and_a_foreign_one_is_refused(relay: RunningRelay) -> None:
    async with connection(relay) as streams:
        client = ForeignClient(*streams)
        client.send(Request(host="relay", target="/r"))
        accepted = await client.event()
        assert isinstance(accepted, AcceptConnection)
        assert accepted.subprotocol is None
    async with connection(relay) as streams:
        client = ForeignClient(*streams)
        client.send(Request(host="relay", target="/r", subprotocols=["rly.9"]))
        refused = await client.event()
        assert isinstance(refused, RejectConnection)
        assert refused.status_code == 400


async def test_a_wrong_frame_closes_with_the_standards_code(relay: RunningRelay) -> None:
    async with connection(relay) as (reader, writer):
        writer.write(HANDSHAKE.format(path="/s", more="").encode())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"\x82\x01x")  # not masked
        assert (await everything(reader)).endswith(b"\x88\x02\x03\xea")


async def test_frames_that_come_with_the_handshake_are_taken(relay: RunningRelay) -> None:
    async with connection(relay) as (reader, writer):
        frame = encode_frame(Ping(5))
        writer.write(
            HANDSHAKE.format(path="/s", more="").encode() + bytes((0x82, 0x80 | len(frame))) + bytes(4) + frame
        )
        await reader.readuntil(b"\r\n\r\n")
        await reader.readuntil(encode_frame(Pong(5)))


async def test_a_handshake_that_drips_in_is_read_and_one_that_never_ends_is_cut(relay: RunningRelay) -> None:
    head = HANDSHAKE.format(path="/s", more="").encode()
    async with connection(relay) as (reader, writer):
        for at in range(len(head)):
            writer.write(head[at : at + 1])
            await asyncio.sleep(0)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
    async with connection(relay) as (reader, writer), connection(relay) as (silent, _):
        writer.write(head[:40])
        await until(lambda: relay.relay.sockets.waiting_now() == 2)
        relay.clock.advance(9)
        relay.relay.sockets.beat()
        relay.clock.advance(1.5)
        relay.relay.sockets.beat()
        assert await everything(reader) == b""
        assert await everything(silent) == b""
        assert relay.counters["unproven_cut"] == 2


async def test_a_huge_head_is_refused(relay: RunningRelay) -> None:
    async with connection(relay) as (reader, writer):
        writer.write(b"GET /s HTTP/1.1\r\nX: " + bytes(9000))
        assert (await everything(reader)).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    ("path", "more", "status"),
    [
        ("/elsewhere", "", b"404"),
        ("/s", "Content-Length: 3\r\n", b"400"),
        ("/s", "Sec-WebSocket-Protocol: chat\r\n", b"400"),
        ("/s", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b"400"),
    ],
)
async def test_wrong_handshakes_have_their_status(relay: RunningRelay, path: str, more: str, status: bytes) -> None:
    async with connection(relay) as (reader, writer):
        writer.write(HANDSHAKE.format(path=path, more=more).encode())
        answer = await everything(reader)
        assert answer.split(b" ")[1] == status
        if "chat" in more:
            assert decode_frame(answer.partition(b"\r\n\r\n")[2]) == Err("proto", 0, None)


@pytest.mark.parametrize(
    "junk", [b"\x16\x03\x01\r\n\r\n", b"\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\0" * 100 + b"\r\n\r\n"]
)
async def test_junk_is_the_http_librarys_to_refuse(relay: RunningRelay, junk: bytes) -> None:
    async with connection(relay) as (reader, writer):
        writer.write(junk)
        writer.write_eof()
        assert (await everything(reader))[:12] in (b"HTTP/1.1 400", b"HTTP/1.0 400", b"HTTP/1.1 404", b"")
    async with aiohttp.ClientSession() as session, session.get(relay.url + "/healthz") as answer:
        assert await answer.text() == "ok\n"


async def test_a_pooled_connection_that_served_a_request_becomes_a_websocket(relay: RunningRelay) -> None:
    async with connection(relay) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: relay\r\n\r\n")
        assert (await reader.readuntil(b"ok\n")).startswith(b"HTTP/1.1 200")
        writer.write(HANDSHAKE.format(path="/s", more="").encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        frame = encode_frame(Ping(6))
        writer.write(bytes((0x82, 0x80 | len(frame))) + bytes(4) + frame)
        await reader.readuntil(encode_frame(Pong(6)))
        await until(lambda: len(relay.relay.sockets) == 1)
    await until(lambda: len(relay.relay.sockets) == 0)
    async with connection(relay) as (reader, writer):
        writer.write(b"GET /r HTTP/1.1\r\nHost: relay\r\n\r\n")
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 426")


async def test_a_body_that_looks_like_a_handshake_is_a_body(relay: RunningRelay) -> None:
    body = HANDSHAKE.format(path="/s", more="").encode()
    async with connection(relay) as (reader, writer):
        writer.write(b"PUT /healthz HTTP/1.1\r\nHost: relay\r\nContent-Length: %d\r\n\r\n" % len(body))
        await asyncio.sleep(0.02)
        writer.write(body + b"GET /healthz HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n")
        answers = await everything(reader)
        assert b" 101 " not in answers
        assert answers.startswith(b"HTTP/1.1 405")


async def test_a_flood_of_unproven_connections_makes_room_for_newer_ones(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, unproven_sockets=20, sockets=200)
    async with running_relay(tmp_path / "relay", limits=limits) as relay:
        flood = [await asyncio.open_connection("127.0.0.1", relay.port) for _ in range(100)]
        try:
            await until(lambda: relay.counters["unproven_cut"] == 80)
            async with connection(relay) as (reader, writer):
                writer.write(HANDSHAKE.format(path="/r", more="").encode())
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        finally:
            for _, writer in flood:
                writer.transport.abort()


FLOOD = int(os.environ.get("BYRE_FLOOD", "300"))


async def test_ten_thousand_strangers_who_say_nothing_or_half_of_it_keep_nobody_out(tmp_path: Path) -> None:
    """`BYRE_FLOOD=10000` opens them all, in this process: 20,000 files of it; the suite opens a few hundred."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * FLOOD + 500:
        pytest.skip(f"{FLOOD} connections with both ends here need {2 * FLOOD + 500} open files; the limit is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * FLOOD + 500), hard))
    limits = replace(TEST_LIMITS, unproven_sockets=FLOOD // 5, handshake_burst=10**6, sockets_per_address=10**6)
    half = (b"", b"GET /r HTTP/1.1\r\nHost: x\r\n", HANDSHAKE.format(path="/r", more="").encode())
    flood: list[asyncio.StreamWriter] = []
    try:
        async with running_relay(tmp_path / "relay", limits=limits) as relay:
            sockets = relay.relay.sockets
            async with users(relay.url, 2) as (alice, bob):
                before = sockets.connections_now()
                for number in range(FLOOD):
                    _, writer = await asyncio.open_connection("127.0.0.1", relay.port)
                    flood.append(writer)
                    writer.write(half[number % 3])  # silence, half a handshake, a socket that never authenticates
                    if number % (FLOOD // 5) == 0:
                        mid = alice.send(bob)
                        await until(lambda mid=mid: alice.told.has(mid, Progress.ACKED))  # type: ignore[misc]
                await until(lambda: relay.counters["unproven_cut"] >= FLOOD - FLOOD // 5)
                assert sockets.waiting_now() <= FLOOD // 5
                assert sockets.connections_now() <= before + FLOOD // 5
                relay.clock.advance(11)
                sockets.beat()
                relay.clock.advance(3)  # a socket that did not authenticate is told so, and then cut
                sockets.beat()
                await until(lambda: sockets.connections_now() <= before, "nothing of them is left")
                assert sockets.waiting_now() == 0
                mid = alice.send(bob)
                await until(lambda: alice.told.has(mid, Progress.ACKED))
            for writer in flood:
                writer.transport.abort()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_beyond_the_most_connections_new_ones_are_cut_and_old_ones_live(tmp_path: Path) -> None:
    async with running_relay(tmp_path / "relay", limits=replace(TEST_LIMITS, sockets=2)) as relay:
        async with connection(relay) as (reader, writer), connection(relay):
            writer.write(HANDSHAKE.format(path="/s", more="").encode())
            await reader.readuntil(b"\r\n\r\n")
            async with connection(relay) as (third, _):
                assert await everything(third) == b""
            frame = encode_frame(Ping(7))
            writer.write(bytes((0x82, 0x80 | len(frame))) + bytes(4) + frame)
            await reader.readuntil(encode_frame(Pong(7)))
        await until(lambda: relay.relay.sockets.connections_now() == 0)
        async with connection(relay) as (reader, writer):
            writer.write(HANDSHAKE.format(path="/s", more="").encode())
            await reader.readuntil(b"\r\n\r\n")


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for localhost by the machine's own openssl."""
    chain, key = folder / "chain.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(chain)],
        check=True, capture_output=True,
    )  # fmt: skip
    return chain, key


@asynccontextmanager
async def relay_with_tls(folder: Path) -> AsyncIterator[tuple[Relay, int, ssl.SSLContext]]:
    chain, key = certificate(folder)
    port = free_port("127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain, key)
    clock = RelayClock()
    relay = await Relay.open(
        folder / "relay", origins=(f"https://127.0.0.1:{port}",), limits=TEST_LIMITS, clock=clock, random=seeded(1)
    )
    listening = await Listening.start(relay, Address("127.0.0.1", port), admin=None, tls=context)
    try:
        yield relay, port, ssl.create_default_context(cafile=str(chain))
    finally:
        await relay.drain()
        await listening.stop()
        await relay.close()


async def test_it_is_the_same_behind_tls(tmp_path: Path) -> None:
    async with relay_with_tls(tmp_path) as (relay, port, trusted), aiohttp.ClientSession() as session:
        url = f"https://127.0.0.1:{port}"
        async with session.get(url + "/healthz", ssl=trusted) as answer:
            assert await answer.text() == "ok\n"
        async with session.ws_connect(url + "/s", protocols=(SUBPROTOCOL,), ssl=trusted) as websocket:
            assert isinstance(decode_frame((await websocket.receive(timeout=WAIT_S)).data), Hello)
            for size in (1, 60_000):
                await websocket.send_bytes(bytes(size))
                assert decode_frame((await websocket.receive(timeout=WAIT_S)).data) == Err("proto", 0, None)
            await websocket.send_bytes(encode_frame(Ping(1)))
            assert decode_frame((await websocket.receive(timeout=WAIT_S)).data) == Pong(1)
        await until(lambda: len(relay.sockets) == 0)


async def test_behind_a_proxy_addresses_are_the_proxys_word_and_without_one_they_are_not(tmp_path: Path) -> None:
    def asking(address: str) -> bytes:
        return HANDSHAKE.format(path="/s", more=f"X-Forwarded-For: 198.51.100.7, {address}\r\n").encode()

    limits = replace(TEST_LIMITS, sockets_per_address=1)
    for trusts_proxy, second in ((True, b"429"), (False, b"101")):
        async with running_relay(tmp_path / str(trusts_proxy), limits=limits, trusts_proxy=trusts_proxy) as relay:
            status: Callable[[bytes], bytes] = lambda answer: answer.split(b" ")[1]  # noqa: E731
            async with connection(relay) as (one, to_one), connection(relay) as (two, to_two):
                to_one.write(asking("203.0.113.9"))
                assert status(await one.readuntil(b"\r\n")) == b"101"
                to_two.write(asking("203.0.113.9"))
                assert status(await two.readuntil(b"\r\n")) == second
                async with connection(relay) as (three, to_three):
                    to_three.write(asking("203.0.113.10"))
                    assert status(await three.readuntil(b"\r\n")) == b"101"
