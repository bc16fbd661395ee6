"""A list of which one is chosen: rows with icon, words and a check mark."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout

from byre.ui import painting, tokens
from byre.ui.guard import guarded
from byre.ui.look import Look
from byre.ui.widgets.cards import Box, Line
from byre.ui.widgets.pressing import PlainButton


class _Choice(PlainButton):
    def __init__(self, look: Look, icon: str, words: Callable[[], str]) -> None:
        super().__init__()
        self._look, self._icon, self._words = look, icon, words
        self.setCheckable(True)
        self.setFixedHeight(56)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        look.live(self, self._say)

    def _say(self) -> None:
        self.setText(self._words())
        self.setAccessibleName(self.text())
        self.update()

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        rect = QRectF(self.rect())
        if self.underMouse():
            painting.box(painter, rect.adjusted(4, 4, -4, -4), 12, palette.row_hover)
        painting.icon(painter, self._look, 20, 18, self._icon, palette.text2, 20)
        weight = 600 if self.isChecked() else 500
        place = rect.adjusted(56, 0, -56, 0)
        painting.text(painter, self._look, place, self.text(), tokens.LABEL, palette.text, weight)
        if self.isChecked():
            painting.icon(painter, self._look, rect.right() - 40, 18, "check", palette.link, 20, 2)
        if self.hasFocus() and self._look.by_keys:
            painting.ring(painter, rect.adjusted(3, 3, -3, -3), palette.accent)
        painter.end()


class Choices(Box):
    """Options of (value, icon, words); `chosen(value)`."""

    chosen = Signal(str)

    def __init__(self, look: Look, options: Sequence[tuple[str, str, Callable[[], str]]], current: str) -> None:
        super().__init__(look, "card", line="line", radius=16)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, _Choice] = {}
        for at, (value, icon, words) in enumerate(options):
            if at:
                column.addWidget(Line(look))
            button = _Choice(look, icon, words)
            button.setChecked(value == current)
            button.clicked.connect(lambda _=False, v=value: self.chosen.emit(v))
            self._group.addButton(button)
            column.addWidget(button)
            self.buttons[value] = button
