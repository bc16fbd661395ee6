"""How much memory the relay's process uses, looked up now and then: near its cap it stores nothing more."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from byre.relay.clock import Clock

LOOK_S: Final = 5.0
STATM: Final = Path("/proc/self/statm")


class Memory:
    """The process's resident memory against its cap.

    Args:
        cap_bytes: four fifths of it are "short"; 0 for no cap.
        statm: where the kernel tells; where it does not, memory is never short.
    """

    def __init__(self, cap_bytes: int, clock: Clock, *, statm: Path = STATM) -> None:
        self._cap_bytes = cap_bytes
        self._clock = clock
        self._statm = statm
        self._used_bytes = 0
        self._looked_s = float("-inf")

    def used_bytes(self) -> int:
        """Return the resident memory as of the last look."""
        now_s = self._clock.monotonic_s()
        if now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            try:
                self._used_bytes = int(self._statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            except (OSError, ValueError, IndexError):
                self._used_bytes = 0
        return self._used_bytes

    def is_short(self) -> bool:
        """Tell whether more than four fifths of the cap are in use."""
        return bool(self._cap_bytes) and self.used_bytes() > self._cap_bytes * 4 // 5
