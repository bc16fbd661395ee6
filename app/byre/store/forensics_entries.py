"""What lies in a profile's folder, entry by entry: nothing is passed over because it is no file or cannot be read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILE, LINK, OTHER, EMPTY, CLOSED = "file", "link", "no file", "empty folder", "closed folder"


@dataclass(frozen=True, slots=True)
class Entry:
    """`name` is relative to the profile; `kind` one of the five above. Folders that hold something are not entries."""

    path: Path
    name: str
    kind: str


def entries_below(directory: Path) -> Iterator[Entry]:
    """Everything below a folder by name, links not followed. What goes away meanwhile is left out.

    Raises:
        OSError: the folder itself cannot be read.
    """
    with os.scandir(directory) as found:
        names = sorted(entry.name for entry in found)
    for name in names:
        yield from _of(directory / name, name)


def _of(path: Path, name: str) -> Iterator[Entry]:
    if path.is_symlink():
        yield Entry(path, name, LINK)
    elif path.is_file():
        yield Entry(path, name, FILE)
    elif path.is_dir():
        yield from _below(path, name)
    elif path.exists():
        yield Entry(path, name, OTHER)


def _below(path: Path, name: str) -> Iterator[Entry]:
    try:
        with os.scandir(path) as found:
            names = sorted(entry.name for entry in found)
    except FileNotFoundError:
        return
    except OSError:
        yield Entry(path, name, CLOSED)
        return
    if not names:
        yield Entry(path, name, EMPTY)
    for inside in names:
        yield from _of(path / inside, f"{name}/{inside}")
