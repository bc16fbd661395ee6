"""Backups: writing one, with the code that is shown once; and becoming the device of one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from byre.ui import tokens
from byre.ui.dialogs.sheet import Sheet
from byre.ui.flows.first_run import MIN_PASSPHRASE
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.forms import FormRow, chain
from byre.ui.sentences import error_sentence
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.code_box import CodeBox
from byre.ui.widgets.labels import Icon, PlainLabel
from byre.ui.widgets.progress import ProgressBar


class BackupMade(Sheet):
    """Progress, then the code; it is never put on the clipboard, and closing forgets it."""

    def __init__(self, look: Look, window: QWidget) -> None:
        super().__init__(look, window, width=520)
        self._code = ""
        self._error = ""
        self._fraction = 0.0
        self.can_escape = False
        self.fill(self._fill)

    def progress(self, fraction: float) -> None:
        """So far."""
        self._fraction = fraction
        if not self._code and not self._error:
            self.bar.show_fraction(fraction)

    def done(self, code: str) -> None:
        """It is written; this code opens it."""
        self._code = code
        self.refill()

    def fail(self, code: str) -> None:
        """It was not written."""
        self._error = code
        self.can_escape = True
        self.refill()

    def close_sheet(self) -> None:
        self._code = ""
        super().close_sheet()

    def focus_first(self) -> None:
        """On no button under the code, which is shown once: an Enter that was meant for the file must not end it."""
        if self._error:
            self.close_button.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self) -> None:
        if self._error:
            self.head(lambda: tr("The backup was not made"), lambda: error_sentence(self._error))
        elif not self._code:
            self.head(lambda: tr("Making the backup"), lambda: tr("Everything is read and encrypted under a new code."))
            self.bar = ProgressBar(self.look)
            self.bar.show_fraction(self._fraction)
            self.bar.setAccessibleName(tr("Making the backup"))
            self.body.addWidget(self.bar)
            self.body.addSpacing(16)
            return
        else:
            self._show_code()
        words = (lambda: tr("Close")) if self._error else (lambda: tr("I have written it down"))
        self.close_button = Button(self.look, words, "secondary" if self._error else "primary")
        self.close_button.clicked.connect(self.close_sheet)
        self.foot(self.close_button)

    def _show_code(self) -> None:
        look = self.look
        self.head(
            lambda: tr("Write down the code of this backup"),
            lambda: tr("It is shown only now and stored nowhere. Without it nobody opens the file, not even you."),
        )
        self.code = CodeBox(look, self._code, lambda letters: tr("Code of the backup: {code}", code=letters))
        self.body.addWidget(self.code)
        self.body.addSpacing(12)
        for words in (
            tr("Whoever has the file and the code has this device: its keys and its messages."),
            tr("A wipe does not reach the file. Messages that disappear are not in it."),
            tr("Only one of the two may run: this device, or the one that the backup becomes."),
        ):
            row = QHBoxLayout()
            row.setContentsMargins(0, 3, 0, 3)
            row.setSpacing(10)
            row.addWidget(Icon(look, "info", "text2", 16), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, text=words), 1)
            self.body.addLayout(row)


class BackupEntry(Sheet):
    """Before there is an account: the code of a backup. `sent(code, passphrase)`."""

    sent = Signal(str, str)

    def __init__(self, look: Look, window: QWidget) -> None:
        super().__init__(look, window, width=480)
        self.head(
            lambda: tr("Restore from a backup"),
            lambda: tr(
                "This device becomes the one that the backup was made of. Rooms come back as soon as somebody else of "
                "theirs is online."
            ),
        )
        self.code = FormRow(look, lambda: tr("Code of the backup"))
        self.passphrase = FormRow(
            look, lambda: tr("New passphrase"), secret=True, is_optional=True,
            hint=lambda: tr("Needed at every start. Leave empty to use this device's key store."),
        )  # fmt: skip
        self.repeated = FormRow(look, lambda: tr("Passphrase again"), secret=True)
        self.repeated.hide()
        self.passphrase.field.edited.connect(lambda text: self.repeated.setVisible(bool(text)))
        self.bar = ProgressBar(look)
        chain((self.code, self.passphrase, self.repeated), self._send)
        for row in (self.code, self.passphrase, self.repeated):
            self.body.addWidget(row)
            self.body.addSpacing(12)
        self.body.addWidget(self.bar)
        self.bar.hide()
        self.cancel = Button(look, lambda: tr("Cancel"), "secondary")
        self.cancel.clicked.connect(self.close_sheet)
        self.yes = Button(look, lambda: tr("Restore"))
        self.yes.clicked.connect(self._send)
        self.foot(self.cancel, self.yes)

    def focus_first(self) -> None:
        """Into the first field."""
        self.code.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def fail(self, code: str) -> None:
        """Say what is wrong, where it is."""
        self._busy(False)
        row = self.passphrase if code in ("passphrase_required", "wrong_passphrase") else self.code
        row.refuse(code)

    def _busy(self, busy: bool) -> None:
        self.can_escape = not busy
        self.yes.setEnabled(not busy)
        self.cancel.setEnabled(not busy)
        self.bar.setVisible(busy)

    def _send(self) -> None:
        code, passphrase = self.code.text().strip(), self.passphrase.text()
        if not self.yes.isEnabled():
            return
        if not code:
            self.code.refuse("wrong_backup_code")
        elif passphrase and len(passphrase) < MIN_PASSPHRASE:
            self.passphrase.refuse("passphrase_short")
        elif passphrase != self.repeated.text():
            self.repeated.refuse("passphrase_differs")
        else:
            self._busy(True)
            self.sent.emit(code, passphrase)
