"""An archive: the content of a profile without what must not be rewound, as one encrypted database file.

```
 open profile ──write_archive──▶ snapshot.<g>.db (own key)  or a backup (key from its code)
 archive ──read_archive──▶ a database that counts, marked as restored: every room is rejoined with a new run id
```
MLS state and key packages stay out: a ratchet that is rewound uses keys and nonces twice. So does what waits to be
sent, because nobody knows any more what of it was. Messages that will disappear stay out, and the search index is built
anew. Own messages that had not left the device are marked as failed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from byre.db import Connection, DatabaseKey, open_connection
from byre.db.connection import key_literal
from byre.db.faults import translated
from byre.db.transaction import read_transaction, require_sound
from byre.errors import EnvironmentFault, UsageError
from byre.store.index_upkeep import SETTING as INDEX_TABLES
from byre.store.schema import create_database
from byre.store.settings import SettingsRepository
from byre.store.vault_files import file_faults, sync_file, sync_folder

KEPT = (
    "account",
    "mailbox",
    "own_device",
    "setting",
    "peer",
    "signed_list",
    "device_record",
    "delivery_token",
    "received_mid",
    "undecryptable",
    "author",
    "room",
    "member",
    "name_told",
    "message",
    "delivery",
    "draft",
    "read_due",
    "receipt_due",
    "seen_message",
    "seen_window",
    "wipe_watermark",
    "wipe_late",
    "wipe_certificate",
    "wipe_report",
)
"""Tables that an archive holds, those that others refer to first."""

LEFT_OUT = frozenset(
    {
        *("mls_epoch", "mls_ratchet", "key_package", "pending_commit", "signed_claim", "joining", "rejoining"),
        *("kept_envelope", "outbox", "intent", "early_receipt"),
        *("wipe_journal", "wipe_room", "message_index", "sqlite_sequence"),
    }
)
"""Tables that it does not: MLS state and what belongs to it, what is on its way, what is made anew."""

RESTORED = "store.restored"
"""Setting of a database that was read from an archive: when, in ms. The client removes it once its rooms rejoin."""

EXPORTS = "store.exports"
"""Setting: when backups were made, in ms. They are out of a wipe's reach, and its certificate says so."""

KEY_COPY = "key_copy."
"""What begins the name of a setting that holds another own device's outer secret: no archive ever has one."""

_WHERE = {
    "message": "timer_s = 0 AND expires_at IS NULL",
    "delivery": "message IN (SELECT id FROM archive.message)",
    "setting": f"substr(name, 1, {len(KEY_COPY)}) != '{KEY_COPY}'",
}
_BATCH = 5_000

Progress = Callable[[float], None]
"""Called with 0..1, on the thread that works."""


def _ignore(fraction: float) -> None:
    pass


def write_archive(
    source: Path, source_key: DatabaseKey, target: Path, target_key: DatabaseKey, *, on_progress: Progress = _ignore
) -> None:
    """Write the archive of an open profile to a new file, through a connection of its own: one state of the profile,
    nobody waits. `target` is complete and on the disk when this returns; otherwise it is removed.

    Raises:
        UsageError: `wrong_state`: a wipe is under way, what it takes must not be kept.
        EnvironmentFault: `db_exists`, `db_damaged`, `disk_full`, `io_error`.
    """
    _new_copy(source, source_key, target, target_key, _seal_off, on_progress)


def read_archive(
    archive: Path,
    archive_key: DatabaseKey,
    target: Path,
    target_key: DatabaseKey,
    *,
    run_id: bytes,
    now_ms: int,
    on_progress: Progress = _ignore,
) -> None:
    """Make a new database out of an archive that has this version's schema; see `write_archive`.

    Args:
        run_id: 8 fresh random bytes: the counters of the run that was archived may have gone on.
    """

    def mark(connection: Connection) -> None:
        mark_restored(connection, run_id=run_id, now_ms=now_ms, schema="archive")

    _new_copy(archive, archive_key, target, target_key, mark, on_progress)


def mark_restored(connection: Connection, *, run_id: bytes, now_ms: int, schema: str = "main") -> None:
    """Say in a database that its MLS state is gone: a new run begins, and every room is to be rejoined.

    A room without anybody else stays `rejoining` with nobody to ask: the client founds it anew.
    """
    connection.execute(f"UPDATE {schema}.account SET run_id = ?", (run_id,))
    connection.execute(f"UPDATE {schema}.room SET next_counter = 0")
    connection.execute(f"UPDATE {schema}.room SET state = 'rejoining' WHERE state IN ('active', 'request', 'jammed')")
    connection.execute(f"DELETE FROM {schema}.rejoining")
    connection.execute(
        f"INSERT INTO {schema}.rejoining (group_id, request_hash, reference, started_at, next_at)"
        f" SELECT group_id, x'', x'', ?1, ?1 FROM {schema}.room r WHERE state = 'rejoining' AND EXISTS (SELECT 1"
        f" FROM {schema}.member m WHERE m.room = r.id AND m.device_id != (SELECT device_id FROM {schema}.account))",
        (now_ms,),
    )
    # Signed claims were settings before the fifth migration, and none of them is of use any more.
    for prefix in ("rooms.ordered.", "rooms.claim."):
        connection.execute(f"DELETE FROM {schema}.setting WHERE substr(name, 1, ?1) = ?2", (len(prefix), prefix))
    connection.execute(
        f"INSERT INTO {schema}.setting (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (RESTORED, str(now_ms).encode()),
    )


