"""초성 search: names by their leading consonants, in memory only.

`ㅎㅇ` finds 회의, `회ㅇ` finds 회의 but not 하의; `ㄳ`, as which a keyboard may show ㄱ and ㅅ, finds 감사. Full-width
and decomposed text is the same text. Nothing is written to the disk: the names are few.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from byre.store.bigrams import normalised

_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_INITIAL_SET = frozenset(_INITIALS)
_FIRST, _LAST = 0xAC00, 0xD7A3  # 가, 힣
_PER_INITIAL = 588  # syllables that share an initial

K = TypeVar("K", bound=Hashable)


def initials_of(text: str) -> str:
    """`text` folded, with every Hangul syllable replaced by its leading consonant."""
    return "".join(_initial(character) for character in _fold(text))


def matches(query: str, name: str) -> bool:
    """Whether `query`, in which a lone consonant stands for any syllable that begins with it, is within `name`."""
    return _is_within(_fold(query), _fold(name))


class NameIndex(Generic[K]):
    """Names with a key each, searched by part or by initials."""

    def __init__(self, names: Iterable[tuple[K, str]] = ()) -> None:
        self._names: dict[K, tuple[str, str]] = {}
        for key, name in names:
            self.put(key, name)

    def put(self, key: K, name: str) -> None:
        """Add a name, or give a key another one."""
        self._names[key] = (_fold(name), initials_of(name))

    def remove(self, key: K) -> None:
        self._names.pop(key, None)

    def find(self, query: str) -> list[K]:
        """Keys of the names that match, in the order in which they were put; all of them for an empty query."""
        folded = _fold(query.strip())
        as_initials = initials_of(folded)
        is_pure = all(character in _INITIAL_SET or not _is_syllable(character) for character in folded)
        return [
            key
            for key, (name, initials) in self._names.items()
            if as_initials in initials and (folded in name or is_pure or _is_within(folded, name))
        ]


def _fold(text: str) -> str:
    return normalised(text).casefold()


def _is_syllable(character: str) -> bool:
    return _FIRST <= ord(character) <= _LAST


def _initial(character: str) -> str:
    return _INITIALS[(ord(character) - _FIRST) // _PER_INITIAL] if _is_syllable(character) else character


def _is_within(query: str, name: str) -> bool:
    return any(
        all(
            wanted == given or (wanted in _INITIAL_SET and _is_syllable(given) and _initial(given) == wanted)
            for wanted, given in zip(query, name[start:], strict=False)
        )
        for start in range(len(name) - len(query) + 1)
    )
