"""잠금모드: locks after minutes without a key or a move of the mouse, and when the screen is locked or the PC sleeps.

It only asks (`lock_wanted`); the window locks through the engine, which forgets its keys. Without a passphrase there
is nothing that a lock would keep out, so the window does not offer it then.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from byre.ui.guard import guarded

LOOK_EVERY_MS = 5_000
_INPUT = frozenset(
    (
        QEvent.Type.KeyPress,
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.InputMethod,
    )
)


def now_ms() -> int:
    """A clock that goes on while the machine sleeps: nobody touched it then."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return (time.monotonic_ns() if boot is None else time.clock_gettime_ns(boot)) // 1_000_000


class IdleWatch(QObject):
    """`lock_wanted` once per idle time. `idle_ms` is a method so that tests can replace it."""

    lock_wanted = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._minutes = 0
        self._since_ms = now_ms()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def set_minutes(self, minutes: int) -> None:
        """After how many minutes; 0 is never."""
        self._minutes = minutes
        application = QApplication.instance()
        if application is None:
            return
        application.removeEventFilter(self)
        if minutes > 0:
            self._since_ms = now_ms()
            application.installEventFilter(self)
            self._timer.start()
        else:
            self._timer.stop()

    def idle_ms(self) -> int:
        """How long nobody did anything here."""
        return now_ms() - self._since_ms

    def look(self) -> None:
        """Compare with the wished time."""
        if self._minutes > 0 and self.idle_ms() >= self._minutes * 60_000:
            self._since_ms = now_ms()
            self.lock_wanted.emit()

    @guarded(False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _INPUT:
            self._since_ms = now_ms()
        return False
