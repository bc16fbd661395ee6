"""The operator's promises over all that a relay holds: nothing outlives its time or its readers, nothing is told.

The examiner has every key: each page of each database, write-ahead logs and free pages included, is decrypted and
searched, each blob file is opened with the key that its row had, and each file is searched as it is.
"""

from __future__ import annotations

import base64
import hashlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from byre.client.connection import Progress
from byre.identity.handle import Binding
from byre.identity.records import AccountRecord
from byre.relay.settings import Limits
from byre.wire.frames import TOKEN_INTRO, BlobMade
from byre.wire.ids import ClaimId
from byre.wire.relay_url import authority_of
from tests.fakes.blob_client import BlobClient, blob_client
from tests.fakes.identities import NOW_MS, Person
from tests.fakes.relay import RunningRelay, running_relay
from tests.fakes.relay_examiner import readable
from tests.fakes.relay_user import User, until, users
from tests.protocol.test_relay_delivery import go_away
from tests.protocol.test_relay_heads import Room
from tests.protocol.test_relay_killed import HastyClock, relay_process
from tests.protocol.test_relay_records import device_record

NEEDLE = bytes(range(64, 112))
"""Stands in every body that is left with the relay; no compression, no encoding could hide it."""


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RunningRelay]:
    async with running_relay(tmp_path / "relay") as running:
        yield running


def found_in(folder: Path, needle: bytes) -> bool:
    return bool(readable(folder, [needle]))


def deleted_files_open() -> set[str]:
    """Return what this process holds open that is in no folder any more: a temporary file would be here."""
    found: set[str] = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            target = os.readlink(entry)
        except OSError:
            continue
        if target.endswith("(deleted)") and "memfd" not in target:
            found.add(target)
    return found


async def uploaded(client: BlobClient, user: User, number: int, readers: int = 1) -> BlobMade:
    data = NEEDLE + number.to_bytes(100)
    made = await client.made(user.mailbox, user.token, len(data), readers=readers, ttl_s=10**9)
    await client.upload(made, data)
    return made


async def test_once_everybody_has_it_nothing_is_left_in_any_page_or_file(relay: RunningRelay) -> None:
    assert Limits().erase_delay_ms <= 200  # of the second that is promised
    open_before = deleted_files_open()  # the test runner's own
    async with users(relay.url, 2) as (alice, bob), blob_client(relay.url) as client:
        await bob.relay.key_packages_put(bob.mailbox, [NEEDLE + b"one"], last_resort=NEEDLE + b"last")
        await go_away(relay, bob)
        mids = [alice.send(bob, NEEDLE * 20 + number.to_bytes(2)) for number in range(100)]
        await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in mids))
        blob = await uploaded(client, bob, 1, readers=2)
        await alice.relay.rendezvous_put(bytes(16), 1, NEEDLE)
        assert found_in(relay.path, NEEDLE)
        bob.attach()
        await until(lambda: bob.told.mids == mids and relay.counters["held_now"] == 0)
        for capability in blob.read_capabilities:
            await client.finish(blob, capability)
        await bob.relay.mailbox_delete(bob.mailbox)
        relay.clock.advance(16 * 60)
        await relay.relay.expire()
        await until(lambda: not found_in(relay.path, NEEDLE), "nothing left")
        assert list(relay.path.glob("blobs/*")) == []
        assert deleted_files_open() == open_before
        for secret in (blob.write_capability, *blob.read_capabilities, blob.blob_id, bob.mailbox, bob.token):
            assert not found_in(relay.path, secret)
        assert not found_in(relay.path, hashlib.sha256(bob.token).digest())


