"""A pointer to an encrypted blob: where a message or a tree lies that is too large for an envelope.

    u16 0xF0B3 ‖ u8 version = 1 ‖ u8 kind ‖ blob_id[16] ‖ read_capability[32] ‖ key[32] ‖ SHA-384(blob)[48] ‖ u64 size
    ‖ opaque message<V>

kind 1: the blob is an MLSMessage. kind 2: the blob is the ratchet tree of the Welcome in `message`. It travels as the
body of an envelope of type 3, and in a claim body in place of the commit: an MLSMessage begins with 0x0001.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from byre.wire.fields import blaming_the_peer, need_blob, need_bytes, need_uint
from byre.wire.tls import Reader, Writer, malformed
from byre.wire.versions import STRUCTURE_VERSION, expect_version

MESSAGE_IN_BLOB: Final = 1
TREE_IN_BLOB: Final = 2

BLOB_ID_SIZE: Final = 16
CAPABILITY_SIZE: Final = 32
BLOB_KEY_SIZE: Final = 32
BLOB_HASH_SIZE: Final = 48
LARGEST_MESSAGE: Final = 60 * 1024
_MAGIC: Final = 0xF0B3


@dataclass(frozen=True, slots=True)
class BlobPointer:
    """How one reader gets one blob. `size_bytes` is the encrypted blob's; `message` is empty but for a tree."""

    kind: int
    blob_id: bytes
    capability: bytes = field(repr=False)
    key: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    size_bytes: int
    message: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        need_uint(self.kind, 8, "a kind of blob")
        need_bytes(self.blob_id, BLOB_ID_SIZE, "a blob id")
        need_bytes(self.capability, CAPABILITY_SIZE, "a read capability")
        need_bytes(self.key, BLOB_KEY_SIZE, "a blob's key")
        need_bytes(self.digest, BLOB_HASH_SIZE, "a blob's hash")
        need_uint(self.size_bytes, 63, "a blob's size")
        need_blob(self.message, LARGEST_MESSAGE, "a message beside a blob")

    def encode(self) -> bytes:
        """Return the bytes for an envelope or a claim body."""
        writer = Writer().u16(_MAGIC).u8(STRUCTURE_VERSION).u8(self.kind).fixed(self.blob_id)
        writer.fixed(self.capability).fixed(self.key).fixed(self.digest).u64(self.size_bytes)
        return writer.opaque_v(self.message).done()


def decode_blob_pointer(data: bytes) -> BlobPointer:
    """Parse a pointer.

    Raises:
        PeerError: code malformed or newer_version.
    """
    reader = Reader(data)
    if reader.u16() != _MAGIC:
        raise malformed("this is no pointer to a blob")
    expect_version(reader.u8(), STRUCTURE_VERSION)
    with blaming_the_peer():
        pointer = BlobPointer(
            kind=reader.u8(),
            blob_id=reader.fixed(BLOB_ID_SIZE),
            capability=reader.fixed(CAPABILITY_SIZE),
            key=reader.fixed(BLOB_KEY_SIZE),
            digest=reader.fixed(BLOB_HASH_SIZE),
            size_bytes=reader.u64(),
            message=reader.opaque_v(),
        )
    reader.end()
    return pointer


def is_blob_pointer(data: bytes) -> bool:
    """Whether a claim body's content is a pointer and not the commit itself."""
    return data[:2] == _MAGIC.to_bytes(2)
