"""A damaged database: what can still be read of it, and its last snapshot, become a database that opens.

```
 store.<g>.db (damaged)  ─┬─ rows that can be read ─▶ salvage.<g>.db ══▶ store.<g>.db, marked as restored
 snapshot.<g>.db ─────────┘  rows that are missing       │
                                                         └── before: store.<g>.db ─▶ damaged.<g>.<n>.db, kept aside
```
Nothing is overwritten: the damaged file lies beside the new one until the next wipe, which destroys it with its
generation. A crash before ══ leaves the damaged profile as it was or without its database, and `salvage` is called
again. Of MLS state nothing is taken over: every room is rejoined.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.db import Connection, open_connection
from byre.db.faults import translated
from byre.db.transaction import write_transaction
from byre.errors import ByreError, EnvironmentFault
from byre.store.archive import KEPT, columns, mark_restored
from byre.store.index_upkeep import SETTING as INDEX_TABLES
from byre.store.schema import create_database, open_database
from byre.store.vault_files import file_faults, sync_file, sync_folder
from byre.store.vault_profile import ProfileFiles, aside_path, salvaged_path, snapshot_path

_BATCH = 500
_LONGEST_LEAP = 1 << 40
_WITHOUT_ROWID = frozenset(
    {"setting", "signed_list", "received_mid", "member", "name_told", "delivery", "receipt_due", "seen_message"}
    | {"seen_window", "wipe_watermark", "wipe_report"}
)
_NOT_FROM_THE_DAMAGED = frozenset({"wipe_certificate"})


@dataclass(frozen=True, slots=True)
class Salvage:
    """What came of it: messages read from the damaged file, and those that only the snapshot had."""

    from_database: int
    from_snapshot: int


def salvage_profile(
    files: ProfileFiles, generation: int, key: Secret, snapshot_key: Secret, *, random: Random, now_ms: int
) -> Salvage:
    """Replace the damaged database of an unlocked profile; it must not be open.

    Raises:
        EnvironmentFault: `db_damaged`: neither the file nor a snapshot yields the account: everything is as it was.
            `disk_full`, `io_error`.
    """
    damaged, built = files.database(generation), salvaged_path(files.directory, generation)
    _remove(built)
    create_database(built, key)
    connection = open_connection(built, key)
    try:
        with translated(built):
            connection.execute("PRAGMA foreign_keys=OFF").fetchall()  # a row may outlive the one that it names

            def fill(open_: Connection) -> Salvage:
                from_database = _take(open_, _Damaged(damaged, key).rows) if damaged.exists() else 0
                from_snapshot = _take_snapshot(open_, snapshot_path(files.directory, generation), snapshot_key)
                if not open_.execute("SELECT 1 FROM account").fetchall():
                    raise EnvironmentFault(
                        "neither the database nor a snapshot can be read; everything is kept as it is",
                        code="db_damaged",
                    )
                _tidy(open_)
                open_.execute("DELETE FROM setting WHERE name = ?", (INDEX_TABLES,))
                mark_restored(open_, run_id=random(8), now_ms=now_ms)
                return Salvage(from_database, from_snapshot)

            done = write_transaction(connection, fill)
            connection.execute("PRAGMA journal_mode=DELETE").fetchall()
    except BaseException:
        connection.close()
        _remove(built)
        raise
    connection.close()
    sync_file(built)
    _put_in_place(files, generation, built)
    return done


class _Damaged:
    """Reads what can be read of a damaged database. A page that fails poisons a connection: each read has its own."""

    def __init__(self, path: Path, key: Secret) -> None:
        self._path = path
        self._key = key

    def rows(self, table: str, names: str) -> Iterator[tuple[Any, ...]]:
        """Rows of a table, in batches where it has a rowid, skipping over what cannot be read."""
        if table in _NOT_FROM_THE_DAMAGED:
            return
        if table in _WITHOUT_ROWID:
            yield from self._read(f"SELECT {names} FROM {table}", ()) or []
            return
        after, leap = -(1 << 62), 1
        last = self._read(f"SELECT max(rowid) FROM {table}", ())
        end = int(last[0][0] or 0) if last else (1 << 62)
        while after < end:
            query = f"SELECT rowid, {names} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT "
            batch = self._read(query + str(_BATCH), (after,)) or self._one_by_one(query, after)
            if batch:
                yield from (row[1:] for row in batch)
                after, leap = int(batch[-1][0]), 1
                continue
            if self._read(query + "1", (after,)) == []:
                return  # the true end of the table
            if leap > _LONGEST_LEAP:
                return
            after, leap = max(after, 0) + leap, leap * 4

    def _one_by_one(self, query: str, after: int) -> list[tuple[Any, ...]]:
        taken: list[tuple[Any, ...]] = []
        while len(taken) < _BATCH:
            row = self._read(query + "1", (after,))
            if not row:
                break
            taken += row
            after = int(row[0][0])
        return taken

    def _read(self, sql: str, parameters: tuple[object, ...]) -> list[tuple[Any, ...]] | None:
        """The rows, or None where a page does not authenticate."""
        with suppress(ByreError), translated(self._path):
            connection = open_connection(self._path, self._key)
            try:
                return connection.execute(sql, parameters).fetchall()
            finally:
                connection.close()
        return None


_Rows = Callable[[str, str], Iterable[tuple[Any, ...]]]
"""Rows of a table, given its name and its columns."""


def _take(target: Connection, rows: _Rows) -> int:
    """Insert what is not there yet, table by table; returns how many messages came of it."""
    before = _messages(target)
    for table in KEPT:
        names = columns(target, table)
        places = ", ".join("?" * (names.count(",") + 1))
        target.executemany(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})", rows(table, names))
    return _messages(target) - before


def _take_snapshot(target: Connection, path: Path, key: Secret) -> int:
    if not path.exists():
        return 0
    try:
        with translated(path):
            source = open_database(path, key)
    except ByreError:
        return 0
    try:
        return _take(target, lambda table, names: source.execute(f"SELECT {names} FROM {table}"))
    finally:
        source.close()


def _messages(connection: Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM message").fetchall()[0][0])


def _tidy(connection: Connection) -> None:
    """Remove what names a row that was lost."""
    for statement in (
        "DELETE FROM message WHERE room NOT IN (SELECT id FROM room) OR author NOT IN (SELECT id FROM author)",
        "DELETE FROM delivery WHERE message NOT IN (SELECT id FROM message)",
        *(
            f"DELETE FROM {table} WHERE room NOT IN (SELECT id FROM room)"
            for table in ("member", "name_told", "draft", "read_due", "receipt_due", "seen_message", "seen_window")
        ),
        "DELETE FROM wipe_watermark WHERE room NOT IN (SELECT id FROM room)",
        "DELETE FROM seen_message WHERE author NOT IN (SELECT id FROM author)",
        "UPDATE message SET state = 'failed' WHERE is_own = 1 AND state = 'queued'",
        "UPDATE room SET last_text = '', last_message = NULL WHERE last_message NOT IN (SELECT id FROM message)",
        "UPDATE room SET unread = (SELECT count(*) FROM message m WHERE m.room = room.id AND NOT m.is_own"
        " AND m.id > room.read_up_to AND m.kind = 'text')",
    ):
        connection.execute(statement)


def _put_in_place(files: ProfileFiles, generation: int, built: Path) -> None:
    """Move the damaged file aside with what belongs to it, then the new one into its place."""
    database = files.database(generation)
    with file_faults():
        if database.exists():
            aside = aside_path(files.directory, generation)
            for suffix in ("-wal", ""):
                part = database.with_name(database.name + suffix)
                if part.exists():
                    os.replace(part, aside.with_name(aside.name + suffix))
        for suffix in ("-wal", "-shm", "-journal"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)
        sync_folder(files.directory)
        os.replace(built, database)
        sync_folder(files.directory)


def _remove(path: Path) -> None:
    with file_faults():
        for suffix in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
