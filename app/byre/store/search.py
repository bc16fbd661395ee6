"""Full-text search over messages: newest first, in keyset pages, by words and filters, with what is to be highlighted.

The index gives the newest entries at once for bigrams and for word beginnings of three and five letters. Any other part
(one syllable, a letter or two, `file`) begins words whose entries FTS5 has to merge before the first result. So the
newest messages that a cheaper query selects are looked through first, mostly they fill the page already; and how many
entries there are to merge is known before they are, from the pages that they take (`index_pages`).
What is still being typed (`회으`) is read in its wider sense only if nothing at all holds it as it stands.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from byre.db import Connection
from byre.store.index_pages import pages_of
from byre.store.message_index import merge_some
from byre.store.messages import NEWEST, TIE_BITS, MessageRow, select_indexed, select_messages
from byre.store.search_query import Ranges, SearchQuery

_BATCH = 64
"""How many messages are looked through first; each further batch of a query is twice as large."""
_FEW = 256
"""If no more are likely to be needed, nothing else is asked."""
_CHARACTERS = 200
"""So much text of them costs as much as one more."""
_PER_PAGE, _PER_PHRASE = 7, 12
"""How many messages are looked through while FTS5 merges a page of entries, and while it looks for one phrase."""
_SHOWN = "m.room NOT IN (SELECT room FROM wipe_room)"
"""Rooms under a wipe are hidden: those of its journal."""
_MATCHING = f"WHERE i.message_index MATCH ? AND i.rowid < ? AND i.rowid >= ? AND {_SHOWN} ORDER BY i.rowid"
_UPWARDS, _DOWNWARDS = f"{_MATCHING} LIMIT ?", f"{_MATCHING} DESC LIMIT ?"
_BODIES = (
    "SELECT m.id, m.body FROM message m WHERE {}m.kind = 'text' AND m.id < ? AND m.id >= ?"
    f" AND {_SHOWN} ORDER BY m.id DESC LIMIT ?"
)
_BODIES_FROM_INDEX = "SELECT m.id, m.body FROM message_index i CROSS JOIN message m ON m.id = i.rowid"
_AT = "WHERE m.id IN (SELECT value FROM json_each(?)) ORDER BY m.id DESC"
_AND = " AND "
_SAMPLE_SIZE = 64
_SAMPLE = (
    "SELECT rowid FROM message_index WHERE message_index MATCH ? AND rowid < ? AND rowid >= ?"
    " ORDER BY rowid DESC LIMIT ?"
)
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


_Candidate = tuple[int, str]
"""(position, body)."""
_Step = tuple[int, SearchQuery]
"""What it costs to ask the index for a query, in messages that could be looked through instead."""


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
        hits = self._hits(query, limit, where, top)
        wider = None if hits else query.typing()
        if wider is not None and not (before is not None and self._was_exact(query, where, before)):
            hits = self._hits(wider, limit, where, top)
        return hits

    def _was_exact(self, query: SearchQuery, where: SearchFilter, before: int) -> bool:
        """Whether the page that ended at `before` held what was typed as it stands, whatever has arrived since."""
        last = select_messages(self._connection, "WHERE m.id = ?", (before,))
        if last:
            return query.matcher()(last[0].body)
        return bool(self._hits(query, 1, where, where.end_position))

    def tend(self) -> bool:
        """Write a small part of what makes searches quicker, when nobody waits; True while there is more to do."""
        return merge_some(self._connection, _MERGED_PAGES)

    def _hits(self, query: SearchQuery, limit: int, where: SearchFilter, top: int) -> list[SearchHit]:
        authors = None if where.sender is None else self._authors(where.sender)
        if authors == [] or not (query.parts or authors or where.has_file):
            return []
        query = query.once()

        def expression(asked: SearchQuery) -> str:
            return asked.expression(room=where.room, authors=authors, has_file=where.has_file)

        found: dict[int, Ranges] = {}
        if query.cheap() == query:
            rows = select_indexed(self._connection, _DOWNWARDS, (expression(query), top, where.first_position, limit))
        else:
            found, below = self._looked_through(query, expression, limit, where, top)
            rows = self._at(list(found))
            if below is not None:
                rest = (expression(query), below, where.first_position, limit - len(found))
                rows += select_indexed(self._connection, _DOWNWARDS, rest)
        highlights = query.highlighter()
        return [_hit(row, found.get(row.id) or highlights(row.body)) for row in rows]

    def _looked_through(
        self, query: SearchQuery, expression: Callable[[SearchQuery], str], limit: int, where: SearchFilter, top: int
    ) -> tuple[dict[int, Ranges], int | None]:
        """What is found among the newest candidates of cheaper queries, and below which position to ask for all parts.

        None: there is no more to find, or no more is wanted. Candidates are looked through for as long as that is
        likely to cost less than the next dearer query, which selects fewer of them; each goes on where the one before
        it stopped. Where a dear one has found nothing at all, the whole query follows at once.
        """
        marked = query.marker()
        found: dict[int, Ranges] = {}
        dearer: list[_Step] = []
        price, narrow = 0, query.cheap()
        while narrow != query:
            seen, newest, before = 0, 0, len(found)
            size = max(_BATCH, price // 8)
            for batch in self._candidates(expression(narrow), where, top, size, is_quick=price == 0):
                for position, body in batch:
                    ranges = marked(body)
                    if ranges is not None:
                        found[position] = ranges
                        if len(found) == limit:
                            return found, None
                newest, top = newest or batch[0][0], batch[-1][0]
                seen += len(batch) + sum(len(body) for _, body in batch) // _CHARACTERS
                more = (limit - len(found)) * seen / (len(found) - before + 0.5) + price
                if max(more, seen) <= _FEW:
                    continue
                left = seen * (top - max(where.first_position, self._oldest())) / max(1, newest - top)
                dearer = dearer or self._dearer(query)
                if min(more, left + price) > dearer[0][0] or seen > dearer[0][0]:
                    break
            else:
                return found, None
            price, narrow = dearer.pop(-1 if price and len(found) == before else 0)
        return found, top

    def _dearer(self, query: SearchQuery) -> list[_Step]:
        """Cheaper queries that find at least as much, the cheapest first, and at last the query itself.

        Each is dearer than the one before it by so much that all of them do not cost many times the last one.
        """
        prices = sorted((self._price(*slow), number) for number, slow in query.slow())
        whole: set[int] = set()
        steps: list[_Step] = []
        total = 0
        for at, (price, number) in enumerate(prices, 1):
            whole.add(number)
            total += price
            if at == len(prices) or prices[at][0] > max(_BATCH, total // 2):
                steps.append((total, query.cheap(whole)))
        return steps

    def _price(self, beginning: str, phrases: int) -> int:
        pages = pages_of(self._connection, beginning) if beginning else 0
        return pages * _PER_PAGE + (phrases - 1) * _PER_PHRASE

    def _candidates(
        self, expression: str, where: SearchFilter, top: int, size: int, *, is_quick: bool
    ) -> Iterator[list[_Candidate]]:
        """What the other conditions select, newest first, in ever larger batches."""
        first = where.first_position
        in_room = "" if where.room is None else f"m.room = {where.room:d} AND "
        while True:
            if not expression:
                rows = self._connection.execute(_BODIES.format(in_room), (top, first, size)).fetchall()
            elif is_quick:
                rows = self._quick(expression, size, first, top)
            else:
                rows = self._bodies(_DOWNWARDS, (expression, top, first, size))
            if rows:
                yield rows
            if len(rows) < size:
                return  # to be told "no more" the index would go through all entries of all words once again
            top, size = rows[-1][0], 2 * size

    def _at(self, positions: list[int]) -> list[MessageRow]:
        """The messages at these positions, newest first."""
        return select_messages(self._connection, _AT, (json.dumps(positions),)) if positions else []

    def _quick(self, expression: str, limit: int, first: int, top: int) -> list[_Candidate]:
        """The newest candidates by lists that need not be merged.

        FTS5 goes through what lists have in common in two thirds of the time upwards. So where that seems to be next to
        nothing, as of words of two languages, it is looked for from the oldest on.
        """
        if self._are_apart(expression.split(_AND), first, top):
            few = self._bodies(_UPWARDS, (expression, top, first, 2 * limit))
            if len(few) < 2 * limit:
                return few[: -limit - 1 : -1]
        return self._bodies(_DOWNWARDS, (expression, top, first, limit))

    def _are_apart(self, lists: Sequence[str], first: int, top: int) -> bool:
        """Whether two long lists of entries have none of their newest ones in common."""
        if len(lists) < 2:
            return False
        newest: list[set[tuple[int]]] = []
        for each in sorted(lists, key=len, reverse=True)[:2]:  # what is short to say is mostly long
            newest.append(set(self._connection.execute(_SAMPLE, (each, top, first, _SAMPLE_SIZE))))
            if len(newest[-1]) < _SAMPLE_SIZE:
                return False
        return newest[0].isdisjoint(newest[1])

    def _bodies(self, tail: str, parameters: Sequence[Any]) -> list[_Candidate]:
        """As `select_indexed`, of each message what it takes to look through it."""
        return self._connection.execute(f"{_BODIES_FROM_INDEX} {tail}", parameters).fetchall()

    def _oldest(self) -> int:
        ((position,),) = self._connection.execute("SELECT coalesce(min(id), 0) FROM message").fetchall()
        return int(position)

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
