"""The field kinds of relay frames: what one element of a frame's msgpack array may be.

A kind is a function from the untrusted element to the checked value; it raises `PeerError` (code "malformed") and
nothing else. Frames name the kind of each field in `field(metadata=...)`, so that layout and bounds stand beside
the name (`frames.py`). Nothing here coerces: a `True` is not an integer, a list is not bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, ClassVar, Final

from byre.errors import PeerError

Kind = Callable[[object], Any]
"""Checks one element; returns it (lists become tuples)."""

UINT32_MAX: Final = 2**32 - 1
UINT63_MAX: Final = 2**63 - 1
MAX_BODY_BYTES: Final = 64 * 1024


class Frame:
    """Any frame. `TYPE` is its number on the wire."""

    __slots__ = ()
    TYPE: ClassVar[int]


def malformed(what: str) -> PeerError:
    """Return the error of every field that breaks its kind; `what` never holds peer-controlled text."""
    return PeerError(f"A relay frame is malformed: {what}.", code="malformed")


def exactly(size_bytes: int) -> Kind:
    """Return the kind of byte strings of one length."""

    def check(value: object) -> bytes:
        if type(value) is not bytes or len(value) != size_bytes:
            raise malformed(f"not {size_bytes} bytes")
        return value

    return check


def at_most(size_bytes: int, *, least: int = 0) -> Kind:
    """Return the kind of byte strings of `least` to `size_bytes` bytes."""

    def check(value: object) -> bytes:
        if type(value) is not bytes or not least <= len(value) <= size_bytes:
            raise malformed(f"not {least} to {size_bytes} bytes")
        return value

    return check


def uint(largest: int, *, least: int = 0) -> Kind:
    """Return the kind of integers from `least` to `largest`."""

    def check(value: object) -> int:
        if type(value) is not int or not least <= value <= largest:
            raise malformed("a number is out of range")
        return value

    return check


def boolean(value: object) -> bool:
    """Check a truth value."""
    if type(value) is not bool:
        raise malformed("not a truth value")
    return value


def text(size_bytes: int) -> Kind:
    """Return the kind of UTF-8 texts of at most `size_bytes` encoded bytes."""

    def check(value: object) -> str:
        if type(value) is not str:
            raise malformed("not a text")
        try:
            size = len(value.encode())
        except UnicodeEncodeError:
            raise malformed("not UTF-8") from None
        if size > size_bytes:
            raise malformed("a text is too long")
        return value

    return check


def optional(kind: Kind) -> Kind:
    """Return the kind that also takes nil."""

    def check(value: object) -> Any:
        return None if value is None else kind(value)

    return check


def many(kind: Kind, *, most: int, least: int = 0) -> Kind:
    """Return the kind of arrays of one kind, `least` to `most` long."""

    def check(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or not least <= len(value) <= most:
            raise malformed("an array has the wrong length")
        return tuple(kind(item) for item in value)

    return check


def row(*kinds: Kind) -> Kind:
    """Return the kind of arrays with one kind per place."""

    def check(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or len(value) != len(kinds):
            raise malformed("a row has the wrong length")
        return tuple(kind(item) for kind, item in zip(kinds, value, strict=True))

    return check


def numbers_by_name(*, most: int) -> Kind:
    """Return the kind of maps from short texts to unsigned integers (unknown names are kept)."""
    name, number = text(64), uint(UINT63_MAX)

    def check(value: object) -> dict[str, int]:
        if not isinstance(value, Mapping) or len(value) > most:
            raise malformed("not a small map")
        return {name(key): number(item) for key, item in value.items()}

    return check


def of(kind: Kind) -> Any:
    """Declare a frame field of this kind, without a default."""
    return field(metadata={"kind": kind})


ID16 = exactly(16)
HASH32 = exactly(32)
HASH48 = exactly(48)
KEY = exactly(32)
SIGNATURE = exactly(64)
TAG = exactly(16)
EPOCH = uint(UINT63_MAX)
BODY = at_most(MAX_BODY_BYTES)
ANY_BODY = at_most(66 * 1024)
"""What a client wants stored: as much as a frame holds, for the relay to refuse a larger one by its name ("size")."""
PACKAGE = at_most(16 * 1024, least=1)
RECORD = at_most(48 * 1024, least=1)
