"""The data directory: one relay at a time in it, and how full its disk is."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import Final

from byre.errors import EnvironmentFault
from byre.relay.clock import Clock
from byre.relay.key_file import KeyFile, Random

LOOK_S: Final = 5.0


class DataDirectory:
    """A locked data directory.

    Args:
        path: made if missing (mode 0700).

    Raises:
        EnvironmentFault: "profile_in_use" (another relay runs in it), "io_error".
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._free_bytes, self._total_bytes = 1, 1
        self._free_percent = 100.0
        self._looked_s = float("-inf")
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(path / "relay.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            raise EnvironmentFault("The relay's data directory cannot be used.", code="io_error") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise EnvironmentFault("Another relay runs in this data directory.", code="profile_in_use") from None

    def keys(self, random: Random) -> KeyFile:
        """Return the key file, made new in an empty directory only.

        Raises:
            EnvironmentFault: "key_missing" when there are databases without their key file, "key_file_damaged".
        """
        path = self.path / "relay.keys"
        try:
            return KeyFile.restore(path, path.read_bytes())
        except FileNotFoundError:
            if any(self.path.glob("*.db")):
                raise EnvironmentFault(
                    "The data directory has databases but no relay.keys; nothing was changed.", code="key_missing"
                ) from None
            return KeyFile.create(path, random)
        except OSError:
            raise EnvironmentFault("The relay's key file cannot be read.", code="io_error") from None

    def free_percent(self) -> float:
        """Return how much of the disk is free, looked up every few seconds."""
        self._look()
        return self._free_percent

    def free_percent_after(self, size_bytes: int) -> float:
        """Return how much of the disk is free once so many more bytes are written."""
        self._look()
        return 100 * max(0, self._free_bytes - size_bytes) / self._total_bytes

    def _look(self) -> None:
        now_s = self._clock.monotonic_s()
        if now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            try:
                usage = shutil.disk_usage(self.path)
                self._free_bytes, self._total_bytes = usage.free, usage.total
            except OSError:
                self._free_bytes = 0
            self._free_percent = 100 * self._free_bytes / self._total_bytes

    def unlock(self) -> None:
        """Let another relay in."""
        os.close(self._lock)
