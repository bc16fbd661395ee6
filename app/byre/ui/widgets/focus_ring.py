"""The focus line around a button, 3 px outside of it: a widget of its own, since a button cannot paint outside itself.

It lies on the nearest widget above that has the room for it, so that it scrolls with the button and is never cut.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from byre.ui import painting
from byre.ui.guard import guarded
from byre.ui.look import Look

GAP, WIDTH = 3, 2
_MOVES = (QEvent.Type.Move, QEvent.Type.Resize)


class FocusRing(QWidget):
    """Around `target` while it has the focus by keyboard; goes away with `leave`."""

    def __init__(self, look: Look, target: QWidget, radius: float) -> None:
        self._target = target
        self._watched: list[QWidget] = []
        super().__init__(self._ground())
        self._look, self._radius = look, radius
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        at: QWidget | None = target
        while at is not None and at is not self.parentWidget():
            self._watched.append(at)
            at.installEventFilter(self)
            at = at.parentWidget()
        self._place()
        self.show()

    def leave(self) -> None:
        """Vanish."""
        for widget in self._watched:
            widget.removeEventFilter(self)
        self._watched = []
        self.hide()
        self.deleteLater()

    def _rect_on(self, ground: QWidget) -> QRect:
        corner = self._target.mapTo(ground, QPoint(0, 0))
        out = GAP + WIDTH
        return QRect(corner, self._target.size()).adjusted(-out, -out, out, out)

    def _ground(self) -> QWidget:
        at = self._target.parentWidget()
        while at is not None and not at.isWindow() and not at.rect().contains(self._rect_on(at)):
            at = at.parentWidget()
        return at or self._target.window()

    def _place(self) -> None:
        ground = self.parentWidget()
        if ground is not None:
            self.setGeometry(self._rect_on(ground))
            self.raise_()

    @guarded(False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES:
            self._place()
        elif event.type() == QEvent.Type.Hide:
            self.hide()
        return False

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painting.ring(painter, QRectF(self.rect()), self._look.palette.accent, self._radius + GAP)
        painter.end()
