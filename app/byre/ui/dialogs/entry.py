"""Sheets with one or two fields: a passphrase for a PC without a key store, and the name of a group."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from byre.ui.dialogs.sheet import Sheet
from byre.ui.flows.first_run import MIN_PASSPHRASE
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.forms import FormRow, chain
from byre.ui.widgets.buttons import Button


class PassphraseEntry(Sheet):
    """`chosen(passphrase)`."""

    chosen = Signal(str)

    def __init__(self, look: Look, window: QWidget) -> None:
        super().__init__(look, window, width=480)
        self.head(
            lambda: tr("Choose a passphrase"),
            lambda: tr(
                "This device has no key store, so your conversations are protected by a passphrase. "
                "It is asked at start."
            ),
        )
        self.first = FormRow(look, lambda: tr("Passphrase"), secret=True, hint=lambda: tr("At least 8 characters."))
        self.second = FormRow(look, lambda: tr("Passphrase again"), secret=True)
        chain((self.first, self.second), self._done)
        for row in (self.first, self.second):
            self.body.addWidget(row)
            self.body.addSpacing(12)
        cancel = Button(look, lambda: tr("Cancel"), "secondary")
        cancel.clicked.connect(self.close_sheet)
        save = Button(look, lambda: tr("Use this passphrase"))
        save.clicked.connect(self._done)
        self.foot(cancel, save)

    def focus_first(self) -> None:
        """Into the first field."""
        self.first.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _done(self) -> None:
        words = self.first.text()
        if len(words) < MIN_PASSPHRASE:
            self.first.refuse("passphrase_short")
        elif words != self.second.text():
            self.second.refuse("passphrase_differs")
        else:
            self.chosen.emit(words)
            self.close_sheet()


class TitleEntry(Sheet):
    """`chosen(title)` for a group."""

    chosen = Signal(str)

    def __init__(self, look: Look, window: QWidget, title: str) -> None:
        super().__init__(look, window, width=480)
        self.head(lambda: tr("Name of the group"), lambda: tr("Everybody in the room sees it, and who changed it."))
        self.row = FormRow(look, lambda: tr("Name of the group"))
        self.row.field.set_text(title)
        self.row.field.submitted.connect(self._done)
        self.body.addWidget(self.row)
        cancel = Button(look, lambda: tr("Cancel"), "secondary")
        cancel.clicked.connect(self.close_sheet)
        save = Button(look, lambda: tr("Save"))
        save.clicked.connect(self._done)
        self.foot(cancel, save)

    def focus_first(self) -> None:
        """Into the field."""
        self.row.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.row.field.line.selectAll()

    def _done(self) -> None:
        title = " ".join(self.row.text().split())
        if title:
            self.chosen.emit(title)
            self.close_sheet()
