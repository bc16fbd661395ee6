"""Needles: pieces of what was erased, looked for in what is left.

Thousands of needles over hundreds of megabytes, in pure Python: of every needle all the grams are kept that can lie
aligned in the data, so that wherever the needle lies, one of them is aligned. A page is then one set operation over
its aligned grams, and only needles whose gram hit are compared in full.

```
 long    31 bytes and more     grams of 16 at 16 alignments: five syllables, hardly ever met by chance
         if all have 47        at 32 alignments: half as much to look at
 short   15 to 30 bytes        grams of 8 at 8 alignments: met often in ordinary text, so only few of them are kept
```
(A needle at offset o has its aligned gram within [o, o + alignments + gram - 1): none is missed at the end either.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

SHORTEST = 15
LONG = 31
VERY_LONG = 47
LONGEST = 48
MOST_SHORT = 300
_FEWEST_DIFFERENT_BYTES = 6  # a run of one letter proves nothing


def samples_of(value: bytes) -> Iterator[bytes]:
    """Up to three pieces of 15 to 48 bytes of a value: from its middle, and of a long one from both ends too."""
    if len(value) < SHORTEST:
        return
    middle = max(0, (len(value) - LONGEST) // 2)
    starts = [middle] if len(value) < 8 * LONGEST else [middle, LONGEST, len(value) - 2 * LONGEST]
    for start in starts:
        piece = value[start : start + LONGEST]
        if len(set(piece)) >= _FEWEST_DIFFERENT_BYTES:
            yield piece


def rarest(pieces: Iterable[bytes], most: int) -> list[bytes]:
    """The `most` pieces whose grams occur least in the others: common words of the language hit on every page."""
    several = list(dict.fromkeys(pieces))
    if len(several) <= most:
        return several
    counts = Counter(gram for piece in several for gram in _grams(piece, _SHORT_GRAM))
    return sorted(several, key=lambda piece: max(counts[gram] for gram in _grams(piece, _SHORT_GRAM)))[:most]


class NeedleSet:
    """Needles of at least 15 bytes, ready to be looked for. Shorter ones are left out."""

    def __init__(self, needles: Iterable[bytes]) -> None:
        self.needles = tuple(dict.fromkeys(needle for needle in needles if len(needle) >= SHORTEST))
        short = _Class([needle for needle in self.needles if len(needle) < LONG], _SHORT_GRAM)
        long = _Class([needle for needle in self.needles if len(needle) >= LONG], _LONG_GRAM)
        self._classes = tuple(each for each in (short, long) if each.by_gram)

    def __len__(self) -> int:
        return len(self.needles)

    def find(self, data: bytes) -> list[tuple[int, bytes]]:
        """(first offset, needle) of every needle that occurs in `data`, by offset."""
        if len(self._classes) == 1:
            return self._classes[0].find(data)
        return sorted(hit for each in self._classes for hit in each.find(data))


_SHORT_GRAM, _LONG_GRAM = 8, 16


class _Class:
    """Needles that are looked for by grams of one size. Bytes are compared as numbers of eight of them, which costs
    half of what strings do; a long gram is looked at as a whole only where its first half was met."""

    def __init__(self, needles: Sequence[bytes], size: int) -> None:
        self._size = size
        self._stride = 2 * size if needles and min(map(len, needles)) >= VERY_LONG else size
        self.by_gram: dict[bytes, list[bytes]] = {}
        for needle in needles:
            for start in range(self._stride):
                self.by_gram.setdefault(needle[start : start + size], []).append(needle)
        self._beginnings = frozenset(_number(gram) for gram in self.by_gram)

    def find(self, data: bytes) -> list[tuple[int, bytes]]:
        numbers = memoryview(data)[: len(data) // 8 * 8].cast("Q")[:: self._stride // 8]
        if self._beginnings.isdisjoint(numbers):
            return []
        starts = [at * self._stride for at, number in enumerate(numbers.tolist()) if number in self._beginnings]
        hits = self.by_gram.keys() & {data[start : start + self._size] for start in starts}
        candidates = dict.fromkeys(needle for gram in hits for needle in self.by_gram[gram])
        offsets = ((data.find(needle), needle) for needle in candidates)
        return sorted((offset, needle) for offset, needle in offsets if offset >= 0)


def _number(gram: bytes) -> int:
    (number,) = memoryview(gram)[:8].cast("Q")
    return int(number)


def _grams(piece: bytes, size: int) -> Iterator[bytes]:
    return (piece[start : start + size] for start in range(len(piece) - size + 1))
