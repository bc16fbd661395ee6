"""Keeps this process's memory out of core dumps and away from other processes, and its files from other users.

Best effort, Linux first: `PR_SET_DUMPABLE` 0 refuses ptrace and /proc/PID/mem to the user's other programs,
`RLIMIT_CORE` 0 writes no core file. RAM itself, swap and hibernation images stay out of reach.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

_PR_GET_DUMPABLE = 3
_PR_SET_DUMPABLE = 4


@dataclass(frozen=True, slots=True)
class Hardening:
    """What holds now; False where the system has no such thing or refused."""

    no_core_files: bool
    not_dumpable: bool


def harden_process(*, dumpable: bool = False) -> Hardening:
    """Make new files private, switch core files off, refuse inspection by others unless `dumpable`. Never raises.

    The relay stays dumpable: it holds nothing that can be read, and its operator watches it through /proc/PID/io.
    """
    os.umask(0o077)  # files of a profile are their owner's, also when its folder was copied somewhere else
    return Hardening(no_core_files=_forbid_core_files(), not_dumpable=not dumpable and _forbid_dumping())


def _forbid_core_files() -> bool:
    try:
        import resource
    except ImportError:  # Windows
        return False
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        return False
    return resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)


def _forbid_dumping() -> bool:
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    return int(libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0)) == 0
