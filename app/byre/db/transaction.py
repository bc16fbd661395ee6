"""BEGIN, COMMIT and ROLLBACK around a function; worker thread only.

A long value goes on in pages that SQLite takes as they come: where such a page does not authenticate, SQLCipher gives
zeros for it and says nothing before the next page is read. So it is asked before anybody hears of the result.
"""

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
        result = _of_sound_pages(connection, work)
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
        result = _of_sound_pages(connection, work)
        if connection.total_changes != changes:
            raise InternalBug("a read transaction wrote", code="write_in_read")
    finally:
        _roll_back(connection)
    return result


def require_sound(connection: Connection, schema: str = "main") -> None:
    """Refuse what was read on a connection if a page of it did not authenticate.

    Raises:
        dbapi2.DatabaseError: as SQLite reports damage.
    """
    if connection.execute(f"PRAGMA {schema}.cipher_status").fetchall() == [("0",)]:
        error = dbapi2.DatabaseError("a page does not authenticate")
        error.sqlite_errorcode = dbapi2.SQLITE_CORRUPT
        raise error


def _of_sound_pages(connection: Connection, work: Callable[[Connection], T]) -> T:
    try:
        result = work(connection)
    except Exception:
        require_sound(connection)  # what was read may be why it failed
        raise
    require_sound(connection)
    return result


def _roll_back(connection: Connection) -> None:
    # SQLite has already rolled back by itself after a full disk or an I/O error: then there is nothing to undo.
    if connection.in_transaction:
        with suppress(dbapi2.Error):
            connection.execute("ROLLBACK")
