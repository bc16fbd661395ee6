"""The way to a backup, and what one should know about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal

from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.settings.page import SettingsPage
from byre.ui.widgets.buttons import Button


class BackupPage(SettingsPage):
    """`backup_wanted` when the user wants one."""

    backup_wanted = Signal()

    def __init__(self, look: Look, choices: Callable[[str], str]) -> None:
        super().__init__(look, choices)
        self.put_title(
            lambda: tr("Backup"),
            lambda: tr("A backup is this device in one encrypted file: its keys, conversations and messages."),
        )
        make = Button(look, lambda: tr("Make a backup…"), "primary", height=44, icon="archive")
        make.clicked.connect(self.backup_wanted)
        self.put_widget(make, left=True)
        self.put_heading(
            lambda: tr("Good to know"),
            lambda: tr(
                "The code of a backup is shown once. A wipe does not reach the file; the certificate of a wipe says "
                "how many backups there are. To restore one, start Byre on a device without an account."
            ),
        )
