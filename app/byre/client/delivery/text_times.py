"""The time that a text says it was sent at: its author's clock, and what the order on every screen is made of.

Each device shows a room by min(time of sending, time of arrival by its own clock), and own texts by their time of
sending (`store/positions`). So it is the author's clock that orders their own texts, and it must not run backwards:

    in one millisecond       each text is a millisecond later than the one before
    put back a little        a text is a millisecond later than what stands last in its room, up to two minutes ahead:
                             what was read before it was written stays above it (a clock that the network corrects)
    put back by more         is believed. Whoever's clock was a day ahead would date a day of texts wrongly, and all
                             that others say meanwhile would stand above them: the one text from the future is the
                             lesser harm, and stays below until its time has come
"""

from __future__ import annotations

from typing import Final

from byre.store.positions import TIE_BITS

CLOSE_MS: Final = 1000
SMALL_JUMP_MS: Final = 2 * 60 * 1000


class TextTimes:
    """Gives out times: of what is sent in one millisecond each is later, whatever room it is for."""

    def __init__(self) -> None:
        self._last_ms = 0

    def next(self, now_ms: int) -> int:
        """Return the time of a text that is sent now."""
        self._last_ms = self._last_ms + 1 if now_ms <= self._last_ms < now_ms + CLOSE_MS else now_ms
        return self._last_ms


def too_early_ms(at_ms: int, last_position: int | None) -> int:
    """Return how much later a text of `at_ms` must be to stand below what is last in its room; 0 for a large jump."""
    if last_position is None:
        return 0
    early_ms = (last_position >> TIE_BITS) + 1 - at_ms
    return early_ms if 1 < early_ms <= SMALL_JUMP_MS else 0
