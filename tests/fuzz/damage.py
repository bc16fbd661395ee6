"""How outside bytes go wrong: strategies that damage good samples, for the fuzz targets of several rooms.

An example is one drawn recipe of bytes, which says where to cut, insert and flip: drawing many small values would cost
more time than the decoders under test. For the same reason a recipe serves all decoders of a table, each on its sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import strategies as st

from byre.errors import PeerError

_STEP = 6
_ODD = (b"\0", b"\xff", b"\xff\xff\xff\xff", b"\x40\x00", b"\x80\0\0\1", b"\xc0", b"\x00\x02", b"\xed\xa0\x80")


def damage(original: bytes, recipe: bytes) -> bytes:
    """Return `original` after the edits of a recipe, six bytes each: what, where (2), how long, which bytes (2)."""
    data = bytearray(original)
    for start in range(0, len(recipe) - _STEP + 1, _STEP):
        what, high, low, length, *value = recipe[start : start + _STEP]
        at = (high << 8 | low) % (len(data) + 1)
        if what % 6 == 0:
            data[at : at + 1] = bytes(value[:1])
        elif what % 6 == 1:
            data[at:at] = bytes(value)
        elif what % 6 == 2:
            del data[at : at + length % 40 + 1]
        elif what % 6 == 3:
            data[at:at] = data[at : at + length % 40 + 1]
        elif what % 6 == 4:
            data[at : at + length % 3] = _ODD[value[0] % len(_ODD)]
        else:
            data[at:] = data[at:].ljust(length)
    return bytes(data)


recipes = st.binary(max_size=4 * _STEP)


def spoiled(original: bytes, recipe: bytes) -> bytes:
    """Return bytes near `original`, or (one time in eight) the recipe itself: anything at all."""
    return recipe if recipe[:1] > b"\xe0" else damage(original, recipe)


def spoiled_text(original: str, recipe: bytes) -> str:
    """Return text near `original`; what is no UTF-8 becomes replacement characters or, sometimes, lone surrogates."""
    data = spoiled(original.encode(), recipe)
    return data.decode(errors="surrogateescape" if len(data) % 4 == 0 else "replace")


@contextmanager
def refusing(name: str) -> Iterator[None]:
    """A decoder may refuse what it gets; anything else that it raises is told with its name."""
    try:
        yield
    except PeerError:
        return
    except Exception as fault:
        fault.add_note(f"decoder: {name}")
        raise
