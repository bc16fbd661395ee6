"""A folder on a real disk, for what is counted there: temporary folders lie in memory where they can."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def written_bytes(process_id: int) -> int:
    """What the kernel counted as written to storage for a process."""
    lines = Path(f"/proc/{process_id}/io").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("write_bytes:")))


def counts_writes(folder: Path) -> bool:
    """Whether the kernel counts what a process writes to this folder: it does not on a tmpfs."""
    before = written_bytes(os.getpid())
    with (folder / "probe").open("wb") as file:
        file.write(bytes(4096))
        os.fsync(file.fileno())
    return written_bytes(os.getpid()) > before


@contextmanager
def on_disk(folder: Path) -> Iterator[Path]:
    """Give `folder`, or another one for the time being, where the kernel counts what a process writes."""
    if counts_writes(folder):
        yield folder
        return
    build = Path(__file__).resolve().parents[1] / "build"
    build.mkdir(exist_ok=True)
    for place in (Path("/var/tmp"), build):
        with tempfile.TemporaryDirectory(prefix="byre-test-", dir=place) as name:
            if counts_writes(Path(name)):
                yield Path(name)
                return
    raise AssertionError("no folder here lies on a disk")
