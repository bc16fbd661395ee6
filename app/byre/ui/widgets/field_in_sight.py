"""Scrolls to a field that gets the focus without Tab: by Enter in the field before it, or for what is wrong in it.

Buttons are left where they are: a sheet with a long text and the focus on its last button is read from above.
"""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QScrollArea, QWidget

from byre.ui.guard import guarded

AROUND = 50


class FieldInSight(QObject):
    """Watches one area; lives and dies with it."""

    def __init__(self, area: QScrollArea) -> None:
        super().__init__(area)
        self._area = area
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focused)

    @guarded(None)
    def _focused(self, _before: QWidget | None, now: QWidget | None) -> None:
        content = self._area.widget() if shiboken6.isValid(self._area) else None  # it may be on its way out
        if not isinstance(now, QLineEdit) or content is None or not content.isAncestorOf(now):
            return
        if QApplication.mouseButtons() == Qt.MouseButton.NoButton:  # nothing moves under a press
            QTimer.singleShot(0, now, lambda: self._area.ensureWidgetVisible(now, 0, AROUND))
