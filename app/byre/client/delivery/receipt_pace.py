"""When the next receipt of a room may go out: at once, but at most one a second.

Pure: the clock is an argument. What is due lies in the store; the pace is politeness, not correctness.
"""

from __future__ import annotations

INTERVAL_MS = 1000


class ReceiptPace:
    """The last receipt of each room."""

    def __init__(self) -> None:
        self._sent_at: dict[bytes, int] = {}

    def wait_ms(self, room: bytes, now_ms: int) -> int:
        """Return how long the next receipt of `room` must wait; 0 for not at all."""
        last = self._sent_at.get(room)
        if last is None or last > now_ms:  # a clock that was set back must not hold receipts for hours
            return 0
        return max(0, last + INTERVAL_MS - now_ms)

    def sent(self, room: bytes, now_ms: int) -> None:
        """Note a receipt; rooms that were quiet for long are forgotten."""
        self._sent_at = {r: at for r, at in self._sent_at.items() if now_ms - INTERVAL_MS < at <= now_ms}
        self._sent_at[room] = now_ms
