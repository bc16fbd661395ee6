"""Where the data files lie: beside the checkout, inside the wheel or inside the frozen app. Data only."""

from __future__ import annotations

import sys
from pathlib import Path

import PySide6

from byre.errors import EnvironmentFault


def qt_folder() -> Path:
    """The folder of Qt's own `plugins/` and `translations/`.

    Qt takes its own place from a text in the format of settings: of a path with a comma, a semicolon, a quotation mark
    or a backslash in it something else is left, and no window opens.
    """
    home = Path(PySide6.__file__).resolve().parent
    return home / "Qt" if (home / "Qt").is_dir() else home


def resources_folder() -> Path:
    """The folder that holds `fonts/`, `icons/`, `logo/` and `translations/`.

    Raises:
        EnvironmentFault: `resources_missing` when the installation is incomplete.
    """
    frozen = getattr(sys, "_MEIPASS", None)
    here = Path(__file__).resolve()
    candidates = [here.parents[1] / "_resources", here.parents[3] / "resources"]
    if frozen is not None:
        candidates.insert(0, Path(str(frozen)) / "resources")
    for candidate in candidates:
        if (candidate / "manifest.json").is_file():
            return candidate
    raise EnvironmentFault("The resources folder is missing from this installation.", code="resources_missing")
