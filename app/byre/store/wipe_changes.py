"""What is written while a wipe copies: which rows change, and how they follow into the next generation.

```
 db thread   ── note ──▶ g: TEMP triggers write down the key of every row that changes, in memory
 beside         copy of g as it was at that moment ─────────▶ g+1, scanned
 db thread   ── follow ─▶ the rows with these keys taken out of g+1, and put in as they stand in g by now
```
No ratchet and no acknowledged text may be left behind: the triggers are on every ordinary table, made from the schema,
and fire for cascades, upserts and replaced rows alike. The search index follows its messages.

What came after the wipe began stays. A row that went stays gone, whatever was changed in it since: it was there when
the copy was made, it is not in the copy, and the condition still holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from byre.db import Connection
from byre.db.transaction import require_sound
from byre.store import message_index
from byre.store.message_index import IndexEntry
from byre.store.vault_files import sync_file
from byre.store.vault_rotation import NextGeneration
from byre.store.wipe_rebuild import attach_next, rooms_that_stay, take_over_counters
from byre.store.wipe_scope import WipeScope

_PREFIX = "changed_"
_WAS_THERE = "was_there"


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that changed, by the values of its primary key; `was_there` when the noting began."""

    key: tuple[Any, ...]
    was_there: bool


Changes = Mapping[str, Sequence[Changed]]
"""By table."""


def note(connection: Connection) -> None:
    """Write down from here on which rows change on this connection, the only one that writes. Idempotent."""
    if connection.execute("SELECT 1 FROM sqlite_temp_schema LIMIT 1").fetchall():
        return
    connection.execute("PRAGMA recursive_triggers=ON")  # or a row that another one replaces goes without a word
    for table, columns in _keys(connection).items():
        names = ", ".join(columns)
        connection.execute(
            f"CREATE TEMP TABLE {_PREFIX}{table} ({names}, {_WAS_THERE}, PRIMARY KEY ({names})) WITHOUT ROWID"
        )
        for event, rows in (
            ("INSERT", (("NEW", 0),)),
            ("UPDATE", (("OLD", 1), ("NEW", 0))),
            ("DELETE", (("OLD", 1),)),
        ):
            body = "".join(_noting(table, columns, row, was_there) for row, was_there in rows)
            connection.execute(
                f"CREATE TEMP TRIGGER {_PREFIX}{table}_{event} AFTER {event} ON main.{table} BEGIN {body} END"
            )


def noted(connection: Connection) -> Changes:
    """What changed since `note`."""
    return {
        table: [
            Changed(tuple(row[:-1]), row[-1] == 1)
            for row in connection.execute(f"SELECT {', '.join(columns)}, {_WAS_THERE} FROM temp.{_PREFIX}{table}")
        ]
        for table, columns in _keys(connection).items()
    }


def forget(connection: Connection) -> None:
    """End the noting; nothing to do where there is none."""
    tables = connection.execute("SELECT name FROM sqlite_temp_schema WHERE type = 'table'").fetchall()
    triggers = connection.execute("SELECT name FROM sqlite_temp_schema WHERE type = 'trigger'").fetchall()
    for (trigger,) in triggers:
        connection.execute(f"DROP TRIGGER temp.{trigger}")
    for (table,) in tables:
        connection.execute(f"DROP TABLE temp.{table}")
    connection.execute("PRAGMA recursive_triggers=OFF")


