"""A thin scroll bar over the content instead of beside it, so that widths stay as designed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QScrollBar

from byre.ui.guard import guarded

WIDTH = 10


class OverlayBar(QScrollBar):
    """Mirrors the area's own vertical bar, which is never shown. With `on_hover` only while the mouse is there."""

    def __init__(self, area: QAbstractScrollArea, *, on_hover: bool = False) -> None:
        super().__init__(Qt.Orientation.Vertical, area)
        self._area = area
        self._on_hover = on_hover
        self._is_over = False
        self._source = area.verticalScrollBar()
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._source.rangeChanged.connect(self._ranged)
        self._source.valueChanged.connect(self.setValue)
        self.valueChanged.connect(self._source.setValue)
        area.installEventFilter(self)
        self._ranged(self._source.minimum(), self._source.maximum())

    def _ranged(self, low: int, high: int) -> None:
        self.setPageStep(self._source.pageStep())
        self.setSingleStep(self._source.singleStep())
        self.setRange(low, high)
        self.setValue(self._source.value())
        self._show()

    def _show(self) -> None:
        wanted = self.maximum() > self.minimum() and (self._is_over or not self._on_hover)
        if wanted != self.isVisibleTo(self._area):
            self.setVisible(wanted)
            self.raise_()

    @guarded(False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Resize:
            self.setGeometry(self._area.width() - WIDTH, 0, WIDTH, self._area.height())
        elif kind in (QEvent.Type.Enter, QEvent.Type.Leave) and self._on_hover:
            self._is_over = kind == QEvent.Type.Enter
            self._show()
        return False
