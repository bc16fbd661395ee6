"""A short notice at the bottom of the window, for errors and small news. It goes by itself and is announced."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from byre.ui import painting, tokens
from byre.ui.guard import guarded
from byre.ui.look import Look
from byre.ui.textblock import lay_out

SHOWN_MS = 6000


class Notice(QWidget):
    """One sentence over everything."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self._look = look
        self.words = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def tell(self, words: str) -> None:
        """Show `words` for a while."""
        self.words = words
        self.setAccessibleName(words)
        self.place()
        self.show()
        self.raise_()
        self._timer.start(SHOWN_MS)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def place(self) -> None:
        """Find the place in the window again."""
        parent = self._parent
        most = min(520, parent.width() - 48)
        block = lay_out(self.words, self._look.font(tokens.LABEL), most - 40, 20)
        width, height = int(block.width + 42), int(block.height + 24)
        self.setGeometry((parent.width() - width) // 2, parent.height() - height - 104, width, height)

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        painting.box(painter, QRectF(self.rect()), tokens.RADIUS, palette.text)
        block = lay_out(self.words, self._look.font(tokens.LABEL), self.width() - 40, 20)
        block.draw(painter, 20, 12, palette.canvas)
        painter.end()
