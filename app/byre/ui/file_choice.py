"""Which file: Qt's dialog, or the desktop's, opened and never run.

Qt's own would ask in a loop of its own whether a file may be replaced or deleted, and tell that one is not there; a
lock that came meanwhile ended in a crash. None of it is left to it: what exists is asked about by a sheet of ours, what
is missing is told by whoever reads it, and files are neither deleted nor renamed here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from byre.ui.dialogs.question import Question
from byre.ui.dialogs.sheet import Sheet
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.plain import isolated, one_line


def choose_file(parent: QWidget, title: str, chosen: Callable[[str], object], *, is_picture: bool = False) -> None:
    """Let the user name a file to read."""
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    if is_picture:
        dialog.setNameFilter(tr("Pictures") + " (*.png *.jpg *.jpeg *.webp *.bmp *.gif)")
    _open(dialog, chosen)


def choose_new_file(
    look: Look,
    window: QWidget,
    title: str,
    *,
    name: str,
    chosen: Callable[[str], object],
    ask: Callable[[Sheet], object],
) -> None:
    """Let the user name a file to write, `name` at first; `ask` opens the question whether one that exists goes."""

    def picked(path: str) -> None:
        if not Path(path).exists():
            chosen(path)
            return
        shown = isolated(one_line(Path(path).name, 60))
        sheet = Question(
            look, window,
            lambda: tr("Replace {name}?", name=shown),
            lambda: tr("There is a file of this name already."),
            yes=lambda: tr("Replace"),
        )  # fmt: skip
        sheet.answered.connect(lambda yes: chosen(path) if yes else None)
        ask(sheet)

    dialog = QFileDialog(window, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
    dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
    dialog.selectFile(name)
    _open(dialog, picked)


def _open(dialog: QFileDialog, chosen: Callable[[str], object]) -> None:
    dialog.setOption(QFileDialog.Option.ReadOnly)
    dialog.fileSelected.connect(chosen)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
