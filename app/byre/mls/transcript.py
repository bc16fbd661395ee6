"""Transcript hashes (RFC 9420 section 8.2): the chain of all commits of a group (Rule 8).

confirmed[n] = Hash(interim[n-1] ‖ wire_format ‖ FramedContent ‖ signature<V>)
interim[n]   = Hash(confirmed[n] ‖ confirmation_tag<V>)
"""

from __future__ import annotations

from byre.mls.cipher_suite import CipherSuite
from byre.wire.tls import opaque


def confirmed_transcript_hash(
    suite: CipherSuite, interim_before: bytes, wire_format: int, content: bytes, signature: bytes
) -> bytes:
    """Return the hash after a commit; `content` is the received FramedContent."""
    return suite.hash(interim_before + wire_format.to_bytes(2) + content + opaque(signature))


def interim_transcript_hash(suite: CipherSuite, confirmed: bytes, confirmation_tag: bytes) -> bytes:
    """Return the interim hash that the next commit builds on."""
    return suite.hash(confirmed + opaque(confirmation_tag))


def confirmation_tag(suite: CipherSuite, confirmation_key: bytes, confirmed: bytes) -> bytes:
    """Return the confirmation tag of an epoch (section 6.1)."""
    return suite.mac(confirmation_key, confirmed)
