"""One bad page of a file of held messages: found at the start and named, and at run time it silences no mailbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.errors import EnvironmentFault
from byre.relay.buckets import Bucket
from byre.relay.key_file import KeyFile
from tests.fakes.held_bench import MAILBOX, HeldBench
from tests.fakes.sqlcipher_pages import PAGE, plain_pages


async def filled(tmp_path: Path) -> tuple[HeldBench, list[bytes]]:
    bench = HeldBench(tmp_path)
    await bench.start()
    mids = [bench.put(number, b"%04d" % number * 150) for number in range(60)]
    await bench.store.flush()
    return bench, mids


def flip(bench: HeldBench, page: int) -> None:
    (name,) = list(bench.path.glob("held-*.db"))
    data = bytearray(name.read_bytes())
    data[page * PAGE + 1500] ^= 1
    name.write_bytes(data)


@pytest.mark.logs_errors
async def test_any_page_that_does_not_hold_is_found_and_healed_at_the_start(tmp_path: Path) -> None:
    bench, mids = await filled(tmp_path)
    await bench.stop()
    whole = contents(tmp_path)
    (name,) = bench.files()
    for page, kind in enumerate(pages(bench, name)):
        restore(tmp_path, whole)
        flip(bench, page)
        again = HeldBench(tmp_path)
        epoch = again.keys.store_epoch
        if not page:  # nothing of it can be read
            with pytest.raises(EnvironmentFault) as caught:
                await again.start()
            assert caught.value.code == "db_damaged"
            assert contents(tmp_path).keys() == whole.keys()
            await again.buckets.close()
            continue
        await again.start()
        rows = [row.mid for row in await again.store.rows(MAILBOX)]
        assert rows == [mid for mid in mids if mid in rows]
        assert len(await read_all(again)) == len(rows)
        lost = again.counters.snapshot()["messages_lost"]
        if kind[:1] in LEAVES:
            assert len(rows) >= 60 - ON_A_PAGE
            assert lost == 60 - len(rows)
        assert (lost > 0) == (len(rows) < 60) == (again.keys.store_epoch != epoch), page
        assert again.counters.snapshot()["files_damaged"] == 1
        assert name not in again.files()
        await again.stop()
    restore(tmp_path, whole)
    again = HeldBench(tmp_path)
    await again.start()
    assert len(await again.store.rows(MAILBOX)) == 60
    await again.stop()


@pytest.mark.logs_errors
async def test_what_was_moved_before_a_kill_is_not_moved_into_a_second_file_hours_later(tmp_path: Path) -> None:
    bench, mids = await filled(tmp_path)
    bench, bucket = await reopened(bench)
    flip_leaf(bench, mids[30])
    damaged = contents(tmp_path)
    found = await bench.store.bodies(bucket.start, MAILBOX, mids)
    await bench.stop()
    half = contents(tmp_path)
    keys = KeyFile.restore(tmp_path / "relay.keys", damaged["relay.keys"])
    moved = KeyFile.restore(tmp_path / "relay.keys", half["relay.keys"]).buckets
    restore(tmp_path, damaged | {name: data for name, data in half.items() if name.startswith("held-")})
    (start,) = moved
    keys.add_bucket(start, lambda size: moved[start].reveal())
    keys.note_bucket(start)
    again = HeldBench(tmp_path)
    again.clock.advance(7 * 3600)
    await again.start()
    assert [row.mid for row in await again.store.rows(MAILBOX)] == list(found)
    assert [bucket.start for bucket in again.buckets.all()] == [start]
    assert again.store.held_now() == len(found)
    again.store.erase(start, MAILBOX, mids[0])
    await again.store.flush()
    assert mids[0] not in [row.mid for row in await again.store.rows(MAILBOX)]
    await again.stop()


def body_of(number: int) -> bytes:
    return b"%04d" % number * 20


COUNT = 120
ON_A_PAGE = 112
"""So many keys fit a leaf at most; of bodies and index entries it is fewer."""
LEAVES = (b"\x0d", b"\x0a")


def pages(bench: HeldBench, name: str) -> list[bytes]:
    """Every page of a file in the clear, as an examiner reads it (none of them may be damaged)."""
    start = int(name.removeprefix("held-").removesuffix(".db"))
    found = list(plain_pages(bench.path / name, bench.keys.buckets[start].reveal()))
    assert len(found) == (bench.path / name).stat().st_size // PAGE
    return found


async def reopened(bench: HeldBench) -> tuple[HeldBench, Bucket]:
    """Start anew, with no page in a cache."""
    await bench.stop()
    again = HeldBench(bench.path)
    await again.start()
    (bucket,) = again.buckets.all()
    await bucket.database.run(lambda connection: connection.execute("PRAGMA shrink_memory").fetchall())
    return again, bucket


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def restore(folder: Path, whole: dict[str, bytes]) -> None:
    for file in folder.iterdir():
        file.unlink()
    for name, data in whole.items():
        (folder / name).write_bytes(data)


def flip_leaf(bench: HeldBench, needle: bytes) -> None:
    """Damage a leaf of a table that has this name in it."""
    (name,) = bench.files()[:1]
    number = next(number for number, page in enumerate(pages(bench, name)) if page[:1] == b"\x0d" and needle in page)
    flip(bench, number)


async def read_all(bench: HeldBench) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    rows = await bench.store.rows(MAILBOX)
    for start in {row.bucket for row in rows}:
        found |= await bench.store.bodies(start, MAILBOX, [row.mid for row in rows if row.bucket == start])
    return found


@pytest.mark.logs_errors
@pytest.mark.parametrize("first", [1, 2])
async def test_whatever_page_turns_out_damaged_its_own_rows_alone_are_lost_and_no_restart_is_needed(
    tmp_path: Path, first: int
) -> None:
    bench = HeldBench(tmp_path)
    await bench.start()
    bodies = {bench.put(number, body_of(number)): body_of(number) for number in range(COUNT)}
    await bench.store.flush()
    await bench.stop()
    whole = contents(tmp_path)
    kinds = pages(bench, bench.files()[0])
    for page in range(first, len(kinds), 2):
        restore(tmp_path, whole)
        bench = HeldBench(tmp_path)
        await bench.start()
        (bucket,) = bench.buckets.all()
        await bucket.database.run(lambda connection: connection.execute("PRAGMA shrink_memory").fetchall())
        flip(bench, page)
        told: list[frozenset[bytes]] = []

        def lost(start: int, saved: frozenset[bytes], told: list[frozenset[bytes]] = told) -> None:
            told.append(saved)

        bench.store.healing.on_loss = lost
        found = await read_all(bench)
        bench.store.erase(bucket.start, MAILBOX, bytes(16))  # it is in another file now, or never was elsewhere
        later = bench.put(999, b"later")
        await bench.store.flush()
        await bench.store.healing.done()
        await bench.store.flush()
        assert found.items() <= bodies.items()
        if kinds[page][:1] in LEAVES:  # what lies behind a page that leads to others goes with it
            assert len(found) >= COUNT - ON_A_PAGE, page
        rest = await read_all(bench)
        kept = rest.keys() - {later}
        assert kept <= found.keys() - {bytes(16)}
        assert rest[later] == b"later"
        count = bench.counters.snapshot()
        if count["files_damaged"]:  # else it is a page that nobody has asked for
            assert COUNT - count["messages_lost"] - len(kept) in (0, 1), page  # what was erased may have been lost
            assert bool(told) == bool(count["messages_lost"])
            assert not told or all(MAILBOX + mid in told[0] for mid in kept)
        assert not bench.store.healing.is_needed
        await bench.stop()


@pytest.mark.logs_errors
async def test_what_was_healed_is_whole_for_the_next_start(tmp_path: Path) -> None:
    bench, mids = await filled(tmp_path)
    bench, bucket = await reopened(bench)
    flip_leaf(bench, mids[30])
    found = await bench.store.bodies(bucket.start, MAILBOX, mids)
    assert 40 < len(found) < 60
    assert bench.files() == [f"held-{bucket.start + 1}.db"] or len(bench.files()) > 1  # and its log
    await bench.stop()
    assert bench.files() == [f"held-{bucket.start + 1}.db"]
    again = HeldBench(tmp_path)
    await again.buckets.open_all()
    assert {row.mid for row in await again.store.rows(MAILBOX)} == found.keys()
    await again.buckets.close()


@pytest.mark.logs_errors
async def test_a_file_of_which_nothing_can_be_read_is_left_to_the_operator_until_all_in_it_is_over(
    tmp_path: Path,
) -> None:
    bench, mids = await filled(tmp_path)
    bench, bucket = await reopened(bench)
    name = tmp_path / f"held-{bucket.start}.db"
    with name.open("r+b") as file:
        file.write(bytes(name.stat().st_size))
    assert await bench.store.rows(MAILBOX) == []  # nobody is silenced
    assert await bench.store.bodies(bucket.start, MAILBOX, mids) == {}
    later = bench.put(99, b"later")
    bench.store.erase(bucket.start, MAILBOX, mids[0])
    await bench.store.flush()
    assert [row.mid for row in await bench.store.rows(MAILBOX)] == [later]
    assert bench.store.healing.is_needed
    assert name.exists()
    bench.clock.advance(79 * 3600)
    await bench.store.expire()
    assert not name.exists()
    assert bucket.start not in bench.keys.buckets
    assert not bench.store.healing.is_needed
    await bench.stop()


@pytest.mark.logs_errors
@pytest.mark.parametrize("step", ["beside", "replace"])
async def test_a_healing_that_fails_is_tried_again_and_nothing_is_forgotten_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    bench, mids = await filled(tmp_path)
    bench, bucket = await reopened(bench)
    flip_leaf(bench, mids[30])

    epoch, told = bench.keys.store_epoch, []
    bench.store.healing.on_loss = lambda start, saved: told.append(len(saved))

    def full(*arguments: object) -> object:
        raise EnvironmentFault("the disk is full", code="disk_full")

    with monkeypatch.context() as patch:
        patch.setattr(*{"beside": (bench.buckets, "beside"), "replace": (bench.keys, "_write")}[step], full)
        with pytest.raises(EnvironmentFault):
            await bench.store.bodies(bucket.start, MAILBOX, mids)
        with pytest.raises(EnvironmentFault):
            await bench.store.rows(MAILBOX)
        bench.store.erase(bucket.start, MAILBOX, mids[0])
        await bench.store.flush()
        await bench.store.expire()
        await bench.store.healing.done()
        assert bench.store.healing.is_needed
        assert (told, bench.keys.store_epoch) == ([], epoch)
    await bench.store.expire()
    rows = await bench.store.rows(MAILBOX)
    await bench.store.flush()
    assert 40 < len(rows) < 60
    assert told == [60 - bench.counters.snapshot()["messages_lost"]]
    assert bench.keys.store_epoch != epoch
    assert bucket.start not in bench.keys.buckets
    assert mids[0] not in [row.mid for row in await bench.store.rows(MAILBOX)]
    assert not bench.store.healing.is_needed
    await bench.stop()


@pytest.mark.logs_errors
async def test_a_body_that_is_damaged_while_the_relay_runs_silences_no_other(tmp_path: Path) -> None:
    bench, mids = await filled(tmp_path)
    (bucket,) = bench.buckets.all()
    await bucket.database.write(
        lambda connection: (
            connection.execute("UPDATE held SET body = randomblob(600) WHERE mid = ?", (mids[3],)).rowcount
        )
    )
    whole = [mid for mid in mids if mid != mids[3]]
    assert list(await bench.store.bodies(bucket.start, MAILBOX, mids)) == whole
    later = bench.put(99, b"later")
    await bench.store.flush()
    assert bench.stored[later] == bucket.start + 1
    assert await bench.store.bodies(bucket.start + 1, MAILBOX, [later]) == {later: b"later"}
    assert [row.mid for row in await bench.store.rows(MAILBOX)] == [*whole, later]
    assert bench.counters.snapshot()["messages_lost"] == 1
    await bench.stop()


@pytest.mark.logs_errors
async def test_commit_bodies_move_too_and_are_found_by_the_name_of_their_old_file(tmp_path: Path) -> None:
    bench = HeldBench(tmp_path)
    await bench.start()
    end = bench.expiry.now_ms() + 72 * 3_600_000
    start = 0
    for epoch in range(40):
        start = await bench.store.put_commit(b"t" * 16, epoch, b"c" * 16, end, b"%04d" % epoch * 100)
    bench, _ = await reopened(bench)
    flip_leaf(bench, b"t" * 16)
    found = [await bench.store.commit_body(start, b"t" * 16, epoch, b"c" * 16) for epoch in range(40)]
    assert bench.counters.snapshot()["files_damaged"] == 1
    assert 0 < sum(body is None for body in found) < 15
    assert all(body in (None, b"%04d" % epoch * 100) for epoch, body in enumerate(found))
    await bench.stop()
    again = HeldBench(tmp_path)  # which knows nothing of the move
    await again.start()
    assert found == [await again.store.commit_body(start, b"t" * 16, epoch, b"c" * 16) for epoch in range(40)]
    assert await again.store.put_commit(b"t" * 16, 41, b"c" * 16, end, b"later") == start  # of the same name
    assert found == [await again.store.commit_body(start, b"t" * 16, epoch, b"c" * 16) for epoch in range(40)]
    await again.stop()


async def test_what_a_damaged_file_does_not_take_goes_into_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, _ = await filled(tmp_path)
    (bucket,) = bench.buckets.all()

    async def refused(rows: object) -> int:
        raise EnvironmentFault("a page does not hold", code="db_damaged")

    monkeypatch.setattr(bucket.rows, "put", refused)
    later = bench.put(99, b"later")
    await bench.store.flush()
    assert bench.stored[later] == bucket.start + 1
    assert bench.failed == {}
    await bench.store.healing.done()
    assert len(await bench.store.rows(MAILBOX)) == 61
    assert bench.counters.snapshot()["messages_lost"] == 0
    await bench.stop()
