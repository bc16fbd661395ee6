"""The QR box: always dark on white, whole pixels per module, with a spinner while an offer is being made."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QMenu, QWidget

from byre.ui import painting, tokens
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.qr import FREE_MODULES, qr_matrix


class QrBox(QWidget):
    """312 px. Its context menu, or Ctrl+C on it, copies the link address, for a phone without a camera.

    `copies` is not for what must be compared: that is looked at, not sent.
    """

    copied = Signal()

    def __init__(self, look: Look, size: int = 312, *, copies: bool = True) -> None:
        super().__init__()
        self._look = look
        self._uri = ""
        self._matrix: tuple[bytes, ...] = ()
        self._turn = 0
        self._message = ""
        self.setFixedSize(size, size)
        self._copies = copies
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if copies else Qt.FocusPolicy.NoFocus)
        self._timer = QTimer(self)
        self._timer.setInterval(40)
        self._timer.timeout.connect(self._spin)
        look.changed.connect(self.update)

    def show_uri(self, uri: str) -> None:
        """Draw the code of `uri`."""
        if uri == self._uri:
            return
        self._uri, self._message = uri, ""
        self._matrix = qr_matrix(uri)
        self._timer.stop()
        self.update()

    def show_preparing(self) -> None:
        """A spinner in place of the code."""
        self._uri, self._matrix, self._message = "", (), ""
        self._timer.start()
        self.update()

    def show_message(self, words: str) -> None:
        """A sentence in place of the code."""
        self._uri, self._matrix, self._message = "", (), words
        self._timer.stop()
        self.update()

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        line = None if palette.is_dark else palette.line
        painting.box(painter, QRectF(self.rect()), tokens.RADIUS_CARD, palette.qr_light, line)
        if self._matrix:
            self._modules(painter, palette.qr_dark)
        elif self._message:
            self._sentence(painter, palette.qr_dark)
        else:
            painter.setPen(QPen(QColor(palette.accent), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            middle = self.width() / 2
            painter.drawArc(QRectF(middle - 16, middle - 16, 32, 32), -self._turn * 16, 270 * 16)
        if self.hasFocus() and self._look.by_keys:
            painting.ring(painter, QRectF(self.rect()), palette.accent, tokens.RADIUS_CARD)
        painter.end()

    @guarded(None)
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self._uri or not self._copies:
            return
        self.open_menu(event.globalPos())

    @guarded(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._uri and event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        elif self._uri and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_menu(self.mapToGlobal(self.rect().center()))
        else:
            event.ignore()

    def open_menu(self, at: QPoint) -> None:
        """Offer to copy the address."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Copy the link address"), self._copy)
        menu.popup(at)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._uri)
        self.copied.emit()

    def _modules(self, painter: QPainter, colour: str) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        count = len(self._matrix)
        side = max(2, self.width() // (count + 2 * FREE_MODULES))
        corner = QPoint((self.width() - side * count) // 2, (self.height() - side * count) // 2)
        dark = QColor(colour)
        for y, row in enumerate(self._matrix):
            for x, bit in enumerate(row):
                if bit:
                    painter.fillRect(QRect(corner.x() + x * side, corner.y() + y * side, side, side), dark)

    def _sentence(self, painter: QPainter, colour: str) -> None:
        from byre.ui.textblock import lay_out

        block = lay_out(
            self._message, self._look.font(tokens.BODY), self.width() - 64, 24, align=Qt.AlignmentFlag.AlignHCenter
        )
        block.draw(painter, 32, (self.height() - block.height) / 2, colour)

    def _spin(self) -> None:
        self._turn = (self._turn + 12) % 360
        self.update()
