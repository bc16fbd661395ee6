"""A disk whose writes or syncs end with EIO, put under one process of its own: see broken_disk.c."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

COMPILER = shutil.which("cc")
SOURCE = Path(__file__).with_suffix(".c")


class BrokenDisk:
    """Compiled into `folder`; well until `breaks` is called."""

    def __init__(self, folder: Path) -> None:
        assert COMPILER is not None
        self._library = folder / "broken_disk.so"
        self._place = folder / "disk-is-broken"
        subprocess.run(
            [COMPILER, "-shared", "-fPIC", "-O1", "-o", str(self._library), str(SOURCE), "-ldl"],
            check=True,
            capture_output=True,
            timeout=60,
        )

    @property
    def environment(self) -> dict[str, str]:
        """What the process needs to be started with."""
        return {"LD_PRELOAD": str(self._library), "BYRE_BROKEN_DISK": str(self._place)}

    def breaks(self, how: str) -> None:
        """From now on a "write" or a "sync" of a database or its log fails."""
        fresh = self._place.with_suffix(".new")
        fresh.write_text(how)
        fresh.replace(self._place)

    def heals(self) -> None:
        """All is well again."""
        self._place.unlink()
