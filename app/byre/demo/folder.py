"""The demo's throw-away folder: gone when the demo ends, kept with its logs when a step failed.

A demo that was killed cannot clean up: the next one does it. A folder whose lock nobody holds belongs to nobody.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path

from byre.errors import EnvironmentFault
from byre.system.instance import LOCK_NAME, ProfileLock

PREFIX = "byre-demo-"
KEPT = "kept"


class DemoFolder:
    """A new folder in `parent` (the system's temporary folder), held until `close`."""

    def __init__(self, parent: Path | None = None) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        self._lock = ProfileLock(self.path)

    def keep(self) -> None:
        """Leave the folder to the user: neither `close` nor a later demo removes it."""
        (self.path / KEPT).touch()

    def close(self) -> None:
        """Remove the folder unless it is kept."""
        if not (self.path / KEPT).exists():
            shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()


def sweep(parent: Path | None = None) -> int:
    """Remove what killed demos of this user left behind; return how many folders went."""
    removed = 0
    for path in sorted((parent or Path(tempfile.gettempdir())).glob(f"{PREFIX}*")):
        if _is_abandoned(path):
            shutil.rmtree(path, ignore_errors=True)
            removed += not path.exists()
    return removed


def _is_abandoned(path: Path) -> bool:
    try:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "geteuid") and found.st_uid != os.geteuid()):
            return False
        if not (path / LOCK_NAME).is_file() or (path / KEPT).exists():
            return False
        with ProfileLock(path):
            return True
    except (EnvironmentFault, OSError):  # held by a running demo, somebody else's, or going at this moment
        return False
