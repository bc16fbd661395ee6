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

_STRUCTURE = 10  # the row of the index's data that lists its segments
_NOBODYS = -1  # no message stands there
_MOST_MERGES = 4
_BATCH = 5000
_WORTH_MERGING = 5


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


def add(connection: Connection, entries: Iterable[IndexEntry], *, database: str = "main") -> None:
    """Put entries into the index of `database`."""
    connection.executemany(
        f"INSERT INTO {database}.message_index (rowid, body) VALUES (?, ?)",
        [(entry.position, entry.text()) for entry in entries],
    )


def remove(connection: Connection, entries: Iterable[IndexEntry], *, database: str = "main") -> None:
    """Take entries out of the index of `database`, given what they were put in with."""
    connection.executemany(
        f"INSERT INTO {database}.message_index (message_index, rowid, body) VALUES ('delete', ?, ?)",
        [(entry.position, entry.text()) for entry in entries],
    )


def entries(
    connection: Connection, where: str, parameters: tuple[object, ...], *, database: str = "main"
) -> list[IndexEntry]:
    """The indexed messages of `database` that `where` (with its ORDER BY and LIMIT) selects: only kind 'text' is."""
    rows = connection.execute(
        f"SELECT id, room, author, has_file, body FROM {database}.message WHERE kind = 'text' AND {where}", parameters
    )
    return [IndexEntry(at, room, author, bool(has_file), body) for at, room, author, has_file, body in rows]


def build_anew(connection: Connection, *, database: str = "main", without: str = "0") -> None:
    """Build the index of `database` out of the messages of `main` of which the condition `without` does not hold."""
    connection.execute(f"INSERT INTO {database}.message_index (message_index) VALUES ('delete-all')")
    after = -1
    while batch := entries(connection, f"id > ? AND ({without}) IS NOT TRUE ORDER BY id LIMIT ?", (after, _BATCH)):
        add(connection, batch, database=database)
        after = batch[-1].position


def optimise(connection: Connection, *, database: str = "main") -> bool:
    """Write the index as one segment, without what was removed: `remove` alone leaves it in older segments.

    FTS5 drops the words of removed entries only when it merges into the last of its levels. Where all segments lie on
    one level it merges them into the next one, and where there is one segment it merges nothing: the words of what was
    removed would stay, with the position where they stood. So there is always something to merge, until the result
    lies on the last level.

    Returns:
        False where FTS5 does not come to its last level: an index of a page or two is moved down each time. What was
        removed may still be there then; `build_anew` forgets it, and costs little where that happens.
    """
    for _ in range(_MOST_MERGES):
        connection.execute(f"INSERT INTO {database}.message_index (rowid, body) VALUES ({_NOBODYS:d}, 'x')")
        connection.execute(
            f"INSERT INTO {database}.message_index (message_index, rowid, body) VALUES ('delete', {_NOBODYS:d}, 'x')"
        )
        connection.execute(f"INSERT INTO {database}.message_index (message_index) VALUES ('optimize')")
        if _is_merged_to_the_end(connection, database):
            return True
    return False


def merge_some(connection: Connection, pages: int) -> bool:
    """Go on merging the segments of the index into one, about so many pages of it; True while there is more to do.

    Many bursts leave many segments, and each costs every search a look. Fewer than five are left alone.
    """
    levels = _levels(_structure(connection, "main"))
    is_begun = any(merging for merging, _ in levels)
    if not is_begun and sum(segments for _, segments in levels) < _WORTH_MERGING:
        return False
    # A negative number takes all segments, whatever their level; the same again would begin anew.
    connection.execute(
        "INSERT INTO message_index (message_index, rank) VALUES ('merge', ?)", (pages if is_begun else -pages,)
    )
    return any(merging for merging, _ in _levels(_structure(connection, "main")))


def _is_merged_to_the_end(connection: Connection, database: str) -> bool:
    """Whether the last level of the index holds its only segment, or there is none."""
    levels = _segments_per_level(_structure(connection, database))
    return sum(levels) == 0 or (sum(levels) == 1 and levels[-1] == 1)


def _structure(connection: Connection, database: str) -> bytes:
    ((record,),) = connection.execute(
        f"SELECT block FROM {database}.message_index_data WHERE id = {_STRUCTURE:d}"
    ).fetchall()
    return bytes(record)


def _segments_per_level(record: bytes) -> list[int]:
    return [segments for _, segments in _levels(record)]


def _levels(record: bytes) -> list[tuple[int, int]]:
    """FTS5's structure record: cookie 4 | levels, segments, writes | of each level: merging, segments, 3 of each.

    Returns:
        (how many segments are just being merged, how many there are) of each level.
    """
    numbers = _varints(record[4:])
    levels, _, _ = next(numbers), next(numbers), next(numbers)
    found = []
    for _ in range(levels):
        merging, segments = next(numbers), next(numbers)
        for _ in range(3 * segments):
            next(numbers)
        found.append((merging, segments))
    return found


def _varints(data: bytes) -> Iterator[int]:
    value = 0
    for byte in data:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            yield value
            value = 0


@contextmanager
def forgetting(connection: Connection, *, database: str = "main") -> Iterator[None]:
    """Within this, removed entries leave their segments at once. Dear: for a few entries only."""
    setting = f"INSERT INTO {database}.message_index (message_index, rank) VALUES ('secure-delete', ?)"
    connection.execute(setting, (1,))
    try:
        yield
    finally:
        connection.execute(setting, (0,))
