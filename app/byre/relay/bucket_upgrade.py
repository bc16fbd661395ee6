"""Seals what a bucket file of the first form holds in the clear of its database key, when such a file is opened.

In steps of one transaction each: a row is in the old table or in the new one, whenever the process is killed. Old rows
are dropped with their tables at the end, whole pages at a time, so that no gap keeps a piece of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from byre.db import Connection
from byre.db.transaction import write_transaction
from byre.relay.bucket_rows import insert, insert_commit, sealed_row
from byre.relay.key_slots import KEY_BYTES, KeySlots

ROWS_AT_ONCE: Final = 200


def seal_first_form(connection: Connection, random: Callable[[int], bytes]) -> None:
    """Bring the rows of a file that was just migrated into their sealed form; a file that has none is left alone."""
    tables = {
        row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE name GLOB '*_unsealed'").fetchall()
    }
    if not tables:
        return
    slots = KeySlots()
    while write_transaction(connection, lambda inside: _some_messages(inside, slots, random)):
        pass
    while write_transaction(connection, lambda inside: _some_commits(inside, slots, random)):
        pass
    write_transaction(connection, _drop)


def _some_messages(connection: Connection, slots: KeySlots, random: Callable[[int], bytes]) -> bool:
    rows = connection.execute(
        "SELECT id, mailbox, mid, seq, expires_at, body FROM held_unsealed ORDER BY id LIMIT ?", (ROWS_AT_ONCE,)
    ).fetchall()
    insert(
        connection,
        slots,
        [
            sealed_row(mailbox, mid, seq, expires_at, body, random(KEY_BYTES))
            for _, mailbox, mid, seq, expires_at, body in rows
        ],
    )
    connection.executemany("DELETE FROM held_unsealed WHERE id = ?", [row[:1] for row in rows])
    return bool(rows)


def _some_commits(connection: Connection, slots: KeySlots, random: Callable[[int], bytes]) -> bool:
    rows = connection.execute(
        "SELECT rowid, group_tag, epoch, claim_id, expires_at, body FROM commit_body_unsealed ORDER BY rowid LIMIT ?",
        (ROWS_AT_ONCE,),
    ).fetchall()
    for row in rows:
        insert_commit(connection, slots, (row[1], row[2], row[3], row[4], row[5]), random)
    connection.executemany("DELETE FROM commit_body_unsealed WHERE rowid = ?", [row[:1] for row in rows])
    return bool(rows)


def _drop(connection: Connection) -> None:
    connection.execute("DROP TABLE held_unsealed")
    connection.execute("DROP TABLE commit_body_unsealed")
