"""Checks of single fields, the same for what we write and for what we read.

A value checks its fields once, when it is made, and blames the caller (UsageError, code bad_field). A decoder makes
the value inside `blaming_the_peer()`, which turns the blame: the same rule, PeerError(code="malformed"). Control
characters are refused in names and titles, since they have no glyph and some terminals obey them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any, Final

from byre.errors import UsageError
from byre.wire.ids import LARGEST_GROUP_ID
from byre.wire.tls import malformed

Take = Callable[..., object]
"""`take(name)` hands out the value of a map's key once; a missing key is malformed, or the second argument if given."""

LARGEST_NAME_BYTES: Final = 256
LARGEST_TIME_MS: Final = 2**53 - 1
"""The largest integer that JSON, SQLite and Qt carry alike; the year 287396."""


class _Blame:
    """The block that `blaming_the_peer` gives: without state, so that one does for all."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, UsageError):
            raise malformed(error.sentence) from None


_BLAME: Final = _Blame()


def blaming_the_peer() -> _Blame:
    """Turn a UsageError of the checks below into PeerError(code="malformed")."""
    return _BLAME


def bad_field(sentence: str) -> UsageError:
    """Return the error of a field that breaks its rule."""
    return UsageError(sentence, code="bad_field")


def need_bytes(value: object, size: int, what: str) -> bytes:
    """Return `value` if it is `size` bytes."""
    if type(value) is not bytes or len(value) != size:
        raise bad_field(f"{what} must be {size} bytes")
    return value


def need_blob(value: object, largest: int, what: str, *, smallest: int = 0) -> bytes:
    """Return `value` if it is `smallest` to `largest` bytes."""
    if type(value) is not bytes or not smallest <= len(value) <= largest:
        raise bad_field(f"{what} must be {smallest} to {largest} bytes")
    return value


def need_group_id(value: object) -> bytes:
    """Return `value` if it can be an MLS group id."""
    return need_blob(value, LARGEST_GROUP_ID, "a group id", smallest=1)


def need_uint(value: object, bits: int, what: str) -> int:
    """Return `value` if it is an unsigned integer of `bits` bits."""
    if type(value) is not int or not 0 <= value < 1 << bits:
        raise bad_field(f"{what} must be an unsigned integer of {bits} bits")
    return value


def need_time_ms(value: object, what: str) -> int:
    """Return `value` if it is a time in milliseconds UTC."""
    if type(value) is not int or not 0 <= value <= LARGEST_TIME_MS:
        raise bad_field(f"{what} must be a time in milliseconds")
    return value


def need_flag(value: object, what: str) -> bool:
    """Return `value` if it is a boolean."""
    if type(value) is not bool:
        raise bad_field(f"{what} must be true or false")
    return value


def need_text(value: object, what: str, *, largest_bytes: int) -> str:
    """Return `value` if it is text that UTF-8 can carry within `largest_bytes`."""
    if type(value) is not str:
        raise bad_field(f"{what} must be text")
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise bad_field(f"{what} holds a lone surrogate") from None
    if size > largest_bytes:
        raise bad_field(f"{what} must not exceed {largest_bytes} bytes")
    return value


def need_name(value: object, what: str, *, largest_bytes: int = LARGEST_NAME_BYTES) -> str:
    """Return `value` if it is one line of text without control characters."""
    text = need_text(value, what, largest_bytes=largest_bytes)
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text):
        raise bad_field(f"{what} must not hold control characters")
    return text


def need_items(value: object) -> tuple[Any, ...]:
    """Return the items of an array; each is checked by what takes it."""
    if type(value) not in (list, tuple):
        raise bad_field("an array is expected")
    return tuple(value)  # type: ignore[arg-type]


def utf8(data: bytes) -> str:
    """Return the text of UTF-8 bytes from outside, or raise PeerError(code="malformed")."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise malformed("a text is not UTF-8") from None
