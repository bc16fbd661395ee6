"""When the next receipt of a room may go out: at once, but at most one a second; every two while a device catches up.

```
 one by one    receipt ── 1 s ── receipt ── 1 s ── receipt
 many at once  many ── many ── many ── … ── a half-second without: receipts
                └──── or two seconds, whichever is earlier ────┘
```
A receipt is a message: encrypted, stored and sent like any other. A device that was away for long takes hundreds of
messages at a time, of many rooms: what they have to say a second later stands in the same receipt.

Pure: the clock is an argument. What is due lies in the store; the pace is politeness, not correctness.
"""

from __future__ import annotations

INTERVAL_MS = 1000
CATCHING_UP_MS = 2000
LULL_MS = 500
MANY = 64
"""Envelopes that come together only where they have waited: as many as a relay gives unasked."""


class ReceiptPace:
    """The last receipt of each room, and whether this device is catching up."""

    def __init__(self) -> None:
        self._sent_at: dict[bytes, int] = {}
        self._many_since = self._many_at = -LULL_MS

    def came(self, count: int, now_ms: int) -> None:
        """Note how many envelopes came together."""
        if count >= MANY:
            if not self._is_catching_up(now_ms):
                self._many_since = now_ms
            self._many_at = now_ms

    def wait_ms(self, room: bytes, now_ms: int) -> int:
        """Return how long the next receipt of `room` must wait; 0 for not at all. Ask again after it."""
        last = self._sent_at.get(room)
        if last is not None and last > now_ms:  # a clock that was set back must not hold receipts for hours
            last = None
        wait_ms = 0 if last is None else last + INTERVAL_MS - now_ms
        if self._is_catching_up(now_ms):
            since = self._many_since if last is None else max(last, self._many_since)
            wait_ms = max(wait_ms, min(since + CATCHING_UP_MS, self._many_at + LULL_MS) - now_ms)
        return max(0, wait_ms)

    def sent(self, room: bytes, now_ms: int) -> None:
        """Note a receipt; rooms that were quiet for long are forgotten."""
        self._sent_at = {r: at for r, at in self._sent_at.items() if now_ms - CATCHING_UP_MS < at <= now_ms}
        self._sent_at[room] = now_ms

    def _is_catching_up(self, now_ms: int) -> bool:
        return self._many_at <= now_ms < self._many_at + LULL_MS
