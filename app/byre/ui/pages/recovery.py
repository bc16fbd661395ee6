"""The recovery code: shown once, and the user proves to have written it down."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from byre.ui import tokens
from byre.ui.flows.first_run import RecoveryCheck
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.forms import FormRow
from byre.ui.pages.link_steps import StepPage
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.cards import Box
from byre.ui.widgets.code_box import CodeBox
from byre.ui.widgets.labels import Icon, PlainLabel


class RecoveryPage(StepPage):
    """`confirmed` once the asked group was typed right. The code is never put on the clipboard."""

    confirmed = Signal()

    def __init__(self, look: Look, check: RecoveryCheck) -> None:
        super().__init__(look, 560, None, None)
        self._check = check
        column = QVBoxLayout(self.card.body)
        column.setContentsMargins(32, 32, 32, 28)
        column.setSpacing(16)
        column.addWidget(PlainLabel(look, tokens.H1, wrap=True, text=lambda: tr("Write down your recovery code")))
        column.addWidget(
            PlainLabel(
                look, tokens.BODY, "text2", wrap=True,
                text=lambda: tr(
                    "It is shown only now. If this device is lost, it is the only way back to your account. Write it "
                    "on paper and keep it where nobody else finds it."
                ),
            )
        )  # fmt: skip
        self.code = CodeBox(look, check.code, lambda letters: tr("Recovery code: {code}", code=letters))
        column.addWidget(self.code)
        warn = Box(look, "warn_soft")
        row = QHBoxLayout(warn)
        row.setContentsMargins(16, 14, 16, 14)
        row.setSpacing(12)
        row.addWidget(Icon(look, "triangle-alert", "warn", 20, 2), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(
            PlainLabel(
                look, tokens.LABEL, wrap=True, line_height=20,
                text=lambda: tr("Whoever has this code can take over your account. Byre never asks for it."),
            ),
            1,
        )  # fmt: skip
        column.addWidget(warn)
        self.row = FormRow(look, lambda: tr("To be sure, type group {number} again", number=check.group_number))
        self.row.field.submitted.connect(self._done)
        column.addWidget(self.row)
        self.button = Button(look, lambda: tr("I have written it down"), height=44)
        self.button.clicked.connect(self._done)
        column.addWidget(self.button)

    def _done(self) -> None:
        if self._check.is_right(self.row.text()):
            self.code.forget()
            self.confirmed.emit()
        else:
            self.row.refuse("wrong_recovery_code")
