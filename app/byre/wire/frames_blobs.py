"""Blob frames: the bodies of HTTP requests and answers at /b, in the same encoding as the frames of a socket.

C = client, R = relay. A refusal is an ERR frame. Read and written by `frames.py`; meaning: `relay/README.md`, Blobs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from byre.wire.frame_fields import HASH32, ID16, KEY, UINT32_MAX, UINT63_MAX, Frame, at_most, many, of, uint

BLOB_CHUNK_BYTES: Final = 1024 * 1024
MAX_BLOB_READERS: Final = 1024
MAX_BLOB_CHUNKS: Final = 1024
"""More than any relay's limit: 1 GiB."""


@dataclass(frozen=True, slots=True)
class BlobNew(Frame):
    """C->R, POST /b: make room for a blob, by a delivery token of one of its readers; `readers` read capabilities."""

    TYPE: ClassVar[int] = 0x70
    req_id: bytes = of(ID16)
    mailbox: bytes = of(ID16)
    token: bytes = of(HASH32)
    size_bytes: int = of(uint(MAX_BLOB_CHUNKS * BLOB_CHUNK_BYTES, least=1))
    ttl_s: int = of(uint(UINT32_MAX))
    readers: int = of(uint(MAX_BLOB_READERS, least=1))


@dataclass(frozen=True, slots=True)
class BlobMade(Frame):
    """R->C: the answer to BlobNew; the relay keeps hashes of the capabilities only."""

    TYPE: ClassVar[int] = 0x71
    req_id: bytes = of(ID16)
    blob_id: bytes = of(ID16)
    write_capability: bytes = of(KEY)
    read_capabilities: tuple[bytes, ...] = of(many(KEY, least=1, most=MAX_BLOB_READERS))
    chunk_bytes: int = of(uint(UINT32_MAX, least=1))
    expires_ms: int = of(uint(UINT63_MAX))


@dataclass(frozen=True, slots=True)
class BlobState(Frame):
    """R->C, GET /b/<id>/state: bit i % 8 (from the lowest) of byte i // 8 of `chunks` says that chunk i is there."""

    TYPE: ClassVar[int] = 0x72
    blob_id: bytes = of(ID16)
    size_bytes: int = of(uint(MAX_BLOB_CHUNKS * BLOB_CHUNK_BYTES, least=1))
    chunk_bytes: int = of(uint(UINT32_MAX, least=1))
    chunks: bytes = of(at_most(MAX_BLOB_CHUNKS // 8, least=1))
    expires_ms: int = of(uint(UINT63_MAX))
