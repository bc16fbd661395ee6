"""Messages between two devices through a real relay: live without a trace on disk, held, erased, in order, once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from byre.client.connection import Progress
from tests.fakes.relay import TEST_LIMITS, RunningRelay, running_relay
from tests.fakes.relay_examiner import readable
from tests.fakes.relay_user import User, until, users


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RunningRelay]:
    async with running_relay(tmp_path / "relay") as running:
        yield running


def files_of(relay: RunningRelay) -> dict[str, tuple[int, int]]:
    return {path.name: (path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(relay.path.iterdir())}


async def settled_files(relay: RunningRelay) -> dict[str, tuple[int, int]]:
    """The files once the log that every start truncates is truncated: from here on none changes by itself."""
    durable = relay.relay._durable  # type: ignore[union-attr]
    await until(lambda: not durable._has_residue, "the start's checkpoint")
    await durable.read(lambda connection: None)  # behind it in the same queue
    return files_of(relay)


def has_needle(relay: RunningRelay, needle: bytes) -> bool:
    """Look for the beginning of a body in all files, as an examiner who has the keys."""
    return bool(readable(relay.path, [needle]))


async def go_away(relay: RunningRelay, user: User) -> None:
    user.detach()
    await until(lambda: relay.relay.services.mailboxes.cached(user.mailbox).socket is None, "detached")  # type: ignore[union-attr]


async def test_a_live_message_passes_and_leaves_no_trace_on_disk(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        first = alice.send(bob)
        await until(lambda: alice.told.has(first, Progress.ACKED))
        files, needle = await settled_files(relay), os.urandom(400)
        mids = [alice.send(bob, needle + number.to_bytes(2)) for number in range(200)]
        await until(lambda: all(alice.told.has(mid, Progress.ACKED) for mid in mids))
        assert bob.told.mids == [first, *mids]
        assert files_of(relay) == files
        assert not has_needle(relay, needle[:32])
        counted = relay.counters
        assert (counted["accepted"], counted["live"], counted["stored"], counted["acked"]) == (201, 201, 0, 201)


async def test_a_held_message_waits_on_disk_and_is_erased_when_acknowledged(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        await go_away(relay, bob)
        needle = os.urandom(400)
        mids = [alice.send(bob, needle + number.to_bytes(2)) for number in range(50)]
        await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in mids))
        assert has_needle(relay, needle[:32])
        assert relay.counters["held_now"] == 50
        bob.attach()
        await until(lambda: relay.counters["acked"] == 50 and relay.counters["held_now"] == 0)
        assert bob.told.mids == mids
        await until(lambda: relay.counters["checkpoints"] > 0)
        assert not has_needle(relay, needle[:32])


async def test_what_is_held_survives_a_restart_in_order(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        await go_away(relay, bob)
        mids = [alice.send(bob) for _ in range(20)]
        await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in mids))
        await relay.restart()
        bob.attach()
        later = alice.send(bob)
        await until(lambda: len(bob.told.envelopes) == 21)
        assert bob.told.mids == [*mids, later]


async def test_live_messages_that_nobody_acknowledged_survive_a_drain(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        never = asyncio.Event()

        async def wait(mid: bytes) -> None:
            await never.wait()

        bob.told.take = wait  # type: ignore[method-assign]
        mids = [alice.send(bob) for _ in range(10)]
        await until(lambda: all(alice.told.has(mid, Progress.RELAYED) for mid in mids))
        await relay.stop()
        assert relay.counters["spill"] == 10
        await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in mids))
        await bob.network.stop()
        await relay.start_again()
        again = User(relay.url, 5)
        again.keys = bob.keys
        await again.network.start()
        again.attach()
        await until(lambda: len(again.told.envelopes) == 10)
        assert again.told.mids == mids
        await again.network.stop()


async def test_a_message_dies_with_its_time_to_live(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        await go_away(relay, bob)
        needle = os.urandom(400)
        short, long = alice.send(bob, needle + b"1", ttl_s=60), alice.send(bob, needle + b"2", ttl_s=10**6)
        await until(lambda: alice.told.has(short, Progress.STORED) and alice.told.has(long, Progress.STORED))
        relay.clock.advance(61)
        await relay.relay.expire()
        assert relay.counters["expired"] == 1
        bob.attach()
        await until(lambda: bob.told.envelopes)
        assert bob.told.mids == [long]


async def test_nothing_lives_for_more_than_seventy_two_hours(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        await go_away(relay, bob)
        needle = os.urandom(400)
        mids = [alice.send(bob, needle, ttl_s=10**9) for _ in range(5)]
        await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in mids))
        relay.clock.advance(72 * 3600 + 60)
        await relay.relay.expire()
        assert relay.counters["held_now"] == 0
        assert not has_needle(relay, needle[:32])
        assert list(relay.path.glob("held-*")) == []  # file and key are gone with the last row


async def test_a_wall_clock_that_jumps_expires_nothing(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        await go_away(relay, bob)
        mid = alice.send(bob)
        await until(lambda: alice.told.has(mid, Progress.STORED))
        relay.clock.break_wall(73 * 3600)
        await relay.relay.expire()
        relay.clock.break_wall(-200 * 3600)
        await relay.relay.expire()
        assert (relay.counters["expired"], relay.counters["held_now"]) == (0, 1)
        assert relay.counters["clock_jumps"] > 0


async def test_a_repeated_send_is_one_message_in_every_state(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        await go_away(relay, bob)
        mid = alice.send(bob)

        def again() -> None:
            alice.told.progress.clear()
            alice.relay.send(mid=mid, mailbox=bob.mailbox, token=bob.token, ttl_s=0, body=b"sealed")

        await until(lambda: alice.told.has(mid, Progress.STORED))
        for _ in range(20):
            again()
            await until(lambda: alice.told.has(mid, Progress.STORED))
        await relay.restart()
        again()
        await until(lambda: alice.told.has(mid, Progress.STORED))
        bob.attach()
        await until(lambda: bob.told.envelopes)
        await until(lambda: relay.counters["acked"] == 1)
        again()
        await until(lambda: alice.told.has(mid, Progress.ACKED))
        assert bob.told.mids == [mid]
        assert relay.counters["dup"] == 2  # since the restart


async def test_a_revoked_token_sends_no_more(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        first = alice.send(bob)
        await until(lambda: alice.told.has(first, Progress.ACKED))
        await bob.relay.token_delete(bob.mailbox, [bob.token])
        second = alice.send(bob)
        await until(lambda: alice.told.failures)
        assert alice.told.failures == [(second, "token", 0)]


async def test_a_token_dies_at_its_date_also_over_a_restart(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        await bob.relay.token_delete(bob.mailbox, [bob.token], after_s=72 * 3600)
        alive = alice.send(bob)
        await until(lambda: alice.told.has(alive, Progress.ACKED))
        await relay.restart()
        relay.clock.advance(72 * 3600 + 1)
        await until(lambda: bob.relay.is_connected and alice.relay.is_connected)
        dead = alice.send(bob)
        await until(lambda: alice.told.failures)
        assert alice.told.failures == [(dead, "token", 0)]
        await relay.relay.expire()


async def test_a_full_mailbox_refuses_and_later_takes(tmp_path: Path) -> None:
    async with (
        running_relay(tmp_path / "relay", limits=replace(TEST_LIMITS, held_messages=3)) as relay,
        users(relay.url, 2) as (alice, bob),
    ):
        await go_away(relay, bob)
        mids = [alice.send(bob) for _ in range(4)]
        await until(lambda: alice.told.failures)
        assert alice.told.failures[0][:2] == (mids[3], "quota")
        assert alice.told.failures[0][2] > 0
        await until(lambda: relay.counters["held_now"] == 3)


async def test_the_newest_attachment_wins_and_no_message_is_lost(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        other = User(relay.url, 77)
        other.keys = bob.keys
        await other.network.start()
        other.attach()
        await until(lambda: relay.counters["replaced"] == 1)
        mid = alice.send(bob)
        await until(lambda: alice.told.has(mid, Progress.ACKED))
        assert (bob.told.mids, other.told.mids) == ([], [mid])
        await other.network.stop()


async def test_a_device_that_cannot_take_an_envelope_gets_it_again(
    relay: RunningRelay, caplog: pytest.LogCaptureFixture
) -> None:
    async with users(relay.url, 2) as (alice, bob):
        tries = []

        async def fail_once(mid: bytes) -> None:
            tries.append(mid)
            if len(tries) == 1:
                raise OSError("disk full")

        bob.told.take = fail_once  # type: ignore[method-assign]
        mid = alice.send(bob)
        await until(lambda: bob.told.mids == [mid])
        assert tries == [mid, mid]
        assert "disk full" not in caplog.text
        await until(lambda: relay.counters["acked"] == 1)


test_a_device_that_cannot_take_an_envelope_gets_it_again = pytest.mark.logs_errors(
    test_a_device_that_cannot_take_an_envelope_gets_it_again
)


async def test_live_only_messages_are_dropped_when_nobody_is_there(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        there = alice.send(bob, is_live_only=True)
        await until(lambda: alice.told.has(there, Progress.RELAYED) and bob.told.envelopes)
        await go_away(relay, bob)
        away = alice.send(bob, is_live_only=True)
        await until(lambda: alice.told.failures)
        assert alice.told.failures == [(away, "absent", 0)]
        assert relay.counters["stored"] == 0


async def test_a_slow_device_delays_nobody_and_its_messages_spill_in_order(relay: RunningRelay) -> None:
    async with users(relay.url, 3) as (alice, slow, quick):
        gate = asyncio.Event()

        async def wait(mid: bytes) -> None:
            await gate.wait()

        slow.told.take = wait  # type: ignore[method-assign]
        to_slow: list[bytes] = []
        latencies: list[float] = []
        loop = asyncio.get_running_loop()
        for _ in range(300):
            to_slow.append(alice.send(slow, bytes(512)))
            started = loop.time()
            mid = alice.send(quick)
            await until(arrived(quick, mid))
            latencies.append(loop.time() - started)
        assert sorted(latencies)[290] < 0.25  # generous on a shared machine; a stall would be seconds
        await until(lambda: relay.counters["spill"] == 300)
        gate.set()
        await until(lambda: len(slow.told.envelopes) == 300)
        assert slow.told.mids == to_slow


def arrived(user: User, mid: bytes) -> Callable[[], bool]:
    return lambda: mid in user.told.mids[-1:]
