"""The frames that a relay handles for every message, without the generic codec: the same bytes, the same refusals.

Each function here does its frame when every field is as it should be and returns None otherwise: the generic codec in
`frames.py` then says what is wrong. So nothing can be accepted here that is refused there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from byre.wire.frame_fields import MAX_BODY_BYTES, UINT32_MAX, UINT63_MAX, Frame
from byre.wire.frames_delivery import FLAG_LIVE_ONLY, FLAG_URGENT, Acked, Msg, Relayed, Send, Stored

_FLAGS: Final = FLAG_LIVE_ONLY | FLAG_URGENT
_ID16: Final = b"\xc4\x10"  # msgpack: 16 bytes follow
_RELAYED: Final = bytes((0x92, Relayed.TYPE)) + _ID16
_ACKED: Final = bytes((0x92, Acked.TYPE)) + _ID16
_STORED: Final = bytes((0x93, Stored.TYPE)) + _ID16
_MSG: Final = bytes((0x95, Msg.TYPE)) + _ID16


def quick_send(values: list[Any]) -> Send | None:
    """Return the SEND in an unpacked frame array."""
    if len(values) != 7:
        return None
    _, mid, mailbox, token, ttl_s, flags, body = values
    if (
        type(mid) is bytes
        and len(mid) == 16
        and type(mailbox) is bytes
        and len(mailbox) == 16
        and type(token) is bytes
        and len(token) == 32
        and type(ttl_s) is int
        and 0 <= ttl_s <= UINT32_MAX
        and type(flags) is int
        and 0 <= flags <= _FLAGS
        and type(body) is bytes
        and len(body) <= MAX_BODY_BYTES
    ):
        return Send(mid, mailbox, token, ttl_s, flags, body)
    return None


def _relayed(frame: Any) -> bytes | None:
    mid = frame.mid
    return _RELAYED + mid if type(mid) is bytes and len(mid) == 16 else None


def _acked(frame: Any) -> bytes | None:
    mid = frame.mid
    return _ACKED + mid if type(mid) is bytes and len(mid) == 16 else None


def _stored(frame: Any) -> bytes | None:
    mid, epoch = frame.mid, frame.store_epoch
    is_right = type(mid) is bytes and len(mid) == 16 and type(epoch) is bytes and len(epoch) == 16
    return _STORED + mid + _ID16 + epoch if is_right else None


def _msg(frame: Any) -> bytes | None:
    mailbox, seq, mid, body = frame.mailbox, frame.seq, frame.mid, frame.body
    if (
        type(mailbox) is bytes
        and len(mailbox) == 16
        and type(seq) is int
        and 0 <= seq <= UINT63_MAX
        and type(mid) is bytes
        and len(mid) == 16
        and type(body) is bytes
        and len(body) <= MAX_BODY_BYTES
    ):
        return b"".join((_MSG, mailbox, _number(seq), _ID16, mid, _size(len(body)), body))
    return None


def _number(value: int) -> bytes:
    if value < 0x80:
        return value.to_bytes(1)
    if value <= 0xFF:
        return b"\xcc" + value.to_bytes(1)
    if value <= 0xFFFF:
        return b"\xcd" + value.to_bytes(2)
    if value <= UINT32_MAX:
        return b"\xce" + value.to_bytes(4)
    return b"\xcf" + value.to_bytes(8)


def _size(size_bytes: int) -> bytes:
    if size_bytes <= 0xFF:
        return b"\xc4" + size_bytes.to_bytes(1)
    if size_bytes <= 0xFFFF:
        return b"\xc5" + size_bytes.to_bytes(2)
    return b"\xc6" + size_bytes.to_bytes(4)


QUICK: Final[dict[type[Frame], Callable[[Any], bytes | None]]] = {
    Relayed: _relayed,
    Acked: _acked,
    Stored: _stored,
    Msg: _msg,
}
"""How these frames become bytes."""
