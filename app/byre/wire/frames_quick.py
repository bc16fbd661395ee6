"""The frames that a relay handles for every message, without the generic codec: the same bytes, the same refusals.

Each function here does its frame when every field is as it should be and returns None otherwise: the generic codec in
`frames.py` then says what is wrong. So nothing can be accepted here that is refused there.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from byre.wire.frame_fields import MAX_BODY_BYTES, UINT32_MAX, UINT63_MAX, Frame
from byre.wire.frames_delivery import FLAG_LIVE_ONLY, FLAG_URGENT, Ack, Acked, Msg, Relayed, Send, Stored

_FLAGS: Final = FLAG_LIVE_ONLY | FLAG_URGENT
_ID16: Final = b"\xc4\x10"  # msgpack: 16 bytes follow
_HASH32: Final = b"\xc4\x20"
RELAYED: Final = bytes((0x92, Relayed.TYPE)) + _ID16
ACKED: Final = bytes((0x92, Acked.TYPE)) + _ID16
"""RELAYED and ACKED are this and the mid."""
_STORED: Final = bytes((0x93, Stored.TYPE)) + _ID16
_MSG: Final = bytes((0x95, Msg.TYPE)) + _ID16
_ACK: Final = bytes((0x93, Ack.TYPE)) + _ID16
_SEND: Final = bytes((0x97, Send.TYPE)) + _ID16
_SEND_HEAD: Final = struct.Struct("4s16s2s16s2s32s")
_SEND_LEAST: Final = _SEND_HEAD.size + 4
_UINTS: Final = {0xCC: 1, 0xCD: 2, 0xCE: 4}
_ROW: Final = 18
_MOST_MIDS: Final = 1024


@dataclass(slots=True)
class _SendDraft(Frame):
    """A SEND before it is frozen: a frozen dataclass takes eight times as long to fill as one that is not."""

    mid: bytes
    mailbox: bytes
    token: bytes
    ttl_s: int
    flags: int
    body: bytes


def quick(data: bytes) -> Frame | None:
    """Return the frame in these bytes if it is one of those that come for every message."""
    kind = data[:4]
    if kind == _SEND:
        return quick_send(data)
    return quick_ack(data) if kind == _ACK else None


def quick_send(data: bytes) -> Send | None:
    """Return the SEND in these bytes."""
    size = len(data)
    if size < _SEND_LEAST:
        return None
    start, mid, id_mark, mailbox, token_mark, token = _SEND_HEAD.unpack_from(data)
    ttl_s, at = data[72], 73
    if ttl_s >= 0x80:
        width = _UINTS.get(ttl_s, 0)
        at += width
        if not width or size < at + 3:
            return None
        ttl_s = int.from_bytes(data[73:at])
    flags, mark = data[at], data[at + 1]
    if mark == 0xC4:
        body_at, body_size = at + 3, data[at + 2]
    elif mark == 0xC5 and size >= at + 4:
        body_at, body_size = at + 4, data[at + 2] << 8 | data[at + 3]
    else:
        return None
    if start != _SEND or id_mark != _ID16 or token_mark != _HASH32 or flags > _FLAGS or size != body_at + body_size:
        return None
    draft: Any = _SendDraft(mid, mailbox, token, ttl_s, flags, data[body_at:])
    draft.__class__ = Send
    frame: Send = draft
    return frame


def quick_ack(data: bytes) -> Ack | None:
    """Return the ACK in these bytes."""
    size = len(data)
    if size < 23 or data[:4] != _ACK:
        return None
    start, count = 21, data[20] & 0x0F
    if data[20] == 0xDC:
        start, count = 23, data[21] << 8 | data[22]
    elif data[20] & 0xF0 != 0x90:
        return None
    if (
        not 0 < count <= _MOST_MIDS
        or size != start + _ROW * count
        or data[start::_ROW] != b"\xc4" * count
        or data[start + 1 :: _ROW] != b"\x10" * count
    ):
        return None
    return Ack(data[4:20], tuple([data[at : at + 16] for at in range(start + 2, size, _ROW)]))


def message(mailbox: bytes, seq: int, mid: bytes, body: bytes) -> bytes:
    """Return the bytes of a MSG whose fields came out of frames that were checked."""
    return b"".join((_MSG, mailbox, _number(seq), _ID16, mid, _size(len(body)), body))


def stored(mid: bytes, store_epoch: bytes) -> bytes:
    """Return the bytes of a STORED whose fields are known to be right."""
    return _STORED + mid + _ID16 + store_epoch


def _relayed(frame: Any) -> bytes | None:
    mid = frame.mid
    return RELAYED + mid if type(mid) is bytes and len(mid) == 16 else None


def _acked(frame: Any) -> bytes | None:
    mid = frame.mid
    return ACKED + mid if type(mid) is bytes and len(mid) == 16 else None


def _stored(frame: Any) -> bytes | None:
    mid, epoch = frame.mid, frame.store_epoch
    is_right = type(mid) is bytes and len(mid) == 16 and type(epoch) is bytes and len(epoch) == 16
    return stored(mid, epoch) if is_right else None


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
        return message(mailbox, seq, mid, body)
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
