"""The bar that finds inside one room: field, how many, previous, next."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout

from byre.ui import tokens
from byre.ui.announcing import announce
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.widgets.buttons import IconButton
from byre.ui.widgets.cards import Surface
from byre.ui.widgets.fields import Field
from byre.ui.widgets.labels import PlainLabel


class FindBar(Surface):
    """56 px on panel colour under the header."""

    edited = Signal(str)
    step = Signal(int)
    date_wanted = Signal()
    closed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "panel", line="bottom")
        self.setFixedHeight(56)
        self._narrow = False
        self._told = (0, 0, False)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(20, 0, 20, 0)
        row.setSpacing(4)
        self.field = Field(look, lambda: tr("Search in this room"), icon="search", clear=True)
        self.field.setMaximumWidth(420)
        self.field.edited.connect(self.edited)
        self.field.submitted.connect(lambda: self.step.emit(-1))
        self.field.key.connect(self._key)
        row.addWidget(self.field, 2)
        row.addSpacing(8)
        self.count = PlainLabel(look, tokens.LABEL, "text2", weight=400, tabular=True)
        row.addWidget(self.count, 1)
        self.date_button = IconButton(look, "calendar-days", lambda: tr("Go to a date"))
        self.date_button.clicked.connect(self.date_wanted)
        row.addWidget(self.date_button)
        older = IconButton(look, "chevron-up", lambda: tr("Previous (Shift+F3)"))
        newer = IconButton(look, "chevron-down", lambda: tr("Next (F3)"))
        close = IconButton(look, "x", lambda: tr("Close the search"))
        older.clicked.connect(lambda: self.step.emit(-1))
        newer.clicked.connect(lambda: self.step.emit(1))
        close.clicked.connect(self.closed)
        for button in (older, newer, close):
            row.addWidget(button)
        look.live(self, self._say)
        self.hide()

    def tell(self, at: int, total: int, *, has_more: bool = False) -> None:
        """Say which of how many; `has_more`: older ones were not counted yet."""
        self._told = (at, total, has_more)
        self._say()

    def set_narrow(self, narrow: bool) -> None:
        """One pane: smaller margins, the count in figures."""
        self._narrow = narrow
        self._row.setContentsMargins(*((8, 0, 6, 0) if narrow else (20, 0, 20, 0)))
        self._row.setSpacing(0 if narrow else 4)
        self._row.setStretchFactor(self.count, 0 if narrow else 1)
        self._say()

    def _say(self) -> None:
        at, total, has_more = self._told
        words = tr("{at} of %n in this room", total, at=at) if total else ""
        if has_more:
            words = tr("{at} of more than %n in this room", total, at=at)
        if not total and self.field.text().strip():
            words = tr("Nothing found in this room")
        if words != self.count.accessibleName():
            announce(self, words)
        self.count.setAccessibleName(words)
        if self._narrow and (total or words):
            words = f"{at}/{total}{'+' if has_more else ''}"
        self.count.set_text(words)

    def _key(self, key: int) -> None:
        if key == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            self.step.emit(-1 if key == Qt.Key.Key_Up else 1)
