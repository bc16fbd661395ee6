"""Pages of the search index: the words of a leaf, and how many leaves the words with a given beginning take.

```
 message_index_idx     segment · how a page's first word begins · page ─┐
 message_index_data    segment << 37 | page ──▶ leaf ◀──────────────────┘
 leaf                  first rowid 2 · size 2 · data · offsets of its words
```
FTS5's file format as `fts5_index.c` has it; each word of a leaf but the first shares a beginning with the one before.
What a search finds never depends on it: an index that looks otherwise costs time only.
"""

from __future__ import annotations

from collections.abc import Iterator

from byre.db import Connection
from byre.store.page_cells import varint

SEGMENT_SHIFT = 37
_MAIN = b"0"
_MANY = 2
"""More pages than this from one to the next that begins a word: the last word of the first one fills them."""
_AROUND = (
    "WITH RECURSIVE segment (id) AS (SELECT min(segid) FROM message_index_idx UNION ALL SELECT"
    " (SELECT min(segid) FROM message_index_idx WHERE segid > segment.id) FROM segment WHERE id IS NOT NULL)"
    " SELECT id, (SELECT pgno >> 1 FROM message_index_idx WHERE segid = id AND term <= ?1 ORDER BY term DESC LIMIT 1),"
    " (SELECT pgno >> 1 FROM message_index_idx WHERE segid = id AND term > ?1 ORDER BY term LIMIT 1),"
    " (SELECT pgno >> 1 FROM message_index_idx WHERE segid = id AND term < ?2 ORDER BY term DESC LIMIT 1),"
    " (SELECT pgno >> 1 FROM message_index_idx WHERE segid = id AND term >= ?2 ORDER BY term LIMIT 1)"
    " FROM segment WHERE id IS NOT NULL"
)
"""Of each segment the pages around the first and around the last word of a range."""


def pages_of(connection: Connection, beginning: str) -> int:
    """About how many pages of the index the words with this beginning take, a page or two per segment more or less."""
    start = _MAIN + beginning.encode("utf-8", "replace")
    return sum(
        _between(connection, start, *found)
        for found in connection.execute(_AROUND, (start, start + b"\xff")).fetchall()
    )


def words_of(block: bytes) -> Iterator[bytes]:
    """The words of a leaf, each behind the byte that names its index; what makes no sense ends it."""
    size = int.from_bytes(block[2:4], "big")
    if len(block) < 4 or size > len(block):
        return
    at, offset, word = size, 0, b""
    while at < len(block):
        step, at = varint(block, at)
        offset += step
        kept, start = varint(block, offset) if word else (0, offset)
        length, start = varint(block, start)
        if not 4 <= offset < size or kept > len(word) or start + length > size or not kept + length:
            return
        word = word[:kept] + block[start : start + length]
        yield word


def _between(
    connection: Connection,
    start: bytes,
    segment: int,
    before: int | None,
    first: int | None,
    last: int | None,
    end: int | None,
) -> int:
    """The pages of one segment: before ≤ the first word < first … last ≤ the last word < end."""
    if before == last:
        return _filled(connection, start, segment, before, end)
    inside = 0 if first is None or last is None else last - first
    return inside + _filled(connection, start, segment, before, first) + _filled(connection, start, segment, last, end)


def _filled(connection: Connection, start: bytes, segment: int, page: int | None, following: int | None) -> int:
    """What the range takes of the pages from one that begins a word to the following one that does."""
    if page is None or following is None or following - page <= _MANY:
        return 0
    row = connection.execute(
        "SELECT block FROM message_index_data WHERE id = ?", (segment << SEGMENT_SHIFT | page,)
    ).fetchone()
    *_, word = (b"", *words_of(bytes(row[0]))) if row else (b"",)
    return following - page if word.startswith(start) else 0
