"""Entries of the full-text index, in and out. The index holds no text: taking an entry out needs the same text again.

```
 remove(…)                    marks the entry deleted; its words stay in older segments until the next `optimise`
 with forgetting(connection)  within it, `remove` takes the words themselves out (FTS5 secure-delete), 1 ms each
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from byre.db import Connection
from byre.store import bigrams

SELECT_ENTRIES = "SELECT id, room, author, has_file, body FROM main.message"
"""What `entries` reads; callers add the WHERE. Only kind 'text' is indexed."""


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One message as the index sees it. `position` is the message's id."""

    position: int
    room: int
    author: int
    has_file: bool
    body: str = field(repr=False)

    def text(self) -> str:
        """The text that the index is given."""
        return bigrams.index_text(self.body, room=self.room, author=self.author, has_file=self.has_file)


def add(connection: Connection, entries: Iterable[IndexEntry]) -> None:
    """Put entries into the index."""
    connection.executemany(
        "INSERT INTO message_index (rowid, body) VALUES (?, ?)", [(entry.position, entry.text()) for entry in entries]
    )


def remove(connection: Connection, entries: Iterable[IndexEntry], *, database: str = "main") -> None:
    """Take entries out of the index of `database`, given what they were put in with."""
    connection.executemany(
        f"INSERT INTO {database}.message_index (message_index, rowid, body) VALUES ('delete', ?, ?)",
        [(entry.position, entry.text()) for entry in entries],
    )


def entries(connection: Connection, where: str, parameters: tuple[object, ...]) -> list[IndexEntry]:
    """The indexed messages that `where` (with its ORDER BY and LIMIT) selects."""
    rows = connection.execute(f"{SELECT_ENTRIES} WHERE kind = 'text' AND {where}", parameters)
    return [IndexEntry(at, room, author, bool(has_file), body) for at, room, author, has_file, body in rows]


def optimise(connection: Connection, *, database: str = "main") -> None:
    """Write the index as one segment, without what was removed: `remove` alone leaves it in older segments."""
    connection.execute(f"INSERT INTO {database}.message_index (message_index) VALUES ('optimize')")


@contextmanager
def forgetting(connection: Connection) -> Iterator[None]:
    """Within this, removed entries leave their segments at once. Dear: for a few entries only."""
    connection.execute("INSERT INTO message_index (message_index, rank) VALUES ('secure-delete', 1)")
    try:
        yield
    finally:
        connection.execute("INSERT INTO message_index (message_index, rank) VALUES ('secure-delete', 0)")
