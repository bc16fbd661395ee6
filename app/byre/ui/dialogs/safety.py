"""Comparing safety numbers: sixty digits in twelve groups, and a button that says they are the same."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from byre.client.views import ContactView, Trust
from byre.ui import tokens
from byre.ui.dialogs.sheet import Sheet
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.plain import isolated, shown_name
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.cards import Box
from byre.ui.widgets.labels import PlainLabel


class SafetyNumber(Sheet):
    """`same(account_id)` when the user says that both show the same."""

    same = Signal(str)

    def __init__(self, look: Look, window: QWidget, contact: ContactView) -> None:
        super().__init__(look, window, width=520)
        name = isolated(shown_name(contact.name, contact.handle))
        self.head(
            lambda: tr("Safety number with {name}", name=name),
            lambda: tr(
                "Open this page on both devices and compare all digits: side by side, or read aloud in a call where "
                "you know the voice. Do not send them as a message."
            ),
        )
        box = Box(look, "field")
        grid = QGridLayout(box)
        grid.setContentsMargins(24, 20, 24, 20)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        groups = [contact.safety_number[i : i + 5] for i in range(0, len(contact.safety_number), 5)]
        middle = Qt.AlignmentFlag.AlignHCenter
        for at, group in enumerate(groups):
            label = PlainLabel(look, tokens.DISPLAY, weight=600, align=middle, tabular=True, text=group)
            label.setAccessibleName(" ".join(group))
            grid.addWidget(label, at // 4, at % 4)
        self.body.addWidget(box)
        close = Button(look, lambda: tr("Close"), "secondary")
        close.clicked.connect(self.close_sheet)
        self.yes = Button(look, lambda: tr("They are the same"), "primary", icon="shield-check")
        self.yes.clicked.connect(lambda: self._same(contact))
        self.foot(close, self.yes)
        self.yes.setVisible(contact.trust is not Trust.VERIFIED)

    def _same(self, contact: ContactView) -> None:
        self.same.emit(contact.account_id)
        self.close_sheet()
