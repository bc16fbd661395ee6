"""Look-alikes: which handles a person could take for each other, as equality of skeletons (Unicode TS 39, section 4).

    prototypes  NFD, then each character's prototype from `lookalikes.json`         b0b · bob · ЬоЬ;  modern · rnodern
    skeleton    without accents and strokes, `i` as `l`, `w` as `vv`, `__` as `_`   minsu · m1nsu · mlnsu · mìnsu

A handle is of one script already (`identity/handle.py`); what remains are whole words that look alike across scripts
(Latin `coco`, Cyrillic `сосо`) and within one (`0 o`, `1 l`, `rn m`). TS 39 stops there: it holds `1` and `l` for one,
and neither for `i`, and thinks that everybody sees an accent. In a chat list nobody does, so both are folded here. The
relay gives a handle to nobody whose skeleton another account has. Hangul syllables stand for themselves: taken apart
into letters, words that nobody confuses would be one. The table is frozen and kept here, so that a newer Unicode never
changes what was stored; it is made from the data of the library `confusable-homoglyphs` for what handles admit
(`python -m tests.unit.relay.lookalikes`). Skeletons are stored: whoever changes them raises `FORM`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from importlib import resources
from typing import Final

FORM: Final = 2
"""Which rules made a skeleton. 1: prototypes alone."""

_FIRST_SYLLABLE: Final = "\uac00"
_LAST_SYLLABLE: Final = "\ud7a3"
_MARKS: Final = ((0x300, 0x36F), (0x653, 0x655))
"""Accents, strokes and dots of Latin, Greek and Cyrillic; madda and hamza. Voice marks make another kana: they stay."""
_CLOSER: Final = {
    "i": "l",
    "\u0131": "l",
    "w": "vv",
    "\u2202": "d",
    "\u00fe": "p",
    "\u014b": "n",
    "\u1efb": "ll",
    "\u1efd": "v",
}
"""What the Unicode data keep apart: i, dotless i (in prototypes), w, eth, thorn, eng, and two letters of old Welsh."""
_JOINTS: Final = re.compile("_+")


class Lookalikes:
    """The table, read once per relay."""

    def __init__(self) -> None:
        text = resources.files("byre.relay").joinpath("lookalikes.json").read_text(encoding="utf-8")
        self._prototypes: dict[str, str] = json.loads(text)

    def skeleton(self, handle: str) -> str:
        """Return what all handles that look like this one have in common."""
        drawn = "".join(self._of(character) for character in handle)
        bare = "".join(_CLOSER.get(part, part) for part in drawn if not _is_mark(part))
        return _JOINTS.sub("_", bare)

    def _of(self, character: str) -> str:
        if _FIRST_SYLLABLE <= character <= _LAST_SYLLABLE:
            return character
        return "".join(self._prototypes.get(part, part) for part in unicodedata.normalize("NFD", character))


def _is_mark(part: str) -> bool:
    return any(first <= ord(part) <= last for first, last in _MARKS)
