"""What lies in a profile's folder, entry by entry: nothing is passed over because it is no file or cannot be read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

FILE, LINK, OTHER, EMPTY, CLOSED = "file", "link", "no file", "empty folder", "closed folder"
_OURS_TO_SET = "user."
"""The other extended attributes are the system's: labels, access lists, capabilities."""


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


def attributes_below(directory: Path) -> Iterator[tuple[str, bytes]]:
    """(file or folder, value) of every extended attribute that a user can set, the folder itself as ".".

    Linux only: nothing of what other systems hang on files (alternate streams, resource forks) is read.
    """
    if not hasattr(os, "listxattr"):
        return
    names = {"."}
    for entry in entries_below(directory):
        names.update(each.as_posix() for each in (PurePath(entry.name), *PurePath(entry.name).parents))
    for name in sorted(names):
        path = directory / name
        with suppress(OSError):  # it went away, or lies where there are no such attributes
            for attribute in os.listxattr(path, follow_symlinks=False):
                if attribute.startswith(_OURS_TO_SET):
                    yield name, os.getxattr(path, attribute, follow_symlinks=False)


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