async def test_at_seventy_two_hours_and_a_minute_no_message_commit_body_or_blob_is_left(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob), blob_client(relay.url) as client:
        await go_away(relay, bob)
        room = Room(alice.relay, await alice.relay.relay_id())
        await room.create()
        for part in range(3):  # over two spans of bucket files
            mids = [alice.send(bob, NEEDLE + bytes([part, number]), ttl_s=10**9) for number in range(5)]
            await until(lambda mids=mids: all(alice.told.has(mid, Progress.STORED) for mid in mids))  # type: ignore[misc]
            await room.claim(part, NEEDLE + b"commit", claim_id=ClaimId(bytes([part]) * 16))
            await uploaded(client, bob, part)
            relay.clock.advance(4 * 3600)
        assert len(list(relay.path.glob("held-*.db"))) >= 2
        assert (relay.counters["held_now"], relay.counters["bodies_now"], relay.counters["blobs_now"]) == (15, 3, 3)
        relay.clock.advance(60 * 3600 + 60)  # the first of them are over
        await relay.relay.expire()
        assert (relay.counters["held_now"], relay.counters["bodies_now"], relay.counters["blobs_now"]) == (10, 2, 2)
        relay.clock.advance(8 * 3600)
        await relay.relay.expire()
        assert (relay.counters["held_now"], relay.counters["bodies_now"], relay.counters["blobs_now"]) == (0, 0, 0)
        assert not found_in(relay.path, NEEDLE)
        assert list(relay.path.glob("held-*")) == []
        assert list(relay.path.glob("blobs/*")) == []
        report = await relay.relay.report()
        assert (report["ended_epochs"], report["blobs"], report["room_heads"]) == (0, 0, 1)


async def test_a_relay_that_was_away_for_days_erases_at_its_start(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob), blob_client(relay.url) as client:
        await go_away(relay, bob)
        mid = alice.send(bob, NEEDLE, ttl_s=10**9)
        await until(lambda: alice.told.has(mid, Progress.STORED))
        await uploaded(client, bob, 1)
        await relay.stop()
        assert found_in(relay.path, NEEDLE)
        relay.clock.advance(72 * 3600 + 60)
        await relay.start_again()
        await until(lambda: relay.counters["held_now"] == 0 and relay.counters["blobs_now"] == 0)
        await until(lambda: not found_in(relay.path, NEEDLE))
        assert list(relay.path.glob("held-*")) == []
        assert list(relay.path.glob("blobs/*")) == []


async def test_time_that_was_seen_is_not_forgotten_by_a_kill(relay: RunningRelay) -> None:
    """A wall clock that is wrong after a crash must not give what is held more time."""
    async with users(relay.url, 2) as (alice, bob):
        await go_away(relay, bob)
        mid = alice.send(bob, ttl_s=72 * 3600)
        await until(lambda: alice.told.has(mid, Progress.STORED))
        relay.clock.advance(60 * 3600)
        mid = alice.send(bob, ttl_s=3600)
        await until(lambda: alice.told.has(mid, Progress.STORED))
        await relay.relay.expire()  # once a minute
        noted = await relay.relay._durable.setting("last_seen_ms")
        assert abs(noted - relay.clock.wall_ms()) < 60_000


def spellings(value: bytes | str) -> set[bytes]:
    """Return the ways in which a value might be printed."""
    raw = value.encode() if isinstance(value, str) else value
    found = {raw, raw.hex().encode(), raw.hex().upper().encode(), base64.b64encode(raw), repr(raw)[2:-1].encode()}
    return found | {base64.urlsafe_b64encode(raw).rstrip(b"="), str(int.from_bytes(raw)).encode()}


