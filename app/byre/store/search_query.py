"""What a person typed into the search box, as an FTS5 expression and as a look at one message.

Parts are separated by spaces and must all be there. Within a part, runs of Hangul and CJK match anywhere inside a word,
the last word may be unfinished; "quoted words" stand one after the other. Every other character is only a separator:
nothing that is typed is an operator.

The last syllable may still be on its way through the input method: `회ㅇ` and `회으` are on the way to 회의, `핫` to
하세. `typing()` gives that wider reading, to be used where the plain one finds nothing.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from byre.store.bigrams import (
    FILE_TOKEN,
    Run,
    author_token,
    bigrams,
    emoji_token,
    is_invisible,
    is_normalised,
    is_of_word,
    lowered,
    normalised,
    placed_runs,
    room_token,
    runs_of,
    spelled,
)
from byre.store.hangul_typing import endings_of

_PARTS = re.compile(r'"([^"]*)"?|([^\s"]+)')
_JOINS = re.compile("[\u1160-\u11ff\ud7b0-\ud7fb\uff9e\uff9f\uffc2-\uffdc]")
"""The later letters of a syllable."""
_ONE_BY_ONE = re.compile(
    "[\x20-\x7e\n\uac00-\ud7a3\u3131\u3132\u3134\u3137-\u3139\u3141-\u3143\u3145-\u3163\U0001f300-\U0001f64f]*"
)
"""Text of which normalising makes each character one."""
_JOINER = "\u200d"
_BINDS = re.compile(f"[{_JOINER}\ufe0f\U0001f3fb-\U0001f3ff]")
"""What makes several emoji one picture."""

Ranges = tuple[tuple[int, int], ...]
"""(start, end) in code points, in order, never overlapping."""

BEGINNINGS = (3, 5)
"""Lengths of word beginnings that the index answers at once, see `prefix` of `message_index`."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Consecutive runs. `endings`, if any, take the place of the last character of the last run.

    `is_open`: the last run may be unfinished.
    """

    runs: tuple[Run, ...]
    endings: frozenset[str] = frozenset()
    is_open: bool = True

    def cheap(self) -> _Part | None:
        """This part or a wider one that the index answers quickly; None if there is none.

        FTS5 would merge the entries of every word that begins so before it gives the newest one, but for beginnings of
        the lengths that it keeps an index of.
        """
        *before, (cjk, emoji, word) = self.runs
        if self.endings:
            return _Part((*before, (cjk[:-1], "", ""))).cheap()
        if emoji or len(cjk) > 1 or len(word) in BEGINNINGS:
            return self
        length = max((length for length in BEGINNINGS if length < len(word)), default=0)
        return _Part((*before, ("", "", word[:length]))) if length else _closed(before)

    def slow(self) -> tuple[str, int]:
        """What makes the index slow on this part: the beginning whose words FTS5 would merge, and how many phrases."""
        *_, (cjk, emoji, word) = self.runs
        if self.endings:
            return "", len(self.endings)
        if not self.is_open or emoji or len(cjk) > 1 or len(word) in BEGINNINGS:
            return "", 1
        return spelled([cjk or word])[0], 1

    def expression(self) -> str:
        if not self.endings:
            return _phrase(self.runs, is_open=self.is_open)
        *before, (cjk, _, _) = self.runs
        return (
            "(" + " OR ".join(_phrase((*before, (cjk[:-1] + ending, "", ""))) for ending in sorted(self.endings)) + ")"
        )

    @property
    def is_plain(self) -> bool:
        """Whether it stands wherever its text does."""
        return len(self.runs) == 1 and not self.runs[0][2] and not self.endings

    def literals(self) -> tuple[str, ...]:
        """Texts that a match holds in any case: looking for them first spares most looks."""
        whole = [cjk or emoji or word for cjk, emoji, word in self.runs]
        return tuple(text for text in (*whole[:-1], whole[-1][:-1] if self.endings else whole[-1]) if text)

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where the part stands in a normalised text; the same answer as the index gives."""
        if len(self.runs) > 1:
            return self._among(text)
        places = self._last_in(text)
        if not self.runs[0][2]:
            return places
        return [(start, end) for start, end in places if start == 0 or not is_of_word(text[start - 1])]

    def _among(self, text: str) -> list[tuple[int, int]]:
        """Where all runs stand one after the other, the first at the end of one, the last at the beginning of one."""
        before, last = self.runs[:-1], self.runs[-1]
        kind = next(at for at, one in enumerate(last) if one)
        wanted = "".join(before[0])
        found = []
        at = text.find(wanted)
        while at >= 0:
            if not (before[0][2] and at and is_of_word(text[at - 1])):
                here = list(islice(placed_runs(text[at:]), len(self.runs)))
                if len(here) == len(self.runs) and all(
                    run == other for (_, run), other in zip(here, before, strict=False)
                ):
                    start, run = here[-1]
                    found += [(at, at + start + end) for begin, end in self._last_in(run[kind]) if begin == 0]
            at = text.find(wanted, at + 1)
        return found

    def _last_in(self, text: str) -> list[tuple[int, int]]:
        """Where the last run, or what it may become, stands in a text."""
        cjk, emoji, word = self.runs[-1]
        wanted = cjk[:-1] if self.endings else cjk or emoji or word
        ending = _becoming(self.endings) if self.endings else None
        if ending and not wanted:
            return [match.span() for match in ending.finditer(text)]
        found, at = [], text.find(wanted)
        while at >= 0:
            end = at + len(wanted)
            if ending:
                match = ending.match(text, end)
                end = match.end() if match else 0
            if end > at:
                found.append((at, end))
            at = text.find(wanted, max(at + 1, end))
        return found


