"""A client's clock whose back-offs are cut short, so that a test of many restarts does not wait for them."""

from __future__ import annotations

import asyncio

from byre.client.clock import SystemClock
from byre.client.connection.requester import TIMEOUT_S


class HastyClock(SystemClock):
    """Sleeps a twentieth of a second at most; only the time limits of requests are kept."""

    def __init__(self) -> None:
        self._ahead_ms = 0

    def now_ms(self) -> int:
        return super().now_ms() + self._ahead_ms

    def skip(self, seconds: float) -> None:
        """Be so much later."""
        self._ahead_ms += int(seconds * 1000)

    async def sleep(self, seconds: float) -> None:
        """Sleep, but not for long."""
        await asyncio.sleep(seconds if seconds == TIMEOUT_S else min(seconds, 0.05))
