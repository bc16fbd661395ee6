"""Version numbers of everything that goes over a wire, in one place.

A format never changes under its number: "a change needs a version". Reading a higher number than these is a
PeerError(code="newer_version") where nothing can be kept, and kept unread where it can (content, envelope types).
"""

from __future__ import annotations

from typing import Final

from byre.errors import PeerError
from byre.wire.tls import malformed

CONTENT_VERSION: Final = 1
ENVELOPE_VERSION: Final = 1
LINK_VERSION: Final = 1
STRUCTURE_VERSION: Final = 1
"""Certificates, lists, credential, extensions, records, requests: each has its own number, all at 1."""
POLICY_VERSION: Final = 1
"""The highest room policy (who may do what) that this program can judge."""

LEAF_EXTENSION: Final = 0xF0B1
ROOM_EXTENSION: Final = 0xF0B2


def expect_version(found: int, known: int) -> None:
    """Return when `found` is `known`.

    Raises:
        PeerError: code newer_version for a later one, malformed for zero.
    """
    if found == known:
        return
    if found > known:
        raise PeerError("this was written by a newer version", code="newer_version")
    raise malformed("a version number is zero")
