"""What was erased can be read by nobody who has a bucket's file and all keys of today: own page decryptor, no SQLite.

SQLite moves rows between pages when it balances a tree and zeroes only what it frees, never the gap of a page that it
rebuilt: an old copy of a row that is still alive stays there, and its later deletion erases the current copy only.
These seeds left bodies behind when they lay there unsealed. Now their keys must be where they belong, and nowhere else.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.db import open_connection
from byre.db.migrations import load_migrations, migrate
from byre.db.transaction import write_transaction
from byre.errors import EnvironmentFault
from byre.relay.blob_rows import delete as delete_blobs
from byre.relay.blob_rows import insert as insert_blob
from byre.relay.key_slots import KEY_BYTES
from byre.wire.frames import BLOB_CHUNK_BYTES, BlobMade
from tests.fakes.held_bench import MAILBOX, HeldBench
from tests.fakes.relay import seeded
from tests.fakes.relay_examiner import readable
from tests.fakes.sqlcipher_pages import plain_pages


class Keys:
    """A source of randomness that remembers every key that it gave."""

    def __init__(self) -> None:
        self._random = seeded(2)
        self.given: list[bytes] = []

    def __call__(self, size: int) -> bytes:
        material = self._random(size)
        self.given += [material[at : at + KEY_BYTES] for at in range(0, size, KEY_BYTES)]
        return material


def marked(number: int, size_bytes: int) -> bytes:
    """A body that says its number all over."""
    mark = b"<%08d>" % number
    return (mark * (size_bytes // len(mark) + 1))[:size_bytes]


def numbers_in(pages: bytes) -> set[int]:
    return {int(number) for number in re.findall(rb"<(\d{8})>", pages)}


class Churn:
    """Messages and commit bodies that come for several mailboxes in random order and go in another."""

    def __init__(self, bench: HeldBench, seed: int, sizes: Sequence[int]) -> None:
        self.bench = bench
        self.dice = random.Random(seed)
        self.sizes = sizes
        self.alive: dict[bytes, tuple[bytes, bytes]] = {}
        """mid -> (mailbox, body)"""
        self.commits: dict[bytes, tuple[int, bytes]] = {}
        """claim id -> (bucket, body)"""
        self.count = 0

    async def step(self) -> None:
        store = self.bench.store
        for _ in range(self.dice.randrange(1, 15)):
            mailbox, mid, body = bytes([self.dice.randrange(5)]) * 16, self.dice.randbytes(16), self._body()
            self.bench.put_as(mailbox, mid, body)
            self.alive[mid] = (mailbox, body)
        if self.dice.random() < 0.3:
            claim_id, body = self.dice.randbytes(16), self._body()
            expires_at = self.bench.expiry.now_ms() + self.dice.randrange(1, 60) * 60_000
            self.commits[claim_id] = (await store.put_commit(bytes(16), 1, claim_id, expires_at, body), body)
        await store.flush()
        for mid in self.dice.sample(sorted(self.alive), min(len(self.alive), self.dice.randrange(16))):
            mailbox, _ = self.alive.pop(mid)
            store.erase(self.bench.stored[mid], mailbox, mid)
        await store.flush()
        self.bench.clock.advance(60)
        await store.expire()

    def _body(self) -> bytes:
        self.count += 1
        return marked(self.count, self.dice.choice(self.sizes))

    async def settled(self) -> None:
        """Return once nothing is left to truncate, also by what runs in the background."""
        await self.bench.store.erase_residue()
        await self.bench.store.rows(bytes(16))


@pytest.mark.parametrize(
    ("sizes", "seed"), [((100, 512), 15), ((100, 512, 4096), 11), ((100, 512, 4096), 3), ((4096, 16384, 65536), 0)]
)
async def test_an_erased_body_and_its_key_are_nowhere(tmp_path: Path, sizes: tuple[int, ...], seed: int) -> None:
    keys = Keys()
    bench = HeldBench(tmp_path, keys)
    await bench.start()
    churn = Churn(bench, seed, sizes)
    for _ in range(30):
        await churn.step()
    await churn.settled()
    pages = bench.pages()
    for mid, (mailbox, body) in churn.alive.items():
        assert await bench.store.bodies(bench.stored[mid], mailbox, [mid]) == {mid: body}
    bodies = [await bench.store.commit_body(at, bytes(16), 1, claim) for claim, (at, _) in churn.commits.items()]
    kept = [body for body in bodies if body is not None]
    assert all(body in (None, expected) for body, (_, expected) in zip(bodies, churn.commits.values(), strict=True))
    await bench.stop()
    assert churn.alive
    assert numbers_in(pages) == set()  # sealed, whether alive or not
    copies = [pages.count(key) for key in keys.given]
    assert set(copies) == {0, 1}  # a key that is there lies in its slot and in no gap
    assert sum(copies) == len(churn.alive) + len(kept)


async def test_keys_come_and_go_in_place_while_the_table_of_slots_grows_to_many_pages(tmp_path: Path) -> None:
    keys = Keys()
    bench = HeldBench(tmp_path, keys)
    await bench.start()
    dice = random.Random(7)
    alive: set[bytes] = set()
    for size in (90, 20, 130, 400, 60, 300):  # a page takes about a hundred slots
        for _ in range(size):
            mid = dice.randbytes(16)
            bench.put_as(MAILBOX, mid, b"")
            alive.add(mid)
        await bench.store.flush()
        for mid in dice.sample(sorted(alive), len(alive) // 2):
            alive.discard(mid)
            bench.store.erase(bench.stored[mid], MAILBOX, mid)
        await bench.store.flush()
    await bench.store.erase_residue()
    await bench.store.rows(MAILBOX)
    pages = bench.pages()
    present = {key: pages.count(key) for key in keys.given}
    expected = {await bench.key_of(mid) for mid in alive}
    (bucket,) = bench.buckets.all()
    slots = await bucket.database.read(
        lambda connection: connection.execute("SELECT count(*), max(id) FROM key_slot").fetchone()
    )
    await bench.stop()
    assert {key for key, count in present.items() if count} == expected
    assert set(present.values()) == {0, 1}
    assert slots[0] == slots[1] < len(keys.given)  # without gaps, and taken again


async def test_a_table_that_was_emptied_keeps_no_name_in_a_gap(tmp_path: Path) -> None:
    bench = HeldBench(tmp_path)
    await bench.start()
    churn = Churn(bench, 11, (100, 512, 4096))
    mids: set[bytes] = set()
    for _ in range(20):
        await churn.step()
        mids |= churn.alive.keys()
    assert any(mid in bench.pages() for mid in mids)
    for mid, (mailbox, _) in churn.alive.items():
        bench.store.erase(bench.stored[mid], mailbox, mid)
    await bench.store.flush()
    await churn.settled()
    pages = bench.pages()
    await bench.stop()
    assert not any(mid in pages for mid in mids)


async def test_a_repeat_takes_no_slot_and_the_first_body_stays(tmp_path: Path) -> None:
    keys = Keys()
    bench = HeldBench(tmp_path, keys)
    await bench.start()
    mid = bench.put(1, b"first")
    await bench.store.flush()
    bench.put(1, b"second")
    await bench.store.flush()
    bucket = bench.stored[mid]
    for _ in range(2):
        assert await bench.store.put_commit(bytes(16), 1, mid, 2**50, b"commit") == bucket
    assert await bench.store.bodies(bucket, MAILBOX, [mid]) == {mid: b"first"}
    await bench.store.erase_residue()
    (opened,) = bench.buckets.all()
    await opened.database.checkpoint()
    pages = bench.pages()
    await bench.stop()
    assert sum(key in pages for key in keys.given) == 2


async def test_a_write_that_was_undone_gives_its_slots_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = HeldBench(tmp_path)
    await bench.start()
    first = bench.put(1, b"first")
    await bench.store.flush()

    with monkeypatch.context() as patch:
        patch.setattr("byre.relay.bucket_rows._INSERT", "SELECT nothing")  # the slot is filled already
        bench.put(2, b"never")
        await bench.store.flush()
    third = bench.put(3, b"third")
    await bench.store.flush()
    (bucket,) = bench.buckets.all()
    slots = await bucket.database.read(
        lambda connection: connection.execute("SELECT id, key = zeroblob(32) FROM key_slot").fetchall()
    )
    assert await bench.store.bodies(bucket.start, MAILBOX, [first, third]) == {first: b"first", third: b"third"}
    assert slots == [(1, 0), (2, 0)]
    await bench.stop()


async def test_slots_that_are_free_are_known_again_after_a_restart(tmp_path: Path) -> None:
    bench = HeldBench(tmp_path)
    await bench.start()
    mids = [bench.put(number, b"body") for number in range(5)]
    await bench.store.flush()
    for mid in mids[1:4]:
        bench.store.erase(bench.stored[mid], MAILBOX, mid)
    await bench.store.flush()
    await bench.stop()
    again = HeldBench(tmp_path, seeded(9))
    await again.start()
    for number in range(10, 14):
        again.put(number, b"later")
    await again.store.flush()
    (bucket,) = again.buckets.all()
    slots = await bucket.database.read(
        lambda connection: connection.execute("SELECT count(DISTINCT key), max(id) FROM key_slot").fetchone()
    )
    assert slots == (6, 6)
    await again.stop()


async def test_a_slot_that_is_freed_first_after_a_start_is_given_to_one_row(tmp_path: Path) -> None:
    bench = HeldBench(tmp_path)
    await bench.start()
    mids = [bench.put(number, b"body") for number in range(5)]
    await bench.store.flush()
    stored = bench.stored
    await bench.stop()
    again = HeldBench(tmp_path, seeded(9))
    await again.start()
    for mid in mids[:4]:
        again.store.erase(stored[mid], MAILBOX, mid)
    await again.store.flush()
    later = {again.put(number, b"later %d" % number): b"later %d" % number for number in range(10, 20)}
    await again.store.flush()
    (bucket,) = again.buckets.all()
    assert await again.store.bodies(bucket.start, MAILBOX, list(later)) == later
    assert await again.store.bodies(bucket.start, MAILBOX, mids[4:]) == {mids[4]: b"body"}
    slots = await bucket.database.read(
        lambda connection: connection.execute("SELECT count(*), count(DISTINCT slot) FROM held").fetchone()
    )
    assert slots == (11, 11)
    await again.stop()


async def test_a_key_in_use_is_never_overwritten(tmp_path: Path) -> None:
    bench = HeldBench(tmp_path)
    await bench.start()
    first = bench.put(1, b"first")
    await bench.store.flush()
    (bucket,) = bench.buckets.all()
    bucket.rows._slots._free = [1]  # a wrong belief
    second = bench.put(2, b"second")
    await bench.store.flush()
    assert bench.failed[second].code == "slot_in_use"
    assert await bench.store.bodies(bucket.start, MAILBOX, [first]) == {first: b"first"}
    third = bench.put(3, b"third")
    await bench.store.flush()
    assert third in bench.stored
    await bench.stop()


async def test_a_body_that_does_not_open_is_said_to_be_damaged(tmp_path: Path) -> None:
    bench = HeldBench(tmp_path)
    await bench.start()
    mid = bench.put(1, b"body")
    await bench.store.flush()
    (bucket,) = bench.buckets.all()
    await bucket.database.write(
        lambda connection: connection.execute("UPDATE key_slot SET key = randomblob(32)").rowcount
    )
    with pytest.raises(EnvironmentFault) as caught:
        await bucket.rows.bodies(MAILBOX, [mid])
    assert caught.value.code == "db_damaged"
    await bench.stop()


async def test_the_examiner_reads_what_is_held_and_nothing_that_was_erased(tmp_path: Path) -> None:
    bench = HeldBench(tmp_path)
    await bench.start()
    churn = Churn(bench, 5, (100, 512, 4096))
    for _ in range(6):
        await churn.step()
    await churn.settled()
    held = [body for _, body in churn.alive.values()]
    (bucket,) = bench.buckets.all()
    kept = [body for claim, (_, body) in churn.commits.items() if await bucket.rows.commit_body(bytes(16), 1, claim)]
    everything = [marked(number, 4096) for number in range(1, churn.count + 1)]
    assert {number for body in readable(tmp_path, held + kept) for number in numbers_in(body)} == {
        number for body in held + kept for number in numbers_in(body)
    }
    assert len(readable(tmp_path, everything)) == len(held) + len(kept)
    await bench.stop()


# --- keys of blobs ----------------------------------------------------------------------------------------------------


def blob(dice: random.Random, readers: int) -> BlobMade:
    return BlobMade(
        req_id=bytes(16),
        blob_id=dice.randbytes(16),
        write_capability=dice.randbytes(32),
        read_capabilities=tuple(dice.randbytes(32) for _ in range(readers)),
        chunk_bytes=BLOB_CHUNK_BYTES,
        expires_ms=2**50,
    )


def test_the_key_of_a_blob_that_was_deleted_is_in_no_page(tmp_path: Path) -> None:
    dice, path, file_key = random.Random(3), tmp_path / "relay.db", Secret(bytes(range(32)))
    connection = open_connection(path, file_key, create=True)
    migrate(connection, load_migrations("byre.relay.migrations.durable"))
    keys: dict[bytes, bytes] = {}
    given: list[bytes] = []
    for _ in range(25):
        for _ in range(dice.randrange(1, 12)):
            made, key = blob(dice, dice.randrange(1, 4)), dice.randbytes(32)
            write_transaction(connection, lambda inside, made=made, key=key: insert_blob(inside, made, key, 1, 1))  # type: ignore[misc]
            keys[made.blob_id] = key
            given.append(key)
        gone = dice.sample(sorted(keys), dice.randrange(min(len(keys), 12)))
        write_transaction(connection, lambda inside, gone=gone: delete_blobs(inside, gone))  # type: ignore[misc]
        for blob_id in gone:
            del keys[blob_id]
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    pages = b"\0".join(plain_pages(path, file_key.reveal()))
    connection.close()
    assert keys
    assert {key for key in given if key in pages} == set(keys.values())
    assert {pages.count(key) for key in given} == {0, 1}
