"""One keyed SQLCipher connection.

The key is 32 random bytes given raw (`x'…'`): no key derivation inside SQLCipher, which would cost 120 ms per open
and tie the file to a passphrase. Every connection checks that its file decrypts before anything else runs.
Nothing here may create a file unless the caller says so: an empty database over an existing one loses everything.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, cast

from sqlcipher3 import dbapi2

from byre.db.faults import translated
from byre.db.pragmas import CLIENT_PRAGMAS, Pragmas
from byre.errors import EnvironmentFault, InternalBug

Parameters = Sequence[Any] | Mapping[str, Any]

STATEMENTS_KEPT = 512
"""Prepared statements that a connection keeps: more than a client has, or each one would push another out."""


class DatabaseKey(Protocol):
    """What unlocks a database: `crypto.secret.Secret` with 32 bytes, or 48: then the file's salt follows the key."""

    def reveal(self) -> bytes: ...


class Cursor(Protocol):
    """The part of a DB-API cursor that repositories use."""

    @property
    def rowcount(self) -> int: ...
    @property
    def lastrowid(self) -> int | None: ...
    def fetchone(self) -> tuple[Any, ...] | None: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...
    def __iter__(self) -> Iterator[tuple[Any, ...]]: ...


class Connection(Protocol):
    """The part of a DB-API connection that repositories use; one thread only."""

    @property
    def in_transaction(self) -> bool: ...
    @property
    def total_changes(self) -> int: ...
    def execute(self, sql: str, parameters: Parameters = ..., /) -> Cursor: ...
    def executemany(self, sql: str, rows: Iterable[Parameters], /) -> Cursor: ...
    def close(self) -> None: ...


def key_literal(key: DatabaseKey) -> str:
    """`x'<64 or 96 hex digits>'` for `PRAGMA key` and `ATTACH … KEY`.

    Raises:
        InternalBug: the key has neither 32 nor 48 bytes; SQLCipher would silently treat it as a passphrase.
    """
    raw = key.reveal()
    if len(raw) not in (32, 48):
        raise InternalBug("a database key is 32 bytes, or 48 with its salt", code="bad_key_length")
    return f"x'{raw.hex()}'"


def memory_connection() -> Connection:
    """A database in memory, without a key: to ask SQLite what a schema says."""
    return cast(Connection, dbapi2.connect(":memory:", isolation_level=None))


def _opening(key: DatabaseKey, pragmas: Pragmas) -> str:
    """The statements that make a connection usable, and fail where the file does not decrypt."""
    return ";".join(
        (
            # SQLCipher reports to stderr of its own accord; the error codes say the same without noise.
            "PRAGMA cipher_log_level=NONE",
            f'PRAGMA key = "{key_literal(key)}"',
            # Must come before the first access: later, the WAL index is in a file already.
            *(("PRAGMA locking_mode=EXCLUSIVE",) if pragmas.exclusive else ()),
            "SELECT count(*) FROM sqlite_schema",
            *pragmas.statements(),
        )
    )


def _clear_way(path: Path) -> None:
    """Move aside what lies in the place of a rollback journal and is no file: SQLite fails at it, or waits for ever.

    A file there is SQLite's own matter. Nothing is deleted: nobody knows whose that is.
    """
    journal = path.with_name(f"{path.name}-journal")
    if os.path.lexists(journal) and not journal.is_file():
        names = (journal.with_name(f"{journal.name}.aside{number or ''}") for number in itertools.count())
        with suppress(OSError):
            os.rename(journal, next(name for name in names if not os.path.lexists(name)))


def open_connection(
    path: Path,
    key: DatabaseKey,
    *,
    pragmas: Pragmas = CLIENT_PRAGMAS,
    create: bool = False,
    alone: bool = False,
    any_thread: bool = False,
) -> Connection:
    """Open the database at `path`; on this thread, for this thread.

    Args:
        alone: keep every other connection out, as with `Pragmas.exclusive`; opening is quicker then.
        any_thread: threads may take turns with it, of which one at a time uses it.
        create: True makes a new file and refuses an existing one; False opens an existing one and never makes one.

    Raises:
        EnvironmentFault: `db_missing`, `db_exists`, `db_damaged` (also: another key's file), `disk_full`, `io_error`,
            `profile_in_use`: another connection has the file alone, or has it open and `alone` was asked for.
    """
    if alone:
        pragmas = replace(pragmas, exclusive=True)
    if create and path.exists():
        raise EnvironmentFault("a database is already there; it is kept as it is", code="db_exists")
    if not create and not path.exists():
        raise EnvironmentFault("the database file is missing", code="db_missing")
    _clear_way(path)
    uri = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
    with translated(path):
        connection = dbapi2.connect(
            uri,
            uri=True,
            isolation_level=None,
            timeout=0,
            cached_statements=STATEMENTS_KEPT,
            check_same_thread=not any_thread,
        )
        try:
            connection.executescript(_opening(key, pragmas))  # at once: one by one costs a tenth of a millisecond
        except BaseException:
            connection.close()
            raise
    return cast(Connection, connection)
