"""Starts this program anew in the place of itself: what its memory held goes with it.

Python cannot overwrite a text, and copies of a key stay in memory that was freed. The system gives a process that
begins nothing of the one before, so a window that was locked begins again. No secret is handed over: arguments, the
environment and what `state` names are all that the new one knows.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

STATE = "BYRE_WINDOW"
"""Environment variable that carries the window's place; taken out again by `taken_state`."""


def relaunch(state: str, *, without: str | None) -> NoReturn:
    """Replace this process by a new one of the same command without the argument `without`, which was dealt with.

    Raises:
        OSError: the program is not there any more.
    """
    command = command_line(sys.orig_argv, sys.argv, is_frozen=getattr(sys, "frozen", False), without=without)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os.execve(sys.executable, command, environment(os.environ, state))


def taken_state() -> str:
    """What the process before left; empty at a first start."""
    return os.environ.pop(STATE, "")


def command_line(
    original: Sequence[str], arguments: Sequence[str], *, is_frozen: bool, without: str | None
) -> list[str]:
    """What started this process. A frozen program is its own interpreter: it has no arguments for one."""
    words = arguments[1:] if is_frozen else original[1:]
    return [sys.executable, *(word for word in words if word != without)]


def environment(present: Mapping[str, str], state: str) -> dict[str, str]:
    """The new process's; the second variable tells a frozen program that it is no child of the first."""
    return {**present, STATE: state, "PYINSTALLER_RESET_ENVIRONMENT": "1"}
