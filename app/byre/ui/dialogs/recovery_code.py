"""Another recovery code in place of the one on paper: why, the code, a group of it typed again, and what holds then."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from byre.ui import tokens
from byre.ui.dialogs.sheet import Sheet
from byre.ui.flows.first_run import RecoveryCheck
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.forms import FormRow
from byre.ui.sentences import error_sentence
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.code_box import CodeBox
from byre.ui.widgets.labels import PlainLabel


class NewRecoveryCode(Sheet):
    """`wanted` for a code, `confirmed(code)` once it is on paper. The code is never put on the clipboard."""

    wanted = Signal()
    confirmed = Signal(str)

    def __init__(self, look: Look, window: QWidget) -> None:
        super().__init__(look, window, width=520)
        self._check: RecoveryCheck | None = None
        self._is_done = False
        self._holds = False
        self.fill(self._fill)

    def show_code(self, code: str) -> None:
        """The code that is proposed; the old one stays good until this one is confirmed."""
        self._check = RecoveryCheck(code)
        self.refill()

    def done(self, holds: bool) -> None:
        """It is confirmed; `holds` once the relay has it too."""
        self._check, self._is_done, self._holds = None, True, holds
        self.refill()

    def fail(self, code: str) -> None:
        """It was refused."""
        self.yes.setEnabled(True)
        if self._check is not None:
            self.row.set_error(code)
        else:
            self.told.set_text(error_sentence(code))

    def close_sheet(self) -> None:
        self._check = None
        super().close_sheet()

    def focus_first(self) -> None:
        """Into the field; otherwise on the harmless answer."""
        if self._check is not None:
            self.row.field.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.no.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self) -> None:
        if self._is_done:
            self._fill_done()
        elif self._check is None:
            self._fill_question()
        else:
            self._fill_code(self._check)

    def _fill_question(self) -> None:
        self.head(
            lambda: tr("Make a new recovery code?"),
            lambda: tr(
                "The old code opens nothing any more once the new one is confirmed. That protects you from whoever "
                "found the old paper; not from somebody who has already used it, nor from a relay that knows the old "
                "code and kept what it opens."
            ),
        )
        self.told = PlainLabel(self.look, tokens.LABEL, "danger", weight=400, wrap=True)
        self.body.addWidget(self.told)
        self._buttons(lambda: tr("Cancel"), lambda: tr("Show the new code"), self._want)

    def _fill_code(self, check: RecoveryCheck) -> None:
        look = self.look
        self.head(
            lambda: tr("Write down your recovery code"),
            lambda: tr("It is shown only now. The old code stays good until you have confirmed this one."),
        )
        self.code = CodeBox(look, check.code, lambda letters: tr("Recovery code: {code}", code=letters))
        self.body.addWidget(self.code)
        self.body.addSpacing(16)
        self.row = FormRow(look, lambda: tr("To be sure, type group {number} again", number=check.group_number))
        self.row.field.submitted.connect(self._confirm)
        self.body.addWidget(self.row)
        self._buttons(lambda: tr("Keep the old code"), lambda: tr("I have written it down"), self._confirm)

    def _fill_done(self) -> None:
        if self._holds:
            why = lambda: tr("Only the new code is good from now on. Destroy the paper with the old one.")  # noqa: E731
        else:
            why = lambda: tr(  # noqa: E731
                "The relay cannot be reached: it gets the new code as soon as it is back, and Byre tells you then. "
                "Keep both papers until that time."
            )
        self.head(lambda: tr("The new recovery code is set"), why)
        self.no = Button(self.look, lambda: tr("Close"), "secondary")
        self.no.clicked.connect(self.close_sheet)
        self.foot(self.no)

    def _buttons(self, no: Callable[[], str], yes: Callable[[], str], act: Callable[[], None]) -> None:
        self.no = Button(self.look, no, "secondary")
        self.no.clicked.connect(self.close_sheet)
        self.yes = Button(self.look, yes)
        self.yes.clicked.connect(act)
        self.foot(self.no, self.yes)

    def _want(self) -> None:
        if self.yes.isEnabled():
            self.yes.setEnabled(False)
            self.wanted.emit()

    def _confirm(self) -> None:
        if self._check is None or not self.yes.isEnabled():
            return
        if self._check.is_right(self.row.text()):
            self.yes.setEnabled(False)
            self.confirmed.emit(self._check.code)
        else:
            self.row.refuse("wrong_recovery_code")
