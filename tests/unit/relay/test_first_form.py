"""Files of the first form, with bodies and keys in rows: nothing is lost when a relay opens them, and all is sealed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.db import open_connection
from byre.db.migrations import Migration, load_migrations, migrate
from byre.relay.blob_rows import look
from byre.relay.buckets import APPLICATION_ID
from tests.fakes.held_bench import HOUR_MS, MAILBOX, HeldBench
from tests.fakes.relay import seeded
from tests.unit.relay.test_erasure import marked, numbers_in


def first_form(bench: HeldBench, bodies: dict[bytes, bytes], migrations: Sequence[Migration]) -> int:
    """Make a bucket's file as the first form was, with bodies in the clear of its key."""
    start = 0
    key = bench.keys.add_bucket(start, seeded(3))
    connection = open_connection(bench.path / f"held-{start}.db", key, create=True)
    migrate(connection, migrations, application_id=APPLICATION_ID)
    expires_at = bench.expiry.now_ms() + HOUR_MS
    for number, (mid, body) in enumerate(bodies.items()):
        connection.execute(
            "INSERT INTO held (mailbox, mid, seq, expires_at, body) VALUES (?, ?, ?, ?, ?)",
            (MAILBOX, mid, number, expires_at, body),
        )
        connection.execute(
            "INSERT INTO commit_body (group_tag, epoch, claim_id, expires_at, body) VALUES (?, ?, ?, ?, ?)",
            (MAILBOX, number, mid, expires_at, body),
        )
    connection.close()
    bench.keys.note_bucket(start)
    return start


@pytest.mark.parametrize("killed_after", [None, 0, 1, 3])
async def test_a_bucket_of_the_first_form_loses_nothing_and_is_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_after: int | None
) -> None:
    bench = HeldBench(tmp_path)
    dice = random.Random(1)
    bodies = {dice.randbytes(16): marked(number, dice.choice([100, 512, 5000])) for number in range(30)}
    start = first_form(bench, bodies, load_migrations("byre.relay.migrations.bucket")[:1])
    assert numbers_in(bench.pages()) == set(range(30))
    monkeypatch.setattr("byre.relay.bucket_upgrade.ROWS_AT_ONCE", 7)
    if killed_after is not None:
        with monkeypatch.context() as patch:
            patch.setattr("byre.relay.bucket_upgrade.write_transaction", stopping_after(killed_after))
            with pytest.raises(RuntimeError):
                await bench.buckets.open_all()
    bench = HeldBench(tmp_path)
    await bench.start()
    rows = await bench.store.rows(MAILBOX)
    assert [(row.mid, row.size_bytes) for row in rows] == [(mid, len(body)) for mid, body in bodies.items()]
    assert await bench.store.bodies(start, MAILBOX, list(bodies)) == bodies
    for number, (mid, body) in enumerate(bodies.items()):
        assert await bench.store.commit_body(start, MAILBOX, number, mid) == body
    assert (bench.store.held_now(), bench.store.bodies_now()) == (30, 30)
    await bench.store.erase_residue()
    await bench.store.rows(MAILBOX)
    assert numbers_in(bench.pages()) == set()
    await bench.stop()


def stopping_after(times: int) -> Callable[..., object]:
    """A `write_transaction` that ends the process, so to say, before the next one."""
    from byre.relay.bucket_upgrade import write_transaction

    left = [times]

    def stopping(*arguments: object) -> object:
        if not left[0]:
            raise RuntimeError("killed")
        left[0] -= 1
        return write_transaction(*arguments)  # type: ignore[arg-type]

    return stopping


def test_blobs_of_the_first_form_keep_their_keys(tmp_path: Path) -> None:
    dice = random.Random(4)
    migrations = load_migrations("byre.relay.migrations.durable")
    connection = open_connection(tmp_path / "relay.db", Secret(bytes(32)), create=True)
    migrate(connection, migrations[:1])
    keys = {dice.randbytes(16): dice.randbytes(32) for _ in range(50)}
    for blob_id, key in keys.items():
        connection.execute(
            "INSERT INTO blob (blob_id, file_key, write_hash, size_bytes, touched_at, expires_at) VALUES (?,?,?,1,1,9)",
            (blob_id, key, bytes(32)),
        )
        connection.execute("INSERT INTO blob_reader (blob_id, hash) VALUES (?, ?)", (blob_id, bytes(32)))
    migrate(connection, migrations)
    for blob_id, key in keys.items():
        found, _, is_reader = look(connection, blob_id, bytes(32), 1)
        assert found is not None
        assert (found.key, is_reader) == (key, True)
    connection.close()
