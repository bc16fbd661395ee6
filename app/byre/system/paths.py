"""Where Byre's files lie: the XDG base directories on Linux, their counterparts on Windows and macOS.

Nothing here creates a folder but `private_folder`, which makes it readable by its owner only. The environment and
the platform are passed in by tests; a relative XDG value is ignored, as the XDG specification asks.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from byre.errors import EnvironmentFault

APP = "byre"
MOST_PATH_BYTES = 440
"""SQLite opens paths of up to 512 bytes; the rest is for the names of a profile's files."""


def data_folder(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path:
    """The folder that holds the profiles; not created."""
    env = os.environ if environment is None else environment
    home = Path(env.get("HOME") or env.get("USERPROFILE") or Path.home())
    if platform == "win32":
        return Path(env.get("LOCALAPPDATA") or home / "AppData" / "Local") / "Byre"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "Byre"
    return _absolute(env.get("XDG_DATA_HOME"), home / ".local" / "share") / APP


def default_profile(role: str, environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path:
    """The profile of this user for `role` (`linked` or `primary`): the two never share one."""
    return data_folder(environment, platform) / ("phone" if role == "primary" else "profile")


def runtime_folder(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path | None:
    """The folder for sockets that die with the login session, or None where the system offers none."""
    env = os.environ if environment is None else environment
    value = env.get("XDG_RUNTIME_DIR", "")
    if platform == "win32" or not value.startswith("/"):
        return None
    return Path(value) / APP


def private_folder(folder: Path) -> Path:
    """Create `folder` (and its parents) for its owner only and return it.

    Raises:
        EnvironmentFault: `no_folder`: it cannot be made, something else has its name, its path is too long, or it is
            one that everybody shares (as /tmp is): closing that would shut out others.
    """
    if len(os.fsencode(folder.absolute())) > MOST_PATH_BYTES:
        sentence = f"the path of the folder is too long: it may have {MOST_PATH_BYTES} bytes"
        raise EnvironmentFault(sentence, code="no_folder")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = folder.stat().st_mode if os.name == "posix" else 0
        if mode & stat.S_ISVTX:
            raise EnvironmentFault(f"the folder {folder} is shared with others: name one below it", code="no_folder")
        if mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise EnvironmentFault(f"the folder {folder} cannot be used: {error.strerror}", code="no_folder") from None
    return folder


def _absolute(value: str | None, fallback: Path) -> Path:
    return Path(value) if value and value.startswith("/") else fallback
