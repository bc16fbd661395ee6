"""A disk without room, in both ways that a client meets it: files that cannot be made, a database that cannot grow.

The database's part is SQLite's own: a limit of pages, which it answers with SQLITE_FULL like a disk that is full.
"""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from byre.client.engine import Engine
from byre.db import connection as door
from byre.db.database import Database
from byre.db.pragmas import CLIENT_PRAGMAS, Pragmas

WITHOUT_LIMIT = (1 << 32) - 2


class FullDisk:
    """The disk of the folder `path`; has room until `fill`."""

    def __init__(self, path: Path, patch: pytest.MonkeyPatch) -> None:
        self._path = path
        self._patch = patch

    def fill(self) -> None:
        """No new file and no new database from now on."""
        real_open, folder = os.open, str(self._path)

        def full_open(path: Any, flags: int, *more: Any, **named: Any) -> int:
            if flags & os.O_CREAT and str(path).startswith(folder):
                raise OSError(errno.ENOSPC, "injected")
            return real_open(path, flags, *more, **named)

        self._patch.setattr(os, "open", full_open)
        self._limit(replace(CLIENT_PRAGMAS, max_page_count=1))

    def fill_databases(self) -> None:
        """No new database from now on; small files still find room."""
        self._limit(replace(CLIENT_PRAGMAS, max_page_count=1))

    def free(self) -> None:
        """There is room again."""
        self._patch.undo()

    def _limit(self, pragmas: Pragmas) -> None:
        for function in (door.open_connection, Database.open.__func__):  # type: ignore[attr-defined]
            self._patch.setitem(function.__kwdefaults__, "pragmas", pragmas)


async def fill(engine: Engine) -> None:
    """Let the open profile's database not grow by a page."""
    database = engine._profile.session.context.store._database
    found = await database.run(lambda c: (c.execute("PRAGMA page_count").fetchone(), _taken(c)))
    pages = int((found[0] or (0,))[0])
    await database.run(lambda c: c.execute(f"PRAGMA max_page_count={pages}").fetchall())


async def free(engine: Engine) -> None:
    """Let it grow again."""
    database = engine._profile.session.context.store._database
    await database.run(lambda c: c.execute(f"PRAGMA max_page_count={WITHOUT_LIMIT}").fetchall())


def _taken(connection: door.Connection) -> None:
    """Take the free pages, so that the next page must come from the disk."""
    connection.execute("CREATE TABLE IF NOT EXISTS filler (page BLOB)")
    free_pages = int((connection.execute("PRAGMA freelist_count").fetchone() or (0,))[0])
    for _ in range(free_pages):
        connection.execute("INSERT INTO filler (page) VALUES (zeroblob(4000))")
