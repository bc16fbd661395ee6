"""What the search index holds: words, Hangul and CJK runs as bigrams, and the room.

Text is NFKC-normalised and lower-cased, then split into runs. A run of Hangul, kana or CJK becomes its bigrams and its
last character (`회의실` -> `회의 의실 실`), so that any part of a word is found; other words stay whole.
FTS5's unicode61 splits the result at spaces. Nothing here touches a database.
"""

from __future__ import annotations

import re
import unicodedata

_CJK = "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3\u3040-\u30ff\u3400-\u9fff"
_RUN = re.compile(f"([{_CJK}]+)|((?:(?![{_CJK}])\\w)+)")
_PHRASE = re.compile('"([^"]*)"?|([^"]+)')

# A private-use character is a letter for unicode61 but never part of a word of ours: no text can pretend to be a
# room, and searching for "r" does not meet every room's token.
_ROOM_MARK = "\ue000"


def index_text(body: str, room: int) -> str:
    """What is indexed for a message; deleting it from the index needs exactly this text again."""
    return " ".join([room_token(room), *tokens(body)])


def room_token(room: int) -> str:
    """The token that every message of a room carries."""
    return f"{_ROOM_MARK}rm{room:d}"


def tokens(text: str) -> list[str]:
    """The tokens of a text in order."""
    found: list[str] = []
    for cjk, word in _runs(text):
        if cjk:
            found += _bigrams(cjk)
            found.append(cjk[-1])
        else:
            found.append(word)
    return found


def match_expression(query: str, room: int | None = None) -> str:
    """The FTS5 expression for what a person typed; empty if there is nothing to look for.

    Parts are joined by AND. Runs of Hangul and CJK match anywhere inside a word, the other words match as prefixes, a
    "quoted part" matches its words one after the other.
    """
    parts: list[str] = []
    for quoted, plain in _PHRASE.findall(_normalised(query)):
        if quoted:
            phrase = _phrase(_RUN.findall(quoted))
            parts += [phrase] if phrase else []
        else:
            parts += [_phrase([run]) for run in _RUN.findall(plain)]
    if not parts:
        return ""
    if room is not None:
        parts.insert(0, f'"{room_token(room)}"')
    return " AND ".join(parts)


def _phrase(runs: list[tuple[str, str]]) -> str:
    """Consecutive runs as one FTS5 phrase whose end may be unfinished."""
    if not runs:
        return ""
    words: list[str] = []
    for cjk, word in runs[:-1]:
        words += [*_bigrams(cjk), cjk[-1]] if cjk else [word]
    cjk, word = runs[-1]
    if len(cjk) > 1:
        # The last bigram is complete: without the prefix mark it can only match there.
        return f'"{" ".join([*words, *_bigrams(cjk)])}"'
    return f'"{" ".join([*words, cjk or word])}" *'


def _bigrams(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _runs(text: str) -> list[tuple[str, str]]:
    return _RUN.findall(_normalised(text))


def _normalised(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()
