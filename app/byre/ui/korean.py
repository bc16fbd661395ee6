"""초성 search over names: `ㅎㅇ` finds 하은 and 대학원. In memory only, nothing on disk. No toolkit."""

from __future__ import annotations

import unicodedata

_CHO = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FIRST, _LAST, _PER_CHO = 0xAC00, 0xD7A3, 588
_PAIRED = frozenset("ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ")
_TWO = ("ㄱㅅ", "ㄴㅈ", "ㄴㅎ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ", "ㄹㅎ", "ㅂㅅ")
_PAIRS = str.maketrans(dict(zip("ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ", _TWO, strict=True)))


def initial_of(char: str) -> str:
    """The leading consonant of a syllable, or the character itself."""
    code = ord(char)
    return _CHO[(code - _FIRST) // _PER_CHO] if _FIRST <= code <= _LAST else char


def find_name(query: str, name: str) -> tuple[int, int] | None:
    """Where `query` occurs in `name` as (start, end), or None.

    Case-insensitive; a consonant of the query matches any syllable that starts with it, so that a half-typed
    syllable already finds; spaces are ignored on both sides. `ㄳ`, as which a keyboard may show ㄱ and ㅅ, is both.
    """
    composed = unicodedata.normalize("NFC", name)
    found = _find(query, composed)
    if found is None and _PAIRED.intersection(query):
        found = _find(query.translate(_PAIRS), composed)
    return found if found is None or composed == name else (_place(name, found[0]), _place(name, found[1]))


def _place(name: str, composed: int) -> int:
    """Where in a decomposed name so many composed characters end."""
    lengths = [len(unicodedata.normalize("NFC", name[:end])) for end in range(len(name) + 1)]
    return max(end for end, length in enumerate(lengths) if length <= composed)


def _find(query: str, name: str) -> tuple[int, int] | None:
    wanted = [c for c in unicodedata.normalize("NFC", query).casefold() if not c.isspace()]
    if not wanted:
        return None
    folded = [(at, c.casefold()[:1]) for at, c in enumerate(name) if not c.isspace()]
    for start in range(len(folded) - len(wanted) + 1):
        if all(_matches(w, folded[start + i][1]) for i, w in enumerate(wanted)):
            return folded[start][0], folded[start + len(wanted) - 1][0] + 1
    return None


def _matches(wanted: str, char: str) -> bool:
    return wanted == char or (wanted in _CHO and initial_of(char) == wanted)
