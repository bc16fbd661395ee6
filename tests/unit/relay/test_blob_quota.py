"""What a token may still leave behind is known again after a restart, and no file says whose a blob is."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from byre.relay.lane import Lane
from byre.relay.refusal import Refusal
from byre.wire.frames import BLOB_CHUNK_BYTES, BlobMade, BlobNew
from tests.fakes.relay import TEST_LIMITS, RelayClock
from tests.fakes.relay_examiner import pages_and_files
from tests.unit.relay.test_blobs import MAILBOX, TOKEN, Scene

OTHER = b"o" * 32
MIB = BLOB_CHUNK_BYTES
DAY_S = 24 * 3600


class Ordered:
    """Requests for blobs of tokens that count as registered."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._number = 0
        hashes = [hashlib.sha256(token).digest() for token in (TOKEN, OTHER)]
        lane = Lane(MAILBOX, bytes(32), dict.fromkeys(hashes, (0, None)))

        async def lane_of(mailbox: bytes) -> Lane:
            return lane

        scene.blobs._lane_of = lane_of
        scene.blobs._limits = replace(TEST_LIMITS, blob_bytes_per_token_day=4 * MIB)
        scene.blobs._by_token._per_day = 4 * MIB

    async def blob(self, size_bytes: int, token: bytes = TOKEN) -> BlobMade:
        self._number += 1
        request = BlobNew(self._scene.blobs._random(16), MAILBOX, token, size_bytes, 0, 1)
        return await self._scene.blobs.create(request, None)

    async def refusal(self, size_bytes: int, token: bytes = TOKEN) -> Refusal:
        with pytest.raises(Refusal) as caught:
            await self.blob(size_bytes, token)
        return caught.value


@asynccontextmanager
async def started(path: Path, clock: RelayClock, seed: int) -> AsyncIterator[Ordered]:
    scene = await Scene.open(path, clock, seed=seed)
    try:
        yield Ordered(scene)
    finally:
        await scene.close()


async def test_a_restart_gives_no_token_a_new_allowance(tmp_path: Path) -> None:
    clock = RelayClock()
    async with started(tmp_path, clock, 1) as relay:
        await relay.blob(3 * MIB)
        await relay.blob(10)  # counts as one MiB
        assert (await relay.refusal(10)).code == "quota"
    async with started(tmp_path, clock, 2) as relay:
        refused = await relay.refusal(10)
        assert refused.code == "quota"
        assert abs(refused.retry_after_ms - DAY_S * 1000 // 4) < 1000
        await relay.blob(4 * MIB, OTHER)  # nobody else pays for it
    clock.advance(DAY_S // 2)
    async with started(tmp_path, clock, 3) as relay:
        await relay.blob(2 * MIB)
        assert (await relay.refusal(MIB)).code == "quota"
        await relay.blob(2 * MIB, OTHER)
    clock.advance(DAY_S)
    async with started(tmp_path, clock, 4) as relay:
        await relay.blob(4 * MIB)


async def test_what_was_erased_counts_no_more_after_a_restart(tmp_path: Path) -> None:
    clock = RelayClock()
    async with started(tmp_path, clock, 1) as relay:
        made = await relay.blob(4 * MIB)
        await relay._scene.blobs.finish(made.blob_id, made.write_capability)
        assert (await relay.refusal(10)).code == "quota"  # while it is remembered
    async with started(tmp_path, clock, 2) as relay:
        await relay.blob(4 * MIB)


async def test_two_requests_at_once_after_a_restart_are_both_counted(tmp_path: Path) -> None:
    clock = RelayClock()
    async with started(tmp_path, clock, 1) as relay:
        await relay.blob(2 * MIB)
    async with started(tmp_path, clock, 2) as relay:
        outcomes = await asyncio.gather(*(relay.blob(MIB) for _ in range(5)), return_exceptions=True)
        assert sum(isinstance(outcome, BlobMade) for outcome in outcomes) == 2
        assert (await relay.refusal(10)).code == "quota"


async def test_blobs_of_before_this_was_kept_are_nobodys(tmp_path: Path) -> None:
    clock = RelayClock()
    async with started(tmp_path, clock, 1) as relay:
        await relay.blob(4 * MIB)
        await relay._scene.durable.write(lambda connection: connection.execute("UPDATE blob SET payer = x''").rowcount)
    async with started(tmp_path, clock, 2) as relay:
        await relay.blob(4 * MIB)


async def test_the_files_tie_no_blob_to_a_token_or_to_another_blob(tmp_path: Path) -> None:
    clock = RelayClock()
    async with started(tmp_path, clock, 1) as relay:
        made = [await relay.blob(MIB) for _ in range(3)]
        payers = await relay._scene.durable.read(
            lambda connection: connection.execute("SELECT blob_id, payer FROM blob").fetchall()
        )
    digest = hashlib.sha256(TOKEN).digest()
    everything = b"\0".join(pages_and_files(tmp_path))
    assert TOKEN not in everything
    assert digest not in everything
    assert {blob_id for blob_id, _ in payers} == {each.blob_id for each in made}
    assert len({payer for _, payer in payers}) == 3
    for blob_id, payer in payers:  # what the register of tokens holds does not lead there either
        for guess in (digest, blob_id + digest, digest + blob_id, b"byre blob payer v1" + blob_id + digest):
            assert payer != hashlib.sha256(guess).digest()
