"""Held messages on disk: grouped commits, erasure, expiry, buckets that end with their keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from byre.errors import EnvironmentFault
from byre.relay.buckets import GRACE_MS
from byre.relay.key_file import KeyFile
from tests.fakes.held_bench import HOUR_MS, MAILBOX, SPAN_MS, HeldBench
from tests.fakes.relay import seeded
from tests.fakes.relay_user import until


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[HeldBench]:
    made = HeldBench(tmp_path)
    await made.start()
    yield made
    await made.stop()


async def test_a_burst_is_few_commits_and_everything_is_told(bench: HeldBench) -> None:
    mids = [bench.put(number, bytes(512)) for number in range(500)]
    await bench.store.flush()
    assert set(bench.stored) == set(mids)
    assert bench.counters.snapshot()["commits"] < 10
    assert bench.store.pending_bytes == 0
    assert bench.store.held_now() == 500


async def test_a_flush_waits_for_what_is_queued_and_not_for_what_comes_after_it(bench: HeldBench) -> None:
    goes_on = True

    def another(number: int) -> None:
        bench.store.put(
            mailbox=MAILBOX,
            mid=number.to_bytes(16),
            seq=number,
            expires_at=bench.expiry.now_ms() + 1000,
            body=b"x",
            on_stored=lambda bucket: another(number + 1) if goes_on else None,
            on_failed=lambda fault: None,
        )

    another(1000)
    mid = bench.put(1, b"one")
    await bench.store.flush()
    assert mid in bench.stored
    goes_on = False
    await bench.store.flush()
    await bench.store.flush()
    assert bench.store.pending_bytes == 0


async def test_rows_come_back_in_order_with_their_bodies(bench: HeldBench) -> None:
    for number in (3, 1, 2):
        bench.put(number, b"body %d" % number)
    bench.put(4, b"somebody else's", mailbox=b"m" * 16)
    await bench.store.flush()
    rows = await bench.store.rows(MAILBOX)
    assert [(row.seq, row.size_bytes) for row in rows] == [(1, 6), (2, 6), (3, 6)]
    bodies = await bench.store.bodies(rows[0].bucket, MAILBOX, [rows[0].mid, bytes(16)])
    assert bodies == {rows[0].mid: b"body 1"}
    assert await bench.store.bodies(0, MAILBOX, [rows[0].mid]) == {}


async def test_the_same_message_is_one_row(bench: HeldBench) -> None:
    for _ in range(3):
        bench.put(1, b"body")
    await bench.store.flush()
    assert len(await bench.store.rows(MAILBOX)) == 1
    assert bench.store.held_now() == 1


async def test_an_erased_body_is_gone_from_the_log_within_the_delay(bench: HeldBench) -> None:
    mid = bench.put(1, b"body")
    await bench.store.flush()
    key = await bench.key_of(mid)
    assert bench.has(key)
    bench.store.erase(bench.stored[mid], MAILBOX, mid)
    await bench.store.flush()
    async with asyncio.timeout(1.0):  # the promise
        await until(lambda: not bench.has(key))


async def test_expiry_deletes_rows_and_ends_spent_buckets_with_their_keys(bench: HeldBench) -> None:
    short, long = bench.put(1, b"short", hours=1), bench.put(2, b"long", hours=48)
    await bench.store.flush()
    first_bucket = bench.stored[short]
    bench.clock.advance(3601)
    assert await bench.store.expire() == [(MAILBOX, short)]
    assert [row.mid for row in await bench.store.rows(MAILBOX)] == [long]
    bench.clock.advance(48 * 3600)
    assert await bench.store.expire() == [(MAILBOX, long)]
    assert first_bucket not in bench.keys.buckets
    assert bench.files() == []
    assert bench.counters.snapshot()["expired"] == 2


async def test_a_new_span_is_a_new_file_under_a_new_key(bench: HeldBench) -> None:
    first = bench.put(1, b"first")
    await bench.store.flush()
    bench.clock.advance(SPAN_MS / 1000)
    second = bench.put(2, b"second")
    await bench.store.flush()
    assert bench.stored[first] != bench.stored[second]
    keys = {key.reveal() for key in bench.keys.buckets.values()}
    assert len(keys) == 2
    assert [row.seq for row in await bench.store.rows(MAILBOX)] == [1, 2]
    bench.store.erase(bench.stored[first], MAILBOX, first)
    await bench.store.flush()
    bench.clock.advance(GRACE_MS / 1000)
    await bench.store.expire()
    assert list(bench.keys.buckets) == [bench.stored[second]]


async def test_everything_survives_a_restart(bench: HeldBench) -> None:
    mids = [bench.put(number, b"body") for number in range(5)]
    await bench.store.flush()
    bucket = await bench.store.put_commit(b"t" * 16, 3, b"c" * 16, bench.expiry.now_ms() + HOUR_MS, b"sealed commit")
    await bench.stop()
    again = HeldBench(bench.path)
    await again.start()
    assert [row.mid for row in await again.store.rows(MAILBOX)] == mids
    assert (again.store.held_now(), again.store.bodies_now()) == (5, 1)
    assert await again.store.commit_body(bucket, b"t" * 16, 3, b"c" * 16) == b"sealed commit"
    assert await again.store.commit_body(bucket, b"t" * 16, 4, b"c" * 16) is None
    found = await again.store.commit_body(0, b"t" * 16, 3, b"c" * 16)
    assert found == b"sealed commit"
    await again.stop()


async def test_a_key_without_its_file_and_a_file_without_its_key_are_rubbish(tmp_path: Path) -> None:
    keys = KeyFile.create(tmp_path / "relay.keys", seeded(1))
    keys.add_bucket(6, seeded(2))
    (tmp_path / "held-12.db").write_bytes(b"unreadable")
    bench = HeldBench(tmp_path)
    await bench.start()
    assert bench.keys.buckets == {}
    assert bench.files() == []
    await bench.stop()


async def test_a_damaged_bucket_stops_the_start_and_is_kept(bench: HeldBench) -> None:
    bench.put(1, b"body")
    await bench.store.flush()
    await bench.stop()
    (path,) = bench.path.glob("held-*.db")
    damaged = bytes(4096) + path.read_bytes()[4096:]
    path.write_bytes(damaged)
    again = HeldBench(bench.path)
    with pytest.raises(EnvironmentFault) as caught:
        await again.start()
    assert caught.value.code == "db_damaged"
    assert path.read_bytes() == damaged


@pytest.mark.parametrize("is_emptied", [True, False])
async def test_a_lost_or_emptied_bucket_stops_the_start_and_nothing_is_changed(
    bench: HeldBench, is_emptied: bool
) -> None:
    bench.put(1, b"body")
    await bench.store.flush()
    await bench.stop()
    (path,) = bench.path.glob("held-*.db")
    if is_emptied:
        path.write_bytes(b"")
    else:
        path.unlink()
    before = {each.name: each.read_bytes() for each in bench.path.iterdir() if each.is_file()}
    again = HeldBench(bench.path)
    with pytest.raises(EnvironmentFault) as caught:
        await again.start()
    assert caught.value.code == "db_missing"
    assert {each.name: each.read_bytes() for each in bench.path.iterdir() if each.is_file()} == before


async def test_a_bucket_that_could_not_be_made_is_made_by_the_next_message(
    bench: HeldBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(start: int) -> None:
        raise EnvironmentFault("the disk is full", code="disk_full")

    with monkeypatch.context() as patch:
        patch.setattr(bench.keys, "note_bucket", full)  # the file is there already
        bad = bench.put(1, b"bad")
        await bench.store.flush()
    assert bench.failed[bad].code == "disk_full"
    assert bench.files() == []
    good = bench.put(2, b"good")
    await bench.store.flush()
    assert good in bench.stored
    await bench.stop()
    again = HeldBench(bench.path)
    await again.start()
    assert [row.mid for row in await again.store.rows(MAILBOX)] == [good]
    await again.stop()


async def test_what_the_last_run_left_in_the_log_is_erased_at_the_next_start(bench: HeldBench) -> None:
    mid = bench.put(1, b"body")
    await bench.store.flush()
    key = await bench.key_of(mid)
    (bucket,) = bench.buckets.all()
    await bucket.rows.erase([(MAILBOX, mid)])
    assert bench.has(key)  # deleted, not checkpointed: as after a kill
    await bench.buckets.close()
    bench.running.cancel()  # type: ignore[union-attr]
    again = HeldBench(bench.path)
    await again.start()
    async with asyncio.timeout(1.0):
        await until(lambda: not again.has(key))
    await again.stop()


async def test_a_full_disk_fails_the_message_and_harms_nothing(
    bench: HeldBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = bench.put(1, b"good")
    await bench.store.flush()
    bucket = bench.buckets.get(bench.stored[good])
    assert bucket is not None

    async def full(work: object) -> int:
        raise EnvironmentFault("the disk is full", code="disk_full")

    with monkeypatch.context() as patch:
        patch.setattr(type(bucket.database), "run", lambda self, work: full(work))
        bad = bench.put(2, b"bad")
        await bench.store.flush()
    assert bench.failed[bad].code == "disk_full"
    assert bench.store.pending_bytes == 0
    assert [row.mid for row in await bench.store.rows(MAILBOX)] == [good]


async def test_a_mailbox_is_erased_as_a_whole(bench: HeldBench) -> None:
    bench.put(1, b"mine")
    bench.put(2, b"other", mailbox=b"o" * 16)
    await bench.store.flush()
    await bench.store.erase_mailbox(MAILBOX)
    assert await bench.store.rows(MAILBOX) == []
    assert len(await bench.store.rows(b"o" * 16)) == 1
    assert bench.store.held_now() == 1
