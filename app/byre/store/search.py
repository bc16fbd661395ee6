"""Full-text search over messages: newest first, in keyset pages, by words and filters, with what is to be highlighted.

The index gives the newest entries at once for bigrams and for word beginnings of three and five letters. Any other part
(one syllable, a letter or two, `file`) begins words whose entries FTS5 would have to merge before the first result. So
the newest messages that a cheaper query selects are looked through first: mostly they already fill the page.
What is still being typed (`회으`) is read in its wider sense only if nothing at all holds it as it stands.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from byre.db import Connection
from byre.store.message_index import merge_some
from byre.store.messages import NEWEST, TIE_BITS, MessageRow, select_indexed, select_messages
from byre.store.search_query import SearchQuery

_LOOKED_THROUGH = 1000
_CHARACTERS = 200_000
"""How many messages, and how much of them, are looked through before the index is asked for all parts."""
_BATCH = 64  # the first one; each further one is twice as large
_SHOWN = "m.room NOT IN (SELECT room FROM wipe_room)"
"""Rooms under a wipe are hidden: those of its journal."""
_MATCHING = f"WHERE i.message_index MATCH ? AND i.rowid < ? AND i.rowid >= ? AND {_SHOWN} ORDER BY i.rowid DESC LIMIT ?"
_MERGED_PAGES = 64
"""What `tend` writes at once: about ten milliseconds."""
_SNIPPET_CHARACTERS = 120
_SNIPPET_LEAD = 30
_ELLIPSIS = "…"
_JOINER = "\u200d"
_LONGEST_SIGN = 32


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """What else must hold. Times are those of the shown order (ms), `since` included, `until` not."""

    room: int | None = None
    sender: bytes | None = None
    since: int | None = None
    until: int | None = None
    has_file: bool = False

    @property
    def first_position(self) -> int:
        return max(0, self.since or 0) << TIE_BITS

    @property
    def end_position(self) -> int:
        return NEWEST if self.until is None else min(NEWEST, max(0, self.until) << TIE_BITS)


class SearchHit(NamedTuple):
    """A message that was found. `snippet` is cut around the first match; ranges are (start, end) in code points.

    `highlights` count in the message's body, `snippet_highlights` in the snippet.
    """

    message: MessageRow
    highlights: tuple[tuple[int, int], ...]
    snippet: str
    snippet_highlights: tuple[tuple[int, int], ...]

    def __repr__(self) -> str:
        return f"SearchHit(message={self.message!r}, highlights={self.highlights!r})"


class SearchRepository:
    """Messages by their words."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(
        self, text: str, limit: int, *, where: SearchFilter = SearchFilter(), before: int | None = None
    ) -> list[SearchHit]:
        """The newest `limit` messages below position `before` with every part of `text`, of those that fit `where`.

        Rooms under a wipe are left out. Without a letter, and without sender or file, nothing is found.
        """
        query = SearchQuery.parse(text)
        top = where.end_position if before is None else min(before, where.end_position)
        rows = self._rows(query, limit, where, top)
        wider = None if rows else query.typing()
        if wider is not None and not (before is not None and self._was_exact(query, where, before)):
            query = wider
            rows = self._rows(query, limit, where, top)
        highlights = query.highlighter()
        return [_hit(row, highlights(row.body)) for row in rows]

    def _was_exact(self, query: SearchQuery, where: SearchFilter, before: int) -> bool:
        """Whether the page that ended at `before` held what was typed as it stands, whatever has arrived since."""
        last = select_messages(self._connection, "WHERE m.id = ?", (before,))
        if last:
            return query.matcher()(last[0].body)
        return bool(self._rows(query, 1, where, where.end_position))

    def tend(self) -> bool:
        """Write a small part of what makes searches quicker, when nobody waits; True while there is more to do."""
        return merge_some(self._connection, _MERGED_PAGES)

    def _rows(self, query: SearchQuery, limit: int, where: SearchFilter, top: int) -> list[MessageRow]:
        authors = None if where.sender is None else self._authors(where.sender)
        if not query.parts and authors is None and not where.has_file:
            return []
        narrow = query.cheap()
        if narrow != query:
            rows = self._looked_through(narrow, query, limit, where, top, authors)
            if rows is not None:
                return rows
        expression = query.expression(room=where.room, authors=authors, has_file=where.has_file)
        return self._matching(expression, limit, where.first_position, top)

    def _looked_through(
        self,
        narrow: SearchQuery,
        whole: SearchQuery,
        limit: int,
        where: SearchFilter,
        top: int,
        authors: list[int] | None,
    ) -> list[MessageRow] | None:
        """The page, if the newest candidates by all other conditions fill it; None if they do not."""
        expression = narrow.expression(room=where.room, authors=authors, has_file=where.has_file)
        has_matcher = bool(narrow.parts) or authors is not None or where.has_file
        if authors == []:
            return []
        matches = whole.matcher()
        found: list[MessageRow] = []
        characters = 0
        for seen, row in enumerate(self._candidates(expression if has_matcher else "", where, top), 1):
            if matches(row.body):
                found.append(row)
                if len(found) == limit:
                    return found
            characters += len(row.body)
            if seen == _LOOKED_THROUGH or characters > _CHARACTERS:
                return None
        return found

    def _candidates(self, expression: str, where: SearchFilter, top: int) -> Iterator[MessageRow]:
        """What the other conditions select, newest first."""
        in_room = "" if where.room is None else f"m.room = {where.room:d} AND "
        newest = f"WHERE {in_room}m.kind = 'text' AND m.id < ? AND m.id >= ? AND {_SHOWN} ORDER BY m.id DESC LIMIT ?"
        size = _BATCH
        while True:
            bounds = (top, where.first_position, size)
            if expression:
                rows = select_indexed(self._connection, _MATCHING, (expression, *bounds))
            else:
                rows = select_messages(self._connection, newest, bounds)
            yield from rows
            if len(rows) < size:
                return  # to be told "no more" the index would go through all entries of all words once again
            top, size = rows[-1].id, 2 * size

    def _matching(self, expression: str, limit: int, first: int, top: int) -> list[MessageRow]:
        if not expression:
            return []
        return select_indexed(self._connection, _MATCHING, (expression, top, first, limit))

    def _authors(self, account_id: bytes) -> list[int]:
        rows = self._connection.execute("SELECT id FROM author WHERE account_id = ? ORDER BY id", (account_id,))
        return [int(row[0]) for row in rows]


