"""Durability ram: held messages touch no disk; HELLO says so; a restart is a new store epoch; rooms stay ordered."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from byre.client.connection import Granted, Progress
from byre.wire.frames import DURABILITY_DISK, DURABILITY_RAM
from byre.wire.ids import ClaimId
from tests.fakes.raw_socket import raw_socket
from tests.fakes.relay import TEST_LIMITS, running_relay
from tests.fakes.relay_user import until, users
from tests.protocol.test_relay_delivery import files_of, go_away, has_needle, settled_files
from tests.protocol.test_relay_heads import Room


async def test_held_messages_lie_in_memory_only(tmp_path: Path) -> None:
    async with running_relay(tmp_path / "relay", is_in_ram=True) as relay, users(relay.url, 2) as (alice, bob):
        await go_away(relay, bob)
        files, needle = await settled_files(relay), os.urandom(400)
        mids = [alice.send(bob, needle + number.to_bytes(2)) for number in range(50)]
        await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in mids))
        assert relay.counters["held_now"] == 50
        assert files_of(relay) == files
        assert not has_needle(relay, needle[:32])
        bob.attach()
        await until(lambda: bob.told.mids == mids)
        await until(lambda: relay.counters["held_now"] == 0)
        assert files_of(relay) == files


async def test_a_restart_is_a_new_store_epoch_and_loses_what_was_held(tmp_path: Path) -> None:
    async with running_relay(tmp_path / "relay", is_in_ram=True) as relay, users(relay.url, 2) as (alice, bob):
        async with raw_socket(relay.url, "/s") as socket:
            before = socket.hello
        assert before.durability == DURABILITY_RAM
        await go_away(relay, bob)
        mid = alice.send(bob)
        await until(lambda: alice.told.has(mid, Progress.STORED))
        await relay.restart()
        async with raw_socket(relay.url, "/s") as socket:
            assert socket.hello.store_epoch != before.store_epoch
            assert socket.hello.relay_id == before.relay_id
        assert relay.counters["held_now"] == 0


async def test_with_the_disk_the_store_epoch_stays(tmp_path: Path) -> None:
    async with running_relay(tmp_path / "relay") as relay:
        hellos = []
        for _ in range(2):
            async with raw_socket(relay.url, "/s") as socket:
                hellos.append((socket.hello.durability, socket.hello.store_epoch))
            await relay.restart()
        assert hellos[0] == hellos[1]
        assert hellos[0][0] == DURABILITY_DISK


async def test_messages_die_with_their_time_and_their_mailbox(tmp_path: Path) -> None:
    async with running_relay(tmp_path / "relay", is_in_ram=True) as relay, users(relay.url, 3) as (alice, bob, carol):
        for user in (bob, carol):
            await go_away(relay, user)
        short, long = alice.send(bob, ttl_s=60), alice.send(bob, ttl_s=10**6)
        gone = alice.send(carol)
        await until(lambda: relay.counters["held_now"] == 3)
        relay.clock.advance(61)
        assert 61 <= relay.counters["oldest_age_s"] < 75
        await relay.relay.expire()
        assert (relay.counters["held_now"], relay.counters["expired"]) == (2, 1)
        carol.attach()
        await until(lambda: carol.told.mids == [gone])
        await carol.relay.mailbox_delete(carol.mailbox)
        bob.attach()
        await until(lambda: bob.told.mids == [long])
        assert short not in bob.told.mids
        relay.clock.advance(72 * 3600)
        await relay.relay.expire()
        assert relay.counters["held_now"] == 0


async def test_nearly_full_memory_lets_live_messages_pass_only(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, held_ram_bytes=5000)
    async with (
        running_relay(tmp_path / "relay", limits=limits, is_in_ram=True) as relay,
        users(relay.url, 3) as (alice, bob, carol),
    ):
        await go_away(relay, bob)
        mids = [alice.send(bob, bytes(1000)) for _ in range(5)]
        await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in mids))
        over = alice.send(bob, bytes(1000))
        await until(lambda: alice.told.failures)
        assert alice.told.failures[0][:2] == (over, "busy")
        live = alice.send(carol, bytes(1000))
        await until(lambda: alice.told.has(live, Progress.ACKED))
        assert relay.counters["held_now"] == 5


async def test_a_process_that_nears_its_memory_passes_live_messages_only(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, memory_bytes=1)
    async with running_relay(tmp_path / "relay", limits=limits) as relay, users(relay.url, 3) as (alice, bob, carol):
        await go_away(relay, bob)
        away, live = alice.send(bob), alice.send(carol)
        await until(lambda: alice.told.has(live, Progress.ACKED) and alice.told.failures)
        assert alice.told.failures[0][:2] == (away, "busy")
        assert relay.counters["stored"] == 0


async def test_a_rooms_head_is_on_the_disk_all_the_same(tmp_path: Path) -> None:
    async with running_relay(tmp_path / "relay", is_in_ram=True) as relay, users(relay.url, 1) as (alice,):
        room = Room(alice.relay, await alice.relay.relay_id())
        await room.create()
        assert await room.claim(0, b"commit", claim_id=ClaimId(bytes(16))) == Granted(1)
        await relay.restart()
        await until(lambda: alice.relay.is_connected)
        assert await room.claim(0, b"commit", claim_id=ClaimId(bytes(16))) == Granted(1)
