"""The database written anew into the next generation, without what goes: no free page, no slack, no stale frame, no
deleted row comes along, because none was ever there.

```
 g ──▶ rows that stay, table by table, then their indexes ─────────────────▶ g+1         on two connections,
   └─▶ search index ──▶ in memory: entries that go taken out, optimised ──▶ then g+1    side by side
```
Both see g as it was when the copy began (`pin`); what is written to g meanwhile follows afterwards (`wipe_changes`).
The copy changes nothing in g: a crash leaves it as it was. The search index holds no text of its own, so that what goes
cannot be left out of it row by row; it is pruned in memory (about 80 bytes per message of the profile), where nothing
is encrypted and nothing reaches a disk.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

from byre.db import Connection
from byre.db.connection import key_literal
from byre.db.transaction import require_sound
from byre.errors import EnvironmentFault, InternalBug
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


class Export:
    """What stays, on its way into the next generation. Threads may take turns with it; `close` ends it."""

    def __init__(self, opening: Callable[[], Connection], following: NextGeneration, scope: WipeScope) -> None:
        """`opening` opens a connection that threads may take turns with, to the file of which the copy is made.

        Raises:
            EnvironmentFault: `disk_full`, `io_error`, `db_damaged`.
        """
        self._following, self._scope = following, scope
        with ExitStack() as opened:
            self._tables = opened.enter_context(closing(opening()))
            self._index = opened.enter_context(closing(opening()))
            for connection in (self._tables, self._index):
                connection.execute("PRAGMA foreign_keys=OFF")  # a row may come before the one that it refers to
            attach_next(self._tables, following, *_FAST)
            self._index.execute("ATTACH DATABASE ':memory:' AS pruned KEY ''")
            self._opened = opened.pop_all()

    def pin(self) -> None:
        """See the database as it is now, whatever is written from here on. Nobody writes at this moment."""
        for connection in (self._tables, self._index):
            connection.execute("BEGIN")
            connection.execute("SELECT 1 FROM main.sqlite_schema LIMIT 1").fetchall()

    def run(self, on_progress: Progress = lambda step, fraction: None) -> None:
        """Write what stayed at that moment.

        Raises:
            EnvironmentFault: `disk_full`, `io_error`, `db_damaged`.
        """
        with ThreadPoolExecutor(1, thread_name_prefix="byre-wipe-tables") as beside:
            tables = beside.submit(self._copy_tables)
            self._prune_index(on_progress)
            on_progress("rebuild", 0.25)  # the tables are copied by now, or are waited for
            tables.result()
        on_progress("rebuild", 0.35)
        self._copy_index(on_progress)

    def close(self) -> None:
        """Close the connections; what was not completed is undone, or is removed with the next generation."""
        self._opened.close()

    def _copy_tables(self) -> None:
        connection = self._tables
        _copy(connection, self._scope, self._scope.conditions())
        require_sound(connection)
        connection.execute("COMMIT")
        connection.execute("DETACH DATABASE next")

    def _prune_index(self, on_progress: Progress) -> None:
        connection, goes = self._index, self._scope.conditions().get("message")
        _copy_index(connection, "main", "pruned")
        if goes is not None:
            _prune_index(connection, goes, on_progress)
        if not message_index.optimise(connection, database="pruned"):
            message_index.build_anew(connection, database="pruned", without=goes or "0")
        require_sound(connection)
        connection.execute("COMMIT")

    def _copy_index(self, on_progress: Progress) -> None:
        connection = self._index
        attach_next(
            connection, self._following, *_FAST
        )  # only now: SQLCipher reads the salt of a file as it is attached
        connection.execute("BEGIN")
        _copy_index(connection, "pruned", "next")
        connection.execute("COMMIT")
        on_progress("rebuild", 0.4)
        # The copy leaves both at 0: without them the next start would take it for an empty database.
        connection.execute(f"PRAGMA next.application_id={APPLICATION_ID:d}")
        connection.execute(f"PRAGMA next.user_version={SCHEMA_VERSION:d}")
        connection.execute("PRAGMA next.journal_mode=WAL").fetchall()
        connection.execute("DETACH DATABASE next")


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


def attach_next(connection: Connection, following: NextGeneration, *pragmas: str) -> None:
    """Attach the next generation as `next`; the connection is closed where that, or what follows, fails."""
    name = os.fsencode(following.path)  # which need not be text
    connection.execute("ATTACH DATABASE ? AS next KEY ?", (name, key_literal(salted(following.key))))
    for pragma in pragmas:
        connection.execute(pragma).fetchall()


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
            connection.execute(rooms_that_stay(connection, scope, stays or "1"))
        else:
            # Without a condition, SQLite moves whole records from one b-tree to the other.
            connection.execute(f"INSERT INTO next.{name} SELECT * FROM main.{name}" + (stays and f" WHERE {stays}"))
        for index in whole:
            connection.execute(_in_database(index, "next"))
    _note_what_went(connection, conditions)
    if scope.account_id is not None:
        forget_contact(connection, "next", scope.account_id)
    take_over_counters(connection)


def forget_contact(connection: Connection, database: str, account_id: bytes) -> None:
    """The name of an account, and what was verified of it."""
    connection.execute(
        f"UPDATE {database}.peer SET name = '', is_contact = 0, trust = 'unverified', changed_public = NULL"
        " WHERE account_id = ?",
        (account_id,),
    )


def take_over_counters(connection: Connection) -> None:
    """Numbers of rows that never come back."""
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


def rooms_that_stay(
    connection: Connection, scope: WipeScope, stays: str, *, counts: bool = True, unread: str = ""
) -> str:
    """The statement that copies the rooms; one whose last message went shows what stayed, or nothing.

    `counts`: count what is unread anew, which takes as long as that is much; `unread`: the value, where it is known.
    """
    newest = "(SELECT {} FROM next.message n WHERE n.room = r.id ORDER BY n.id DESC LIMIT 1)"
    shown = {
        "last_message": newest.format("n.id"),
        "last_kind": f"coalesce({newest.format('n.kind')}, '')",
        "last_text": f"coalesce({newest.format(f'substr(n.body, 1, {PREVIEW_CHARACTERS:d})')}, '')",
        "last_author": newest.format("n.author"),
    }
    went = "r.last_message IS NOT NULL AND NOT EXISTS (SELECT 1 FROM next.message n WHERE n.id = r.last_message)"
    counted = (
        "(SELECT count(*) FROM next.message n WHERE n.room = r.id AND n.id > r.read_up_to AND n.is_own = 0"
        " AND n.kind != 'system')"
    )
    values = {name: f"CASE WHEN {went} THEN {value} ELSE r.{name} END" for name, value in shown.items()}
    if counts:
        values["unread"] = f"CASE WHEN r.unread THEN {unread or counted} ELSE 0 END"
    if scope.hides_rooms:
        wiped = "(SELECT up_to FROM main.wipe_room w WHERE w.room = r.id)"
        for name in ("wiped_up_to", "read_up_to"):
            values[name] = f"max(r.{name}, coalesce({wiped}, 0))"
        if counts:
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
