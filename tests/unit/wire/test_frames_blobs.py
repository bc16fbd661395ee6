"""Bounds of the blob frames that protect the relay or a client."""

from __future__ import annotations

import pytest

from byre.errors import InternalBug
from byre.wire.frames import (
    BLOB_CHUNK_BYTES,
    MAX_BLOB_READERS,
    MAX_FRAME_BYTES,
    BlobMade,
    BlobNew,
    BlobState,
    Frame,
    decode_frame,
    encode_frame,
)

ID, KEY = bytes(16), bytes(32)


@pytest.mark.parametrize(
    "frame",
    [
        BlobNew(ID, ID, KEY, 0, 0, 1),
        BlobNew(ID, ID, KEY, 2**30 + 1, 0, 1),
        BlobNew(ID, ID, KEY, 1, 0, 0),
        BlobNew(ID, ID, KEY, 1, 0, MAX_BLOB_READERS + 1),
        BlobNew(ID, ID, KEY[1:], 1, 0, 1),
        BlobMade(ID, ID, KEY, (), BLOB_CHUNK_BYTES, 0),
        BlobMade(ID, ID, KEY, (KEY,), 0, 0),
        BlobState(ID, 1, BLOB_CHUNK_BYTES, b"", 0),
        BlobState(ID, 1, BLOB_CHUNK_BYTES, bytes(129), 0),
    ],
)
def test_out_of_bounds_is_refused(frame: Frame) -> None:
    with pytest.raises(InternalBug):
        encode_frame(frame)


def test_the_most_read_capabilities_fit_into_a_frame() -> None:
    made = BlobMade(ID, ID, KEY, (KEY,) * MAX_BLOB_READERS, BLOB_CHUNK_BYTES, 2**63 - 1)
    assert len(encode_frame(made)) <= MAX_FRAME_BYTES
    assert decode_frame(encode_frame(made)) == made
