"""A code that is shown once, to be written on paper: in groups, said letter by letter, never on the clipboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout

from byre.ui import tokens
from byre.ui.look import Look
from byre.ui.widgets.cards import Box
from byre.ui.widgets.labels import PlainLabel

_IN_A_ROW = 4


class CodeBox(Box):
    """`name(letters)` is what a screen reader says of it."""

    def __init__(self, look: Look, code: str, name: Callable[[str], str]) -> None:
        super().__init__(look, "field")
        inside = QVBoxLayout(self)
        inside.setContentsMargins(20, 18, 20, 18)
        middle = Qt.AlignmentFlag.AlignHCenter
        self._label = PlainLabel(look, tokens.DISPLAY, weight=700, wrap=True, align=middle, tabular=True)
        groups = code.split("-")
        rows = (groups[at : at + _IN_A_ROW] for at in range(0, len(groups), _IN_A_ROW))
        self._label.set_text("\u2028".join("  ".join(row) for row in rows))
        self._spoken = ", ".join(" ".join(group) for group in groups)
        look.live(self, lambda: self._label.setAccessibleName(name(self._spoken) if self._spoken else ""))
        inside.addWidget(self._label)

    def text(self) -> str:
        """The code as it is shown."""
        return self._label.text().replace("\u2028", "  ")

    def forget(self) -> None:
        """Show it no more."""
        self._spoken = ""
        self._label.set_text("")
        self._label.setAccessibleName("")
