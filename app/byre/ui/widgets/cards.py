"""Surfaces: cards with a shadow, soft boxes, lines, and pages that scroll when the window is small."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from byre.ui import painting, tokens
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.widgets.field_in_sight import FieldInSight
from byre.ui.widgets.overlay_bar import OverlayBar


def rebuilt(widget: QWidget) -> None:
    """Tell the layouts above that `widget` was filled anew; Qt keeps stale heights-for-width otherwise."""

    def refresh() -> None:
        at: QWidget | None = widget
        while at is not None and not at.isWindow():
            layout = at.layout()
            if layout is not None:
                layout.invalidate()
                layout.activate()
            at.updateGeometry()
            at = at.parentWidget()

    refresh()
    QTimer.singleShot(0, widget, refresh)


class Surface(QWidget):
    """A widget filled with one palette colour, optionally with a line at one side."""

    def __init__(self, look: Look, colour: str, *, line: str = "") -> None:
        super().__init__()
        self._look, self._colour, self._line = look, colour, line
        look.changed.connect(self.update)

    def set_line(self, line: str) -> None:
        """Draw the line at another side, or nowhere."""
        self._line = line
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette = self._look.palette
        painter.fillRect(event.rect(), QColor(getattr(palette, self._colour)))
        line = QColor(palette.line)
        if "bottom" in self._line:
            painter.fillRect(0, self.height() - 1, self.width(), 1, line)
        if "top" in self._line:
            painter.fillRect(0, 0, self.width(), 1, line)
        if "right" in self._line:
            painter.fillRect(self.width() - 1, 0, 1, self.height(), line)
        if "left" in self._line:
            painter.fillRect(0, 0, 1, self.height(), line)
        painter.end()


class Box(QWidget):
    """A rounded box in one colour."""

    def __init__(
        self, look: Look, fill: str | None, *, line: str | None = None, radius: float = 12, width: float = 1
    ) -> None:
        super().__init__()
        self._look, self._fill, self._line, self._radius, self._width = look, fill, line, radius, width
        look.changed.connect(self.update)

    def set_colours(self, fill: str | None, line: str | None = None) -> None:
        """Use other palette colours."""
        self._fill, self._line = fill, line
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        fill = getattr(palette, self._fill) if self._fill else None
        line = getattr(palette, self._line) if self._line else None
        painting.box(painter, QRectF(self.rect()), self._radius, fill, line, self._width)
        painter.end()


class Line(QWidget):
    """A 1 px line."""

    def __init__(self, look: Look, *, vertical: bool = False) -> None:
        super().__init__()
        self._look = look
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._look.palette.line))
        painter.end()


class Card(QWidget):
    """A card of fixed width with a shadow that needs `MARGIN` free pixels around it (part of the widget)."""

    MARGIN = 28

    def __init__(self, look: Look, width: int, height: int | None = None) -> None:
        super().__init__()
        self._look = look
        self._size = (width, height)
        self.body = QWidget(self)
        self._outer = QVBoxLayout(self)
        self._outer.addWidget(self.body)
        self.fit(10_000)
        look.changed.connect(self.update)

    def fit(self, available: int) -> None:
        """Be as wide as designed, or as the window allows."""
        width, height = self._size
        narrow = width > available - 2 * self.MARGIN
        margin = 12 if narrow else self.MARGIN
        self._outer.setContentsMargins(margin, margin, margin, margin)
        if narrow:
            self.setFixedWidth(max(240, available))
            self.setMinimumHeight(0)
            self.setMaximumHeight(16_777_215)
        else:
            self.setFixedWidth(width + 2 * self.MARGIN)
            if height is not None:
                self.setFixedHeight(height + 2 * self.MARGIN)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.body.geometry())
        painting.shadow(painter, rect, tokens.RADIUS_CARD, self._look)
        painting.box(painter, rect, tokens.RADIUS_CARD, self._look.palette.card, self._look.palette.line)
        painter.end()


class ScrollPage(QScrollArea):
    """A page whose content keeps its design and scrolls when it does not fit."""

    def __init__(self, look: Look, colour: str = "panel") -> None:
        super().__init__()
        self._look = look
        self._colour = colour
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # as a stop of Tab it would show nothing
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        look.live(self, lambda: self.setAccessibleName(tr("Content")))
        self.content = Surface(look, colour)
        self.setWidget(self.content)
        self._bar = OverlayBar(self)
        FieldInSight(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 200)
