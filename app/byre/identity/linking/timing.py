"""How long an offer lives, and how far a handshake that began in time may still go."""

from __future__ import annotations

from typing import Final

from byre.errors import PeerError

OFFER_LIFETIME_MS: Final = 5 * 60 * 1000
"""From the offer to its expiry: no blob 1 or 2 is taken later."""
RENDEZVOUS_GRACE_MS: Final = 10 * 60 * 1000
"""From the expiry to the end of the rendezvous: blobs 3 to 5 are taken until then."""
LARGEST_CLOCK_ERROR_MS: Final = 10 * 60 * 1000
"""How much longer than `OFFER_LIFETIME_MS` an offer may seem to live to a phone whose clock differs."""


def expect_open(now_ms: int, end_ms: int) -> None:
    """Return while `now_ms` is not after `end_ms`.

    Raises:
        PeerError: code offer_expired.
    """
    if now_ms > end_ms:
        raise PeerError("the offer to link has expired", code="offer_expired")
