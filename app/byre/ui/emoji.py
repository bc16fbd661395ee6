"""Messages that are nothing but a few emoji are shown large; this tells them. No toolkit, no table of names."""

from __future__ import annotations

from collections.abc import Iterator

MOST = 3
_LONGEST = 60
_JOINER, _AS_PICTURE, _KEYCAP = "\u200d", "\ufe0f", "\u20e3"
_PICTURES = frozenset(
    "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕"
)
"""Below U+1F000: what is a picture without being told so."""


def few_emoji(text: str) -> int:
    """How many emoji the text is made of, if it is nothing else and they are at most `MOST`; otherwise 0."""
    words = text.strip()
    if not 0 < len(words) <= _LONGEST or words[0] < "#" or "\n" in words:
        return 0
    count = 0
    for piece in _pieces(words.replace(" ", "")):
        if not _is_emoji(piece):
            return 0
        count += 1
    return count if count <= MOST else 0


def _pieces(words: str) -> Iterator[str]:
    """One emoji after the other, with what changes or joins it; flags are two letters."""
    at = 0
    while at < len(words):
        end = at + 1
        if _is_flag_letter(words[at]) and end < len(words) and _is_flag_letter(words[end]):
            end += 1
        while end < len(words) and (_changes(words[end]) or words[end - 1] == _JOINER):
            end += 1
        yield words[at:end]
        at = end


def _is_emoji(piece: str) -> bool:
    first = piece[0]
    if _is_flag_letter(first):
        return len(piece) >= 2 and _is_flag_letter(piece[1])
    if first in "0123456789#*":
        return _KEYCAP in piece
    if "\U0001f000" <= first <= "\U0001faff":
        return True
    return first in _PICTURES or (len(piece) > 1 and piece[1] == _AS_PICTURE and "\u00a9" <= first <= "\u3299")


def _changes(char: str) -> bool:
    """Joiners, keycaps, skin tones, and the tags that spell the flags of regions."""
    if char in (_JOINER, _AS_PICTURE, _KEYCAP):
        return True
    return "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f"


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
