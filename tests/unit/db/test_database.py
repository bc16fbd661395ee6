"""A database on its own thread: transactions, errors, replacement."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from byre.db import Connection, Database, Migration, Opening, Pragmas, Worker, open_connection
from byre.errors import EnvironmentFault, InternalBug, UsageError


class Key:
    def __init__(self, byte: int = 7) -> None:
        self._raw = bytes([byte]) * 32

    def reveal(self) -> bytes:
        return self._raw


FIRST = Migration(1, "first", "CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;\n")


def add(body: str):  # type: ignore[no-untyped-def]
    return lambda connection: connection.execute("INSERT INTO note (body) VALUES (?)", (body,)).lastrowid


def bodies(connection: Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT body FROM note ORDER BY id")]


@pytest.fixture
async def database(tmp_path: Path):  # type: ignore[no-untyped-def]
    opened = await Database.open(tmp_path / "a.db", Key(), migrations=(FIRST,), application_id=5, create=True)
    yield opened
    await opened.close()


async def test_what_a_write_stored_is_read_after_reopening(tmp_path: Path) -> None:
    first = await Database.open(tmp_path / "a.db", Key(), migrations=(FIRST,), create=True)
    assert await first.write(add("외양간")) == 1
    await first.close()
    second = await Database.open(tmp_path / "a.db", Key(), migrations=(FIRST,))
    assert await second.read(bodies) == ["외양간"]
    await second.close()


async def test_an_exception_rolls_the_whole_write_back(database: Database) -> None:
    def fails(connection: Connection) -> None:
        add("gone")(connection)
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        await database.write(fails)
    assert await database.read(bodies) == []


async def test_a_read_that_writes_is_undone_and_reported(database: Database) -> None:
    with pytest.raises(InternalBug) as caught:
        await database.read(add("sneaky"))
    assert caught.value.code == "write_in_read"
    assert await database.read(bodies) == []


async def test_jobs_run_on_one_thread_in_order(database: Database) -> None:
    await asyncio.gather(*(database.write(add(str(n))) for n in range(20)))
    assert await database.read(bodies) == [str(n) for n in range(20)]
    threads = {await database.run(lambda _: threading.current_thread().name) for _ in range(3)}
    assert len(threads) == 1
    assert threading.current_thread().name not in threads


async def test_a_full_disk_is_named_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    roomy = await Database.open(path, Key(), migrations=(FIRST,), create=True)
    await roomy.write(add("kept"))
    await roomy.close()
    tight = await Database.open(path, Key(), pragmas=Pragmas(max_page_count=4), migrations=(FIRST,))
    with pytest.raises(EnvironmentFault) as caught:
        await tight.write(add("x" * 100_000))
    assert caught.value.code == "disk_full"
    assert caught.value.__cause__ is None
    assert await tight.read(bodies) == ["kept"]
    await tight.write(add("small"))
    assert await tight.read(bodies) == ["kept", "small"]
    await tight.close()


async def test_a_wrong_statement_is_a_bug_and_names_no_value(database: Database) -> None:
    with pytest.raises(InternalBug) as caught:
        await database.run(lambda connection: connection.execute("SELECT 'secret' FROM nowhere"))
    assert caught.value.code == "db_statement"
    assert "secret" not in str(caught.value)


async def test_the_client_settings_hold(database: Database) -> None:
    def values(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "secure_delete", "temp_store", "foreign_keys", "trusted_schema")
        return [connection.execute(f"PRAGMA {name}").fetchall()[0][0] for name in names]

    assert await database.run(values) == ["wal", 2, 1, 2, 1, 0]


async def test_a_checkpoint_empties_the_wal(database: Database, tmp_path: Path) -> None:
    await database.write(add("x"))
    assert (tmp_path / "a.db-wal").stat().st_size > 0
    await database.checkpoint()
    assert (tmp_path / "a.db-wal").stat().st_size == 0


async def test_after_an_exchange_every_job_runs_on_the_new_file(database: Database, tmp_path: Path) -> None:
    await database.write(add("old"))

    def swap(connection: Connection) -> tuple[Path, Connection]:
        path = tmp_path / "b.db"
        following = open_connection(path, Key(8), create=True)
        following.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT")
        connection.close()
        return path, following

    exchange = asyncio.ensure_future(database.exchange(swap))
    waiting = asyncio.ensure_future(database.write(add("new")))
    await asyncio.gather(exchange, waiting)
    assert await database.read(bodies) == ["new"]
    assert database.path == tmp_path / "b.db"


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def opening_of(path: Path) -> Opening:
    return lambda alone: open_connection(path, Key(), alone=alone)


@pytest.mark.parametrize("alone", [False, True])
async def test_reads_do_not_wait_for_an_exchange_that_they_stand_beside(tmp_path: Path, alone: bool) -> None:
    database = await Database.open(tmp_path / "a.db", Key(), migrations=(FIRST,), create=True, alone=alone)
    await database.write(add("old"))
    may_go_on, has_begun = threading.Event(), asyncio.Event()
    path, loop = database.path, asyncio.get_running_loop()

    def swap(connection: Connection) -> tuple[Path, Connection]:
        loop.call_soon_threadsafe(has_begun.set)
        may_go_on.wait(60)
        following = open_connection(tmp_path / "b.db", Key(8), create=True)
        following.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT")
        connection.close()
        return tmp_path / "b.db", following

    async def exchanged() -> None:
        async with database.read_beside(opening_of(path)):
            await database.write(add("older"))
            assert await database.read(bodies) == ["old", "older"]
            await database.exchange(swap)

    exchange = asyncio.ensure_future(exchanged())
    await has_begun.wait()
    writing = asyncio.ensure_future(database.write(add("new")))
    assert await database.read(bodies) == ["old", "older"]
    assert not exchange.done()
    may_go_on.set()
    await asyncio.gather(exchange, writing)
    assert await database.read(bodies) == ["new"]
    await database.close()


@pytest.mark.parametrize("alone", [False, True])
async def test_a_reader_that_cannot_be_opened_leaves_everything_as_it_was(tmp_path: Path, alone: bool) -> None:
    path = tmp_path / "a.db"
    database = await Database.open(path, Key(), migrations=(FIRST,), create=True, alone=alone)
    await database.write(add("old"))

    def fail(alone: bool) -> Connection:
        if not alone:
            raise EnvironmentFault("injected", code="io_error")
        return open_connection(path, Key(), alone=alone)

    for _ in range(2):
        with pytest.raises(EnvironmentFault):
            async with database.read_beside(fail):
                pytest.fail("nothing is to be begun")
        assert await database.read(bodies) == ["old"]
    async with database.read_beside(opening_of(path)):
        assert await database.read(bodies) == ["old"]
    await database.close()


async def test_a_file_held_alone_lets_others_in_once_it_is_shared(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database = await Database.open(path, Key(), migrations=(FIRST,), create=True, alone=True)
    await database.write(add("kept"))
    assert not path.with_name("a.db-shm").exists()
    with pytest.raises(EnvironmentFault) as caught:
        open_connection(path, Key())
    assert caught.value.code == "profile_in_use"
    await asyncio.gather(database.share(opening_of(path)), database.share(opening_of(path)))
    other = open_connection(path, Key())
    assert bodies(other) == ["kept"]
    await database.write(add("more"))
    assert bodies(other) == ["kept", "more"]
    other.close()
    await database.close()
    assert names(tmp_path) == ["a.db"]


async def test_a_file_that_cannot_be_opened_again_is_tried_by_every_job(tmp_path: Path) -> None:
    path, is_away = tmp_path / "a.db", True
    database = await Database.open(path, Key(), migrations=(FIRST,), create=True, alone=True)
    await database.write(add("kept"))

    def opening(alone: bool) -> Connection:
        if is_away:
            raise EnvironmentFault("injected", code="io_error")
        return open_connection(path, Key(), alone=alone)

    for attempt in (database.share(opening), database.read(bodies), database.write(add("lost"))):
        with pytest.raises(EnvironmentFault):
            await attempt
    is_away = False
    assert await database.read(bodies) == ["kept"]
    await database.close()


async def test_damage_that_opening_anew_meets_is_told(tmp_path: Path) -> None:
    path, told = tmp_path / "a.db", list[str]()
    database = await Database.open(
        path, Key(), migrations=(FIRST,), create=True, alone=True, on_damage=lambda: told.append("damage")
    )
    for _ in range(2):
        with pytest.raises(EnvironmentFault) as caught:
            await database.share(lambda alone: open_connection(path, Key(9), alone=alone))
        assert caught.value.code == "db_damaged"
    assert told == ["damage"]
    await database.close()


async def test_a_worker_that_is_lent_outlives_the_database(tmp_path: Path) -> None:
    worker = Worker("byre-lent")
    for body in ("first", "second"):
        database = await Database.open(
            tmp_path / "a.db", Key(), migrations=(FIRST,), create=body == "first", alone=True, worker=worker
        )
        await database.write(add(body))
        assert await database.run(lambda _: threading.current_thread().name) == "byre-lent"
        await database.close()
    assert await worker.run(lambda: 1) == 1
    worker.end()


async def test_who_is_cancelled_while_it_opens_or_closes_leaves_the_file_to_others(tmp_path: Path) -> None:
    worker, may_go_on, has_begun = Worker("byre-lent"), threading.Event(), threading.Event()
    path = tmp_path / "a.db"
    await (await Database.open(path, Key(), migrations=(FIRST,), create=True)).close()

    def prepare(connection: Connection) -> None:
        has_begun.set()
        assert may_go_on.wait(60)

    opening = asyncio.ensure_future(
        Database.open(path, Key(), migrations=(FIRST,), alone=True, worker=worker, prepare=prepare)
    )
    await asyncio.to_thread(has_begun.wait, 60)
    opening.cancel()
    may_go_on.set()
    await asyncio.gather(opening, return_exceptions=True)
    database = await Database.open(path, Key(), migrations=(FIRST,), alone=True, worker=worker)

    may_go_on.clear()
    has_begun.clear()
    busy = asyncio.ensure_future(database.run(prepare))
    await asyncio.to_thread(has_begun.wait, 60)
    closing = asyncio.ensure_future(database.close())
    await asyncio.sleep(0)
    closing.cancel()
    may_go_on.set()
    await asyncio.gather(busy, closing, return_exceptions=True)
    await (await Database.open(path, Key(), migrations=(FIRST,), alone=True, worker=worker)).close()
    worker.end()


async def test_a_closed_database_says_so(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "a.db", Key(), create=True)
    await database.close()
    await database.close()
    with pytest.raises(UsageError) as caught:
        await database.read(lambda _: None)
    assert caught.value.code == "locked"


async def test_a_failed_migration_leaves_the_number_where_it_was(tmp_path: Path) -> None:
    broken = Migration(2, "broken", "CREATE TABLE b (x) ;\nCREATE TABLE note (x);\n")
    path = tmp_path / "a.db"
    first = await Database.open(path, Key(), migrations=(FIRST,), create=True)
    await first.close()
    with pytest.raises(InternalBug):
        await Database.open(path, Key(), migrations=(FIRST, broken))
    again = await Database.open(path, Key(), migrations=(FIRST,))
    assert await again.run(lambda c: c.execute("PRAGMA user_version").fetchone()) == (1,)
    assert await again.run(lambda c: c.execute("SELECT count(*) FROM sqlite_schema").fetchone()) == (1,)
    await again.close()
