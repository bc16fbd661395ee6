"""Clocks and connections that stand still: half-open peers, suspend, short lives, an end of life on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from byre.client.connection import Progress
from byre.crypto.hashes import sha256
from byre.identity.mailbox import MailboxKeys
from byre.wire.frames import Ack, Acked, Credit, Done, Err, Msg, Relayed, Send, Stored, TokenPut
from tests.fakes.raw_socket import RawSocket, raw_socket
from tests.fakes.relay import RunningRelay, running_relay, seeded
from tests.fakes.relay_user import User, until, users
from tests.protocol.test_relay_bad_input import attached

TOKEN = b"t" * 32


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RunningRelay]:
    async with running_relay(tmp_path / "relay") as running:
        yield running


async def mailbox_of(socket: RawSocket, relay: RunningRelay) -> MailboxKeys:
    keys = MailboxKeys.generate(seeded(4))
    await attached(socket, keys, relay.url)
    await socket.send(TokenPut(bytes(16), keys.mailbox_id, ((sha256(TOKEN), 0),)))
    assert await socket.receive() == Done(bytes(16))
    return keys


def send(alice: User, keys: MailboxKeys, *, ttl_s: int = 0, body: bytes = b"sealed") -> bytes:
    mid = alice.random(16)
    alice.relay.send(mid=mid, mailbox=keys.mailbox_id, token=TOKEN, ttl_s=ttl_s, body=body)
    return mid


async def test_a_frozen_peer_is_given_up_within_fifty_five_seconds_and_nothing_is_lost(relay: RunningRelay) -> None:
    async with users(relay.url, 1) as (alice,), raw_socket(relay.url, "/r") as frozen:
        keys = await mailbox_of(frozen, relay)
        stop_reading(frozen)  # a machine that froze
        mids = [send(alice, keys) for _ in range(5)]
        await until(lambda: all(alice.told.has(mid, Progress.RELAYED) for mid in mids))
        sockets = relay.relay.sockets
        sockets.beat()
        for _ in range(11):
            relay.clock.advance(5)
            sockets.beat()
            for user_socket in sockets._open:  # the others are alive: their pongs need no real time here
                if user_socket is not sockets_of(relay, keys):
                    user_socket._is_heard = True
            await asyncio.sleep(0)
        await until(lambda: relay.counters["dead_closed"] == 1)
        await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in mids))
        assert relay.counters["held_now"] == 5
        again = User(relay.url, 5)
        again.keys = keys
        await again.network.start()
        again.attach()
        await until(lambda: again.told.mids == mids)
        await again.network.stop()
        cut(frozen)


def stop_reading(socket: RawSocket) -> None:
    socket.websocket._response.connection.transport.pause_reading()  # type: ignore[union-attr]


def cut(socket: RawSocket) -> None:
    if socket.websocket._response.connection is not None:
        socket.websocket._response.connection.transport.abort()  # type: ignore[union-attr]


def sockets_of(relay: RunningRelay, keys: MailboxKeys) -> object:
    lane = relay.relay.services.mailboxes.cached(keys.mailbox_id)
    return lane.socket if lane is not None else None


async def test_a_message_that_lives_a_second_is_gone_after_it(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        bob.detach()
        await until(lambda: sockets_of(relay, bob.keys) is None)
        mid = alice.send(bob, ttl_s=1)
        await until(lambda: alice.told.has(mid, Progress.STORED))
        relay.clock.advance(1.1)
        bob.attach()
        later = alice.send(bob)
        await until(lambda: later in bob.told.mids)
        assert bob.told.mids == [later]
        await relay.relay.expire()
        assert relay.counters["held_now"] == 0


async def test_what_is_sent_again_after_its_end_is_a_new_message_behind_the_others(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob), raw_socket(relay.url, "/s") as again:
        bob.detach()
        await until(lambda: sockets_of(relay, bob.keys) is None)
        short = alice.send(bob, ttl_s=1)
        long = alice.send(bob)
        await until(lambda: alice.told.has(short, Progress.STORED) and alice.told.has(long, Progress.STORED))
        relay.clock.advance(2)
        await relay.relay.expire()
        await again.send(Send(short, bob.mailbox, bob.token, 0, 0, b"sealed"))  # its answer was lost
        assert isinstance(await again.receive(), Stored)
        bob.attach()
        await until(lambda: bob.told.mids == [long, short])


async def test_what_is_sent_again_between_its_end_and_its_erasure_is_told_to_wait(relay: RunningRelay) -> None:
    async with users(relay.url, 1) as (bob,), raw_socket(relay.url, "/s") as sender:
        bob.detach()
        await until(lambda: sockets_of(relay, bob.keys) is None)
        once = Send(b"m" * 16, bob.mailbox, bob.token, 1, 0, b"sealed")
        again = Send(once.mid, bob.mailbox, bob.token, 0, 0, b"sealed")
        await sender.send(once)
        assert isinstance(await sender.receive(), Stored)
        relay.clock.advance(2)
        await sender.send(again)
        assert await sender.receive() == Err("busy", 60_000, once.mid)  # not STORED: its row is about to go
        await relay.relay.expire()
        assert relay.counters["held_now"] == 0
        for _ in range(3):
            await sender.send(again)
            assert isinstance(await sender.receive(), Stored)
        assert relay.counters["held_now"] == 1
        bob.attach()
        await until(lambda: bob.told.mids == [once.mid] and relay.counters["held_now"] == 0)
        await sender.send(again)
        assert await sender.receive() == Acked(once.mid)
        assert bob.told.mids == [once.mid]


async def test_what_is_over_but_was_never_acknowledged_comes_again_when_it_is_sent_again(relay: RunningRelay) -> None:
    async with raw_socket(relay.url, "/s") as sender, raw_socket(relay.url, "/r") as receiver:
        keys = await mailbox_of(receiver, relay)
        short = Send(b"m" * 16, keys.mailbox_id, TOKEN, 22, 0, b"sealed")
        await sender.send(short)
        assert isinstance(first := await receiver.receive(), Msg)
        assert await sender.receive() == Relayed(short.mid)
        relay.clock.advance(23)
        relay.relay.services.delivery.tick()
        assert relay.relay.services.mailboxes.cached(keys.mailbox_id).entries == {}  # type: ignore[union-attr]
        await sender.send(short)
        assert isinstance(second := await receiver.receive(), Msg)
        assert (first.mid, second.mid, second.seq) == (short.mid, short.mid, first.seq + 1)  # its reader shows it once
        assert await sender.receive() == Relayed(short.mid)


async def test_time_that_passes_while_the_machine_sleeps_counts(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        bob.detach()
        await until(lambda: sockets_of(relay, bob.keys) is None)
        short, long = alice.send(bob, ttl_s=3600), alice.send(bob, ttl_s=3 * 3600)
        await until(lambda: alice.told.has(short, Progress.STORED) and alice.told.has(long, Progress.STORED))
        relay.clock.advance(2 * 3600)  # suspended: the boot clock counts it, and so does the wall clock
        await relay.relay.expire()
        assert (relay.counters["expired"], relay.counters["clock_jumps"]) == (1, 0)
        bob.attach()
        await until(lambda: bob.told.mids == [long])


async def test_an_end_of_life_on_the_way_frees_the_window_and_harms_nothing(relay: RunningRelay) -> None:
    async with users(relay.url, 1) as (alice,):
        async with raw_socket(relay.url, "/r") as first:
            keys = await mailbox_of(first, relay)
        await until(lambda: sockets_of(relay, keys) is None)
        mids = [send(alice, keys, ttl_s=60) for _ in range(3)]
        await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in mids))
        async with raw_socket(relay.url, "/r") as socket:
            given = await attached(socket, keys, relay.url, messages=3)
            assert [frame.mid for frame in given] == mids
            relay.clock.advance(61)
            await relay.relay.expire()
            assert (relay.counters["expired"], relay.counters["held_now"]) == (3, 0)
            receiver = sockets_of(relay, keys)
            assert (receiver.unsettled_frames, receiver.unsettled_bytes) == (0, 0)  # type: ignore[attr-defined]
            await socket.send(Ack(keys.mailbox_id, tuple(mids)))  # too late, and fine
            fresh = send(alice, keys)
            message = await socket.receive()
            assert isinstance(message, Msg)
            assert message.mid == fresh


async def test_what_nobody_acknowledges_goes_to_the_disk_and_comes_again_in_order(relay: RunningRelay) -> None:
    async with users(relay.url, 1) as (alice,):
        async with raw_socket(relay.url, "/r") as never:
            keys = await mailbox_of(never, relay)
            mids = [send(alice, keys) for _ in range(100)]  # beyond the window of 64
            await until(lambda: sum(alice.told.has(mid, Progress.RELAYED) for mid in mids) == 64)
            relay.clock.advance(21)
            relay.relay.services.delivery.tick()
            await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in mids))
        again = User(relay.url, 5)
        again.keys = keys
        await again.network.start()
        again.attach()
        await until(lambda: len(again.told.mids) == 100)
        assert again.told.mids == mids
        await again.network.stop()


async def test_a_device_may_ask_for_a_larger_window_up_to_a_bound(relay: RunningRelay) -> None:
    async with users(relay.url, 1) as (alice,):
        async with raw_socket(relay.url, "/r") as first:
            keys = await mailbox_of(first, relay)
        await until(lambda: sockets_of(relay, keys) is None)
        mids = [send(alice, keys, body=b"") for _ in range(300)]
        await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in mids))
        async with raw_socket(relay.url, "/r") as socket:
            given = await attached(socket, keys, relay.url, messages=64)
            await socket.send(Credit(10_000, 512 * 1024))
            given += [frame for _ in range(192) if isinstance(frame := await socket.receive(), Msg)]
            assert [frame.mid for frame in given] == mids[:256]
            assert sockets_of(relay, keys).unsettled_frames == 256  # type: ignore[attr-defined]
            await socket.send(Ack(keys.mailbox_id, tuple(mids[:100])))
            more = [frame for _ in range(44) if isinstance(frame := await socket.receive(), Msg)]
            assert [frame.mid for frame in more] == mids[256:]


async def test_a_reader_that_stalls_delays_nobody(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob), raw_socket(relay.url, "/r") as slow:
        keys = await mailbox_of(slow, relay)
        stop_reading(slow)
        loop = asyncio.get_running_loop()
        latencies = []
        for _ in range(150):
            send(alice, keys, body=bytes(16_384))
            started = loop.time()
            mid = alice.send(bob)
            await until(lambda mid=mid: mid in bob.told.mids[-1:])  # type: ignore[misc]
            latencies.append(loop.time() - started)
        assert sorted(latencies)[147] < 0.5  # generous on a shared machine; a stall would be seconds
        assert relay.counters["slow_closed"] == 0  # the window holds it back long before
        cut(slow)
