"""WebSocket frames of a server (RFC 6455), sans-IO: bytes of a client to messages, messages to bytes.

```
 feed(bytes) ─▶ [(opcode, payload)…]     whole data messages (fragments put together) and control frames, in order
             └▶ fault = 1002 | 1009       what broke the protocol or is too large; nothing is taken after it
```
No extensions are ever negotiated: a reserved bit is a fault. A frame that is too large is refused by its header, before
anything of it is kept, so a connection never holds more than one message of `most_bytes` and one read.
"""

from __future__ import annotations

from typing import Final

TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10
PROTOCOL_ERROR: Final = 1002
TOO_LARGE: Final = 1009
NO_CODE: Final = 1005

_CONTINUATION: Final = 0
_NO_MASK: Final = bytes(4)
_DATA: Final = (_CONTINUATION, TEXT, BINARY)
_CONTROL: Final = (CLOSE, PING, PONG)
_CONTROL_BYTES: Final = 125
_OWN_CODES: Final = range(3000, 5000)  # libraries and applications; below lie the registered ones
_REGISTERED_CODES: Final = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})


class FrameReader:
    """Reads what one client sends.

    Args:
        most_bytes: largest message.
    """

    __slots__ = ("_message", "_message_opcode", "_most_bytes", "_needed", "_rest", "fault")

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._rest: bytes | bytearray = b""
        self._needed = 2
        self._message: bytearray | None = None
        self._message_opcode = 0
        self.fault = 0
        """The close code of what went wrong; 0 while all is well."""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Take bytes; return the messages and control frames that they complete."""
        if self.fault:
            return []
        if self._rest:
            data = self._join(data)
            if not data:
                return []
        taken: list[tuple[int, bytes]] = []
        at, end = 0, len(data)
        self._needed = 2
        while end - at >= 2:
            first, length = data[at], data[at + 1]
            if length < 0x80:  # RFC 6455, 5.1: a server closes on a frame that is not masked
                return self._broken(PROTOCOL_ERROR, taken)
            length &= 0x7F
            start = at + 6
            if length >= 126:
                width = 2 if length == 126 else 8
                if end - at < 2 + width:
                    self._needed = 2 + width
                    break
                length = int.from_bytes(data[at + 2 : at + 2 + width])
                start += width
                if length < (126 if width == 2 else 65536):  # RFC 6455, 5.2: the shortest form
                    return self._broken(PROTOCOL_ERROR, taken)
            is_plain = first == 0x82 and self._message is None  # a whole binary message: what nearly every frame is
            code = (TOO_LARGE if length > self._most_bytes else 0) if is_plain else self._check(first, length)
            if code:
                return self._broken(code, taken)
            stop = start + length
            if stop > end:
                self._needed = stop - at
                break
            payload = data[start:stop]
            mask = data[start - 4 : start]
            if mask != _NO_MASK and length:
                payload = _unmasked(payload, mask)
            at = stop
            if is_plain:
                taken.append((BINARY, payload))
            else:
                self._take(first, payload, taken)
        self._rest = data[at:] if at else data
        return taken

    def _join(self, data: bytes) -> bytes:
        """Put the rest of the last read before this one; nothing while a frame is still incomplete.

        A frame that drips in byte by byte is gathered in place: it costs its length once, not once per byte.
        """
        if not isinstance(self._rest, bytearray):
            self._rest = bytearray(self._rest)
        self._rest += data
        if len(self._rest) < self._needed:
            return b""
        whole, self._rest = bytes(self._rest), b""
        return whole

    def _check(self, first: int, length: int) -> int:
        if first & 0x70:
            return PROTOCOL_ERROR
        opcode, is_final = first & 0x0F, first & 0x80
        if opcode in _CONTROL:
            return 0 if is_final and length <= _CONTROL_BYTES else PROTOCOL_ERROR
        if opcode not in _DATA or (opcode == _CONTINUATION) != (self._message is not None):
            return PROTOCOL_ERROR
        so_far = len(self._message) if self._message is not None else 0
        return TOO_LARGE if so_far + length > self._most_bytes else 0

    def _take(self, first: int, payload: bytes, taken: list[tuple[int, bytes]]) -> None:
        opcode, is_final = first & 0x0F, first & 0x80
        if opcode in _CONTROL:
            taken.append((opcode, payload))
        elif opcode != _CONTINUATION:
            if is_final:
                taken.append((opcode, payload))
            else:
                self._message, self._message_opcode = bytearray(payload), opcode
        elif self._message is not None:
            self._message += payload
            if is_final:
                taken.append((self._message_opcode, bytes(self._message)))
                self._message = None

    def _broken(self, code: int, taken: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
        self.fault, self._rest, self._message = code, b"", None
        return taken


def data_header(size_bytes: int) -> bytes:
    """Return what stands before a binary message of this size."""
    if 126 <= size_bytes < 65536:
        return b"\x82\x7e" + size_bytes.to_bytes(2)
    return _header(0x80 | BINARY, size_bytes)


def control_frame(opcode: int, payload: bytes = b"") -> bytes:
    """Return a whole control frame; a longer payload is cut to what control frames may carry."""
    return _header(0x80 | opcode, len(payload[:_CONTROL_BYTES])) + payload[:_CONTROL_BYTES]


def close_frame(code: int) -> bytes:
    """Return the frame that closes with this code."""
    return control_frame(CLOSE, b"" if code == NO_CODE else code.to_bytes(2))


def close_answer(payload: bytes) -> bytes:
    """Return the answer to a client's close frame: its own code, or 1002 for one that may not be sent."""
    if not payload:
        return close_frame(NO_CODE)
    code = int.from_bytes(payload[:2]) if len(payload) >= 2 else 0
    is_fine = code in _REGISTERED_CODES or code in _OWN_CODES
    return close_frame(code if is_fine else PROTOCOL_ERROR)


def _header(first: int, size_bytes: int) -> bytes:
    if size_bytes < 126:
        return bytes((first, size_bytes))
    if size_bytes < 65536:
        return bytes((first, 126, size_bytes >> 8, size_bytes & 0xFF))
    return bytes((first, 127)) + size_bytes.to_bytes(8)


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    pad = mask * (size // 4 + 1)
    return (int.from_bytes(payload, "little") ^ int.from_bytes(pad[:size], "little")).to_bytes(size, "little")