@lru_cache(maxsize=1)
def _endings(last: str, has_before: bool) -> frozenset[str]:
    return frozenset(endings_of(last, has_before=has_before))


@lru_cache(maxsize=1)
def _becoming(endings: frozenset[str]) -> re.Pattern[str]:
    """One of the endings: one character, or else two."""
    one = "".join(ending for ending in endings if len(ending) == 1)
    two: dict[str, str] = {}
    for ending in endings:
        if len(ending) == 2:
            two[ending[0]] = two.get(ending[0], "") + ending[1]
    longer = (f"{first}[{_in_ranges(seconds)}]" for first, seconds in two.items())
    return re.compile("|".join((f"[{_in_ranges(one)}]", *longer)))


def _in_ranges(characters: str) -> str:
    """Syllables and letters as ranges of a character class."""
    ranges: list[list[str]] = []
    for one in sorted(characters):
        if ranges and ord(one) == ord(ranges[-1][1]) + 1:
            ranges[-1][1] = one
        else:
            ranges.append([one, one])
    return "".join(f"{first}-{last}" for first, last in ranges)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A parsed query. Build with `parse`."""

    parts: tuple[_Part, ...]

    @classmethod
    def parse(cls, text: str) -> SearchQuery:
        """Read what was typed; anything is a query, perhaps one without parts."""
        parts = []
        for quoted, plain in _PARTS.findall(normalised(text)):
            runs = tuple(runs_of(quoted or plain))
            if runs:
                parts.append(_Part(runs))
        return cls(tuple(parts))

    def once(self) -> SearchQuery:
        """Each part once."""
        return SearchQuery(tuple(dict.fromkeys(self.parts)))

    def cheap(self, whole: Container[int] = ()) -> SearchQuery:
        """The parts that the index answers quickly; what they find must still be matched with the whole query.

        Of a part whose end is unfinished, that is what stands before the end; of a word, its beginning. The parts with
        the numbers `whole` stay as they are.
        """
        parts = (part if number in whole else part.cheap() for number, part in enumerate(self.parts))
        return SearchQuery(tuple(part for part in parts if part is not None))

    def slow(self) -> Iterator[tuple[int, tuple[str, int]]]:
        """The number of each part that is none of `cheap()`, and what makes it slow: see `_Part.slow`."""
        return ((number, part.slow()) for number, part in enumerate(self.parts) if part.cheap() != part)

    def typing(self) -> SearchQuery | None:
        """The reading in which the last syllable is unfinished; None if there is no other reading."""
        if not self.parts:
            return None
        *before, last = self.parts
        cjk = last.runs[-1][0]
        endings = _endings(cjk[-1], len(cjk) > 1) if cjk else None
        return SearchQuery((*before, _Part(last.runs, endings))) if endings else None

    def expression(
        self, *, room: int | None = None, authors: Sequence[int] | None = None, has_file: bool = False
    ) -> str:
        """The FTS5 expression; empty if there is nothing to look for, also if `authors` is empty."""
        filters = [] if room is None else [f'"{room_token(room)}"']
        if authors is not None:
            if not authors:
                return ""
            filters.append("(" + " OR ".join(f'"{author_token(author)}"' for author in authors) + ")")
        if has_file:
            filters.append(f'"{FILE_TOKEN}"')
        if not self.parts and authors is None and not has_file:
            return ""
        return " AND ".join([*filters, *(part.expression() for part in self.parts)])

    def matcher(self) -> Callable[[str], bool]:
        """Whether a message has all parts: the same answer as the index gives."""
        literals = self._literals()
        in_runs = [part for part in self.parts if not part.is_plain]

        def matches(body: str) -> bool:
            text = normalised(body)
            for literal in literals:
                if literal not in text:
                    return False
            return all(part.places(text) for part in in_runs)

        return matches

    def highlights(self, body: str) -> Ranges:
        """Where the parts stand in `body`: (start, end) in code points, in order, never overlapping."""
        return self.highlighter()(body)

    def highlighter(self) -> Callable[[str], Ranges]:
        """`highlights` for many messages."""
        marked = self.marker()
        return lambda body: marked(body) or ()

    def marker(self) -> Callable[[str], Ranges | None]:
        """`highlights` for many messages; None for one that has not all parts."""
        parts, matches = self.parts, self.matcher()
        literals = self._literals()

        def spans(text: str) -> list[tuple[int, int]] | None:
            if len(parts) == 1:
                return parts[0].places(text) or None
            for literal in literals:
                if literal not in text:
                    return None
            found: list[tuple[int, int]] = []
            for part in parts:
                places = part.places(text)
                if not places:
                    return None
                found += places
            return found

        def marked(body: str) -> Ranges | None:
            text = lowered(body)
            if body.isascii() or (len(text) == len(body) and is_normalised(text)) or _ONE_BY_ONE.fullmatch(text):
                found = spans(text)  # as nearly all text is: every character stands where it stood
            elif matches(body):
                text, place = _with_places(body)
                found = [(place(start)[0], place(end - 1)[1]) for part in parts for start, end in part.places(text)]
            else:
                return None
            if found and _BINDS.search(body):
                found = [_whole(body, *span) for span in found]
            return None if found is None else _merged(found)

        return marked

    def _literals(self) -> list[str]:
        return [literal for part in self.parts for literal in part.literals()]


def match_expression(query: str, room: int | None = None) -> str:
    """The FTS5 expression for what a person typed; empty if there is nothing to look for."""
    return SearchQuery.parse(query).expression(room=room) if SearchQuery.parse(query).parts else ""


def piece_expression(piece: str) -> str:
    """The FTS5 expression for a piece cut out of a message, perhaps within words; empty if nothing is left."""
    runs = runs_of(normalised(piece))
    if runs and runs[0][2]:
        runs = runs[1:]  # the end of a word is not in the index
    return _phrase(runs) if runs else ""


def _closed(runs: Sequence[Run]) -> _Part | None:
    return _Part(tuple(runs), is_open=False) if runs else None


def _phrase(runs: Sequence[Run], *, is_open: bool = True) -> str:
    """Consecutive runs as one FTS5 phrase whose end may be unfinished."""
    words: list[str] = []
    for cjk, emoji, word in runs[:-1] if is_open else runs:
        words += [*bigrams(cjk), cjk[-1]] if cjk else [word or emoji_token(emoji)]
    if not is_open:
        return f'"{" ".join(spelled(words))}"'
    cjk, emoji, word = runs[-1]
    if len(cjk) > 1 or emoji:
        # The last bigram is complete: without the prefix mark it can only match there.
        return f'"{" ".join(spelled([*words, *(bigrams(cjk) if cjk else [emoji_token(emoji)])]))}"'
    return f'"{" ".join(spelled([*words, cjk or word]))}" *'


def _is_end(run: Run, wanted: Run) -> bool:
    """Whether a run of syllables ends as is wanted; a word or an emoji must be it."""
    return run[0].endswith(wanted[0]) if wanted[0] and run[0] else run == wanted


def _with_places(body: str) -> tuple[str, Callable[[int], tuple[int, int]]]:
    """The normalised text, and what tells of each of its characters where in `body` its cluster begins and ends."""
    text: list[str] = []
    first: list[int] = []
    clusters = list(_clusters(body))
    length = 0
    for start, end, _ in clusters:
        text.append(normalised(body[start:end]))
        first.append(length)
        length += len(text[-1])

    def place(at: int) -> tuple[int, int]:
        number = bisect_right(first, at) - 1
        start, end, is_one = clusters[number]
        start += 0 if is_one else at - first[number]
        return start, end if is_one else start + 1

    return "".join(text), place


def _clusters(body: str) -> Iterator[tuple[int, int, bool]]:
    """Pieces that normalise on their own: a character with its marks, or the jamo of one syllable.

    Most text is neither: (start, end, False) is a stretch of it, each of whose characters stays one.
    """
    start = 0
    while start < len(body):
        one_by_one = _ONE_BY_ONE.match(body, start)
        end = (one_by_one.end() if one_by_one else start) - 1  # the last one may have marks
        if end > start:
            yield start, end, False
            start = end
        end = next((at for at in range(start + 1, len(body)) if not _continues(body[at])), len(body))
        yield start, end, True
        start = end


def _continues(character: str) -> bool:
    """Whether a character may become one with the one before it."""
    return unicodedata.category(character)[0] == "M" or _JOINS.match(character) is not None or is_invisible(character)


def _whole(body: str, start: int, end: int) -> tuple[int, int]:
    """The range, and the rest of the pictures at its ends."""
    while start > 0 and (_BINDS.match(body[start]) or body[start - 1] == _JOINER):
        start -= 1
    while end < len(body) and (_BINDS.match(body[end]) or body[end - 1] == _JOINER):
        end += 1
    return start, end


def _merged(ranges: list[tuple[int, int]]) -> Ranges:
    """In order, and those that touch as one."""
    if len(ranges) < 2:
        return tuple(ranges)
    ranges.sort()
    merged = ranges[:1]
    for start, end in ranges[1:]:
        first, last = merged[-1]
        if start <= last:
            merged[-1] = (first, max(last, end))
        else:
            merged.append((start, end))
    return tuple(merged)
