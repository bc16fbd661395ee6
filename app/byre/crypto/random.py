"""Where randomness comes from: a function of the wanted length, handed down from the composition root.

Rooms that may hold no source of their own (mls, identity, wire) take a `Random`; a test passes a seeded one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

Random = Callable[[int], bytes]


def system_random(length: int) -> bytes:
    """Return `length` bytes from the operating system's generator."""
    return secrets.token_bytes(length)
