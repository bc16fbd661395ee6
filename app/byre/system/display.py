"""Whether this session has a screen that answers: asked before Qt, which would end the process where there is none.

Linux only; other systems always have one. What `QT_QPA_PLATFORM` names besides X and Wayland needs none.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from byre.errors import EnvironmentFault

_ANSWER_S = 2.0
_X_DISPLAY = re.compile(r"(?:(?P<protocol>\w+)/)?(?P<host>[^:]*|\[.*\]):(?P<number>\d{1,5})(?:\.\d+)?\Z")
_X_FOLDER = "/tmp/.X11-unix"
_X_PORT = 6000
_SCREENS = ("xcb", "wayland")


def require_display(environment: Mapping[str, str] = os.environ, *, platform: str = sys.platform) -> None:
    """Return if a window can be opened.

    Raises:
        EnvironmentFault: `no_display` if the session names no screen, or none that it names answers, or none of the
            kind that `QT_QPA_PLATFORM` asks for.
    """
    asked_for = environment.get("QT_QPA_PLATFORM", "")
    kinds = [name.partition(":")[0] for name in asked_for.split(";") if name]  # Qt tries one after the other
    if platform != "linux" or any(not kind.startswith(_SCREENS) for kind in kinds):
        return
    display, wayland = environment.get("DISPLAY", ""), environment.get("WAYLAND_DISPLAY", "")
    if not display and not wayland:
        raise EnvironmentFault("There is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set.", code="no_display")
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    has_x = bool(display) and _may_use(kinds, "xcb") and _x_answers(display)
    if has_x or (bool(wayland) and _may_use(kinds, "wayland") and _answers(str(Path(runtime) / wayland))):
        return
    if kinds:
        raise EnvironmentFault(
            f"No screen answers of the kind QT_QPA_PLATFORM asks for: {asked_for}.", code="no_display"
        )
    raise EnvironmentFault("The screen that DISPLAY or WAYLAND_DISPLAY names does not answer.", code="no_display")


def _may_use(kinds: Sequence[str], kind: str) -> bool:
    """Whether Qt would try it; asked for nothing, it tries both."""
    return not kinds or any(asked.startswith(kind) for asked in kinds)


def _x_answers(display: str) -> bool:
    """X(7), "DISPLAY NAMES": `:N` is a socket in the file system or in the abstract name space, `host:N` is TCP."""
    if display.startswith("/"):
        return _answers(display)
    named = _X_DISPLAY.match(display)
    if named is None:
        return False
    number = int(named["number"])
    if named["host"] in ("", "unix") or named["protocol"] == "unix":
        path = f"{_X_FOLDER}/X{number}"
        return _answers(path) or _answers(f"\0{path}")
    try:
        socket.create_connection((named["host"].strip("[]"), _X_PORT + number), _ANSWER_S).close()
    except (OSError, OverflowError, UnicodeError):
        return False
    return True


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as stream:
        stream.settimeout(_ANSWER_S)
        try:
            stream.connect(path)
        except (OSError, ValueError):
            return False
    return True
