"""A secret byte string that does not print, compares in constant time and can be wiped.

Python cannot promise that no copy remains in memory (the garbage collector moves nothing, but `reveal` copies):
`wipe` is best effort and shortens the life of the one copy that this object owns. What must never happen here:
a secret in a log, a traceback, a pickle or a hash table.
"""

from __future__ import annotations

import hmac
from typing import NoReturn

from byre.errors import UsageError


class Secret:
    """Secret bytes; `reveal()` is the one way to them."""

    __slots__ = ("_data",)
    __hash__ = None  # type: ignore[assignment]  # a dictionary of secrets compares in variable time

    def __init__(self, data: bytes | bytearray) -> None:
        """Copy `data`; the caller's own copy stays the caller's to wipe."""
        self._data = bytearray(data)

    def reveal(self) -> bytes:
        """Return the secret bytes; keep the result as short as possible."""
        return bytes(self._data)

    def wipe(self) -> None:
        """Overwrite and empty this copy; `reveal` returns b"" afterwards."""
        for index in range(len(self._data)):
            self._data[index] = 0
        self._data.clear()

    def __len__(self) -> int:
        return len(self._data)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._data, other._data)

    def __repr__(self) -> str:
        return "<Secret>"

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return "<Secret>"

    def __reduce__(self) -> NoReturn:
        raise UsageError("a secret cannot be pickled or copied by pickling")


def material(value: Secret | bytes) -> bytes:
    """Return the bytes of a key given either as `Secret` or as plain bytes."""
    return value.reveal() if isinstance(value, Secret) else value


def same(left: bytes, right: bytes) -> bool:
    """Tell in constant time whether two byte strings (MACs, tags) are equal."""
    return hmac.compare_digest(left, right)
