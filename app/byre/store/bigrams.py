"""What the search index holds: words, Hangul and CJK runs as bigrams, emoji, and marks for room, sender and files.

Text is NFKC-normalised and lower-cased, then split into runs. A run of Hangul, kana or CJK becomes its bigrams and its
last character (`회의실` -> `회의 의실 실`), so that any part of a word is found; other words stay whole; an emoji is a
token by its number. FTS5's unicode61 splits the result at spaces. Nothing here touches a database.
"""

from __future__ import annotations

import re
import unicodedata

CJK = "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3\u3040-\u30ff\u3400-\u9fff"
EMOJI = "\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001f3fa\U0001f400-\U0001faff"  # without skin tones
RUN = re.compile(f"([{CJK}]+)|([{EMOJI}])|((?:(?![{CJK}])\\w)+)")

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


def tokens(text: str) -> list[str]:
    """The tokens of a text in order."""
    found: list[str] = []
    for cjk, emoji, word in RUN.findall(normalised(text)):
        if cjk:
            found += bigrams(cjk)
            found.append(cjk[-1])
        else:
            found.append(word or emoji_token(emoji))
    return found


def bigrams(run: str) -> list[str]:
    """Every two neighbours of a run; none of a single character."""
    return [run[at : at + 2] for at in range(len(run) - 1)]


def emoji_token(emoji: str) -> str:
    """The token of an emoji, which unicode61 itself would take for a separator."""
    number = ord(emoji)
    return _mark(_EMOJI, number - 0x2300 if number < 0x10000 else number - 0x1E000)


def normalised(text: str) -> str:
    """The text as it is compared: NFKC, lower case."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()
