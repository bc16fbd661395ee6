"""What the search index holds: words, Hangul and CJK runs as bigrams, emoji, and marks for room, sender and files.

Text is normalised (see `normalised`), then split into runs. A run of a script whose words are looked for by their
parts (Hangul, kana, CJK, Thai, Lao, Burmese, Khmer) becomes its bigrams and its last character (`회의실` -> `회의 의실
실`), so that any part of a word is found; other words stay whole, with their vowel signs and accents; an emoji is a
token by its number. FTS5's unicode61 splits the result at spaces. Nothing here touches a database.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import chain
from operator import add

from byre.store.hangul_typing import DOUBLE_FINALS, FINALS, INITIALS, VOWELS

_HANGUL = "\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e"
_CJK = f"{_HANGUL}\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_DRAWN = "\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001f3fa\U0001f400-\U0001faff"  # without skin tones
_RUN = re.compile(f"([{_CJK}]+)|([{_DRAWN}])|((?:(?![{_CJK}_])\\w)+)")
"""Right for text that `_is_common`."""
_UNCOMMON = re.compile(
    "[^\uac00-\ud7a3\\0-\u02ff\u0370-\u0482\u048a-\u0590\u1100-\u11ff\u1e00-\u20cf\u2100-\u2bff\u3000-\u3004"
    "\u3008-\u3029\u3030-\u3098\u309b-\u30ff\u3131-\u318e\u3200-\u9fff\ufe00-\ufe0f\uff00-\uffef"
    "\U0001f000-\U0001faff\ue000-\ue003]"
)
"""What needs the larger tables: marks, and the scripts below."""

_OLD_HANGUL = "\ua960-\ua97c\ud7b0-\ud7c6\ud7cb-\ud7fb"
_MORE_CJK = "\u3005-\u3007\u3099\u309a\u31f0-\u31ff\uf900-\ufad9\U00020000-\U0002fa1d\U00030000-\U0003134a"
_THAI_AND_LAO = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ecd\u0edc-\u0edf"
_BURMESE_AND_KHMER = "\u1000-\u103f\u1050-\u108f\u109a-\u109d\u1780-\u17b3\u17b6-\u17d3\u17d7\u17dc\u17dd"
_LETTERS_LIKE_MARKS = "\u19b0-\u19c0\u19c8\u19c9\u1cf2\u1cf3"
"""Letters to Python, but not to unicode61."""
_PRIVATE = 0xF0000

_LONE_LETTERS = re.compile("([\u3131-\u3163\u3165-\u318e]+)")
"""Hangul letters that stand alone, as in `ㅋㅋㅠㅠ`: NFKC would make ㅋ and ㅠ the syllable 큐."""
_CONJOINING = re.compile("[\u1100-\u11ff]")
_INVISIBLE = "\u00ad\u180b-\u180f\u200b\u2060\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
"""Places where a line may be broken or not, and which shape of a letter or an emoji is drawn: not part of the text."""
_UNSEEN = re.compile(f"[{_INVISIBLE}]")
_NEEDS_CARE = re.compile(f"[{_INVISIBLE}\u1100-\u11ff\u3131-\u318e]")
_APART = {double: "".join(pair) for double, pair in DOUBLE_FINALS.items()}
"""Two letters for which some keyboards give one."""
_PAIRS = str.maketrans(_APART)
_ALONE = {
    first + number: _APART.get(letter, letter)
    for first, letters in ((0x1100, INITIALS), (0x1161, VOWELS), (0x11A8, FINALS[1:]))
    for number, letter in enumerate(letters)
}
"""Conjoining letters that have come into no syllable, as the letters that they are when typed."""

Run = tuple[str, str, str]
"""One of three: a CJK run, an emoji, a word; the other two are empty."""

# A private-use character is a letter for unicode61 but never part of a word of ours: no text can pretend to be a
# room. Marks are on every message and have two characters, so that the index of word beginnings, which takes three and
# more, leaves them out.
_ROOM, _AUTHOR, _EMOJI, _FILE = "\ue000", "\ue001", "\ue002", "\ue003"
_FIRST_DIGIT, _DIGITS = 0x4E00, 20_000


def index_text(body: str, *, room: int, author: int, has_file: bool) -> str:
    """What is indexed for a message; deleting it from the index needs exactly this text again."""
    marks = [room_token(room), author_token(author)]
    if has_file:
        marks.append(FILE_TOKEN)
    return " ".join([*marks, *tokens(body)])


FILE_TOKEN = _FILE
"""The token of every message with a file."""


def room_token(room: int) -> str:
    """The token that every message of a room carries."""
    return _mark(_ROOM, room)


def author_token(author: int) -> str:
    """The token that every message of a sending device carries."""
    return _mark(_AUTHOR, author)


def _mark(kind: str, number: int) -> str:
    return kind + (chr(_FIRST_DIGIT + number) if 0 <= number < _DIGITS else f"{number:06d}")


def is_mark(token: str) -> bool:
    """Whether a token is no text, but says of which room or sender a message is, or that it has a file."""
    return token[:1] in (_ROOM, _AUTHOR, _FILE)


def is_of_word(character: str) -> bool:
    """Whether a character of normalised text is one of a word, and not of a run of syllables, an emoji or a sign."""
    match = (_RUN if _is_common(character) else _every_run()).match(character)
    return match is not None and match.lastindex == 3


def is_invisible(character: str) -> bool:
    """Whether a character is left out of normalised text."""
    return _UNSEEN.match(character) is not None


def _is_common(text: str) -> bool:
    """Whether a normalised text has nothing but what nearly all texts have."""
    return _UNCOMMON.search(text) is None


def runs_of(text: str) -> list[Run]:
    """The runs of a normalised text, in order."""
    return (_RUN if _is_common(text) else _every_run()).findall(text)


def placed_runs(text: str) -> Iterator[tuple[int, Run]]:
    """The runs of a normalised text, each with where it begins."""
    for match in (_RUN if _is_common(text) else _every_run()).finditer(text):
        cjk, emoji, word = match.groups(default="")
        yield match.start(), (cjk, emoji, word)


def tokens(text: str) -> list[str]:
    """The tokens of a text in order."""
    found: list[str] = []
    text = normalised(text)
    is_usual = _is_common(text)
    for cjk, emoji, word in (_RUN if is_usual else _every_run()).findall(text):
        if cjk:
            found += map(add, cjk, cjk[1:])  # as `bigrams`, at half the price: every message comes by here
            found.append(cjk[-1])
        else:
            found.append(word or emoji_token(emoji))
    return found if is_usual else spelled(found)


def bigrams(run: str) -> list[str]:
    """Every two neighbours of a run; none of a single character."""
    return list(map(add, run, run[1:]))


def emoji_token(emoji: str) -> str:
    """The token of an emoji, which unicode61 itself would take for a separator."""
    number = ord(emoji)
    return _mark(_EMOJI, number - 0x2300 if number < 0x10000 else number - 0x1E000)


def spelled(words: list[str]) -> list[str]:
    """Words as the index is given them: unicode61 takes marks for the end of a word, and private characters not."""
    if _is_common("".join(words)):
        return words
    return [_every_mark().sub(lambda mark: chr(_PRIVATE + ord(mark[0])), word) for word in words]


def normalised(text: str) -> str:
    """The text as it is compared: NFKC, lower case, without what nobody sees, and lone Hangul letters as they are."""
    if text.isascii():
        return text.lower()
    if _NEEDS_CARE.search(text):
        text = _UNSEEN.sub("", text)
        pieces = _LONE_LETTERS.split(text)  # between them, every second one, letters
        pieces[::2] = [unicodedata.normalize("NFKC", piece) for piece in pieces[::2]]
        text = "".join(pieces).translate(_PAIRS)
    else:
        text = unicodedata.normalize("NFKC", text)
    return lowered(text.translate(_ALONE) if _CONJOINING.search(text) else text)


def is_normalised(text: str) -> bool:
    """Whether a text in lower case is compared as it is."""
    return _NEEDS_CARE.search(text) is None and unicodedata.is_normalized("NFKC", text)


def lowered(text: str) -> str:
    """In lower case, every character by itself: a sigma at the end of what is typed is none at the end of a word."""
    return text.lower().replace("ς", "σ")


@cache
def _every_run() -> re.Pattern[str]:
    """As `_RUN`, of any text; slower by far."""
    cjk = _CJK + _OLD_HANGUL + _MORE_CJK + _THAI_AND_LAO + _BURMESE_AND_KHMER
    return re.compile(f"([{cjk}]+)|([{_DRAWN}])|((?:(?![{cjk}_])(?:\\w|[{_marks()}]))+)")


@cache
def _every_mark() -> re.Pattern[str]:
    return re.compile(f"[{_marks()}{_LETTERS_LIKE_MARKS}]")


@cache
def _marks() -> str:
    """Vowel signs, accents and other marks that are part of a word, as ranges of a character class.

    Variation selectors are none: they say how an emoji is drawn.
    """
    category = unicodedata.category
    found: list[list[int]] = []
    blocks = ((0x300, 0x3400), (0xA600, 0xAC00), (0xFB00, 0x17000), (0x1BC00, 0x1F000))
    for number in chain.from_iterable(range(*block) for block in blocks):
        if category(chr(number)) not in ("Mn", "Mc") or 0x180B <= number <= 0x180F or 0xFE00 <= number <= 0xFE0F:
            continue
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in found)
