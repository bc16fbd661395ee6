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

import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

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
_BLOCK_BYTES = 4000  # of a page's 4,016; whole strides of 16, and of 32 alike


class _Class:
    """Needles that are looked for by grams of one size. A short gram is a number: it costs half of a string."""

    def __init__(self, needles: Sequence[bytes], size: int) -> None:
        self._size = size
        self._stride = 2 * size if needles and min(map(len, needles)) >= VERY_LONG else size
        self._block = struct.Struct(f"{size:d}s{self._stride - size:d}x" * (_BLOCK_BYTES // self._stride))
        self.by_gram: dict[object, list[bytes]] = {}
        for needle in needles:
            for start in range(self._stride):
                (gram,) = self._aligned(needle[start : start + size])
                self.by_gram.setdefault(gram, []).append(needle)
        self._grams = frozenset(self.by_gram)

    def find(self, data: bytes) -> list[tuple[int, bytes]]:
        hits = self._grams.intersection(self._aligned(data))
        if not hits:
            return []
        candidates = dict.fromkeys(needle for gram in hits for needle in self.by_gram[gram])
        offsets = ((data.find(needle), needle) for needle in candidates)
        return sorted((offset, needle) for offset, needle in offsets if offset >= 0)

    def _aligned(self, data: bytes) -> Iterable[object]:
        if self._size == _SHORT_GRAM:
            return memoryview(data)[: len(data) // _SHORT_GRAM * _SHORT_GRAM].cast("Q")
        whole = len(data) // _BLOCK_BYTES * _BLOCK_BYTES
        rest = range(whole, len(data) - self._size + 1, self._stride)
        last = [data[start : start + self._size] for start in rest]
        return chain(chain.from_iterable(self._block.iter_unpack(memoryview(data)[:whole])), last) if whole else last


def _grams(piece: bytes, size: int) -> Iterator[bytes]:
    return (piece[start : start + size] for start in range(len(piece) - size + 1))
