"""What a person typed into the search box, as an FTS5 expression and as a pattern over one message.

Parts are separated by spaces and must all be there. Within a part, runs of Hangul and CJK match anywhere inside a word,
the last word may be unfinished; "quoted words" stand one after the other. Every other character is only a separator:
nothing that is typed is an operator.

The last syllable may still be on its way through the input method: `회ㅇ` and `회으` are on the way to 회의, `핫` to
하세. `typing()` gives that wider reading, to be used where the plain one finds nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from byre.store.bigrams import (
    CJK,
    EMOJI,
    FILE_TOKEN,
    RUN,
    Run,
    author_token,
    bigrams,
    emoji_token,
    normalised,
    room_token,
)
from byre.store.hangul_typing import endings_of

_PARTS = re.compile(r'"([^"]*)"?|([^\s"]+)')
_BETWEEN = f"(?:(?![{CJK}{EMOJI}])\\W|_)*"
_WORD = f"(?:(?![{CJK}])\\w)"


@dataclass(frozen=True, slots=True)
class _Part:
    """Consecutive runs. `endings`, if any, take the place of the last character of the last run."""

    runs: tuple[Run, ...]
    endings: tuple[str, ...] = ()

    @property
    def is_broad(self) -> bool:
        """Whether FTS5 would have to merge the entries of many words before it gives the newest one."""
        cjk, emoji, _ = self.runs[-1]
        return len(self.runs) == 1 and not emoji and len(cjk) < 2

    def cheap(self) -> _Part | None:
        """This part or a wider one that the index answers quickly; None if there is none."""
        if not self.endings:
            return None if self.is_broad else self
        *before, (cjk, _, _) = self.runs
        stem = tuple(before) if len(cjk) < 2 else (*before, (cjk[:-1], "", ""))
        return _Part(stem).cheap() if stem else None

    def expression(self) -> str:
        if not self.endings:
            return _phrase(self.runs)
        *before, (cjk, _, _) = self.runs
        return "(" + " OR ".join(_phrase((*before, (cjk[:-1] + ending, "", ""))) for ending in self.endings) + ")"

    def pattern(self) -> str:
        """A regular expression for the part in normalised text; it begins and ends where the match is shown."""
        pieces = []
        for at, (cjk, emoji, word) in enumerate(self.runs):
            is_last = at == len(self.runs) - 1
            if cjk:
                lookbehind = f"(?<![{CJK}])" if at else ""
                pieces.append(lookbehind + (self._cjk_end(cjk) if is_last else f"{re.escape(cjk)}(?![{CJK}])"))
            elif emoji:
                pieces.append(re.escape(emoji))
            else:
                pieces.append(f"(?<!{_WORD}){re.escape(word)}" + ("" if is_last else f"(?!{_WORD})"))
        return _BETWEEN.join(pieces)

    def _cjk_end(self, cjk: str) -> str:
        if not self.endings:
            return re.escape(cjk)
        singles = "".join(ending for ending in self.endings if len(ending) == 1)
        longer = [re.escape(ending) for ending in self.endings if len(ending) > 1]
        return re.escape(cjk[:-1]) + "(?:" + "|".join([f"[{singles}]", *longer]) + ")"


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A parsed query. Build with `parse`."""

    parts: tuple[_Part, ...]

    @classmethod
    def parse(cls, text: str) -> SearchQuery:
        """Read what was typed; anything is a query, perhaps one without parts."""
        parts = []
        for quoted, plain in _PARTS.findall(normalised(text)):
            runs = tuple(RUN.findall(quoted or plain))
            if runs:
                parts.append(_Part(runs))
        return cls(tuple(parts))

    @property
    def is_broad(self) -> bool:
        """Whether only very short beginnings of words are asked for (one syllable, one or two letters)."""
        return bool(self.parts) and all(part.is_broad for part in self.parts)

    def cheap(self) -> SearchQuery:
        """The parts that the index answers quickly; what they find must still be matched with the whole query.

        Of a part whose end is unfinished, that is what stands before the end.
        """
        return SearchQuery(tuple(cheap for part in self.parts if (cheap := part.cheap()) is not None))

    def typing(self) -> SearchQuery | None:
        """The reading in which the last syllable is unfinished; None if there is no other reading."""
        if not self.parts:
            return None
        *before, last = self.parts
        cjk = last.runs[-1][0]
        endings = endings_of(cjk[-1], has_before=len(cjk) > 1) if cjk else ()
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
        patterns = [re.compile(part.pattern()) for part in self.parts]

        def matches(body: str) -> bool:
            text = normalised(body)
            return all(pattern.search(text) for pattern in patterns)

        return matches

    def highlights(self, body: str) -> tuple[tuple[int, int], ...]:
        """Where the parts stand in `body`: (start, end) in code points, in order, never overlapping."""
        return self.highlighter()(body)

    def highlighter(self) -> Callable[[str], tuple[tuple[int, int], ...]]:
        """`highlights` for many messages: the patterns are made once."""
        patterns = [re.compile(part.pattern()) for part in self.parts]

        def spans(text: str) -> list[tuple[int, int]]:
            found = [match.span() for pattern in patterns for match in pattern.finditer(text)]
            return sorted(span for span in found if span[1] > span[0])

        def highlights(body: str) -> tuple[tuple[int, int], ...]:
            text = body.lower()
            if len(text) == len(body) and unicodedata.is_normalized("NFKC", text):
                return tuple(_merged(spans(text)))  # as nearly all text is: every character stands where it stood
            text, origin = _with_origin(body)
            ends = _ends_of(origin, len(body))
            return tuple(_merged((origin[start], ends[origin[end - 1]]) for start, end in spans(text)))

        return highlights


