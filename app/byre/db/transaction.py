"""BEGIN, COMMIT and ROLLBACK around a function; worker thread only."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from sqlcipher3 import dbapi2

from byre.db.connection import Connection
from byre.errors import InternalBug

T = TypeVar("T")


def write_transaction(connection: Connection, work: Callable[[Connection], T]) -> T:
    """Run `work` between BEGIN IMMEDIATE and COMMIT; any exception rolls everything back and passes on."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise
    return result


def read_transaction(connection: Connection, work: Callable[[Connection], T]) -> T:
    """Run `work` on one snapshot; a write inside is a bug, is undone and reported."""
    connection.execute("BEGIN DEFERRED")
    changes = connection.total_changes
    try:
        result = work(connection)
        if connection.total_changes != changes:
            raise InternalBug("a read transaction wrote", code="write_in_read")
    finally:
        _roll_back(connection)
    return result


def _roll_back(connection: Connection) -> None:
    # SQLite has already rolled back by itself after a full disk or an I/O error: then there is nothing to undo.
    if connection.in_transaction:
        with suppress(dbapi2.Error):
            connection.execute("ROLLBACK")
