"""The plaintext inside a sealed box to a mailbox: what kind of thing it is, and zeros up to a bucket.

    u8 version = 1 ‖ u8 type ‖ u32 length ‖ body[length] ‖ zeros        48 bytes of sealed box + all of it = a bucket

Law: design, Delivery. The relay sees the bucket only. An unknown type is returned as its number: the client records
it and acknowledges, never a loop.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from byre.wire.fields import blaming_the_peer, need_blob, need_uint
from byre.wire.padding import BUCKETS, expect_bucket, expect_zeros, pad
from byre.wire.tls import Reader, Writer
from byre.wire.versions import ENVELOPE_VERSION, expect_version

MLS_MESSAGE: Final = 1
REJOIN_REQUEST: Final = 2
BLOB_POINTER: Final = 3
ECHO: Final = 4
REMOVED: Final = 5

SEALED_BOX_OVERHEAD: Final = 48
HEADER_SIZE: Final = 6
LARGEST_BODY: Final = BUCKETS[-1] - SEALED_BOX_OVERHEAD - HEADER_SIZE


@dataclass(frozen=True, slots=True)
class Envelope:
    """One body for one mailbox; `type` is a uint8, the known ones are the constants above."""

    type: int
    body: bytes = field(repr=False)

    def __post_init__(self) -> None:
        need_uint(self.type, 8, "an envelope type")
        need_blob(self.body, LARGEST_BODY, "an envelope body")

    def encode(self) -> bytes:
        """Return the padded plaintext for the sealed box."""
        content = Writer().u8(ENVELOPE_VERSION).u8(self.type).u32(len(self.body)).fixed(self.body).done()
        return pad(content, overhead=SEALED_BOX_OVERHEAD)


def decode_envelope(plaintext: bytes) -> Envelope:
    """Return the envelope in an opened sealed box.

    Raises:
        PeerError: code malformed or newer_version.
    """
    expect_bucket(len(plaintext) + SEALED_BOX_OVERHEAD)
    reader = Reader(plaintext)
    expect_version(reader.u8(), ENVELOPE_VERSION)
    envelope_type = reader.u8()
    body = reader.fixed(reader.u32())
    expect_zeros(reader.rest())
    with blaming_the_peer():
        return Envelope(envelope_type, body)
