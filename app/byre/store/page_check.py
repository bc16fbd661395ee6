"""Whether a database file is whole: every page carries the HMAC of its bytes, as SQLCipher checks when it reads it.

A page that SQLite has put on its free list harms nobody: it is not read before it is written anew. Of the WAL see
`log_check`: SQLite ends it at the first frame that does not hold. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from byre.crypto.secret import Secret
from byre.db import Connection, open_connection
from byre.db.faults import translated
from byre.errors import EnvironmentFault
from byre.store.forensics_layout import free_pages
from byre.store.forensics_pages import PAGE_BYTES, PageReader
from byre.store.log_check import ends_too_soon
from byre.store.vault_files import file_faults

_LOCK_PAGE = (1 << 30) // PAGE_BYTES + 1  # SQLite locks these bytes and never writes the page


def unauthentic_pages(path: Path, key: Secret, first: int = 1, count: int | None = None) -> list[int]:
    """Numbers of the pages, from `first` on, whose HMAC does not hold. Blocking; reads only.

    Raises:
        EnvironmentFault: `io_error`.
    """
    found = []
    with file_faults():
        reader = PageReader.of_file(path, key)
        with path.open("rb") as file:
            file.seek((first - 1) * PAGE_BYTES)
            number = first
            while (count is None or number < first + count) and (raw := file.read(PAGE_BYTES)):
                if number != _LOCK_PAGE and not (len(raw) == PAGE_BYTES and reader.is_authentic(number, raw)):
                    found.append(number)
                number += 1
    return found


def is_whole(path: Path, key: Secret) -> bool:
    """Whether a database that is not open is whole: its log, each page, and their structure. Blocking; slow.

    Raises:
        EnvironmentFault: `io_error`, `profile_in_use`, …
    """
    if ends_too_soon(path):
        return False  # who opened it would take in what is before, and lose the rest
    try:
        connection = open_connection(path, key)
        try:
            with translated(path):
                return connection.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)] and not harmful(
                    connection, path, key, unauthentic_pages(path, key)
                )
        finally:
            connection.close()
    except EnvironmentFault as fault:
        if fault.code in ("db_damaged", "db_missing"):
            return False
        raise


def harmful(connection: Connection, path: Path, key: Secret, suspect: Sequence[int]) -> bool:
    """Tell whether one of these pages still does not hold and is not merely free; nobody writes meanwhile."""
    pages = int(connection.execute("PRAGMA page_count").fetchall()[0][0])
    still = [number for number in suspect if number <= pages and unauthentic_pages(path, key, number, 1) == [number]]
    if not still:
        return False
    reader = PageReader.of_file(path, key)
    return not free_pages(lambda number: reader.page_at(path, number)).issuperset(still)
