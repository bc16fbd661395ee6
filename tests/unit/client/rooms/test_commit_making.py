"""Which commits go in an envelope, and which as a blob."""

from __future__ import annotations

from byre.client.rooms.commit_making import fits
from byre.wire.envelope import LARGEST_BODY


def test_message_of_sixty_kib_fits_and_one_byte_more_does_not() -> None:
    assert fits(bytes(60 * 1024))
    assert not fits(bytes(60 * 1024 + 1))
    assert LARGEST_BODY > 60 * 1024, "what fits must have room in an envelope"
