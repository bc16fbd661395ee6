"""What a search should find, said again in the plainest way: every message, character by character, no index, no
pattern, nothing of the product. Slow, and for tests only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise

_IN_PARTS = (
    *("HANGUL ", "CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "HIRAGANA ", "KATAKANA", "COMBINING KATAKANA"),
    *("IDEOGRAPHIC ITERATION", "IDEOGRAPHIC CLOSING", "IDEOGRAPHIC NUMBER ZERO", "THAI ", "LAO ", "MYANMAR ", "KHMER "),
)
_EMOJI = (*((0x2300, 0x23FF), (0x2600, 0x27BF), (0x2B00, 0x2BFF), (0x1F000, 0x1F3FA), (0x1F400, 0x1FAFF)),)

Run = tuple[str, str, int]
"""(kind: `part`, `word` or `emoji`, text, where it begins)."""


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    pieces = [""]
    for one in text:
        if _is_letter(one):
            pieces += [_letters(unicodedata.name(one)), ""]
        elif not _is_invisible(one):
            pieces[-1] += one
    normal = "".join(unicodedata.normalize("NFKC", piece) for piece in pieces)
    return "".join("σ" if one == "ς" else _letters(unicodedata.name(one, "")) or one.lower() for one in normal)


def _is_letter(one: str) -> bool:
    """A Hangul letter as it is typed where no syllable is meant: it stays by itself."""
    return "ㄱ" <= one <= "ㆎ" and "FILLER" not in unicodedata.name(one, "")


def _letters(name: str) -> str:
    """The one or two letters of a Hangul letter or of a part of a syllable of today; empty for anything else."""
    if not name.startswith(("HANGUL LETTER ", "HANGUL CHOSEONG ", "HANGUL JUNGSEONG ", "HANGUL JONGSEONG ")):
        return ""
    kind, _, called = name[len("HANGUL ") :].partition(" ")
    parts = called.split("-")
    if kind == "LETTER" and unicodedata.lookup(name) > "ㅣ":
        parts = [called]  # one of former times
    try:
        letters = "".join(unicodedata.lookup(f"HANGUL LETTER {part}") for part in parts)
    except KeyError:
        return ""
    return letters if kind == "LETTER" or letters <= "ㅣ" else ""


def _is_invisible(one: str) -> bool:
    name = unicodedata.name(one, "")
    return "VARIATION SELECTOR" in name or name in (
        *("SOFT HYPHEN", "ZERO WIDTH SPACE", "WORD JOINER", "ZERO WIDTH NO-BREAK SPACE", "MONGOLIAN VOWEL SEPARATOR"),
    )


@cache
def kind(one: str) -> str:
    category, name = unicodedata.category(one), unicodedata.name(one, "")
    if any(first <= ord(one) <= last for first, last in _EMOJI) and category[0] != "N":
        return "emoji"
    if name.startswith("VARIATION SELECTOR") or not (category[0] in "LN" or category in ("Mn", "Mc")):
        return ""
    in_parts = name.startswith(_IN_PARTS) or "KANA-HIRAGANA" in name
    return "part" if one == "〇" or (in_parts and category[0] != "N") else "word"


@lru_cache(maxsize=4096)
def runs(text: str) -> Sequence[Run]:
    found: list[Run] = []
    before = ""
    for at, one in enumerate(text):
        now = kind(one)
        if now and now == before and now != "emoji":
            found[-1] = (now, found[-1][1] + one, found[-1][2])
        elif now:
            found.append((now, one, at))
        before = now
    return found


def parts(query: str) -> list[Sequence[Run]]:
    pieces, current, is_quoted = [], "", False
    for one in folded(query):
        if one == '"' or (one.isspace() and not is_quoted):
            pieces.append(current)
            current, is_quoted = "", is_quoted != (one == '"')
        else:
            current += one
    return [found for piece in [*pieces, current] if (found := runs(piece))]


def marked(wanted: Sequence[Run], text: str) -> set[int]:
    """Which characters of a folded text the part covers, in all the places where it stands; empty: nowhere."""
    body = runs(text)
    covered: set[int] = set()
    for at in range(len(body) - len(wanted) + 1):
        here = body[at : at + len(wanted)]
        if any(one[0] != two[0] for one, two in zip(wanted, here, strict=True)):
            continue
        for first, end in _places([one[1] for one in wanted], here):
            covered.update(range(first, end))
    return covered


def holds(query: str, text: str) -> bool:
    wanted = parts(query)
    return bool(wanted) and all(marked(part, folded(text)) for part in wanted)


def _places(wanted: list[str], here: Sequence[Run]) -> list[tuple[int, int]]:
    (form, text, start), (_, last, last_start) = here[0], here[-1]
    if len(wanted) == 1:
        if form != "part":
            return [(start, start + len(wanted[0]))] if text.startswith(wanted[0]) else []
        places = (at for at in range(len(text)) if text.startswith(wanted[0], at))
        return [(start + at, start + at + len(wanted[0])) for at in places]
    begins = text.endswith(wanted[0]) if form == "part" else text == wanted[0]
    middle = all(one == two[1] for one, two in zip(wanted[1:-1], here[1:-1], strict=True))
    if not (begins and middle and last.startswith(wanted[-1])):
        return []
    return [(start + len(text) - len(wanted[0]), last_start + len(wanted[-1]))]


def is_in_order(spans: tuple[tuple[int, int], ...]) -> bool:
    return all(first < end for first, end in spans) and all(one[1] < two[0] for one, two in pairwise(spans))


def pictures(text: str) -> list[int]:
    """Of each character of a folded text the number of the picture that it is part of: emoji may be bound together."""
    numbers: list[int] = []
    for at, one in enumerate(text):
        binds = unicodedata.name(one, "").startswith(("ZERO WIDTH JOINER", "EMOJI MODIFIER"))
        is_bound = at > 0 and (binds or unicodedata.name(text[at - 1], "") == "ZERO WIDTH JOINER")
        numbers.append(numbers[-1] + (not is_bound) if numbers else 0)
    return numbers
