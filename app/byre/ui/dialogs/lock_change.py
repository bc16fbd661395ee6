"""What opens the profile: another passphrase, a first one, or none but the key store."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from byre.ui.dialogs.sheet import Sheet
from byre.ui.flows.first_run import MIN_PASSPHRASE
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.forms import FormRow, chain
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.check_row import CheckRow


class LockChange(Sheet):
    """`sent(current, passphrase, use_key_store)`; empty texts are none."""

    sent = Signal(str, str, bool)

    def __init__(self, look: Look, window: QWidget, *, has_passphrase: bool, uses_key_store: bool) -> None:
        super().__init__(look, window, width=480)
        self.head(
            lambda: tr("Change how Byre is locked"),
            lambda: tr("Only the file of the key is written anew. Leave the new passphrase empty to have none."),
        )
        self.current = FormRow(look, lambda: tr("Passphrase now"), secret=True)
        self.first = FormRow(look, lambda: tr("New passphrase"), secret=True, hint=lambda: tr("At least 8 characters."))
        self.second = FormRow(look, lambda: tr("New passphrase again"), secret=True)
        chain((self.current, self.first, self.second), self._send)
        for row in (self.current, self.first, self.second):
            self.body.addWidget(row)
            self.body.addSpacing(10 if row is not self.current or has_passphrase else 0)
        if not has_passphrase:
            self.current.hide()
        self.store = CheckRow(
            look, lambda: tr("Use this device's key store too"),
            lambda: tr("A stolen copy of the files then opens with neither of the two alone."),
        )  # fmt: skip
        self.store.setChecked(uses_key_store)
        self.body.addWidget(self.store)
        no = Button(look, lambda: tr("Cancel"), "secondary")
        no.clicked.connect(self.close_sheet)
        self.yes = Button(look, lambda: tr("Change"))
        self.yes.clicked.connect(self._send)
        self.foot(no, self.yes)

    def focus_first(self) -> None:
        """Into the first field."""
        row = self.first if self.current.isHidden() else self.current
        row.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def fail(self, code: str) -> None:
        """Say what is wrong, where it is."""
        self.yes.setEnabled(True)
        row = self.current if code == "wrong_passphrase" else self.first
        row.refuse(code)

    def _send(self) -> None:
        words = self.first.text()
        if not self.current.isHidden() and not self.current.text():
            self.current.refuse("passphrase_wanted")
        elif words and len(words) < MIN_PASSPHRASE:
            self.first.refuse("passphrase_short")
        elif words != self.second.text():
            self.second.refuse("passphrase_differs")
        elif not words and not self.store.isChecked():
            self.first.refuse("nothing_locks")
        elif self.yes.isEnabled():
            self.yes.setEnabled(False)
            self.sent.emit(self.current.text(), words, self.store.isChecked())
