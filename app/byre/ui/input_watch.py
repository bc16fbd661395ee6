"""Whether the user works by keys or by the mouse, so that focus lines appear only for those who need them.

A button that gets the focus because a sheet opened shows its line after a key press, not after a click. Tab always
shows it.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QWindow

from byre.ui.guard import guarded
from byre.ui.look import Look

_KEYS = (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)


class InputWatch(QObject):
    """Watches one window of the system, not every widget in it."""

    def __init__(self, look: Look, window: QWindow) -> None:
        super().__init__(window)
        self._look = look
        window.installEventFilter(self)

    @guarded(False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress:
            self._look.by_keys = False
        elif kind in _KEYS:
            self._look.by_keys = True
        return False
