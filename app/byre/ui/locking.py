"""The lock page and what leads to it and away from it: a lock on request, a passphrase, another try."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from byre.ui.asking import Asking
from byre.ui.bridge import Bridge
from byre.ui.copying import Copying
from byre.ui.look import Look
from byre.ui.messenger import Messenger
from byre.ui.pages.lock import LockPage


class Locking(QObject):
    """`changed` when the profile was opened or locked, and another page is due."""

    changed = Signal()

    def __init__(self, look: Look, bridge: Bridge, asking: Asking, copying: Copying, window: QWidget) -> None:
        super().__init__(window)
        self._look, self._bridge, self._asking, self._copying = look, bridge, asking, copying
        self.page: LockPage | None = None

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

    def lock_now(self, messenger: Messenger) -> None:
        """Lock, once all that was written is in the store."""
        lock = getattr(self._bridge.engine.account, "lock", None)
        if lock is None:
            return
        messenger.room_pane.put_away()

        async def save_then_lock() -> None:
            await self._bridge.written()
            await lock()

        self._bridge.run(save_then_lock(), lambda _none: self.changed.emit())
