"""What SQLite says went wrong, in our words.

The driver's exceptions stop here: a full disk is `disk_full`, a file that no longer authenticates or parses is
`db_damaged`, any other failing read or write is `io_error`. The sentence never repeats the driver's message, which
may quote a value; causes are cut (`from None`) for the same reason.

A page that does not authenticate poisons SQLCipher's connection: what is asked of it next is said to be an attempt to
write a read-only database, or an I/O error (`is_damage`).
"""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlcipher3 import dbapi2

from byre.errors import ByreError, EnvironmentFault, InternalBug

_DISK_RESERVE_BYTES = 1 << 20
"""An I/O error with less free space than this is a full disk: the shared-memory file of the WAL cannot say so."""

_FULL = {errno.ENOSPC, errno.EDQUOT}

_PRIMARY = 0xFF  # SQLite's extended result codes carry the primary code in the low byte
_DAMAGED = {dbapi2.SQLITE_CORRUPT, dbapi2.SQLITE_NOTADB}
_IO = {
    dbapi2.SQLITE_IOERR,
    dbapi2.SQLITE_CANTOPEN,
    dbapi2.SQLITE_READONLY,
    dbapi2.SQLITE_PERM,
    dbapi2.SQLITE_PROTOCOL,
    dbapi2.SQLITE_NOMEM,
}
_POISONED = {dbapi2.SQLITE_READONLY, dbapi2.SQLITE_IOERR, dbapi2.SQLITE_ERROR, dbapi2.SQLITE_CANTOPEN}
"""What a connection may say after a page did not authenticate, and for other reasons."""


def disk_full() -> EnvironmentFault:
    """The error for a full disk; nothing was stored and nothing is lost."""
    return EnvironmentFault("the disk is full; nothing was changed", code="disk_full")


def damaged() -> EnvironmentFault:
    """The error for a database that no longer authenticates or parses; nothing was changed."""
    return EnvironmentFault("the database is damaged; it is kept as it is", code="db_damaged")


def is_damage(error: dbapi2.Error, *, was_met: bool) -> bool:
    """Whether an error of the driver says that the file is damaged.

    Args:
        was_met: a page has failed on this connection before: what it says since is not to be believed.
    """
    primary = _primary(error)
    return primary in _DAMAGED or (was_met and primary in _POISONED)


def says_damaged(error: Exception) -> bool:
    """Whether an error, the driver's or ours, calls a file damaged, whichever it is about."""
    if isinstance(error, dbapi2.Error):
        return is_damage(error, was_met=False)
    return isinstance(error, EnvironmentFault) and error.code == "db_damaged"


def _primary(error: dbapi2.Error) -> int | None:
    code = getattr(error, "sqlite_errorcode", None)
    return code & _PRIMARY if isinstance(code, int) else None


def _translate(error: dbapi2.Error, path: Path) -> ByreError:
    primary = _primary(error)
    if primary == dbapi2.SQLITE_FULL or (primary == dbapi2.SQLITE_IOERR and _is_disk_full(path)):
        return disk_full()
    if primary == dbapi2.SQLITE_CANTOPEN and _takes_no_file(path):
        return disk_full()
    if primary in _DAMAGED:
        return damaged()
    if primary in _IO:
        return EnvironmentFault("the database file cannot be read or written", code="io_error")
    if primary in (dbapi2.SQLITE_BUSY, dbapi2.SQLITE_LOCKED):
        return EnvironmentFault("the database is in use by another process", code="profile_in_use")
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    return InternalBug(f"the database refused a statement ({name})", code="db_statement")


def _is_disk_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _DISK_RESERVE_BYTES
    except OSError:
        return False


def _takes_no_file(path: Path) -> bool:
    """Whether no other file has room here: a disk may be out of names, or a user at his limit, with space left."""
    try:
        with tempfile.TemporaryFile(dir=path.parent, buffering=0) as file:
            file.write(bytes(4096))
    except OSError as error:
        return error.errno in _FULL
    return False


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn the driver's errors raised inside into ours; everything else passes.

    Args:
        path: the database file, asked for free space when an I/O error hides a full disk.

    Raises:
        EnvironmentFault: `disk_full`, `db_damaged`, `io_error`, `profile_in_use`.
        InternalBug: the statement itself was wrong (`db_statement`).
    """
    try:
        yield
    except dbapi2.Error as error:
        fault = _translate(error, path)
    else:
        return
    raise fault from None
