"""A WAL that SQLite would end too soon: told from one that a crash has cut off, and salvaged behind the lost frame."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.db import open_connection
from byre.errors import EnvironmentFault
from byre.store import Transaction
from byre.store.forensics_pages import wal_of
from byre.store.log_check import check_log, ends_too_soon
from byre.store.schema import create_database
from tests.unit.store.profile import NOW, open_store, text, vault_at
from tests.unit.store.wiped_profile import profile_with_rooms

KEY = Secret(b"k" * 32)
HEADER, FRAME, COMMITS = 32, 24 + 4096, 30


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A WAL of many commits, one of them of many pages."""
    path = tmp_path_factory.mktemp("log") / "store.1.db"
    create_database(path, KEY)
    connection = open_connection(path, KEY)
    for number in range(COMMITS):
        size = 100_000 if number == COMMITS // 2 else 900
        connection.execute("INSERT INTO setting (name, value) VALUES (?, randomblob(?))", (f"x{number}", size))
    log = wal_of(path).read_bytes()
    connection.close()
    return log


def judged(folder: Path, log: bytes) -> bool:
    """What is said of this WAL beside a database that has nothing of it."""
    (folder / "judged.db").write_bytes(b"")
    (folder / "judged.db-wal").write_bytes(log)
    return ends_too_soon(folder / "judged.db")


def commits(log: bytes | bytearray) -> list[int]:
    """Where each frame that ends a commit begins."""
    starts = range(HEADER, len(log) - FRAME + 1, FRAME)
    return [at for at in starts if log[at + 4 : at + 8] != bytes(4)]


def test_what_holds_or_is_not_there_does_not_end_too_soon(tmp_path: Path, raw: bytes) -> None:
    assert not ends_too_soon(tmp_path / "none.db")
    assert not judged(tmp_path, b"")
    assert not judged(tmp_path, raw)
    assert len(commits(raw)) == COMMITS


def test_what_a_crash_can_leave_does_not_end_too_soon(tmp_path: Path, raw: bytes) -> None:
    """Cut off anywhere, with anything in what was not on the disk yet: the last commit, or none."""
    draw = random.Random(7)
    ends = [at + FRAME for at in commits(raw)]
    for _ in range(60):
        cut = draw.randrange(len(raw))
        assert not judged(tmp_path, raw[:cut])
        assert not judged(tmp_path, raw[:cut] + bytes(len(raw) - cut))
        whole = max([HEADER, *(end for end in ends if end <= cut)])
        following = min([len(raw), *(end for end in ends if end > cut)])
        torn = bytearray(raw[:following])  # the last commit's pages, in whatever order they came to the disk
        for at in range(whole, following, FRAME):
            if draw.random() < 0.5:
                torn[at : at + FRAME] = draw.choice([bytes(FRAME), draw.randbytes(FRAME)])
        assert not judged(tmp_path, bytes(torn))


