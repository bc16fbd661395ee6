"""The lock page and what leads to it and away from it: a lock on request, a passphrase, another try."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from byre.ui.asking import Asking
from byre.ui.bridge import Bridge
from byre.ui.copying import Copying
from byre.ui.look import Look
from byre.ui.pages.lock import LockPage

TEXTS_WAIT_S = 3
"""With the next, what a desktop grants before it sleeps (login1: 5 s)."""
DRAFTS_WAIT_S = 1
LOCK_WITHIN_MS = 15_000
"""Then the process begins anew, whatever holds the store: its memory has the key. A wipe goes on at the next start."""


class Locking(QObject):
    """`changed` when the profile was opened or locked: another page is due. `overdue` when a lock takes too long."""

    changed = Signal()
    overdue = Signal()

    def __init__(self, look: Look, bridge: Bridge, asking: Asking, copying: Copying, window: QWidget) -> None:
        super().__init__(window)
        self._look, self._bridge, self._asking, self._copying = look, bridge, asking, copying
        self.page: LockPage | None = None
        self.is_under_way = False
        self.deadline = QTimer(self)
        self.deadline.setSingleShot(True)
        self.deadline.setTimerType(Qt.TimerType.PreciseTimer)  # a coarse one may ring a twentieth late
        self.deadline.setInterval(LOCK_WITHIN_MS)
        self.deadline.timeout.connect(self.overdue)

    def made_page(self) -> LockPage:
        """The page, made when it is needed first."""
        if self.page is None:
            self.page = LockPage(self._look)
            self.page.unlock.connect(self.unlock)
            self.page.forgotten.connect(self._asking.forgotten)
            self.page.stuck.connect(self._copying.stuck)
        return self.page

    def ask(self) -> None:
        """Ask for what opens this profile now; the page is in sight."""
        status = self._bridge.engine.account.status()
        self.made_page().show_locked(status.has_passphrase, "db_damaged" if status.is_damaged else "")

    def unlock(self, passphrase: str) -> None:
        """Open the profile; what went wrong is said on the page."""
        page = self.page
        if page is None:
            return

        def opened(_none: None) -> None:
            page.forget()
            self.changed.emit()

        self._bridge.run(self._bridge.engine.account.unlock(passphrase or None), opened, page.fail)

    def try_again(self) -> None:
        """Something has changed outside: open without a passphrase, or ask for it anew."""
        if self.page is not None and not self.page.ask_again():
            self.unlock("")

    @property
    def can_lock(self) -> bool:
        """Whether this engine locks on request."""
        return hasattr(self._bridge.engine.account, "lock")

    def lock_now(self) -> None:
        """Lock; `page` covers the window already. All that was written is put by first, but not for ever."""
        self.is_under_way = True
        self.made_page().show_locking()
        self.deadline.start()
        account: Any = self._bridge.engine.account

        async def save_then_lock() -> None:
            await self._bridge.put_by(TEXTS_WAIT_S, DRAFTS_WAIT_S)
            await account.lock()

        def failed(code: str) -> None:
            self._end()
            self._bridge.failed.emit(code)

        self._bridge.run(save_then_lock(), lambda _none: self._end(), failed)

    def _end(self) -> None:
        self.deadline.stop()
        self.is_under_way = False
        self.changed.emit()
