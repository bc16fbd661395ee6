"""How this device is locked, and when it locks by itself: a choice only where a passphrase opens again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from byre.client.views import Status
from byre.ui.bridge import Bridge
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.settings.page import SettingsPage
from byre.ui.widgets.buttons import Button


class LockPage(SettingsPage):
    """`lock_change_wanted` when the user wants another passphrase, or none."""

    lock_change_wanted = Signal()

    def __init__(self, look: Look, choices: Callable[[str], str], bridge: Bridge) -> None:
        super().__init__(look, choices)
        self._has_passphrase = bridge.engine.account.status().has_passphrase
        self._titled, self._times = QVBoxLayout(), QVBoxLayout()
        self._choices = choices
        self.column.addLayout(self._titled)
        change = Button(look, lambda: tr("Change how Byre is locked…"), "soft", height=44, icon="key-round")
        change.clicked.connect(self.lock_change_wanted)
        self.put_widget(change, left=True)
        self.column.addSpacing(20)
        self.column.addLayout(self._times)
        self._fill()

    def refresh(self, status: Status) -> None:
        if status.has_passphrase != self._has_passphrase:
            self._has_passphrase = status.has_passphrase
            self._fill()

    def _fill(self) -> None:
        for column in (self._titled, self._times):
            while (item := column.takeAt(0)) is not None:
                widget = item.widget()
                if widget is not None:
                    widget.hide()
                    widget.deleteLater()
        title = SettingsPage(self.look, self._choices)
        title.put_title(
            lambda: tr("Locking"),
            (lambda: tr("Locking forgets the key in memory; the passphrase opens again."))
            if self._has_passphrase
            else (lambda: tr("There is no passphrase on this device, so there is nothing to lock with.")),
        )
        self._titled.addWidget(title)
        if self._has_passphrase:
            self._times.addWidget(self._timed())

    def _timed(self) -> SettingsPage:
        page = SettingsPage(self.look, self._choices)
        page.chosen.connect(self.chosen)
        minutes = [("1", 1), ("5", 5), ("10", 10), ("30", 30), ("60", 60)]
        page.put_choices(
            "ui.idle_minutes",
            [
                ("0", "lock", lambda: tr("Never by itself")),
                *((value, "lock", lambda m=m: tr("After %n minutes", m)) for value, m in minutes),
            ],
        )
        page.put_heading(lambda: tr("When the screen is locked"))
        page.put_choices(
            "ui.screen_lock",
            (
                ("on", "monitor", lambda: tr("Lock with the screen, and before sleep")),
                ("off", "monitor", lambda: tr("Stay open")),
            ),
        )
        return page
