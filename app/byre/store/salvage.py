"""A damaged database: what can still be read of it, and its last snapshot, become a database that opens.

```
 store.<g>.db (damaged)  ─┬─ rows that SQLite reads ──▶ salvage.<g>.db ══▶ store.<g>.db, marked as restored
                          ├─ rows of leaves beyond its reach  │
 snapshot.<g>.db ─────────┘  rows that are missing            └── before: store.<g>.db ─▶ damaged.<g>.<n>.db, kept aside
```
Nothing is overwritten: the damaged file lies beside the new one until the next wipe, which destroys it with its
generation. The mark `damaged.<g>` names where the file goes before it goes there, so that a salvage after a crash reads
what a crash left, wherever it lies. Of MLS state nothing is taken over: every room is rejoined.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Set
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
from byre.store.erasures import ErasureRepository
from byre.store.forensics_pages import wal_of
from byre.store.index_upkeep import SETTING as INDEX_TABLES
from byre.store.page_check import is_whole
from byre.store.salvage_leaves import Leaves, shapes_of
from byre.store.salvage_pages import SoundPages
from byre.store.salvage_rows import Rescued, readable_copy
from byre.store.schema import create_database, open_database
from byre.store.transaction import Transaction
from byre.store.vault_files import file_faults, require_file, sync_file, sync_folder
from byre.store.vault_profile import (
    ProfileFiles,
    aside_path,
    damage_mark,
    mark_damage,
    mark_name,
    salvaged_path,
    snapshot_path,
)

_NAMING_MESSAGES = frozenset({"message_room", "message_name"})
"""Indexes over every message, whose last value is its number."""

Usable = Callable[[Transaction], bool]
"""Whether what came together is a profile that can be opened."""


@dataclass(frozen=True, slots=True)
class Salvage:
    """What came of it: messages read from the damaged file, and those that only the snapshot had.

    lost_messages: that there were, says an index; they are in neither. Where that index is damaged, there may be more.
    lost_pages: pages of the damaged file that could not be read and may have held more than what is made anew.
    was_whole: the database was not damaged and stays as it is: at most the profile's manifest was lost.
    """

    from_database: int
    from_snapshot: int
    lost_messages: int = 0
    lost_pages: int = 0
    was_whole: bool = False


def has_account(tx: Transaction) -> bool:
    """The least that a profile needs; the client knows better."""
    return tx.account.get() is not None


def whole_profile(files: ProfileFiles, generation: int, key: Secret, *, usable: Usable = has_account) -> Salvage | None:
    """What an unlocked profile holds, if its database is whole and was not found damaged; it must not be open.

    Raises:
        EnvironmentFault: `db_newer`, `disk_full`, `io_error`.
    """
    path = files.database(generation)
    is_there = path.is_file() and not files.is_emptied(generation)
    if not is_there or damage_mark(files, generation) is not None or not is_whole(path, key):
        return None
    connection = open_database(path, key)
    try:
        if not usable(Transaction(connection)):
            return None
        ((messages,),) = connection.execute("SELECT count(*) FROM message").fetchall()
    finally:
        connection.close()
    return Salvage(from_database=int(messages), from_snapshot=0, was_whole=True)


def salvage_profile(
    files: ProfileFiles,
    generation: int,
    key: Secret,
    snapshot_key: Secret,
    *,
    random: Random,
    now_ms: int,
    usable: Usable = has_account,
) -> Salvage:
    """Replace the damaged database of an unlocked profile; it must not be open.

    Raises:
        EnvironmentFault: `db_damaged`: file and snapshot together yield nothing `usable`: everything is as it was.
            `disk_full`, `io_error`.
    """
    built, copy = salvaged_path(files.directory, generation), readable_copy(files.directory, generation)
    _remove(built)
    _remove(copy)
    source = _source(files, generation)
    snapshot = snapshot_path(files.directory, generation)
    with suppress(ByreError):
        open_database(snapshot, snapshot_key).close()  # an older version may have taken it
    try:
        readable = None if source is None else Rescued.of_file(source, key, copy)
        sources = (source, readable, Rescued(snapshot, snapshot_key))
        done = _build(built, key, sources, usable=usable, random=random, now_ms=now_ms)
    except BaseException:
        _remove(built)
        raise
    finally:
        _remove(copy)
    sync_file(built)
    _put_in_place(files, generation, built)
    return done


def _build(
    built: Path,
    key: Secret,
    sources: tuple[Path | None, Rescued | None, Rescued],
    *,
    usable: Usable,
    random: Random,
    now_ms: int,
) -> Salvage:
    source, readable, snapshot = sources
    create_database(built, key)
    connection = open_connection(built, key)
    try:
        with translated(built):
            connection.execute("PRAGMA foreign_keys=OFF").fetchall()  # a row may outlive the one that it names
            connection.execute("CREATE TEMP TABLE known (id INTEGER PRIMARY KEY)")  # messages that an index names

            def fill(open_: Connection) -> Salvage:
                lost_pages = 0
                if readable is not None and source is not None:
                    _take(open_, _but_certificates(readable))
                    lost_pages = _take_leaves(open_, source, key, readable.incomplete)
                from_database = _messages(open_)
                _take(open_, snapshot.rows)
                from_snapshot = _messages(open_) - from_database
                if readable is not None:
                    _mend(open_, readable, now_ms)
                _tidy(open_)
                ErasureRepository(open_).start_all_own(now_ms)
                open_.execute("DELETE FROM setting WHERE name = ?", (INDEX_TABLES,))
                mark_restored(open_, run_id=random(8), now_ms=now_ms)
                if not usable(Transaction(open_)):
                    raise EnvironmentFault(
                        "neither the database nor a snapshot yields the account; everything is kept as it is",
                        code="db_damaged",
                    )
                lost = "SELECT count(*) FROM temp.known WHERE id NOT IN (SELECT id FROM message)"
                return Salvage(from_database, from_snapshot, int(open_.execute(lost).fetchall()[0][0]), lost_pages)

            done = write_transaction(connection, fill)
            connection.execute("PRAGMA journal_mode=DELETE").fetchall()
    finally:
        connection.close()
    return done


def _source(files: ProfileFiles, generation: int) -> Path | None:
    """Where the damaged file lies: in its place, or where a salvage that a crash cut off has moved it."""
    database = files.database(generation)
    require_file(database)
    named = damage_mark(files, generation)
    aside = files.directory / named if named else None
    with file_faults():
        if aside is not None and aside.exists() and (not database.exists() or database.samefile(aside)):
            _move_log(database, aside)
            return aside
        return database if database.exists() else None


def _but_certificates(readable: Rescued) -> _Rows:
    """A certificate of a wipe is signed as a whole and is no loss: it is taken from the snapshot alone."""
    return lambda table, names: () if table == "wipe_certificate" else readable.rows(table, names)


_Rows = Callable[[str, str], Iterable[tuple[Any, ...]]]
"""Rows of a table, given its name and its columns."""


def _take(target: Connection, rows: _Rows) -> None:
    """Insert what is not there yet, table by table."""
    for table in KEPT:
        names = columns(target, table)
        target.executemany(_insertion(table, names), rows(table, names))


def _take_leaves(target: Connection, source: Path, key: Secret, incomplete: Set[str]) -> int:
    """Insert what lies in leaves that SQLite did not come to; returns how many pages are lost.

    Which messages there were is read off their indexes.
    """
    shapes = shapes_of(target)
    wanted = incomplete | (_NAMING_MESSAGES if "message" in incomplete else set())
    with SoundPages(source, key) as pages:
        leaves = Leaves(pages, shapes)
        for name, rows in leaves.rows(wanted) if wanted else ():
            if name in _NAMING_MESSAGES:
                target.executemany("INSERT OR IGNORE INTO temp.known (id) VALUES (?)", [row[-1:] for row in rows])
            else:
                target.executemany(_insertion(name, columns(target, name)), rows)
        return leaves.lost(harmless={"sqlite_schema", *shapes} - set(KEPT))


def _insertion(table: str, names: str) -> str:
    places = ", ".join("?" * (names.count(",") + 1))
    return f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})"


def _messages(connection: Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM message").fetchall()[0][0])


def _mend(connection: Connection, readable: Rescued, now_ms: int) -> None:
    """Where rooms or authors were lost and messages of theirs were not: put back what their indexes know.

    Such a room has no title and no members any more and counts as left: its messages can be read.
    """
    connection.executemany(
        "INSERT OR IGNORE INTO author (id, account_id, device_id) VALUES (?, ?, ?)",
        readable.keys("author", "id, account_id, device_id"),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO room (id, group_id, kind, state, relay, group_tag, last_activity, created_at)"
        " SELECT ?1, ?2, 'group', 'left', (SELECT relay FROM account), zeroblob(16), coalesce(max(received_at), ?3),"
        " coalesce(min(received_at), ?3) FROM message WHERE room = ?1 HAVING count(*) > 0"
        " AND EXISTS (SELECT 1 FROM account)",
        ((number, group_id, now_ms) for number, group_id in readable.keys("room", "id, group_id")),
    )
    # Where the indexes are lost, too, nobody is called so; what was said can be read all the same.
    connection.execute(
        "INSERT INTO author (id, account_id, device_id) SELECT author, randomblob(32), randomblob(16)"
        " FROM message WHERE author NOT IN (SELECT id FROM author) GROUP BY author"
    )
    connection.execute(
        "INSERT INTO room (id, group_id, kind, state, relay, group_tag, last_activity, created_at)"
        " SELECT m.room, randomblob(32), 'group', 'left', a.relay, zeroblob(16), max(m.received_at), min(m.received_at)"
        " FROM message m, account a WHERE m.room NOT IN (SELECT id FROM room) GROUP BY m.room"
    )


def _tidy(connection: Connection) -> None:
    """Remove what names a row that was lost."""
    for statement in (
        "DELETE FROM message WHERE room NOT IN (SELECT id FROM room) OR author NOT IN (SELECT id FROM author)",
        "DELETE FROM delivery WHERE message NOT IN (SELECT id FROM message)",
        *(
            f"DELETE FROM {table} WHERE room NOT IN (SELECT id FROM room)"
            for table in ("member", "name_told", "draft", "read_due", "receipt_due", "seen_message", "seen_window")
        ),
        *(f"DELETE FROM {table} WHERE room NOT IN (SELECT id FROM room)" for table in ("wipe_watermark", "wipe_late")),
        "DELETE FROM seen_message WHERE author NOT IN (SELECT id FROM author)",
        "UPDATE message SET state = 'failed' WHERE is_own = 1 AND state = 'queued'",
        "UPDATE room SET last_text = '', last_message = NULL WHERE last_message NOT IN (SELECT id FROM message)",
        "UPDATE room SET unread = (SELECT count(*) FROM message m WHERE m.room = room.id AND NOT m.is_own"
        " AND m.id > room.read_up_to AND m.kind = 'text')",
    ):
        connection.execute(statement)


def _put_in_place(files: ProfileFiles, generation: int, built: Path) -> None:
    """Move the damaged file aside with what belongs to it, then the new one into its place.

    Where the disk has hard links, there is a database in that place at every instant.
    """
    database = files.database(generation)
    source = _source(files, generation)
    if source == database:
        aside = aside_path(files.directory, generation)
        mark_damage(files, generation, aside.name)
        with file_faults():
            try:
                os.link(database, aside)
            except OSError:
                os.replace(database, aside)
            _move_log(database, aside)
    with file_faults():
        for suffix in ("-wal", "-shm", "-journal"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)
        sync_folder(files.directory)
        os.replace(built, database)
    sync_folder(files.directory)
    files.unlink(mark_name(generation))


def _move_log(database: Path, aside: Path) -> None:
    """Bring the WAL beside the file that it belongs to."""
    log, kept = wal_of(database), wal_of(aside)
    if log.exists() and not kept.exists():
        os.replace(log, kept)


def _remove(path: Path) -> None:
    with file_faults():
        for suffix in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
