"""Look-alikes: which handles a person could take for each other, as equality of skeletons (Unicode TS 39, section 4).

    skeleton = NFD, then each character's prototype from `lookalikes.json`        b0b · bob · ЬоЬ;  modern · rnodern

A handle is of one script already (`identity/handle.py`); what remains are whole words that look alike across scripts
(Latin `coco`, Cyrillic `сосо`) and within one (`0 o`, `1 l`, `rn m`). The relay gives a handle to nobody whose skeleton
another account has. Hangul syllables stand for themselves: taken apart into letters, words that nobody confuses would
be one. The table is frozen and kept here, so that a newer Unicode never changes what was stored; it is made from the
data of the library `confusable-homoglyphs` for what handles admit (`python -m tests.unit.relay.lookalikes`).
"""

from __future__ import annotations

import json
import unicodedata
from importlib import resources
from typing import Final

_FIRST_SYLLABLE: Final = "\uac00"
_LAST_SYLLABLE: Final = "\ud7a3"


class Lookalikes:
    """The table, read once per relay."""

    def __init__(self) -> None:
        text = resources.files("byre.relay").joinpath("lookalikes.json").read_text(encoding="utf-8")
        self._prototypes: dict[str, str] = json.loads(text)

    def skeleton(self, handle: str) -> str:
        """Return what all handles that look like this one have in common."""
        return "".join(self._of(character) for character in handle)

    def _of(self, character: str) -> str:
        if _FIRST_SYLLABLE <= character <= _LAST_SYLLABLE:
            return character
        return "".join(self._prototypes.get(part, part) for part in unicodedata.normalize("NFD", character))
