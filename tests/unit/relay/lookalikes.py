"""Makes `app/byre/relay/lookalikes.json` from the Unicode data that the library `confusable-homoglyphs` ships.

`python -m tests.unit.relay.lookalikes` prints the table: for every letter, digit or sign that a handle may hold (and
every part that it decomposes to) the prototype that its look-alikes share, where that is not the character itself.
A change of this table is a change of stored skeletons: it needs a migration of the relay's `account` table.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from importlib import resources

from byre.errors import PeerError
from byre.identity.handle import normalise

LEFT_TO_RIGHT = "\u200e"


def targets() -> dict[str, str]:
    """Return what the library's data says: character -> prototype."""
    raw = json.loads(resources.files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8"))
    lists = {key.strip(LEFT_TO_RIGHT): [each["c"].strip(LEFT_TO_RIGHT) for each in found] for key, found in raw.items()}
    found: dict[str, str] = {}
    for source, others in lists.items():
        if len(source) != 1 or len(others) != 1:  # a prototype has many look-alikes, a look-alike one prototype
            continue
        back = lists.get(others[0], [])
        if len(back) > 1 or source > others[0] or len(others[0]) > 1:
            found[source] = others[0]
    return found


def is_admitted(character: str) -> bool:
    """Tell whether a handle may hold this character (between two letters `a`, or twice)."""
    for handle in (character * 2, f"1{character}1"):
        try:
            if character in normalise(handle):
                return True
        except PeerError:
            continue
    return False


def table() -> dict[str, str]:
    """Return the table."""
    prototypes = targets()

    def resolve(character: str, depth: int = 0) -> str:
        target = prototypes.get(character)
        if target is None or depth > 4:
            return character
        parts = unicodedata.normalize("NFD", target.lower())
        return "".join(resolve(part, depth + 1) for part in parts)

    admitted = [chr(point) for point in range(0x2E, 0xA000) if is_admitted(chr(point))]
    parts = sorted({part for each in admitted for part in unicodedata.normalize("NFD", each)})
    return {part: resolve(part) for part in parts if resolve(part) != part}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(table(), ensure_ascii=False, indent=0) + "\n")
