"""Blobs over HTTP: made by token, written in any order, resumed, read by range, used up, erased; all wrong requests."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from byre.relay.key_file import KeyFile
from byre.wire.frames import BLOB_CHUNK_BYTES, TOKEN_INTRO, BlobNew, Err, encode_frame
from tests.fakes.blob_client import BlobClient, bearer, blob_client
from tests.fakes.relay import TEST_LIMITS, RunningRelay, running_relay
from tests.fakes.relay_user import User, until, users
from tests.fakes.sqlcipher_pages import plain_pages

MIB = BLOB_CHUNK_BYTES
REQ = b"q" * 16


@asynccontextmanager
async def scene(path: Path, **limits: int) -> AsyncIterator[tuple[RunningRelay, BlobClient, User]]:
    """A relay, a client of its blobs, and a user whose token makes them."""
    async with (
        running_relay(path / "relay", limits=replace(TEST_LIMITS, **limits)) as relay,
        blob_client(relay.url) as client,
        users(relay.url, 1) as (bob,),
    ):
        yield relay, client, bob


def blob_files(relay: RunningRelay) -> list[Path]:
    return sorted(relay.path.glob("blobs/*"))


async def test_a_blob_is_written_in_any_order_resumed_read_by_range_and_erased_when_all_have_it(tmp_path: Path) -> None:
    data = os.urandom(2 * MIB + 1000)
    async with scene(tmp_path) as (relay, client, bob):
        made = await client.made(bob.mailbox, bob.token, len(data), readers=2)
        assert (made.chunk_bytes, len(made.read_capabilities)) == (MIB, 2)
        assert (await client.put(made, 2, data[2 * MIB :])).status == 204
        assert (await client.state(made)).chunks == b"\x04"
        assert (await client.get(made)).refusal == (503, "busy")
        await relay.restart()  # an upload goes on where it was
        assert (await client.state(made)).chunks == b"\x04"
        for index in (1, 0):
            assert (await client.put(made, index, data[index * MIB : (index + 1) * MIB])).status == 204
        assert (await client.put(made, 1, data[MIB : 2 * MIB])).status == 204  # again: nothing to do
        assert (await client.put(made, 1, os.urandom(MIB))).refusal == (409, "taken")
        assert (await client.state(made)).chunks == b"\x07"
        for capability in made.read_capabilities:
            answer = await client.get(made, capability)
            assert (answer.status, answer.body) == (200, data)
        for wanted, first, last in [("0-0", 0, 0), (f"{MIB - 5}-{MIB + 4}", MIB - 5, MIB + 4), ("-10", -10, None)]:
            part = await client.get(made, Range=f"bytes={wanted}")
            assert part.status == 206
            assert part.body == data[first : len(data) if last is None else last + 1]
        rest = await client.get(made, Range=f"bytes={MIB}-")
        assert rest.body == data[MIB:]
        assert rest.headers["Content-Range"] == f"bytes {MIB}-{len(data) - 1}/{len(data)}"
        head = await client.request("HEAD", f"/b/{made.blob_id.hex()}", headers=bearer(made.read_capabilities[0]))
        assert (head.headers["Content-Length"], head.headers["Accept-Ranges"]) == (str(len(data)), "bytes")
        assert (await client.get(made, Range=f"bytes={len(data)}-")).status == 416
        assert len(blob_files(relay)) == 1
        assert (await client.finish(made, made.read_capabilities[0])).status == 204
        assert (await client.get(made, made.read_capabilities[0])).refusal == (404, "absent")
        assert (await client.get(made, made.read_capabilities[1])).status == 200
        assert (await client.finish(made, made.read_capabilities[1])).status == 204
        assert blob_files(relay) == []
        assert (relay.counters["blobs_now"], relay.counters["blob_bytes_now"]) == (0, 0)
        path, headers = f"/b/{made.blob_id.hex()}/state", bearer(made.write_capability)
        assert (await client.request("GET", path, headers=headers)).refusal == (404, "absent")


async def test_unknown_wrong_used_and_expired_are_one_answer(tmp_path: Path) -> None:
    async with scene(tmp_path) as (relay, client, bob):
        made = await client.made(bob.mailbox, bob.token, 10, readers=3)
        await client.upload(made, b"0123456789")
        await client.finish(made, made.read_capabilities[0])
        short = await client.made(bob.mailbox, bob.token, 11, ttl_s=60)
        await client.upload(short, b"01234567890")
        relay.clock.advance(61)
        unknown = replace(made, blob_id=bytes(16))
        wrong = replace(made, write_capability=bytes(32), read_capabilities=(bytes(32),))
        crossed = replace(  # each capability in the other's place
            made, write_capability=made.read_capabilities[1], read_capabilities=(made.write_capability,)
        )
        answers = set()
        for blob in (unknown, wrong, made, crossed, short):
            for answer in (
                await client.get(blob),
                await client.finish(blob, blob.read_capabilities[0] if blob is not crossed else bytes(32)),
                *([await client.put(blob, 0, b"0123456789")] if blob is not made else []),
            ):
                headers = tuple(sorted((name, value) for name, value in answer.headers.items() if name != "Date"))
                answers.add((answer.status, headers, answer.body))
        assert len(answers) == 1
        ((status, _, body),) = answers
        assert (status, body) == (404, encode_frame(Err("absent", 0, None)))


async def test_only_a_token_that_may_send_makes_a_blob_and_refusals_are_one_answer(tmp_path: Path) -> None:
    async with scene(tmp_path) as (relay, client, bob):
        intro = bob.random(32)
        await bob.relay.token_put(bob.mailbox, [(intro, TOKEN_INTRO)])
        answers = set()
        for mailbox, token in [(bob.mailbox, bytes(32)), (bytes(16), bob.token), (bob.mailbox, intro)]:
            answer = await client.create(BlobNew(REQ, mailbox, token, 10, 0, 1))
            answers.add((answer.status, answer.body))
        assert answers == {(403, encode_frame(Err("token", 0, None)))}
        first = await client.create(BlobNew(REQ, bob.mailbox, bob.token, 10, 0, 2))
        again = await client.create(BlobNew(REQ, bob.mailbox, bob.token, 10, 0, 2))
        assert first.body == again.body  # a lost answer costs nothing
        assert relay.counters["blobs_now"] == 1
        await bob.relay.token_delete(bob.mailbox, [bob.token])
        late = await client.create(BlobNew(b"r" * 16, bob.mailbox, bob.token, 10, 0, 1))
        assert late.refusal == (403, "token")


async def test_a_withdrawn_blob_is_gone(tmp_path: Path) -> None:
    async with scene(tmp_path) as (relay, client, bob):
        made = await client.made(bob.mailbox, bob.token, 10)
        await client.upload(made, b"0123456789")
        assert (await client.finish(made, made.write_capability)).status == 204
        assert (await client.get(made)).refusal == (404, "absent")
        assert blob_files(relay) == []


async def test_nothing_of_a_blob_outlives_seventy_two_hours_or_its_last_reader(tmp_path: Path) -> None:
    needle = os.urandom(64)
    async with scene(tmp_path) as (relay, client, bob):
        blobs = []
        for size, ttl_s in ((4096, 10**9), (5000, 0), (6000, 3600)):
            made = await client.made(bob.mailbox, bob.token, size, ttl_s=ttl_s)
            await client.upload(made, needle * (size // 64) + bytes(size % 64))
            blobs.append(made)
        keys = KeyFile.restore(relay.path / "relay.keys", (relay.path / "relay.keys").read_bytes())
        assert not any(needle in path.read_bytes() for path in relay.path.rglob("*") if path.is_file())
        kept = {path.name: path.read_bytes() for path in blob_files(relay)}
        rows = await relay.relay.services.blobs._durable.read(  # the examiner's copy of the keys
            lambda connection: connection.execute(
                "SELECT blob_id, key FROM blob JOIN key_slot ON key_slot.id = slot"
            ).fetchall()
        )
        assert {blob_id.hex() for blob_id, _ in rows} == kept.keys()
        await client.finish(blobs[2], blobs[2].read_capabilities[0])
        for hours, left in ((47, 2), (2, 1), (23 + 1 / 60, 0)):
            relay.clock.advance(hours * 3600)
            await relay.relay.expire()
            expected = {0: set(), 1: {blobs[0].blob_id.hex()}, 2: {blob.blob_id.hex() for blob in blobs[:2]}}[left]
            assert {path.name for path in blob_files(relay)} == expected, hours
        await until(lambda: (relay.path / "relay.db-wal").stat().st_size == 0)
        pages = b"".join(plain_pages(relay.path / "relay.db", keys.durable.reveal()))
        for _, file_key in rows:  # without its key a copy of the file is noise
            assert file_key not in pages


async def test_an_upload_that_nobody_goes_on_with_is_dropped(tmp_path: Path) -> None:
    async with scene(tmp_path) as (relay, client, bob):
        left, done = [await client.made(bob.mailbox, bob.token, size, ttl_s=10**6) for size in (2 * MIB, 10)]
        await client.put(left, 0, bytes(MIB))
        await client.upload(done, b"0123456789")
        relay.clock.advance(24 * 3600 - 60)
        await relay.relay.expire()
        assert relay.counters["blobs_now"] == 2
        relay.clock.advance(120)
        await relay.relay.expire()
        assert [path.name for path in blob_files(relay)] == [done.blob_id.hex()]
        assert relay.counters["blobs_expired"] == 1


async def test_what_a_crash_leaves_is_found_at_start(tmp_path: Path) -> None:
    async with scene(tmp_path) as (relay, client, bob):
        whole, short, gone = [await client.made(bob.mailbox, bob.token, size) for size in (10, 20, 30)]
        for made, size in ((whole, 10), (short, 20), (gone, 30)):
            await client.upload(made, bytes(size))
        await relay.stop()
        folder = relay.path / "blobs"
        (folder / bytes(16).hex()).write_bytes(b"no row")
        (folder / "stray.tmp").write_bytes(b"no blob")
        os.truncate(folder / short.blob_id.hex(), 30)
        (folder / gone.blob_id.hex()).unlink()
        await relay.start_again()
        assert [path.name for path in blob_files(relay)] == [whole.blob_id.hex()]
        assert relay.counters["blobs_now"] == 1
        assert (await client.get(whole)).body == bytes(10)
        assert (await client.get(short)).refusal == (404, "absent")


async def test_limits_are_per_token_and_relay_and_said_with_a_time(tmp_path: Path) -> None:
    async with scene(tmp_path, blob_bytes_per_token_day=3 * MIB, blobs_bytes=4 * MIB, blob_readers=2) as (
        _,
        client,
        bob,
    ):
        sizes = [(MIB, 1, 201), (3 * MIB, 1, 429), (200 * MIB, 1, 413), (10, 3, 413), (10, 1, 201), (MIB, 1, 201)]
        for number, (size, readers, status) in enumerate(sizes):
            answer = await client.create(BlobNew(number.to_bytes(16), bob.mailbox, bob.token, size, 0, readers))
            assert answer.status == status, number
        full = await client.create(BlobNew(REQ, bob.mailbox, bob.token, 1, 0, 1))
        assert full.refusal == (429, "quota")
        assert int(full.headers["Retry-After"]) > 3600
        second = bob.random(32)
        await bob.relay.token_put(bob.mailbox, [(second, 0)])
        assert (await client.create(BlobNew(REQ, bob.mailbox, second, 2 * MIB, 0, 1))).refusal == (503, "busy")


async def test_one_token_that_uses_up_its_quota_takes_nothing_from_another(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, blob_bytes_per_token_day=2 * MIB)
    async with (
        running_relay(tmp_path / "relay", limits=limits) as relay,
        blob_client(relay.url) as client,
        users(relay.url, 2) as (bob, eve),
    ):
        for number in range(4):
            answer = await client.create(BlobNew(number.to_bytes(16), eve.mailbox, eve.token, MIB, 0, 1))
            assert answer.status == (201 if number < 2 else 429)
        made = await client.made(bob.mailbox, bob.token, 10)
        await client.upload(made, bytes(10))
        assert (await client.get(made)).status == 200
        mid = eve.send(bob)
        await until(lambda: bob.told.mids == [mid])
        relay.clock.advance(12 * 3600)
        answer = await client.create(BlobNew(REQ, eve.mailbox, eve.token, MIB, 0, 1))
        assert answer.status == 201  # half a day, half the quota


async def test_a_full_disk_takes_no_blob_and_no_chunk(tmp_path: Path) -> None:
    async with scene(tmp_path) as (relay, client, bob):
        made = await client.made(bob.mailbox, bob.token, 10)
        limits = replace(TEST_LIMITS, free_disk_new_percent=101, free_disk_store_percent=101)
        relay.relay.services.blobs._limits = limits
        assert (await client.create(BlobNew(REQ, bob.mailbox, bob.token, 9, 0, 1))).refusal == (507, "disk")
        assert (await client.put(made, 0, bytes(10))).refusal == (507, "disk")
        relay.relay.services.blobs._limits = TEST_LIMITS
        folder = relay.path / "blobs"
        folder.write_bytes(b"")  # every write fails now
        assert (await client.put(made, 0, bytes(10))).refusal == (507, "disk")
        folder.unlink()
        assert (await client.put(made, 0, bytes(10))).status == 204
        assert (await client.get(made)).body == bytes(10)


async def test_addresses_have_limits_of_their_own(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, requests_burst=4, requests_per_s=0, blob_bytes_per_address_day=MIB)
    async with (
        running_relay(tmp_path / "relay", limits=limits, trusts_proxy=True) as relay,
        blob_client(relay.url) as client,
        users(relay.url, 1) as (bob,),
    ):
        here, there = {"X-Forwarded-For": "203.0.113.9"}, {"X-Forwarded-For": "203.0.113.10"}
        codes = []
        for number, headers in enumerate([here, here, there, here, here, here]):
            body = encode_frame(BlobNew(number.to_bytes(16), bob.mailbox, bob.token, 1, 0, 1))
            codes.append((await client.request("POST", "/b", body=body, headers=headers)).status)
        assert codes == [201, 429, 201, 429, 429, 429]
        assert relay.counters["rate_fail"] == 1


async def test_only_so_many_transfers_run_at_once(tmp_path: Path) -> None:
    async with scene(tmp_path, blob_transfers=1) as (relay, client, bob):
        first, second = [await client.made(bob.mailbox, bob.token, size) for size in (MIB, 10)]
        gate = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield bytes(1000)
            await gate.wait()
            yield bytes(MIB - 1000)

        headers = {
            **bearer(first.write_capability),
            "Byre-SHA-256": hashlib.sha256(bytes(MIB)).hexdigest(),
        }
        upload = asyncio.ensure_future(
            client.request("PUT", f"/b/{first.blob_id.hex()}/0", body=slow(), headers=headers)
        )
        await until(lambda: relay.counters["blob_transfers_now"] == 1)
        assert (await client.put(second, 0, bytes(10))).refusal == (503, "busy")
        gate.set()
        assert (await upload).status == 204
        assert (await client.put(second, 0, bytes(10))).status == 204
        assert relay.counters["blob_transfers_now"] == 0


async def test_a_draining_relay_begins_no_transfer(tmp_path: Path) -> None:
    async with scene(tmp_path) as (relay, client, bob):
        made = await client.made(bob.mailbox, bob.token, 10)
        await relay.relay.drain()
        assert (await client.put(made, 0, bytes(10))).refusal == (503, "busy")
