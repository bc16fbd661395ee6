"""What the window does when the account removed this PC: the page, reading on, linking again, erasing."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from byre.ui.asking import Asking
from byre.ui.bridge import Bridge
from byre.ui.dialogs.question import Question
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.removed import RemovedPage


class Removal(QObject):
    """`linked_again` shows the QR page, `reading` the conversations, `erased` after everything is gone."""

    linked_again = Signal()
    reading = Signal()
    erased = Signal()

    def __init__(self, look: Look, bridge: Bridge, asking: Asking, window: QWidget) -> None:
        super().__init__(window)
        self._look, self._bridge, self._asking, self._window = look, bridge, asking, window
        self.is_reading = False
        self.page = RemovedPage(look)
        self.page.link_again.connect(self.linked_again)
        self.page.read.connect(self._read)
        self.page.erase.connect(self._ask)

    def _read(self) -> None:
        self.is_reading = True
        self.reading.emit()

    def _ask(self) -> None:
        sheet = Question(
            self._look,
            self._window,
            lambda: tr("Erase everything on this PC?"),
            lambda: tr("All conversations of this account are erased here, with their keys. This cannot be undone."),
            yes=lambda: tr("Erase"),
            no=lambda: tr("Keep it"),
        )

        def answered(yes: bool) -> None:
            if yes:
                self._bridge.run(self._bridge.engine.account.erase(), lambda _none: self.erased.emit())

        sheet.answered.connect(answered)
        self._asking.open(sheet)
