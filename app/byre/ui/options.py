"""What whoever opens the window may choose."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass, field

from byre.ui.i18n import Language
from byre.ui.look import Theme


def default_device_name() -> str:
    """The machine's own name, which other own devices will see."""
    return platform.node().split(".")[0][:40] or "PC"


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """`role_hint` is `linked` or `primary`; `relay` is the base URL offered at the first run, None asks the user.

    `placement` is where a window stood that this one goes on for. `start_anew`, if given, is told the placement once
    conversations that were open have been locked; the window closes then, and its process is to begin again.
    """

    role_hint: str = "linked"
    width: int = 1280
    height: int = 820
    relay: str | None = None
    device_name: str = field(default_factory=default_device_name)
    theme: Theme | None = None
    language: Language | None = None
    title_suffix: str = ""
    placement: str = ""
    start_anew: Callable[[str], None] | None = None
