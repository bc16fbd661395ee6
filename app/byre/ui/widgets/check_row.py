"""A box to tick with words beside it that may take several lines."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from byre.ui import painting, tokens
from byre.ui.guard import guarded
from byre.ui.look import Look
from byre.ui.widgets.labels import PlainLabel
from byre.ui.widgets.pressing import PlainButton


class CheckRow(PlainButton):
    """Ticked or not; `words` and, smaller, what that means. The box begins where other content does."""

    def __init__(self, look: Look, words: Callable[[], str], why: Callable[[], str]) -> None:
        super().__init__()
        self._look = look
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        row = QHBoxLayout(self)
        row.setContentsMargins(32, 8, 8, 10)
        column = QVBoxLayout()
        column.setSpacing(2)
        self.words = PlainLabel(look, tokens.LABEL, weight=600, wrap=True, text=words)
        self.why = PlainLabel(look, tokens.META, "text2", wrap=True, text=why)
        column.addWidget(self.words)
        column.addWidget(self.why)
        row.addLayout(column, 1)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        look.live(self, lambda: self._name(words(), why()))

    def _name(self, words: str, why: str) -> None:
        self.setAccessibleName(words)
        self.setAccessibleDescription(why)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return layout.heightForWidth(width) if layout is not None else 40

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        mark = QRectF(0, 9, 20, 20)
        if self.isChecked():
            painting.box(painter, mark, 6, palette.accent)
            painting.icon(painter, self._look, 2, 11, "check", palette.on_accent, 16, 3)
        else:
            painting.box(painter, mark, 6, palette.canvas, palette.text3, 1.5)
        if self.hasFocus() and self._look.by_keys:
            painting.ring(painter, QRectF(self.rect()).adjusted(24, 2, -2, -2), palette.accent)
        painter.end()
