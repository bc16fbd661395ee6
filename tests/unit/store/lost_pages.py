"""A database with rows in every table, and what of it outlives the loss of some pages, told by marks in its texts.

Every message carries its mark in each piece of 200 characters, so that the pages that it needs are those where an
examiner reads the mark; every other row of the kept tables is what it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from byre.crypto.secret import Secret
from byre.db import Connection, open_connection
from byre.store.archive import KEPT, columns
from byre.store.salvage import Salvage, salvage_profile
from byre.store.schema import create_database
from byre.store.vault_profile import ProfileFiles
from byre.store.vault_sources import snapshot_key
from tests.migrations.first_schema import CONTENT
from tests.unit.store.examiner import Examiner
from tests.unit.store.profile import NOW, seeded

PAGE = 4096
KEY = Secret(b"k" * 32)
MESSAGES = 1100
_MARK = re.compile(rb"<<(\d+)>>")


@dataclass(frozen=True)
class Whole:
    """The undamaged file: its bytes, the kind and the tree of each page, and the pages that each message needs."""

    raw: bytes
    kinds: dict[int, int]
    roots: dict[str, int]
    trees: dict[int, str]
    needs: dict[int, set[int]]
    rows: dict[str, list[tuple[Any, ...]]]

    def inner(self, table: str) -> list[int]:
        """The root of a tree, and its other interior pages."""
        inner = [page for page, name in self.trees.items() if name == table and self.kinds[page] in (2, 5)]
        return sorted({self.roots[table], *inner})


def whole(folder: Path) -> Whole:
    """Build the database; its `message` table is three levels deep, some texts go on in overflow pages."""
    path = folder / "store.1.db"
    create_database(path, KEY)
    connection = open_connection(path, KEY)
    connection.execute("BEGIN")
    for statement in CONTENT:
        if not any(f"INTO {table} " in statement for table in ("message_index", "wipe_journal", "wipe_room")):
            connection.execute(statement)
    for number in range(MESSAGES):
        body = f"<<{number}>>".ljust(200, ".") * (45 if number % 50 == 7 else 7)
        connection.execute(
            "INSERT INTO message (id, room, message_id, author, kind, state, is_own, sent_at, received_at, body)"
            " VALUES (?, ?, ?, 1, 'text', 'received', 0, ?, ?, ?)",
            (((NOW + 1) << 20) + number, 1 + number % 2, number.to_bytes(16, "big"), NOW, NOW, body),
        )
        connection.execute(
            "INSERT INTO received_mid (mailbox_id, mid, received_at) VALUES (?, ?, ?)",
            (b"m" * 16, number.to_bytes(16, "little"), NOW),
        )
    connection.execute("COMMIT")
    rows = contents(connection)
    roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0").fetchall())
    connection.close()
    pages = [plain for plain, _ in Examiner(path, KEY.reveal()).pages]
    kinds = {number: page[0] for number, page in enumerate(pages, 1)}
    trees = {page: name for name, root in roots.items() for page in _below(pages, root)}
    needs: dict[int, set[int]] = {}
    for number, page in enumerate(pages, 1):
        for mark in _MARK.findall(page):
            if trees.get(number) != "room":
                needs.setdefault(int(mark), set()).add(number)
    return Whole(path.read_bytes(), kinds, roots, trees, needs, rows)


def _below(pages: list[bytes], root: int) -> list[int]:
    page = pages[root - 1]
    found = [root]
    if page[0] in (2, 5):
        count = int.from_bytes(page[3:5], "big")
        offsets = [int.from_bytes(page[12 + 2 * at : 14 + 2 * at], "big") for at in range(count)]
        below = [int.from_bytes(page[at : at + 4], "big") for at in offsets] + [int.from_bytes(page[8:12], "big")]
        for number in below:
            found += _below(pages, number)
    return found


def contents(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the kept tables, but for the texts' own."""
    return {
        table: sorted(connection.execute(f"SELECT {columns(connection, table)} FROM {table}").fetchall(), key=repr)
        for table in KEPT
    }


def salvaged(folder: Path, damaged: bytes) -> tuple[Salvage, set[int], dict[str, list[tuple[Any, ...]]]]:
    """Salvage a file without any snapshot: what is said of it, which texts came back, and all rows."""
    folder.mkdir()
    (folder / "store.1.db").write_bytes(damaged)
    files = ProfileFiles(folder, seeded("files"))
    done = salvage_profile(files, 1, KEY, snapshot_key(KEY), random=seeded("salvage"), now_ms=NOW)
    connection = open_connection(folder / "store.1.db", KEY)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    rows = contents(connection)
    bodies = [body for (body,) in connection.execute("SELECT body FROM message WHERE body LIKE '<<%'")]
    connection.close()
    numbers = set()
    for body in bodies:
        (number,) = {int(mark) for mark in _MARK.findall(body.encode())}
        assert body == f"<<{number}>>".ljust(200, ".") * (45 if number % 50 == 7 else 7)
        numbers.add(number)
    assert (folder / "damaged.1.1.db").read_bytes() == damaged
    return done, numbers, rows
