"""What the last syllable of a text may still become while it is typed.

```
 ㅇ ──▶ any syllable that begins with ㅇ           으 ──▶ 은 음 … 의 읜 …
 핫 ──▶ 하 + a syllable that begins with ㅅ        달 ──▶ 닭 닮 …, 다 + a syllable that begins with ㄹ
```
As a two-set keyboard (두벌식) composes: a vowel may grow (ㅡ to ㅢ), a final consonant may be added or grow (ㄹ to ㄺ),
and a final consonant, or the second half of a double one, may turn out to begin the next syllable.
"""

from __future__ import annotations

from functools import cache

_FIRST = 0xAC00
INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_PER_INITIAL = len(VOWELS) * len(FINALS)
_GROWING_VOWELS = {"ㅗ": "ㅗㅘㅙㅚ", "ㅜ": "ㅜㅝㅞㅟ", "ㅡ": "ㅡㅢ"}
DOUBLE_FINALS = {
    double: (pair[0], pair[1])
    for double, pair in zip(
        "ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ",
        ["ㄱㅅ", "ㄴㅈ", "ㄴㅎ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ", "ㄹㅎ", "ㅂㅅ"],
        strict=True,
    )
}


def endings_of(last: str, *, has_before: bool) -> tuple[str, ...]:
    """What may stand instead of `last` (one normalised character): one or two characters each; empty: nothing else.

    A lone consonant with nothing before it could be anything, and gives nothing.
    """
    number = ord(last)
    if last in INITIALS:
        return (last, *_beginning_with(INITIALS.index(last))) if has_before else ()
    if not _FIRST <= number < _FIRST + len(INITIALS) * _PER_INITIAL:
        return ()
    initial, rest = divmod(number - _FIRST, _PER_INITIAL)
    vowel, final = divmod(rest, len(FINALS))
    if final == 0:
        grown = _GROWING_VOWELS.get(VOWELS[vowel], VOWELS[vowel])
        return tuple(_syllable(initial, VOWELS.index(letter), end) for letter in grown for end in range(len(FINALS)))
    letter = FINALS[final]
    stays, moves = DOUBLE_FINALS.get(letter, (" ", letter))
    finals = [final, *(FINALS.index(double) for double, pair in DOUBLE_FINALS.items() if pair[0] == letter)]
    before = _syllable(initial, vowel, FINALS.index(stays))
    return (
        *(_syllable(initial, vowel, end) for end in finals),
        *(before + following for following in _beginning_with(INITIALS.index(moves))),
    )


def _syllable(initial: int, vowel: int, final: int) -> str:
    return chr(_FIRST + (initial * len(VOWELS) + vowel) * len(FINALS) + final)


@cache
def _beginning_with(initial: int) -> tuple[str, ...]:
    first = _FIRST + initial * _PER_INITIAL
    return tuple(chr(number) for number in range(first, first + _PER_INITIAL))
