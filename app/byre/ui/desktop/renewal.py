"""Begins the process anew after a wipe where no lock ever does: key mode A, once nobody has done anything for a while.

What was erased stays in the memory of the process that held it. With a passphrase the next lock ends that process;
without one there is nothing to lock, and nothing to be asked when it begins again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from byre.client.events import RoomErased
from byre.client.views import Status
from byre.ui.bridge import Bridge
from byre.ui.desktop.idle import IdleWatch

if TYPE_CHECKING:
    from byre.ui.main_window import MainWindow

IDLE_MINUTES = 5


class Renewal(QObject):
    """Watches one window's engine for wipes. `begin` is called once drafts are stored; it ends the process."""

    def __init__(self, window: MainWindow, bridge: Bridge, begin: Callable[[], None]) -> None:
        super().__init__(window)
        self._window, self._bridge, self._begin = window, bridge, begin
        self.watch = IdleWatch(self)
        self.watch.lock_wanted.connect(self._idle)
        self._is_beginning = False
        bridge.happened.connect(self._happened)

    def _happened(self, event: object) -> None:
        if isinstance(event, RoomErased):
            self.watch.set_minutes(IDLE_MINUTES)

    def _idle(self) -> None:
        """Nobody did anything for so long. Where something is open, the watch asks again after the same time."""
        messenger = self._window.messenger
        if messenger is None or self._is_beginning or not self._may_begin(self._bridge.engine.account.status()):
            return
        self._is_beginning = True
        messenger.room_pane.put_away()
        self._bridge.run(self._bridge.written(), lambda _none: self._begin())

    def _may_begin(self, status: Status) -> bool:
        window = self._window
        is_open = (
            window.is_busy()
            or (window.desktop is not None and bool(window.desktop.windows))
            or QApplication.activeModalWidget() is not None
            or QApplication.activePopupWidget() is not None
        )
        return window.page_name == "chats" and not status.has_passphrase and not status.is_damaged and not is_open
