"""The clocks of disappearing messages: rung when the words beside one of those in sight change, never for the rest.

A tick repaints the little clocks alone; a row is laid out again only when its words take another room. Nothing ticks
while no running timer is painted.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer

from byre.client.views import MessageView
from byre.ui.timers import next_words_ms
from byre.ui.transcript.listview import AnchoredList
from byre.ui.transcript.rowlayout import RowLayout, timer_shown, timer_width
from byre.ui.transcript.rowpaint import meta_rect

LONGEST_MS = 86_400_000


class Clocks(QObject):
    """Belongs to one transcript."""

    def __init__(self, view: AnchoredList) -> None:
        super().__init__(view)
        self._view = view
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.timeout.connect(self.tick)

    def wind(self) -> None:
        """After a paint: ring when the first of the painted clocks says something else."""
        if self.timer.isActive():
            return
        now = self._view.look.now_ms()
        left = [next_words_ms(message.expires_at - now) for _, message in self._running() if message.expires_at]
        if left:
            self.timer.start(min(*left, LONGEST_MS))

    def tick(self) -> None:
        """Repaint the clocks in sight."""
        view, other = self._view, []
        for (y, laid), message in self._running():
            if timer_width(timer_shown(message, view.look), view.look) == laid.timer_width:
                view.viewport().update(meta_rect(laid, y).toAlignedRect())
            else:
                other.append(laid.item.key)
        if other:
            view.lay_anew(other)

    def _running(self) -> Iterator[tuple[tuple[float, RowLayout], MessageView]]:
        for _, y, laid in self._view.visible:
            message = laid.item.message
            if message is not None and laid.timer_width and message.expires_at is not None:
                yield (y, laid), message
