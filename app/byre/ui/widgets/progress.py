"""An 8 px bar that fills."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from byre.ui import painting
from byre.ui.guard import guarded
from byre.ui.look import Look


class ProgressBar(QWidget):
    """`fraction` is 0..1."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.fraction = 0.0
        self.setFixedHeight(8)
        look.changed.connect(self.update)

    def show_fraction(self, fraction: float) -> None:
        """Fill so far, never back."""
        self.fraction = max(self.fraction, min(1.0, fraction))
        self.setAccessibleDescription(f"{int(self.fraction * 100)} %")
        self.update()

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        painting.box(painter, rect, 4, self._look.palette.field)
        rect.setWidth(max(8.0, rect.width() * self.fraction))
        painting.box(painter, rect, 4, self._look.palette.accent)
        painter.end()
