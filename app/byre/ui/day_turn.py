"""Midnight passes while the window is open: what says `11:20 PM` must say `Yesterday`."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from byre.ui import when
from byre.ui.look import Look

LOOK_EVERY_MS = 30_000
"""Not a timer until midnight: clocks are set, machines sleep, time zones change."""


class DayTurn(QObject):
    """`turned` when the local day is another one."""

    turned = Signal()

    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look
        self._day = when.day_key(look.now_ms())
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.VeryCoarseTimer)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Compare with the day that was."""
        day = when.day_key(self._look.now_ms())
        if day != self._day:
            self._day = day
            self.turned.emit()