async def test_a_busy_story_leaves_nothing_about_anyone_in_logs_and_metrics(tmp_path: Path) -> None:
    address = "203.0.113.77"
    person = Person("외양간")
    secrets: set[bytes | str] = {address, person.handle, person.account_id, person.key.public}
    flags = ("--admin", "127.0.0.1:0", "--trusted-proxy", "--limit-ping-s", "1")
    async with relay_process(tmp_path / "relay", *flags) as relay:
        assert relay.process is not None
        assert relay.process.stdout is not None
        line = await relay.process.stdout.readline()
        admin = line.decode().split()[-1]
        alice, bob, phone = (User(relay.url, 500 + number, HastyClock()) for number in range(3))
        phone.keys, phone.token = person.primary.mailbox, person.primary.token
        for user in (alice, bob, phone):
            await user.network.start()
            await user.register()
            secrets |= {user.mailbox, user.token, user.keys.auth_public, hashlib.sha256(user.token).digest()}
        try:
            record = _account(person, relay.url)
            await phone.relay.directory_put_account(record)
            await phone.relay.directory_put_device(phone.mailbox, device_record(person.primary, relay.url).encoded)
            secrets |= {record}
            await alice.relay.directory_get(handle=person.handle)
            await alice.relay.directory_get(handle="nobody", fetch_key=bytes(32))
            intro = alice.random(32)
            await bob.relay.token_put(bob.mailbox, [(intro, TOKEN_INTRO)])
            await bob.relay.key_packages_put(bob.mailbox, [b"package"])
            await alice.relay.key_packages_take(bob.mailbox, intro)
            mids = [alice.send(bob, NEEDLE) for _ in range(20)]
            await until(lambda: all(alice.told.has(mid, Progress.ACKED) for mid in mids))
            bob.detach()
            mids += [alice.send(bob, NEEDLE, ttl_s=1) for _ in range(5)]
            await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in mids[20:]))
            room = Room(alice.relay, await alice.relay.relay_id())
            await room.create()
            await room.claim(0, b"commit", claim_id=ClaimId(b"c" * 8 + b"laim id!"))
            await room.claim(0, b"another", claim_id=ClaimId(b"c" * 8 + b"laim id?"))
            meeting = alice.random(16)
            await alice.relay.rendezvous_put(meeting, 1, NEEDLE)
            async with blob_client(relay.url) as client:
                blob = await client.made(bob.mailbox, bob.token, 10)
                await client.upload(blob, b"0123456789")
                await client.get(blob)
                await client.finish(blob, blob.read_capabilities[0])
                secrets |= {blob.blob_id, blob.write_capability, blob.read_capabilities[0]}
            secrets |= {intro, meeting, room.tag, ClaimId(b"c" * 8 + b"laim id!"), *mids}
            for mid in mids:
                alice.relay.send(mid=mid, mailbox=bob.mailbox, token=bytes(32), ttl_s=0, body=NEEDLE)
            said = await _misbehave(relay.url, admin, address, person.handle)
        finally:
            for user in (alice, bob, phone):
                await user.network.stop()
        process = relay.process
        process.send_signal(signal.SIGTERM)
        output, errors = await process.communicate()
        relay.process = None
        everything_said = said + output + errors
        assert b"byre_relay_accepted_total" in said
        assert errors == b""
        for secret in secrets:
            for spelling in spellings(secret):
                assert len(spelling) < 5 or spelling not in everything_said, (secret, spelling)


def _account(person: Person, url: str) -> bytes:
    binding = Binding.issue(person.key, handle=person.handle, host=authority_of(url), now_ms=NOW_MS)
    return AccountRecord.issue(person.key, binding=binding, device_list=person.device_list, now_ms=NOW_MS).encoded


async def _misbehave(url: str, admin: str, address: str, handle: str) -> bytes:
    """Ask for what is wrong in every way that a log might quote; return all that the admin address says."""
    said = b""
    headers = {"X-Forwarded-For": address, "User-Agent": handle.encode().hex(), "Authorization": "Bearer " + "ab" * 32}
    async with aiohttp.ClientSession() as session:
        for method, path in [("GET", f"/{handle}"), ("POST", "/b"), ("PUT", "/b/" + "ab" * 16 + "/0"), ("GET", "/r")]:
            async with session.request(method, url + path, headers=headers, data=b"junk") as answer:
                await answer.read()
        async with session.ws_connect(url + "/s", headers=headers) as websocket:
            await websocket.receive()
            for _ in range(9):
                await websocket.send_bytes(handle.encode())
            while not websocket.closed:
                await websocket.receive()
        for path in ("/metrics", "/counters", "/report", "/readyz", "/healthz"):
            async with session.get(admin + path) as answer:
                said += await answer.read()
    return said
