"""Brings what a durable file of before held in plain rows into slots and under their keys, when such a file is opened.

In steps of one transaction each: a row is in its old table or in its new one, whenever the process is killed. Old rows
are dropped with their tables at the end, whole pages at a time, so that no gap keeps a piece of them; the table of
accounts, which held the recovery files, is built anew for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from byre.db import Connection
from byre.db.transaction import write_transaction
from byre.relay.sealed_values import PACKAGE, RECOVERY, RENDEZVOUS, fill_slots, seal_value

ROWS_AT_ONCE: Final = 200
OLD: Final = ("token_in_rows", "key_package_unsealed", "rendezvous_unsealed")
ACCOUNT_ANEW: Final = """CREATE TABLE account_anew (
    account_id BLOB PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    skeleton TEXT NOT NULL UNIQUE,
    record BLOB NOT NULL,
    list_version INTEGER NOT NULL,
    list_hash BLOB NOT NULL,
    fetch_key_hash BLOB NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID"""
Random = Callable[[int], bytes]


def bring_into_slots(connection: Connection, random: Random) -> None:
    """Do it for a file that was just migrated; one that has nothing of before is left alone."""
    if not _has_table(connection, OLD[0]):
        return
    for step in (_some_tokens, _some_packages, _some_rendezvous):
        while write_transaction(connection, lambda inside, step=step: step(inside, random)):  # type: ignore[misc]
            pass
    connection.execute("PRAGMA foreign_keys=OFF").fetchall()  # outside a transaction, or it does nothing
    try:
        write_transaction(connection, lambda inside: _accounts(inside, random))
    finally:
        connection.execute("PRAGMA foreign_keys=ON").fetchall()


def _some_tokens(connection: Connection, random: Random) -> bool:
    rows = connection.execute(
        "SELECT mailbox, hash, kind, dies_at FROM token_in_rows LIMIT ?", (ROWS_AT_ONCE,)
    ).fetchall()
    slots = fill_slots(connection, [row[1] for row in rows])
    connection.executemany(
        "INSERT INTO token (mailbox, slot, kind, dies_at) VALUES (?, ?, ?, ?)",
        [(mailbox, slot, kind, dies_at) for (mailbox, _, kind, dies_at), slot in zip(rows, slots, strict=True)],
    )
    connection.executemany(
        "DELETE FROM token_in_rows WHERE mailbox = ? AND hash = ?", [(mailbox, each) for mailbox, each, _, _ in rows]
    )
    return bool(rows)


def _some_packages(connection: Connection, random: Random) -> bool:
    rows = connection.execute(
        "SELECT id, mailbox, is_last_resort, package FROM key_package_unsealed ORDER BY id LIMIT ?", (ROWS_AT_ONCE,)
    ).fetchall()
    for number, mailbox, is_last_resort, package in rows:
        slot, sealed = seal_value(connection, random, package, kind=PACKAGE, owner=mailbox)
        connection.execute(
            "INSERT INTO key_package (id, mailbox, is_last_resort, slot, package) VALUES (?, ?, ?, ?, ?)",
            (number, mailbox, is_last_resort, slot, sealed),
        )
    connection.executemany("DELETE FROM key_package_unsealed WHERE id = ?", [row[:1] for row in rows])
    return bool(rows)


def _some_rendezvous(connection: Connection, random: Random) -> bool:
    rows = connection.execute(
        "SELECT rendezvous, slot, blob, opened_at, expires_at FROM rendezvous_unsealed LIMIT ?", (ROWS_AT_ONCE,)
    ).fetchall()
    for rendezvous, number, blob, opened_at, expires_at in rows:
        slot, sealed = seal_value(connection, random, blob, kind=RENDEZVOUS, owner=rendezvous + bytes((number,)))
        connection.execute(
            "INSERT INTO rendezvous (rendezvous, slot, key_slot, blob, opened_at, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (rendezvous, number, slot, sealed, opened_at, expires_at),
        )
    connection.executemany(
        "DELETE FROM rendezvous_unsealed WHERE rendezvous = ? AND slot = ?", [row[:2] for row in rows]
    )
    return bool(rows)


def _accounts(connection: Connection, random: Random) -> None:
    rows = connection.execute(
        "SELECT account_id, recovery_file FROM account WHERE recovery_file IS NOT NULL"
    ).fetchall()
    for account_id, recovery_file in rows:
        slot, sealed = seal_value(connection, random, recovery_file, kind=RECOVERY, owner=account_id)
        connection.execute(
            "INSERT INTO recovery_file (account_id, slot, file) VALUES (?, ?, ?)", (account_id, slot, sealed)
        )
    columns = "account_id, handle, skeleton, record, list_version, list_hash, fetch_key_hash, changed_at"
    connection.execute(ACCOUNT_ANEW)
    connection.execute(f"INSERT INTO account_anew ({columns}) SELECT {columns} FROM account")
    connection.execute("DROP TABLE account")
    connection.execute("ALTER TABLE account_anew RENAME TO account")
    for table in OLD:
        connection.execute(f"DROP TABLE {table}")


def _has_table(connection: Connection, name: str) -> bool:
    return bool(connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (name,)).fetchone())
