"""The database written anew into the next generation, without what goes: no free page, no slack, no stale frame, no
deleted row comes along, because none was ever there.

```
 g ──▶ rows that stay, table by table, then their indexes ─────────────────▶ g+1         beside, on a connection
   └─▶ search index ──▶ in memory: entries that go taken out, optimised ──▶ then g+1    and thread of its own
```
g itself is not changed: a crash leaves it as it was. The search index holds no text of its own, so that what goes
cannot be left out of it row by row; it is pruned in memory (about 80 bytes per message of the profile), where nothing
is encrypted and nothing reaches a disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from byre.db import Connection
from byre.db.connection import key_literal
from byre.db.faults import translated
from byre.db.transaction import require_sound
from byre.errors import ByreError, EnvironmentFault, InternalBug
from byre.store import message_index
from byre.store.messages import PREVIEW_CHARACTERS
from byre.store.schema import APPLICATION_ID, SCHEMA_VERSION
from byre.store.vault_rotation import NextGeneration
from byre.store.vault_sources import salted
from byre.store.wipe_report import Progress
from byre.store.wipe_scope import WipeScope

_INDEX = "message_index"
_SHADOWS = ("data", "idx", "config")
_BATCH = 5000
_FAST = (
    # The copy counts only after its fsync and the switch: until then nothing of it need survive a crash.
    "PRAGMA next.journal_mode=OFF",
    "PRAGMA next.synchronous=OFF",
    "PRAGMA next.cache_size=-128000",
    "PRAGMA next.secure_delete=ON",
)


def export_to(
    connection: Connection,
    following: NextGeneration,
    scope: WipeScope,
    on_progress: Progress = lambda step, fraction: None,
    *,
    open_beside: Callable[[], Connection] | None = None,
) -> None:
    """Write what stays into `following.path` under its key.

    Args:
        open_beside: opens another connection to the file of `connection`, to which nobody may write meanwhile: it
            copies the tables on a thread of its own while this one takes care of the search index.

    Raises:
        EnvironmentFault: `disk_full`, `io_error`.
    """
    with _unbound(connection), ThreadPoolExecutor(1, thread_name_prefix="byre-wipe-tables") as beside:
        tables = None if open_beside is None else beside.submit(_copy_beside, open_beside, following, scope)
        with _attached(connection, "pruned", ":memory:", ""):
            connection.execute("BEGIN IMMEDIATE")
            _copy_index(connection, "main", "pruned")
            if "message" in scope.conditions():
                _prune_index(connection, scope.conditions()["message"], on_progress)
            if not message_index.optimise(connection, database="pruned"):
                goes = scope.conditions().get("message", "0")
                message_index.build_anew(connection, database="pruned", without=goes)
            require_sound(connection)
            connection.execute("COMMIT")
            on_progress("rebuild", 0.25)  # the tables are copied by now, or are waited for
            if tables is None:
                _copy_tables(connection, following, scope)
            else:
                tables.result()
            on_progress("rebuild", 0.35)
            # Only now: SQLCipher reads the salt of a file when it is attached.
            with _next(connection, following):
                connection.execute("BEGIN IMMEDIATE")
                _copy_index(connection, "pruned", "next")
                connection.execute("COMMIT")
                on_progress("rebuild", 0.4)
                # The copy leaves both at 0: without them the next start would take it for an empty database.
                connection.execute(f"PRAGMA next.application_id={APPLICATION_ID:d}")
                connection.execute(f"PRAGMA next.user_version={SCHEMA_VERSION:d}")
                connection.execute("PRAGMA next.journal_mode=WAL").fetchall()


def check_copy(connection: Connection) -> None:
    """Check the structure of every b-tree of a copy; its pages are authenticated as they are read.

    The entries of the search index are not: FTS5 wrote them as they stand, and they can be made anew.

    Raises:
        EnvironmentFault: `db_damaged`.
    """
    tables = connection.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow')"
    ).fetchall()
    for (table,) in tables:
        if connection.execute(f"PRAGMA quick_check('{table}')").fetchall() != [("ok",)]:
            raise EnvironmentFault("the rebuilt database does not hold together", code="db_damaged")


@contextmanager
def _unbound(connection: Connection) -> Iterator[None]:
    """Tables are copied one by one: a row may come before the one that it refers to."""
    connection.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.execute("PRAGMA foreign_keys=ON")


@contextmanager
def _attached(connection: Connection, name: str, path: str, key: str) -> Iterator[None]:
    """A database attached; at the end a transaction that failed is rolled back.

    What a database without a journal says of that, is not what went wrong: it calls itself damaged.
    """
    connection.execute(f"ATTACH DATABASE ? AS {name} KEY ?", (path, key))
    try:
        yield
    except BaseException:
        with suppress(ByreError), translated(Path(path)):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        with suppress(ByreError), translated(Path(path)):
            connection.execute(f"DETACH DATABASE {name}")
        raise
    connection.execute(f"DETACH DATABASE {name}")


@contextmanager
def _next(connection: Connection, following: NextGeneration) -> Iterator[None]:
    with _attached(connection, "next", str(following.path), key_literal(salted(following.key))):
        for pragma in _FAST:
            connection.execute(pragma).fetchall()
        yield


def _copy_beside(opening: Callable[[], Connection], following: NextGeneration, scope: WipeScope) -> None:
    connection = opening()
    try:
        with _unbound(connection):
            _copy_tables(connection, following, scope)
    finally:
        connection.close()


def _copy_tables(connection: Connection, following: NextGeneration, scope: WipeScope) -> None:
    with _next(connection, following):
        connection.execute("BEGIN")
        _copy(connection, scope, scope.conditions())
        require_sound(connection)
        connection.execute("COMMIT")


def _prune_index(connection: Connection, doomed: str, on_progress: Progress) -> None:
    """Take the entries of the doomed messages out of the search index in the database `pruned`."""
    total = max(1, int(connection.execute(f"SELECT count(*) FROM main.message WHERE {doomed}").fetchall()[0][0]))
    after, gone = -1, 0
    while batch := message_index.entries(connection, f"id > ? AND {doomed} ORDER BY id LIMIT ?", (after, _BATCH)):
        message_index.remove(connection, batch, database="pruned")
        after, gone = batch[-1].position, gone + len(batch)
        on_progress("delete", 0.05 + 0.1 * min(1.0, gone / total))


def _copy_index(connection: Connection, source: str, target: str) -> None:
    """The search index as it stands: its shadow tables, row by row."""
    sql = connection.execute("SELECT sql FROM main.sqlite_schema WHERE name = ?", (_INDEX,)).fetchall()[0][0]
    connection.execute(_in_database(str(sql), target))
    for shadow in _SHADOWS:
        connection.execute(f"DELETE FROM {target}.{_INDEX}_{shadow}")
        connection.execute(f"INSERT INTO {target}.{_INDEX}_{shadow} SELECT * FROM {source}.{_INDEX}_{shadow}")


def _copy(connection: Connection, scope: WipeScope, conditions: dict[str, str]) -> None:
    """Every ordinary table with the rows that stay, then its indexes; `room` last, which looks at what stayed."""
    tables = connection.execute(
        "SELECT s.name, s.sql FROM main.sqlite_schema s"
        " JOIN pragma_table_list t ON t.schema = 'main' AND t.name = s.name AND t.type = 'table'"
        " WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite_%' ORDER BY s.name = 'room', s.rowid"
    ).fetchall()
    for name, sql in tables:
        connection.execute(_in_database(str(sql), "next"))
        indexes = connection.execute(
            "SELECT sql FROM main.sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (name,)
        ).fetchall()
        # One that holds few of the rows costs less beside them than another pass over all of them afterwards.
        partial = [str(index) for (index,) in indexes if " WHERE " in index]
        whole = [str(index) for (index,) in indexes if " WHERE " not in index]
        for index in partial:
            connection.execute(_in_database(index, "next"))
        goes = conditions.get(name)
        stays = f"({goes}) IS NOT TRUE" if goes else ""
        if name == "room":
            connection.execute(_rooms_that_stay(connection, scope, stays or "1"))
        else:
            # Without a condition, SQLite moves whole records from one b-tree to the other.
            connection.execute(f"INSERT INTO next.{name} SELECT * FROM main.{name}" + (stays and f" WHERE {stays}"))
        for index in whole:
            connection.execute(_in_database(index, "next"))
    _note_what_went(connection, conditions)
    if scope.account_id is not None:
        connection.execute(
            "UPDATE next.peer SET name = '', is_contact = 0, trust = 'unverified', changed_public = NULL"
            " WHERE account_id = ?",
            (scope.account_id,),
        )
    if connection.execute("SELECT 1 FROM main.sqlite_schema WHERE name = 'sqlite_sequence'").fetchall():
        connection.execute("DELETE FROM next.sqlite_sequence")
        connection.execute("INSERT INTO next.sqlite_sequence SELECT * FROM main.sqlite_sequence")


def _note_what_went(connection: Connection, conditions: dict[str, str]) -> None:
    """Ids of the messages that go stay as seen: a second copy of one is not shown."""
    if "message" in conditions:
        gone_rooms = conditions.get("seen_message", "0")
        connection.execute(
            "INSERT INTO next.seen_message (message_id, room, author) SELECT message_id, room, author"
            f" FROM main.message WHERE ({conditions['message']}) AND ({gone_rooms}) IS NOT TRUE ON CONFLICT DO NOTHING"
        )


def _rooms_that_stay(connection: Connection, scope: WipeScope, stays: str) -> str:
    """The statement that copies the rooms; one whose last message went shows what stayed, or nothing."""
    newest = "(SELECT {} FROM next.message n WHERE n.room = r.id ORDER BY n.id DESC LIMIT 1)"
    shown = {
        "last_message": newest.format("n.id"),
        "last_kind": f"coalesce({newest.format('n.kind')}, '')",
        "last_text": f"coalesce({newest.format(f'substr(n.body, 1, {PREVIEW_CHARACTERS:d})')}, '')",
        "last_author": newest.format("n.author"),
    }
    went = "r.last_message IS NOT NULL AND NOT EXISTS (SELECT 1 FROM next.message n WHERE n.id = r.last_message)"
    unread = (
        "(SELECT count(*) FROM next.message n WHERE n.room = r.id AND n.id > r.read_up_to AND n.is_own = 0"
        " AND n.kind != 'system')"
    )
    values = {name: f"CASE WHEN {went} THEN {value} ELSE r.{name} END" for name, value in shown.items()}
    values["unread"] = f"CASE WHEN r.unread THEN {unread} ELSE 0 END"
    if scope.hides_rooms:
        wiped = "(SELECT up_to FROM main.wipe_room w WHERE w.room = r.id)"
        for name in ("wiped_up_to", "read_up_to"):
            values[name] = f"max(r.{name}, coalesce({wiped}, 0))"
        values["unread"] = values["unread"].replace("r.read_up_to", values["read_up_to"])
    columns = [str(name) for (name,) in connection.execute("SELECT name FROM pragma_table_info('room')")]
    selected = ", ".join(values.get(name, f"r.{name}") for name in columns)
    return f"INSERT INTO next.room ({', '.join(columns)}) SELECT {selected} FROM main.room r WHERE {stays}"


def _in_database(sql: str, database: str) -> str:
    """A CREATE statement of the schema, for another database."""
    for beginning in ("CREATE TABLE ", "CREATE VIRTUAL TABLE ", "CREATE UNIQUE INDEX ", "CREATE INDEX "):
        if sql.startswith(beginning):
            return f"{beginning}{database}.{sql[len(beginning) :]}"
    raise InternalBug("the schema holds something that a wipe does not copy", code="bad_schema")
