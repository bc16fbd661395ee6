"""Needles: pieces of what was erased, looked for in what is left.

Thousands of needles over hundreds of megabytes, in pure Python: every needle gives the eight 8-byte words that begin
in its first eight bytes, so that wherever it lies, one of them is aligned. A page is then one set operation over its
aligned words, and only words that hit are compared in full. (A needle at offset o has its aligned word within
[o, o + 15), so none is missed at the end of the data either.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SHORTEST = 15  # eight words of eight bytes need fifteen
LONGEST = 32
_WORD = 8
_FEWEST_DIFFERENT_BYTES = 6  # a run of one letter proves nothing


def samples_of(value: bytes) -> Iterator[bytes]:
    """Up to three pieces of 15 to 32 bytes of a value: from its middle, and of a long one from both ends too."""
    if len(value) < SHORTEST:
        return
    middle = max(0, (len(value) - LONGEST) // 2)
    starts = [middle] if len(value) < 8 * LONGEST else [middle, LONGEST, len(value) - 2 * LONGEST]
    for start in starts:
        piece = value[start : start + LONGEST]
        if len(set(piece)) >= _FEWEST_DIFFERENT_BYTES:
            yield piece


class NeedleSet:
    """Needles of at least 15 bytes, ready to be looked for. Shorter ones are left out."""

    def __init__(self, needles: Iterable[bytes]) -> None:
        self.needles = tuple(dict.fromkeys(needle for needle in needles if len(needle) >= SHORTEST))
        # word -> the word after it (None where the needle ends before) -> (needle, where in it the word begins)
        self._by_word: dict[int, dict[int | None, list[tuple[bytes, int]]]] = {}
        for needle in self.needles:
            for start in range(_WORD):
                word, after = _words(needle[start:])
                self._by_word.setdefault(word, {}).setdefault(after, []).append((needle, start))
        self._words = frozenset(self._by_word)

    def __len__(self) -> int:
        return len(self.needles)

    def find(self, data: bytes) -> list[tuple[int, bytes]]:
        """(first offset, needle) of every needle that occurs in `data`, by offset."""
        if not self._words:
            return []
        aligned = memoryview(data)[: len(data) // _WORD * _WORD].cast("Q")
        # Common words of the language hit on every page: only the word after them makes a candidate.
        hits = self._words.intersection(aligned)
        if not hits:
            return []
        words: list[int | None] = [*aligned, None]
        found: dict[bytes, int] = {}
        for at, word in enumerate(words[:-1]):
            if word in hits:
                followers = self._by_word[word]
                for after in {words[at + 1], None}:
                    for needle, start in followers.get(after, ()):
                        offset = at * _WORD - start
                        if offset >= 0 and data.startswith(needle, offset):
                            found.setdefault(needle, offset)
        return sorted((offset, needle) for needle, offset in found.items())


def _words(piece: bytes) -> tuple[int, int | None]:
    """The first word of a piece and the second, if the piece is that long."""
    words = memoryview(piece)[: min(len(piece) // _WORD, 2) * _WORD].cast("Q").tolist()
    return words[0], words[1] if len(words) > 1 else None
