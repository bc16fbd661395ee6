"""One bad page of a file of held messages: found at the start and named, and at run time it silences no mailbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.errors import EnvironmentFault
from tests.fakes.held_bench import MAILBOX, HeldBench
from tests.fakes.sqlcipher_pages import PAGE


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


async def test_any_page_that_does_not_hold_is_refused_at_the_start(tmp_path: Path) -> None:
    bench, _ = await filled(tmp_path)
    await bench.stop()
    file = tmp_path / bench.files()[0]
    whole = file.read_bytes()
    for page in range(len(whole) // PAGE):
        file.write_bytes(whole)
        flip(bench, page)
        with pytest.raises(EnvironmentFault) as caught:
            await HeldBench(tmp_path).buckets.open_all()
        assert caught.value.code == "db_damaged"
    file.write_bytes(whole)
    again = HeldBench(tmp_path)
    await again.start()
    assert len(await again.store.rows(MAILBOX)) == 60
    await again.stop()


async def test_a_body_that_is_damaged_while_the_relay_runs_silences_no_other(tmp_path: Path) -> None:
    bench, mids = await filled(tmp_path)
    (bucket,) = bench.buckets.all()
    await bucket.database.write(
        lambda connection: (
            connection.execute("UPDATE held SET body = randomblob(600) WHERE mid = ?", (mids[3],)).rowcount
        )
    )
    found = await bench.store.bodies(bucket.start, MAILBOX, mids)
    assert list(found) == [mid for mid in mids if mid != mids[3]]
    assert bench.store.is_damaged
    later = bench.put(99, b"later")  # into another file
    await bench.store.flush()
    assert bench.stored[later] == bucket.start + 1
    assert await bench.store.bodies(bucket.start + 1, MAILBOX, [later]) == {later: b"later"}
    assert [row.mid for row in await bench.store.rows(MAILBOX)] == [*mids, later]
    await bench.stop()


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
    await bench.stop()
