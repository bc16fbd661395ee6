"""When the first of the shown messages is over: none is to be seen after its time, whatever the store does."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Qt, QTimer

from byre.client.views import MessageView

LOOK_AT_TIMERS_EVERY_MS = 2_000
"""A timer of Qt does not notice that the machine slept, or that its clock was set."""


class EndTimer(QTimer):
    """Rings (`timeout`) when one of the messages is over, and before that now and then: whoever shows them looks."""

    def __init__(self, parent: QObject, now_ms: Callable[[], int]) -> None:
        super().__init__(parent)
        self._now_ms = now_ms
        self.setSingleShot(True)
        self.setTimerType(Qt.TimerType.PreciseTimer)  # a coarse one may ring a twentieth late

    def is_over(self, message: MessageView) -> bool:
        """Whether its time has passed."""
        return message.expires_at is not None and message.expires_at <= self._now_ms()

    def wind(self, messages: Iterable[MessageView | None]) -> None:
        """Ring for the first of them, at once for one that is over; not if a ring is due anyway."""
        if self.isActive():
            return
        ends = min((m.expires_at for m in messages if m is not None and m.expires_at is not None), default=None)
        if ends is not None:
            self.start(max(0, min(LOOK_AT_TIMERS_EVERY_MS, ends - self._now_ms())))