def match_expression(query: str, room: int | None = None) -> str:
    """The FTS5 expression for what a person typed; empty if there is nothing to look for."""
    return SearchQuery.parse(query).expression(room=room) if SearchQuery.parse(query).parts else ""


def piece_expression(piece: str) -> str:
    """The FTS5 expression for a piece cut out of a message, perhaps within words; empty if nothing is left."""
    runs = RUN.findall(normalised(piece))
    if runs and runs[0][2]:
        runs = runs[1:]  # the end of a word is not in the index
    return _phrase(runs) if runs else ""


def _phrase(runs: Sequence[Run]) -> str:
    """Consecutive runs as one FTS5 phrase whose end may be unfinished."""
    words: list[str] = []
    for cjk, emoji, word in runs[:-1]:
        words += [*bigrams(cjk), cjk[-1]] if cjk else [word or emoji_token(emoji)]
    cjk, emoji, word = runs[-1]
    if len(cjk) > 1 or emoji:
        # The last bigram is complete: without the prefix mark it can only match there.
        return f'"{" ".join([*words, *(bigrams(cjk) if cjk else [emoji_token(emoji)])])}"'
    return f'"{" ".join([*words, cjk or word])}" *'


def _with_origin(body: str) -> tuple[str, list[int]]:
    """The normalised text, and for each of its characters where in `body` its cluster begins."""
    if body.isascii():
        return body.lower(), list(range(len(body)))
    text, origin = [], []
    for start, cluster in _clusters(body):
        piece = normalised(cluster)
        text.append(piece)
        origin += [start] * len(piece)
    return "".join(text), origin


def _clusters(body: str) -> Iterator[tuple[int, str]]:
    """Pieces that normalise on their own: a character with its marks, or the jamo of one syllable."""
    start = 0
    for at in range(1, len(body) + 1):
        if at == len(body) or not _continues(body[at]):
            yield start, body[start:at]
            start = at


def _continues(character: str) -> bool:
    return unicodedata.combining(character) != 0 or "\u1160" <= character <= "\u11ff"


def _ends_of(origin: Sequence[int], length: int) -> dict[int, int]:
    """For each beginning of a cluster, where the cluster ends."""
    starts = sorted(set(origin))
    return dict(zip(starts, [*starts[1:], length], strict=False))


def _merged(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last: tuple[int, int] | None = None
    for start, end in ranges:
        if last is not None and start <= last[1]:
            last = (last[0], max(last[1], end))
            continue
        if last is not None:
            yield last
        last = (start, end)
    if last is not None:
        yield last