def is_restored(settings: SettingsRepository) -> bool:
    """Whether the database was read from an archive, and its rooms have not asked to rejoin yet."""
    return settings.get(RESTORED) is not None


def columns(connection: Connection, table: str, schema: str = "main") -> str:
    """The columns of a table, quoted and joined."""
    rows = connection.execute(f"SELECT name FROM pragma_table_info('{table}', '{schema}')").fetchall()
    return ", ".join(f'"{name}"' for (name,) in rows)


def _new_copy(
    source: Path,
    source_key: DatabaseKey,
    target: Path,
    target_key: DatabaseKey,
    finish: Callable[[Connection], None],
    on_progress: Progress,
) -> None:
    if target.exists():
        raise EnvironmentFault("there is a file in the copy's place", code="db_exists")
    try:
        create_database(target, target_key)
        connection = open_connection(source, source_key)
        try:
            with translated(target):
                name = os.fsencode(target)  # which need not be text
                connection.execute("ATTACH DATABASE ? AS archive KEY ?", (name, key_literal(target_key)))
                connection.execute("PRAGMA archive.synchronous=OFF").fetchall()  # it counts after its fsync only
                _copy(connection, finish, on_progress)
                if connection.execute("PRAGMA archive.quick_check").fetchall() != [("ok",)]:
                    raise EnvironmentFault("the copy does not hold together", code="db_damaged")
                connection.execute("PRAGMA archive.journal_mode=DELETE").fetchall()  # one file, no WAL beside it
                connection.execute("DETACH DATABASE archive")
        finally:
            connection.close()
        sync_file(target)
        sync_folder(target.parent)
        on_progress(1.0)
    except BaseException:
        with file_faults():
            for suffix in ("", "-wal", "-shm", "-journal"):
                target.with_name(target.name + suffix).unlink(missing_ok=True)
        raise


def _copy(connection: Connection, finish: Callable[[Connection], None], on_progress: Progress) -> None:
    connection.execute("BEGIN DEFERRED")  # reads one state of the profile without keeping its writer out
    if connection.execute("SELECT 1 FROM main.wipe_journal").fetchall():
        raise UsageError("a wipe is under way", code="wrong_state")
    for table in KEPT:
        names = columns(connection, table, "archive")
        where = _WHERE.get(table, "1")
        if table == "message":
            _copy_messages(connection, names, where, on_progress)
        else:
            connection.execute(f"INSERT INTO archive.{table} ({names}) SELECT {names} FROM main.{table} WHERE {where}")
    require_sound(connection)
    finish(connection)
    connection.execute("COMMIT")


def _copy_messages(connection: Connection, names: str, where: str, on_progress: Progress) -> None:
    total = max(1, int(connection.execute("SELECT count(*) FROM main.message").fetchall()[0][0]))
    after, copied = -1, 0
    while True:
        ids = connection.execute(
            "SELECT id FROM main.message WHERE id > ? ORDER BY id LIMIT ?", (after, _BATCH)
        ).fetchall()
        if not ids:
            return
        connection.execute(
            f"INSERT INTO archive.message ({names}) SELECT {names} FROM main.message"
            f" WHERE id > ? AND id <= ? AND {where}",
            (after, ids[-1][0]),
        )
        after, copied = ids[-1][0], copied + len(ids)
        on_progress(0.9 * copied / total)


def _seal_off(connection: Connection) -> None:
    """What is true of the profile and not of an archive of it."""
    connection.execute("DELETE FROM archive.setting WHERE name = ?", (INDEX_TABLES,))
    connection.execute("UPDATE archive.message SET state = 'failed' WHERE is_own = 1 AND state = 'queued'")
    # A preview may be that of a message which stayed out.
    connection.execute(
        "UPDATE archive.room SET last_text = '', last_message = NULL WHERE last_message IS NOT NULL"
        " AND last_message NOT IN (SELECT id FROM archive.message)"
    )


def check_archive(path: Path, key: DatabaseKey) -> int:
    """Open an archive for reading and return how many messages it holds.

    Raises:
        EnvironmentFault: `db_damaged`, also for another key, or if it holds no account.
    """
    connection = open_connection(path, key)
    try:
        with translated(path):

            def look(open_: Connection) -> int:
                if not open_.execute("SELECT 1 FROM account").fetchall():
                    raise EnvironmentFault("there is no account in it", code="db_damaged")
                return int(open_.execute("SELECT count(*) FROM message").fetchall()[0][0])

            return read_transaction(connection, look)
    finally:
        connection.close()
