"""Buckets: the only sizes that the relay may see of a body.

512 · 1 K · 4 K · 16 K · 64 K bytes, counted on what travels (sealed box, claim body), not on what is inside

padded plaintext = content ‖ zeros        (the content knows its own length; other bytes than zero are refused)
"""

from __future__ import annotations

from typing import Final

from byre.errors import UsageError
from byre.wire.tls import malformed

BUCKETS: Final = (512, 1024, 4096, 16384, 65536)


def bucket_for(size_bytes: int) -> int:
    """Return the smallest bucket that holds `size_bytes`.

    Raises:
        UsageError: code too_large; it fits into none.
    """
    for bucket in BUCKETS:
        if size_bytes <= bucket:
            return bucket
    raise UsageError("a body is larger than the largest bucket", code="too_large")


def pad(content: bytes, *, overhead: int) -> bytes:
    """Return `content` with zeros, so that content, zeros and `overhead` fill a bucket."""
    return content.ljust(bucket_for(len(content) + overhead) - overhead, b"\0")


def expect_bucket(size_bytes: int) -> None:
    """Raise PeerError(code="malformed") unless `size_bytes` is a bucket."""
    if size_bytes not in BUCKETS:
        raise malformed("a body does not fill a bucket")


def expect_zeros(padding: bytes) -> None:
    """Raise PeerError(code="malformed") unless all of `padding` is zero: it is no place to hide bytes."""
    if padding.count(0) != len(padding):
        raise malformed("padding holds other bytes than zero")
