"""A mark that lies on a widget for a moment: where the search jumped to."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from byre.ui import painting
from byre.ui.guard import guarded
from byre.ui.look import Look

SHOWN_MS = 1_400


class FlashMark(QWidget):
    """Over `target`, in the colour of hits; goes by itself."""

    def __init__(self, look: Look, target: QWidget) -> None:
        super().__init__(target.parentWidget())
        self._look = look
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(target.geometry().adjusted(-6, -4, 6, 4))
        self.lower()
        self.show()
        QTimer.singleShot(SHOWN_MS, self, self.deleteLater)

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(self._look.palette.hit)
        colour.setAlpha(150)
        painting.box(painter, QRectF(self.rect()), 8, colour)
        painter.end()