def _hit(row: MessageRow, highlights: tuple[tuple[int, int], ...]) -> SearchHit:
    if len(row.body) <= _SNIPPET_CHARACTERS:
        return SearchHit(row, highlights, row.body.replace("\n", " "), highlights)
    start, end, lead, tail = _window(row.body, highlights)
    shift = len(lead) - start
    inside = tuple(
        (max(first, start) + shift, min(last, end) + shift)
        for first, last in highlights
        if first < end and last > start
    )
    return SearchHit(row, highlights, lead + row.body[start:end].replace("\n", " ") + tail, inside)


def _window(body: str, highlights: tuple[tuple[int, int], ...]) -> tuple[int, int, str, str]:
    """Which part of a long body its snippet shows, and what stands for what is left out."""
    first = next(iter(highlights), (0, 0))[0]
    start = min(max(0, first - _SNIPPET_LEAD), len(body) - _SNIPPET_CHARACTERS)
    start, end = _between_signs(body, start), _between_signs(body, start + _SNIPPET_CHARACTERS)
    return start, end, _ELLIPSIS if start else "", _ELLIPSIS if end < len(body) else ""


def _between_signs(body: str, at: int) -> int:
    """The next place that does not cut what is shown as one: a decomposed syllable, an accented letter, an emoji."""
    end = min(len(body), at + _LONGEST_SIGN)
    while 0 < at < end and (_goes_on(body[at]) or body[at - 1] == _JOINER):
        at += 1
    return at


def _goes_on(character: str) -> bool:
    return (
        "\u1160" <= character <= "\u11ff"  # the vowel or the last consonant of a decomposed syllable
        or character == _JOINER
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # the colour of a skin
        or unicodedata.category(character).startswith("M")
    )
