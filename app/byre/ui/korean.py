"""초성 search over names: `ㅎㅇ` finds 하은 and 대학원. In memory only, nothing on disk. No toolkit."""

from __future__ import annotations

import unicodedata

_CHO = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FIRST, _LAST, _PER_CHO = 0xAC00, 0xD7A3, 588


def initial_of(char: str) -> str:
    """The leading consonant of a syllable, or the character itself."""
    code = ord(char)
    return _CHO[(code - _FIRST) // _PER_CHO] if _FIRST <= code <= _LAST else char


def find_name(query: str, name: str) -> tuple[int, int] | None:
    """Where `query` occurs in `name` as (start, end), or None.

    Case-insensitive; a consonant of the query matches any syllable that starts with it, so that a half-typed
    syllable already finds; spaces are ignored on both sides.
    """
    wanted = [c for c in unicodedata.normalize("NFC", query).casefold() if not c.isspace()]
    if not wanted:
        return None
    folded = [(at, c.casefold()[:1]) for at, c in enumerate(unicodedata.normalize("NFC", name)) if not c.isspace()]
    for start in range(len(folded) - len(wanted) + 1):
        if all(_matches(w, folded[start + i][1]) for i, w in enumerate(wanted)):
            return folded[start][0], folded[start + len(wanted) - 1][0] + 1
    return None


def _matches(wanted: str, char: str) -> bool:
    return wanted == char or (wanted in _CHO and initial_of(char) == wanted)