def test_what_an_earlier_round_has_left_is_none_of_it(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "store.1.db"
    create_database(path, KEY)
    connection = open_connection(path, KEY)
    connection.execute("PRAGMA journal_size_limit=-1").fetchall()  # or it would be cut off
    for _ in range(20):
        connection.execute("INSERT INTO setting (name, value) VALUES (hex(randomblob(8)), randomblob(900))")
    connection.execute("PRAGMA wal_checkpoint(FULL)").fetchall()
    for _ in range(2):
        connection.execute("INSERT INTO setting (name, value) VALUES (hex(randomblob(8)), randomblob(900))")
    log = wal_of(path).read_bytes()
    connection.close()
    salts = {log[at + 8 : at + 16] for at in range(HEADER, len(log), FRAME)}
    assert len(salts) == 2, "frames of two rounds lie there"
    assert not judged(tmp_path, log)


@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_before_the_last_commits_is_met(tmp_path: Path, raw: bytes, bit: int) -> None:
    draw = random.Random(bit)
    last = commits(raw)[-2]
    for _ in range(8):
        at = draw.randrange(HEADER, last)
        changed = bytearray(raw)
        changed[at] ^= 1 << bit
        assert judged(tmp_path, bytes(changed)), at


def test_changed_salts_are_met_wherever_they_stand(tmp_path: Path, raw: bytes) -> None:
    """No checksum covers them, so nothing else but them was changed: the last commit is no exception."""
    draw = random.Random(3)
    for start in [*draw.sample(range(HEADER, len(raw) - FRAME, FRAME), 12), len(raw) - FRAME]:
        changed = bytearray(raw)
        changed[start + draw.randrange(8, 16)] ^= 1 << draw.randrange(8)
        assert judged(tmp_path, bytes(changed)), start
        assert check_log(tmp_path / "judged.db").frames == len(raw) // FRAME


def test_a_frame_that_is_lost_whole_is_met(tmp_path: Path, raw: bytes) -> None:
    for at in commits(raw)[:-2]:
        for instead in (bytes(FRAME), b"\xff" * FRAME, raw[HEADER : HEADER + FRAME]):
            if instead != raw[at : at + FRAME]:
                assert judged(tmp_path, raw[:at] + instead + raw[at + FRAME :]), at


def test_a_header_that_is_lost_is_met_where_its_commits_are_nowhere_else(tmp_path: Path) -> None:
    path = tmp_path / "store.1.db"
    create_database(path, KEY)
    connection = open_connection(path, KEY)
    for _ in range(9):
        connection.execute("INSERT INTO setting (name, value) VALUES (hex(randomblob(8)), randomblob(900))")
    log, before = wal_of(path).read_bytes(), path.read_bytes()
    connection.execute("PRAGMA wal_checkpoint(FULL)").fetchall()
    after = path.read_bytes()
    connection.close()
    assert before != after
    for header in [*(log[:at] + bytes([log[at] ^ 4]) + log[at + 1 : HEADER] for at in range(HEADER)), bytes(HEADER)]:
        for pages, is_lost in ((before, True), (after, False)):
            (tmp_path / "image.db").write_bytes(pages)
            (tmp_path / "image.db-wal").write_bytes(header + log[HEADER:])
            assert ends_too_soon(tmp_path / "image.db") == is_lost
    # of a first commit that was still on its way
    (tmp_path / "image.db").write_bytes(before)
    (tmp_path / "image.db-wal").write_bytes(bytes(HEADER) + log[HEADER : commits(log)[0]])
    assert not ends_too_soon(tmp_path / "image.db")


@pytest.mark.parametrize("where", ["frame", "salts", "header"])
async def test_such_a_profile_is_damaged_and_loses_at_most_what_the_frame_held(tmp_path: Path, where: str) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)
    await store.fold()
    news = [f"새 소식 {number} " + "." * 300 for number in range(40)]
    for number, body in enumerate(news):
        await store.write(lambda tx, n=number, b=body: tx.messages.add(text(9000 + n, b, in_room=1, at=9000 + n)))  # type: ignore[misc]
    images = content(tmp_path)
    await store.close()
    vault.lock()
    for name, image in images.items():
        (tmp_path / name).write_bytes(image)
    log = bytearray(images["store.1.db-wal"])
    flipped = commits(log)[10] + 2000 if where == "frame" else 20 if where == "header" else commits(log)[10] + 9
    log[flipped] ^= 1
    (tmp_path / "store.1.db-wal").write_bytes(log)

    for _ in range(2):
        with pytest.raises(EnvironmentFault) as caught:
            await vault.unlock("pass")
        assert caught.value.code == "db_damaged"
        assert vault.damage.is_known()
        assert (tmp_path / "store.1.db-wal").read_bytes() == log, "nothing is taken in"
    await vault.unlock("pass", to_salvage=True)
    done = await vault.copies.salvage(now_ms=NOW, usable=lambda tx: True, keep_whole=True)
    assert not done.was_whole
    store = await open_store(vault)
    kept = await store.read(lambda tx: {row.body for row in tx.messages.page(1, 999)})
    assert len(set(news) - kept) <= (where == "frame"), "what came after the lost frame is there"
    assert await store.read(_rooms_ask_back)
    await store.close()
    vault.lock()
    again = vault_at(tmp_path, None, seed="again")
    await again.unlock("pass")
    again.lock()


def content(profile: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in profile.iterdir()}


def _rooms_ask_back(tx: Transaction) -> bool:
    return all(row.state == "rejoining" for row in tx.rooms.all())
