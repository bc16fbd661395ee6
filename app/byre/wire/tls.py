"""The TLS presentation language (RFC 8446 section 3) with MLS's variable-length vectors (RFC 9420 section 2.1.2).

    length of a vector:   00xxxxxx                      0..63
                          01xxxxxx xxxxxxxx             64..16383
                          10xxxxxx xxxxxxxx x16         16384..2^30-1      always the shortest form; 11 is invalid

What is signed or hashed is written with it. Two encodings of one value would be two hashes of one value, so that
the reader refuses non-minimal lengths, unknown presence octets and trailing bytes. Every failure to read is
PeerError(code="malformed").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from byre.errors import PeerError, UsageError

T = TypeVar("T")

LARGEST_LENGTH = (1 << 30) - 1


def malformed(sentence: str) -> PeerError:
    """Return the one error of a decoder: bytes from outside that do not parse."""
    return PeerError(sentence, code="malformed")


def varint(length: int) -> bytes:
    """Return the length header of a vector of `length` bytes (RFC 9420 section 2.1.2)."""
    if length < 0x40:
        return length.to_bytes(1)
    if length < 0x4000:
        return (0x4000 | length).to_bytes(2)
    if length <= LARGEST_LENGTH:
        return (0x80000000 | length).to_bytes(4)
    raise UsageError("a vector is longer than 2^30 - 1 bytes")


def opaque(data: bytes) -> bytes:
    """Return `data` as an `opaque<V>`: its length header and itself."""
    length = len(data)
    if length < 0x40:
        return length.to_bytes(1) + data
    return varint(length) + data


class Writer:
    """Collects the encoding of one structure; the methods return the writer, so that they chain."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def u8(self, value: int) -> Writer:
        """Write a uint8."""
        self._parts.append(value.to_bytes(1))
        return self

    def u16(self, value: int) -> Writer:
        """Write a uint16."""
        self._parts.append(value.to_bytes(2))
        return self

    def u32(self, value: int) -> Writer:
        """Write a uint32."""
        self._parts.append(value.to_bytes(4))
        return self

    def u64(self, value: int) -> Writer:
        """Write a uint64."""
        self._parts.append(value.to_bytes(8))
        return self

    def fixed(self, data: bytes) -> Writer:
        """Write bytes as they are: a fixed-size field or an encoded structure."""
        self._parts.append(data)
        return self

    def opaque_v(self, data: bytes) -> Writer:
        """Write an `opaque<V>`."""
        self._parts.append(opaque(data))
        return self

    def vector(self, encoded_items: list[bytes] | tuple[bytes, ...]) -> Writer:
        """Write a `T<V>` of items that are encoded already; the header counts bytes."""
        return self.opaque_v(b"".join(encoded_items))

    def optional(self, encoded: bytes | None) -> Writer:
        """Write an `optional<T>`: a presence octet and the encoded value."""
        self._parts.append(b"\x00" if encoded is None else b"\x01" + encoded)
        return self

    def done(self) -> bytes:
        """Return what was written."""
        return b"".join(self._parts)


class Reader:
    """Reads one structure from untrusted bytes, front to back."""

    __slots__ = ("_data", "_end", "position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._end = len(data)
        self.position = 0

    def fixed(self, length: int) -> bytes:
        """Read `length` bytes."""
        start = self.position
        stop = start + length
        if stop > self._end:
            raise malformed("the data end too early")
        self.position = stop
        return self._data[start:stop]

    def u8(self) -> int:
        """Read a uint8."""
        position = self.position
        if position >= self._end:
            raise malformed("the data end too early")
        self.position = position + 1
        return self._data[position]

    def u16(self) -> int:
        """Read a uint16."""
        return int.from_bytes(self.fixed(2))

    def u32(self) -> int:
        """Read a uint32."""
        return int.from_bytes(self.fixed(4))

    def u64(self) -> int:
        """Read a uint64."""
        return int.from_bytes(self.fixed(8))

    def length(self) -> int:
        """Read the length header of a vector; it must be minimal."""
        first = self.u8()
        if first < 0x40:
            return first
        if first < 0x80:
            value = (first & 0x3F) << 8 | self.u8()
            if value < 0x40:
                raise malformed("a vector's length is not in its shortest form")
            return value
        if first < 0xC0:
            value = (first & 0x3F) << 24 | int.from_bytes(self.fixed(3))
            if value < 0x4000:
                raise malformed("a vector's length is not in its shortest form")
            return value
        raise malformed("a vector's length header is invalid")

    def opaque_v(self) -> bytes:
        """Read an `opaque<V>`."""
        start = self.position
        if start < self._end and (length := self._data[start]) < 0x40:  # most are short: without two further calls
            stop = start + 1 + length
            if stop <= self._end:
                self.position = stop
                return self._data[start + 1 : stop]
        return self.fixed(self.length())

    def vector(self, read_item: Callable[[Reader], T]) -> list[T]:
        """Read a `T<V>`: items until the vector's bytes are used up, none of them reaching beyond."""
        length = self.length()
        stop = self.position + length
        if stop > self._end:
            raise malformed("the data end too early")
        outer, self._end = self._end, stop
        items: list[T] = []
        while self.position < stop:
            items.append(read_item(self))
        self._end = outer
        return items

    def optional(self, read_item: Callable[[Reader], T]) -> T | None:
        """Read an `optional<T>`; the presence octet is 0 or 1."""
        present = self.u8()
        if present == 0:
            return None
        if present == 1:
            return read_item(self)
        raise malformed("a presence octet is neither 0 nor 1")

    def rest(self) -> bytes:
        """Read all that is left."""
        return self.fixed(self._end - self.position)

    def since(self, position: int) -> bytes:
        """Return the bytes read since `position`: hashes and signatures are over received bytes (Rule 14)."""
        return self._data[position : self.position]

    @property
    def at_end(self) -> bool:
        """Whether nothing is left to read."""
        return self.position == self._end

    def end(self) -> None:
        """Refuse trailing bytes."""
        if self.position != self._end:
            raise malformed("bytes are left over at the end")
