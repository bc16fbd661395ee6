"""Relay frames: every message that crosses a relay socket, as one frozen dataclass.

A frame is the msgpack array `[type, field, ...]` in the order of the dataclass, one frame per binary WebSocket
message, at most `MAX_FRAME_BYTES`. Decoding is strict: exact length, exact types, every bound checked, nothing
after the array; whatever breaks that is `PeerError` (code "malformed"). Meaning: `relay/README.md`, bytes:
`tests/golden/frames.json`. A changed layout needs a new `WIRE_VERSION` (HELLO) or a new type number.

The dataclasses stand in `frames_delivery.py`, `frames_records.py` and `frames_blobs.py` and are taken from here.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

import msgpack

from byre.errors import InternalBug, PeerError
from byre.wire.frame_fields import MAX_BODY_BYTES, Frame, Kind, malformed
from byre.wire.frames_blobs import (
    BLOB_CHUNK_BYTES,
    MAX_BLOB_READERS,
    BlobMade,
    BlobNew,
    BlobState,
)
from byre.wire.frames_delivery import (
    DURABILITY_DISK,
    DURABILITY_RAM,
    FLAG_LIVE_ONLY,
    FLAG_URGENT,
    TOKEN_INTRO,
    TOKEN_NORMAL,
    TOKEN_SLOW,
    Ack,
    Acked,
    Auth,
    Credit,
    Detach,
    Done,
    Drain,
    Err,
    Hello,
    MailboxDelete,
    MailboxNew,
    Msg,
    Ping,
    Pong,
    Ready,
    Relayed,
    Send,
    Stored,
    TokenDelete,
    TokenPut,
)
from byre.wire.frames_quick import QUICK, quick
from byre.wire.frames_records import (
    BY_ACCOUNT,
    BY_HANDLE,
    MAX_KEY_PACKAGES,
    RECORD_ACCOUNT,
    RECORD_DEVICE,
    Claim,
    CommitFound,
    Conflict,
    DirectoryFound,
    DirectoryGet,
    DirectoryPut,
    GetCommit,
    Gone,
    Grant,
    HeadCreate,
    KeyPackageCount,
    KeyPackageGiven,
    KeyPackagePut,
    KeyPackageTake,
    RendezvousFound,
    RendezvousGet,
    RendezvousPut,
)

__all__ = [
    "BLOB_CHUNK_BYTES",
    "BY_ACCOUNT",
    "BY_HANDLE",
    "DURABILITY_DISK",
    "DURABILITY_RAM",
    "FLAG_LIVE_ONLY",
    "FLAG_URGENT",
    "FRAMES",
    "MAX_BLOB_READERS",
    "MAX_BODY_BYTES",
    "MAX_FRAME_BYTES",
    "MAX_KEY_PACKAGES",
    "RECORD_ACCOUNT",
    "RECORD_DEVICE",
    "SUBPROTOCOL",
    "TOKEN_INTRO",
    "TOKEN_NORMAL",
    "TOKEN_SLOW",
    "WIRE_VERSION",
    "Ack",
    "Acked",
    "Auth",
    "BlobMade",
    "BlobNew",
    "BlobState",
    "Claim",
    "CommitFound",
    "Conflict",
    "Credit",
    "Detach",
    "DirectoryFound",
    "DirectoryGet",
    "DirectoryPut",
    "Done",
    "Drain",
    "Err",
    "Frame",
    "GetCommit",
    "Gone",
    "Grant",
    "HeadCreate",
    "Hello",
    "KeyPackageCount",
    "KeyPackageGiven",
    "KeyPackagePut",
    "KeyPackageTake",
    "MailboxDelete",
    "MailboxNew",
    "Msg",
    "Ping",
    "Pong",
    "Ready",
    "Relayed",
    "RendezvousFound",
    "RendezvousGet",
    "RendezvousPut",
    "Send",
    "Stored",
    "TokenDelete",
    "TokenPut",
    "decode_frame",
    "encode_frame",
]

WIRE_VERSION: Final = 1
SUBPROTOCOL: Final = "rly.1"
MAX_FRAME_BYTES: Final = 66 * 1024

FRAMES: Final[tuple[type[Frame], ...]] = (
    Hello, Auth, Ready, Ping, Pong, Credit, Drain, Err, Detach, Done,
    Send, Relayed, Acked, Stored, Msg, Ack,
    MailboxNew, MailboxDelete, TokenPut, TokenDelete,
    KeyPackagePut, KeyPackageTake, KeyPackageGiven, KeyPackageCount,
    DirectoryPut, DirectoryGet, DirectoryFound,
    HeadCreate, Claim, Grant, Conflict, Gone, GetCommit, CommitFound,
    RendezvousPut, RendezvousGet, RendezvousFound,
    BlobNew, BlobMade, BlobState,
)  # fmt: skip
"""Every frame of this wire version."""


def encode_frame(frame: Frame) -> bytes:
    """Return the bytes of a frame.

    Raises:
        InternalBug: a field of our own making breaks its kind, or the frame is too large.
    """
    encode = QUICK.get(type(frame))
    if encode is not None and (encoded := encode(frame)) is not None:
        return encoded
    names, kinds = _LAYOUTS[type(frame)]
    values: list[Any] = [frame.TYPE]
    try:
        for name, kind in zip(names, kinds, strict=True):
            values.append(kind(getattr(frame, name)))
    except PeerError as error:
        raise InternalBug(f"{type(frame).__name__}: {error.sentence}", code="bad_frame") from None
    data: bytes = msgpack.packb(values, use_bin_type=True)
    if len(data) > MAX_FRAME_BYTES:
        raise InternalBug(f"{type(frame).__name__} is larger than a frame may be.", code="frame_too_large")
    return data


def decode_frame(data: bytes) -> Frame:
    """Return the frame in `data` (one whole WebSocket message, untrusted).

    Raises:
        PeerError: "malformed" for anything but exactly one well-formed frame of this wire version.
    """
    if len(data) > MAX_FRAME_BYTES:
        raise malformed("it is too large")
    if (frame := quick(data)) is not None:
        return frame
    try:
        values = msgpack.unpackb(data, raw=False, use_list=True, strict_map_key=True)
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException):  # all that msgpack raises on junk
        raise malformed("it is not msgpack") from None
    if type(values) is not list or not values or type(values[0]) is not int:
        raise malformed("it is not a frame array")
    frame_type = _BY_NUMBER.get(values[0])
    if frame_type is None:
        raise malformed("its type is unknown")
    kinds = _LAYOUTS[frame_type][1]
    if len(values) != len(kinds) + 1:
        raise malformed("it has the wrong number of fields")
    return frame_type(*[kind(value) for kind, value in zip(kinds, values[1:], strict=True)])


def _layout(frame_type: type[Any]) -> tuple[tuple[str, ...], tuple[Kind, ...]]:
    described = fields(frame_type)
    return tuple(part.name for part in described), tuple(part.metadata["kind"] for part in described)


_LAYOUTS: Final = {frame_type: _layout(frame_type) for frame_type in FRAMES}
_BY_NUMBER: Final = {frame_type.TYPE: frame_type for frame_type in FRAMES}
