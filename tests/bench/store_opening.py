"""From nothing to the latest 50 lines: a new connection, an empty page cache (the system may have the file), on the
thread that has unlocked the profile.

```
 p50 ─ `Store.open_and_read`, as the client opens a profile: one trip to the thread
 apart ─ `Store.open`, then `read`: two trips      bare ─ the same statements on one connection, without a thread and
         ├ open: until it returns                         without the store
         └ rows: the first read                           ├ to_schema: until the schema is read
                                                          └ rows: out of pages that nobody has decrypted
 hand_over: p50 - bare: from thread to thread and back, the checks at the start, Python
 after_unlock: the same right after the passphrase was stretched: a thread that has opened nothing yet, cold caches
 steps: what bare is made of, each statement by itself (so that the sum is a little more), pages and schema counted
```
The rounds of store and bare take turns, so that both meet the same machine. `min` is what it takes when nothing else
runs; the machines that this was written on differ by half from one minute to the next.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from byre.db import CLIENT_PRAGMAS, migrate, open_connection
from byre.db.connection import key_literal
from byre.store import ProfileVault, Store, Transaction
from byre.store.schema import APPLICATION_ID, MIGRATIONS
from byre.store.store import looked_at
from tests.bench.timing import percentile, summary

First = Callable[[Transaction], Any]
"""What is read in the same trip."""
LIMIT = 50
_IO = Path("/proc/self/io")


async def opening(
    vault: ProfileVault,
    room: int,
    rounds: int,
    open_store: Callable[[ProfileVault, First], Awaitable[tuple[Store, Any]]],
    unlock: Callable[[], Awaitable[None]],
) -> dict[str, Any]:
    """Milliseconds, as above; the store must be closed. `unlock` unlocks the vault again."""
    times, apart, opened, bare, to_schema, after_unlock = [], [], [], [], [], []
    for number in range(rounds):
        for is_apart in (number % 2 == 0, number % 2 == 1):  # neither always comes right after the other thread's turn
            if is_apart:
                first, whole = await _apart(vault, room, open_store)
                opened.append(first)
                apart.append(whole)
            else:
                times.append(await _at_once(vault, room, open_store))
        start = time.perf_counter()
        connection = open_connection(vault.database_path, vault.database_key, alone=True)
        to_schema.append(_ms_since(start))
        Transaction(connection).messages.page(room, LIMIT)
        bare.append(_ms_since(start))
        connection.close()
    for _ in range(rounds // 4):
        vault.lock()
        await unlock()
        after_unlock.append(await _at_once(vault, room, open_store))
    pairs = list(zip(times, bare, strict=True))
    return {
        **summary(times),
        "apart_p50": percentile(apart, 50),
        "apart_open_p50": percentile(opened, 50),
        "apart_rows_p50": percentile([whole - first for whole, first in zip(apart, opened, strict=True)], 50),
        "bare_p50": percentile(bare, 50),
        "bare_min": round(min(bare), 2),
        "bare_to_schema_p50": percentile(to_schema, 50),
        "bare_rows_p50": percentile([whole - first for whole, first in zip(bare, to_schema, strict=True)], 50),
        "hand_over_p50": percentile([ours - alone for ours, alone in pairs], 50),
        "after_unlock": summary(after_unlock),
        "steps": _steps(vault, room, rounds),
    }


async def _at_once(
    vault: ProfileVault, room: int, open_store: Callable[[ProfileVault, First], Awaitable[tuple[Store, Any]]]
) -> float:
    """Milliseconds until the store was open and the lines were there."""
    start = time.perf_counter()
    store, rows = await open_store(vault, lambda tx: tx.messages.page(room, LIMIT))
    whole = _ms_since(start)
    await store.close()
    assert len(rows) == LIMIT
    return whole


async def _apart(
    vault: ProfileVault, room: int, open_store: Callable[[ProfileVault, First], Awaitable[tuple[Store, Any]]]
) -> tuple[float, float]:
    """Milliseconds until the store was open, and until the lines were there."""
    start = time.perf_counter()
    store, _ = await open_store(vault, lambda tx: None)
    first = _ms_since(start)
    await store.read(lambda tx: tx.messages.page(room, LIMIT))
    whole = _ms_since(start)
    await store.close()
    return first, whole


def _steps(vault: ProfileVault, room: int, rounds: int) -> dict[str, Any]:
    steps: dict[str, list[float]] = {}
    counted: dict[str, Any] = {}

    def timed(name: str, work: Callable[[], object]) -> Any:
        start = time.perf_counter()
        result = work()
        steps.setdefault(name, []).append(_ms_since(start))
        return result

    for _ in range(rounds):
        uri = f"{vault.database_path.absolute().as_uri()}?mode=rw"
        connection = timed("connect", lambda: dbapi2.connect(uri, uri=True, isolation_level=None, timeout=0))  # noqa: B023
        run: Callable[[str], Any] = lambda sql: connection.execute(sql).fetchall()  # noqa: B023, E731
        run("PRAGMA cipher_log_level=NONE")
        timed("key", lambda: run(f'PRAGMA key = "{key_literal(vault.database_key)}"'))  # noqa: B023
        run("PRAGMA locking_mode=EXCLUSIVE")
        before = _reads()
        timed("schema", lambda: run("SELECT count(*) FROM sqlite_schema"))  # noqa: B023
        counted["reads_to_schema"] = _reads() - before
        timed("pragmas", lambda: [run(statement) for statement in CLIENT_PRAGMAS.statements()])  # noqa: B023
        timed("migrations", lambda: migrate(connection, MIGRATIONS, application_id=APPLICATION_ID))  # noqa: B023
        before = _reads()
        timed("checks", lambda: looked_at(connection))  # noqa: B023
        counted["reads_of_checks"] = _reads() - before
        run("BEGIN")
        messages = Transaction(connection).messages
        timed("statement", lambda: messages.page(room, 0))  # noqa: B023
        before = _reads()
        timed("pages_and_rows", lambda: messages.page(room, LIMIT))  # noqa: B023
        counted["reads_of_rows"] = _reads() - before
        timed("rows_again", lambda: messages.page(room, LIMIT))  # noqa: B023
        run("ROLLBACK")
        ((counted["schema_objects"], counted["schema_bytes"]),) = run(
            "SELECT count(*), sum(length(sql)) FROM sqlite_schema"
        )
        connection.close()
    return {**{name: round(statistics.median(each), 3) for name, each in steps.items()}, **counted}


def _reads() -> int:
    """How often this process has read from files; 0 where the system does not tell."""
    if not _IO.exists():
        return 0
    return int(next(line for line in _IO.read_text().splitlines() if line.startswith("syscr")).split()[1])


def _ms_since(start: float) -> float:
    return (time.perf_counter() - start) * 1000
