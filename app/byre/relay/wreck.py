"""What can still be read of a file of held messages in which pages do not hold, without the relay's connection to it.

A page that does not authenticate spoils the whole connection that met it (`db/faults.py`): every answer of it after
that is wrong, also about pages that are whole. So what failed is asked again row by row, each time by a connection of
its own, and a row counts only when its body opens under its key. Names of rows stand in three trees (the table and two
indexes), which are read from both ends: with one bad page none is missed. Runs on a thread; nobody else has the file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from byre.crypto import aead
from byre.crypto.secret import Secret
from byre.db import Connection, open_connection
from byre.db.faults import translated
from byre.db.pragmas import Pragmas
from byre.errors import EnvironmentFault, InternalBug, PeerError
from byre.relay.bucket_rows import HELD, NONCE, NewRow, commit_aad

T = TypeVar("T")
_TREES: Final = {
    "held": (
        "SELECT id FROM held NOT INDEXED ORDER BY id",
        "SELECT id FROM held INDEXED BY held_expires ORDER BY expires_at",
        "SELECT id FROM held INDEXED BY sqlite_autoindex_held_1 ORDER BY mailbox, mid",
    ),
    "commit_body": (
        "SELECT id FROM commit_body NOT INDEXED ORDER BY id",
        "SELECT id FROM commit_body INDEXED BY commit_body_expires ORDER BY expires_at",
        "SELECT id FROM commit_body INDEXED BY sqlite_autoindex_commit_body_1 ORDER BY group_tag, epoch, claim_id",
    ),
}
"""A table and its indexes: each names all rows."""
_TABLES: Final = (*_TREES, "key_slot")
_SCHEMA: Final = f"SELECT count(*) FROM sqlite_schema WHERE name IN ({', '.join(map(repr, _TABLES))})"
_HELD: Final = (
    "SELECT mailbox, mid, seq, expires_at, key, body FROM held JOIN key_slot ON key_slot.id = slot WHERE held.id = ?"
)
_COMMIT: Final = (
    "SELECT group_tag, epoch, claim_id, expires_at, key, body FROM commit_body JOIN key_slot ON key_slot.id = slot"
    " WHERE commit_body.id = ?"
)


class CommitRow(NamedTuple):
    """One commit body in the clear of its key (it is sealed to its room all the same)."""

    group_tag: bytes
    epoch: int
    claim_id: bytes
    expires_at: int
    body: bytes


class Wreck:
    """One damaged file.

    Args:
        pragmas: those that the file is opened with.
    """

    def __init__(self, path: Path, key: Secret, pragmas: Pragmas) -> None:
        self._path = path
        self._key = key
        self._pragmas = pragmas

    def can_be_read(self) -> bool:
        """Tell whether it opens and has the tables of today; else there is another file, another key, no first page."""
        try:
            found = self._asked(lambda connection: connection.execute(_SCHEMA).fetchone())
        except (EnvironmentFault, InternalBug):
            return False
        return bool(found and found[0] == len(_TABLES))

    def names(self, table: str) -> tuple[list[int], bool]:
        """Return the row numbers of `held` or `commit_body` that its trees tell, and whether those are all."""
        found: set[int] = set()
        for statement in _TREES[table]:
            for text in (statement, f"{statement} DESC"):  # from the other end: what lies behind a bad page
                try:
                    self._asked(partial(_collect, text, found))
                except (EnvironmentFault, InternalBug):
                    continue
                return sorted(found), True
        return sorted(found), False

    def held(self, numbers: Sequence[int]) -> list[NewRow]:
        """Return those of these messages that can be read and opened."""
        return self._read(numbers, _held_row)

    def commits(self, numbers: Sequence[int]) -> list[CommitRow]:
        """Return those of these commit bodies that can be read and opened."""
        return self._read(numbers, _commit_row)

    def _read(self, numbers: Sequence[int], one: Callable[[Connection, int], T | None]) -> list[T]:
        def all_of(some: Sequence[int]) -> list[T]:
            return self._asked(
                lambda connection: [row for number in some if (row := one(connection, number)) is not None]
            )

        try:
            return all_of(numbers)
        except (EnvironmentFault, InternalBug):
            pass
        found: list[T] = []
        for number in numbers:
            try:
                found += all_of([number])
            except (EnvironmentFault, InternalBug):
                continue
        return found

    def _asked(self, question: Callable[[Connection], T]) -> T:
        connection = open_connection(self._path, self._key, pragmas=self._pragmas)
        try:
            with translated(self._path):
                return question(connection)
        finally:
            with translated(self._path):
                connection.close()


def _collect(statement: str, found: set[int], connection: Connection) -> None:
    for (number,) in connection.execute(statement):
        found.add(int(number))


def _held_row(connection: Connection, number: int) -> NewRow | None:
    row = connection.execute(_HELD, (number,)).fetchone()
    if row is None:
        return None
    mailbox, mid, seq, expires_at, key, sealed = row
    if _opened(key, sealed, HELD + mailbox + mid) is None:
        return None
    return NewRow(mailbox, mid, seq, expires_at, key, sealed)


def _commit_row(connection: Connection, number: int) -> CommitRow | None:
    row = connection.execute(_COMMIT, (number,)).fetchone()
    if row is None:
        return None
    group_tag, epoch, claim_id, expires_at, key, sealed = row
    body = _opened(key, sealed, commit_aad(group_tag, epoch, claim_id))
    return None if body is None else CommitRow(group_tag, epoch, claim_id, expires_at, body)


def _opened(key: bytes, sealed: bytes, aad: bytes) -> bytes | None:
    try:
        return aead.open(key, sealed, aad, NONCE)
    except PeerError:
        return None
