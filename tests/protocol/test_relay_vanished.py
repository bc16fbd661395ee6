"""Peers that vanish without a word or read a byte now and then: the relay finds them, frees them, and loses nothing."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from byre.client.connection import Progress
from byre.crypto.hashes import sha256
from byre.identity.mailbox import MailboxKeys
from byre.relay import listening
from byre.relay.listening import Address, Listening
from byre.relay.main import free_port
from byre.wire.frames import Done, TokenPut
from tests.fakes.frame_proxy import FrameProxy
from tests.fakes.network_namespace import cable, unavailable
from tests.fakes.raw_socket import RawSocket, raw_socket
from tests.fakes.relay import TEST_LIMITS, RunningRelay, running_relay, seeded
from tests.fakes.relay_user import User, until
from tests.protocol.test_relay_bad_input import ID, attached
from tests.protocol.test_relay_time import TOKEN, cut, send, sockets_of, stop_reading


async def device(peer: RawSocket, url: str, seed: int = 4) -> MailboxKeys:
    """Attach a mailbox with a token over a raw socket."""
    keys = MailboxKeys.generate(seeded(seed))
    await attached(peer, keys, url)
    await peer.send(TokenPut(ID, keys.mailbox_id, ((sha256(TOKEN), 0),)))
    assert await peer.receive() == Done(ID)
    return keys


@asynccontextmanager
async def sender(url: str) -> AsyncIterator[User]:
    alice = User(url, 91)
    await alice.network.start()
    try:
        yield alice
    finally:
        await alice.network.stop()


async def comes_back(url: str, keys: MailboxKeys, mids: list[bytes]) -> None:
    """The device attaches anew and gets all of it in order."""
    again = User(url, 92)
    again.keys = keys
    await again.network.start()
    again.attach()
    await until(lambda: len(again.told.mids) == len(mids))
    assert again.told.mids == mids
    await again.network.stop()


async def pass_time(relay: RunningRelay, seconds: int, *, but: object) -> None:
    """Let the heartbeat run; everybody `but` one is heard every second."""
    for _ in range(seconds):
        relay.clock.advance(1)
        for each in relay.relay.sockets._open:
            each._is_heard = each._is_heard or each is not but
        relay.relay.sockets.beat()
        await asyncio.sleep(0)


async def test_a_peer_that_vanished_behind_a_proxy_is_found_within_fifty_five_seconds(tmp_path: Path) -> None:
    port = free_port("127.0.0.1")
    url = f"http://127.0.0.1:{port}"
    async with running_relay(tmp_path / "relay", origin=url) as relay:
        proxy = FrameProxy(port, relay.port, random.Random(1))
        await proxy.start()
        async with raw_socket(url, "/r") as gone:
            keys = await device(gone, url)
            proxy.hush()
            async with sender(url) as alice:
                mids = [send(alice, keys) for _ in range(5)]
                await until(lambda: all(alice.told.has(mid, Progress.RELAYED) for mid in mids))
                vanished = sockets_of(relay, keys)
                await pass_time(relay, 54, but=vanished)
                assert (relay.counters["dead_closed"], sockets_of(relay, keys)) == (0, vanished)
                await pass_time(relay, 3, but=vanished)
                await until(lambda: relay.counters["dead_closed"] == 1)
                await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in mids))
                assert sockets_of(relay, keys) is None
                assert vanished not in relay.relay.sockets._open
                await comes_back(url, keys, mids)
        await until(lambda: relay.relay.sockets.connections_now() == 0, "everything is freed")
        await proxy.stop()


@pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there is one")
async def test_a_peer_whose_cable_was_pulled_is_found_by_the_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "UNACKNOWLEDGED_MS", 400)  # of thirty seconds: the test waits for real
    with cable() as laid:
        port = free_port(laid.near)
        async with running_relay(tmp_path / "relay") as relay:
            outside = await Listening.start(relay.relay, Address(laid.near, port), admin=None, tls=None)
            connector = aiohttp.TCPConnector(socket_factory=lambda _: laid.far_socket())
            async with raw_socket(f"http://{laid.near}:{port}", "/r", connector) as gone:
                keys = await device(gone, relay.url)
                async with sender(relay.url) as alice:
                    first = send(alice, keys)
                    assert (await gone.receive()).mid == first  # type: ignore[union-attr]
                    laid.pull()
                    mids = [first, *(send(alice, keys) for _ in range(5))]
                    await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in mids), "given up")
                    assert sockets_of(relay, keys) is None
                    assert relay.counters["dead_closed"] == 0  # no heartbeat was needed
                    await comes_back(relay.url, keys, mids)
                cut(gone)
            await outside.stop()


async def test_who_reads_a_byte_a_second_delays_nobody_and_is_cut_by_the_heartbeat(tmp_path: Path) -> None:
    async with running_relay(tmp_path / "relay") as relay, raw_socket(relay.url, "/r") as slow:
        keys = await device(slow, relay.url)
        tap = tap_of(slow)
        bob = User(relay.url, 93)
        await bob.network.start()
        await bob.register()
        async with sender(relay.url) as alice:
            mids = [send(alice, keys, body=bytes(16_384)) for _ in range(31)]
            mids.append(send(alice, keys, body=bytes(16)))
            await until(lambda: all(alice.told.has(mid, Progress.RELAYED) for mid in mids))
            reader = sockets_of(relay, keys)
            for second in range(57):
                assert len(tap.recv(1)) == 1
                await pass_time(relay, 1, but=reader)
                if second % 10 == 0:
                    mid = alice.send(bob)
                    await until(lambda mid=mid: alice.told.has(mid, Progress.ACKED))  # type: ignore[misc]
            await until(lambda: sockets_of(relay, keys) is None, "it was cut")
            await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in mids))
            await comes_back(relay.url, keys, mids)
        await bob.network.stop()
        cut(slow)


async def test_who_reads_a_byte_a_second_but_goes_on_talking_is_closed_at_the_bound(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, unread_bytes=20_000)
    async with running_relay(tmp_path / "relay", limits=limits) as relay, raw_socket(relay.url, "/s") as slow:
        (reader,) = relay.relay.sockets._open
        reader._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        tap = tap_of(slow)
        tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for number in range(20_000):
            if relay.counters["slow_closed"]:
                break
            await slow.websocket.ping(bytes(125))
            if number % 200 == 0:
                with suppress(BlockingIOError):
                    tap.recv(1)
                await pass_time(relay, 1, but=None)
        await until(lambda: relay.counters["slow_closed"] == 1)
        await pass_time(relay, 3, but=None)
        await until(lambda: len(relay.relay.sockets) == 0)
        cut(slow)


def tap_of(peer: RawSocket) -> socket.socket:
    """Stop a raw socket's reading; return what bytes can be read from one by one."""
    stop_reading(peer)
    found = peer.websocket._response.connection.transport.get_extra_info("socket")  # type: ignore[union-attr]
    assert found is not None
    kernel = found._sock
    assert isinstance(kernel, socket.socket)
    return kernel
