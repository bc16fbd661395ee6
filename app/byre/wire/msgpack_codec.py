"""msgpack as Byre uses it: maps for content, arrays for frames; nothing exotic.

Values are None, bool, int, float, str, bytes, list and dict with text keys, nested at most 16 deep. Refused on
reading: extension types (timestamps too), keys that are no text or stand twice in a map, bytes after the value.
Two readers of one message must never see two values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgpack

from byre.errors import UsageError
from byre.wire.tls import malformed

LARGEST_DEPTH: Final = 16
LARGEST_BYTES: Final = 1 << 17
_TEXT: Final = frozenset([str])
_LEAVES: Final = frozenset([type(None), bool, int, float, str, bytes])


def pack(value: object) -> bytes:
    """Return the msgpack encoding of `value` (tuples become arrays).

    Raises:
        UsageError: code bad_field; a type or a number that msgpack cannot carry.
    """
    try:
        packed: bytes = msgpack.packb(value, use_bin_type=True)
    except (TypeError, ValueError, OverflowError):
        raise UsageError("a value cannot be packed", code="bad_field") from None
    return packed


def pack_list(values: Sequence[object]) -> bytes:
    """Return the encoding of a list as `pack` gives it, made value by value.

    The library lets go of the interpreter at no point: three megabytes at once are a dozen milliseconds in which no
    other thread of the process runs, a window's neither.

    Raises:
        UsageError: as `pack`.
    """
    header: bytes = msgpack.Packer().pack_array_header(len(values))
    return b"".join([header, *map(pack, values)])


def unpack(data: bytes, *, max_bytes: int = LARGEST_BYTES) -> object:
    """Return the one value that `data` encodes; arrays become lists.

    Raises:
        PeerError: code malformed.
    """
    if len(data) > max_bytes:
        raise malformed("a packed value is too long")
    try:
        value: object = msgpack.unpackb(data, raw=False, object_pairs_hook=_unique_map, ext_hook=_refuse_extension)
    except (ValueError, msgpack.UnpackException):
        raise malformed("bytes are no packed value") from None
    _check(value)
    return value


def _unique_map(pairs: list[tuple[object, object]]) -> dict[object, object]:
    result = dict(pairs)
    if len(result) != len(pairs) or not set(map(type, result)) <= _TEXT:
        raise ValueError("keys of a map must be texts and differ")
    return result


def _refuse_extension(code: int, data: bytes) -> object:
    raise ValueError("extension types are not used")


def _check(value: object) -> None:
    """Refuse depth beyond the limit and timestamps, which the library makes without asking the hook."""
    if type(value) is dict and set(map(type, value.values())) <= _LEAVES:
        return  # nearly every message
    level: list[object] = [value]
    for _ in range(LARGEST_DEPTH + 1):
        inner: list[object] = []
        for item in level:
            if type(item) is dict:
                inner.extend(item.values())
            elif type(item) is list:
                inner.extend(item)
            elif isinstance(item, msgpack.Timestamp):
                raise malformed("extension types are not used")
        if not inner:
            return
        level = inner
    raise malformed("a packed value is nested too deeply")