def follow(opening: Callable[[], Connection], following: NextGeneration, scope: WipeScope, changes: Changes) -> None:
    """Bring the copy up to the database that `opening` opens, durably; nobody writes to that meanwhile.

    Raises:
        EnvironmentFault: `disk_full`, `io_error`, `db_damaged`.
    """
    connection = opening()
    try:
        connection.execute("PRAGMA foreign_keys=OFF")  # table by table: a row may come before the one it refers to
        attach_next(connection, following, "PRAGMA next.synchronous=OFF", "PRAGMA next.secure_delete=ON")
        connection.execute("BEGIN")
        _follow(connection, scope, changes)
        connection.execute("COMMIT")
        connection.execute("PRAGMA next.wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()
    sync_file(following.path)


def _follow(connection: Connection, scope: WipeScope, changes: Changes) -> None:
    """In one transaction: `main` is the database, `next` the copy."""
    conditions = scope.conditions_of_changed()
    before = _entries(connection, changes["message"], "next")
    unread = _Unread(connection, changes)
    keys = _keys(connection)
    # The rooms last: what they show is taken from the messages that stayed.
    for table in sorted(keys, key=lambda name: name == "room"):
        went = _take_out(connection, table, keys[table], changes[table])
        for changed in changes[table]:
            stays = f"({conditions.get(table, '0')}) IS NOT TRUE" if changed.key in went else "1"
            if table == "room":
                number = int(changed.key[0])
                which, counts = f"r.id = ?1 AND {stays}", scope.takes_messages_of(number)
                known = None if scope.hides_rooms or not counts else unread.now(number)
                as_known = "" if known is None else "?2"
                statement = rooms_that_stay(connection, scope, which, counts=counts, unread=as_known)
                connection.execute(statement, (number,) if known is None else (number, known))
            else:
                connection.execute(
                    f"INSERT INTO next.{table} SELECT * FROM main.{table} WHERE {_is(keys[table])} AND {stays}",
                    changed.key,
                )
    _follow_index(connection, before, _entries(connection, changes["message"], "next"))
    take_over_counters(connection)
    require_sound(connection)
    require_sound(connection, "next")


class _Unread:
    """How many messages of a room are unread in the copy, without another look at all of them: writes wait for it.

    The copy has counted them; what changed since is taken off, and what came of it is added.
    """

    def __init__(self, connection: Connection, changes: Changes) -> None:
        """Before anything follows into the copy."""
        self._connection = connection
        self._positions = [changed.key[0] for changed in changes["message"]]
        self._counted = {
            number: (int(unread), int(read_up_to))
            for changed in changes["room"]
            for number, unread, read_up_to in connection.execute(
                "SELECT id, unread, read_up_to FROM next.room WHERE id = ?", changed.key
            )
        }
        self._before = self._countable()
        self._after: dict[int, list[int]] | None = None

    def now(self, room: int) -> int | None:
        """Once the messages have followed. None: it must be counted, but that takes only as long as little is unread.

        A room that showed nothing unread was not counted; one that was read since has another beginning.
        """
        unread, read_up_to = self._counted.get(room, (0, 0))
        read_now = self._connection.execute("SELECT read_up_to FROM main.room WHERE id = ?", (room,)).fetchone()
        if not unread or read_now != (read_up_to,):
            return None
        if self._after is None:
            self._after = self._countable()
        came, went = (sum(at > read_up_to for at in of.get(room, ())) for of in (self._after, self._before))
        return unread + came - went

    def _countable(self) -> dict[int, list[int]]:
        """The positions of those changed messages that count as unread while they are not read, by room."""
        found: dict[int, list[int]] = {}
        for position in self._positions:
            for (room,) in self._connection.execute(
                "SELECT room FROM next.message WHERE id = ? AND is_own = 0 AND kind != 'system'", (position,)
            ):
                found.setdefault(int(room), []).append(int(position))
        return found


def _take_out(
    connection: Connection, table: str, columns: Sequence[str], changes: Sequence[Changed]
) -> frozenset[tuple[Any, ...]]:
    """Take rows out of the copy; returns the keys of those that the wipe had left out of it."""
    went = set()
    for changed in changes:
        taken = connection.execute(f"DELETE FROM next.{table} WHERE {_is(columns)}", changed.key).rowcount
        if changed.was_there and not taken:
            went.add(changed.key)
    return frozenset(went)


def _follow_index(connection: Connection, before: Sequence[IndexEntry], now: Sequence[IndexEntry]) -> None:
    old, new = set(before), set(now)
    with message_index.forgetting(connection, database="next"):
        message_index.remove(connection, [entry for entry in before if entry not in new], database="next")
    message_index.add(connection, [entry for entry in now if entry not in old], database="next")


def _entries(connection: Connection, changes: Sequence[Changed], database: str) -> list[IndexEntry]:
    return [
        entry
        for changed in changes
        for entry in message_index.entries(connection, "id = ?", changed.key, database=database)
    ]


def _keys(connection: Connection) -> dict[str, tuple[str, ...]]:
    """The columns of the primary key of each ordinary table."""
    tables = connection.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    return {
        str(table): tuple(
            str(column)
            for (column,) in connection.execute(
                "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (table,)
            )
        )
        for (table,) in tables
    }


def _noting(table: str, columns: Sequence[str], row: str, was_there: int) -> str:
    """The first word on a row counts: was it there before?"""
    values = ", ".join(f"{row}.{column}" for column in columns)
    same = " AND ".join(f"c.{column} IS {row}.{column}" for column in columns)
    return (
        f"INSERT INTO {_PREFIX}{table} SELECT {values}, {was_there:d}"
        f" WHERE NOT EXISTS (SELECT 1 FROM {_PREFIX}{table} c WHERE {same}); "
    )


def _is(columns: Sequence[str]) -> str:
    return " AND ".join(f"{column} = ?" for column in columns)
