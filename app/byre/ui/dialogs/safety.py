"""Comparing safety numbers: sixty digits in twelve groups and their QR code; by eye, by voice, or by a picture.

While a key has changed, the number is that of the account that has the handle now: that is what must be compared
before it is accepted.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QWidget

from byre.client.views import ContactView, Trust
from byre.ui import tokens
from byre.ui.dialogs.sheet import Sheet
from byre.ui.file_choice import choose_file
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.naming import person_name
from byre.ui.plain import isolated, shown_address
from byre.ui.sentences import error_sentence
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.cards import Box
from byre.ui.widgets.labels import PlainLabel
from byre.ui.widgets.qr import QrBox

QR = 208


class SafetyNumber(Sheet):
    """`same(account_id)` when the user says that both show the same; `picture_chosen(path)` of the other's QR code."""

    same = Signal(str)
    picture_chosen = Signal(object)

    def __init__(self, look: Look, window: QWidget, contact: ContactView, host: str = "") -> None:
        has_qr = bool(contact.safety_qr) and contact.trust is not Trust.CHANGED
        super().__init__(look, window, width=640 if has_qr else 520)
        self._contact, self._host = contact, host
        name = isolated(person_name(contact.name, contact.handle))
        self.head(
            lambda: tr("Safety number with {name}", name=name),
            lambda: tr(
                "Open this page on both devices and compare all digits: side by side, or read aloud in a call where "
                "you know the voice. Do not send them as a message."
            ),
        )
        self._who(contact)
        narrow = self._inner_width() < 480
        row = QBoxLayout(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        row.setSpacing(16)
        if has_qr:
            self.qr = QrBox(look, QR, copies=False)
            self.qr.show_uri(contact.safety_qr)
            look.live(self.qr, lambda: self.qr.setAccessibleName(tr("The same number as a QR code")))
            row.addWidget(self.qr, 0, Qt.AlignmentFlag.AlignHCenter if narrow else Qt.AlignmentFlag.AlignTop)
        columns = 3 if has_qr or narrow else 4
        row.addWidget(self._digits(contact.changed_safety_number or contact.safety_number, columns), 1)
        self.body.addLayout(row)
        self.body.addSpacing(12)
        self.told = PlainLabel(look, tokens.LABEL, "text2", weight=500, wrap=True)
        self.told.hide()
        self.body.addWidget(self.told)
        self._answer: Callable[[], str] | None = None
        look.live(self, self._say)
        close = Button(look, lambda: tr("Close"), "secondary")
        close.clicked.connect(self.close_sheet)
        self.check = Button(look, lambda: tr("Check a picture of their QR code…"), "ghost", padding=12)
        self.check.clicked.connect(self._pick)
        self.yes = Button(look, lambda: tr("They are the same"), "primary", icon="shield-check")
        self.yes.clicked.connect(self._same)
        self.foot(self.check, close, self.yes)
        self.check.setVisible(has_qr and contact.trust is Trust.UNVERIFIED)
        self.yes.setVisible(contact.trust is not Trust.VERIFIED)

    def tell_checked(self, same: bool) -> None:
        """What the picture said."""
        if same:
            self._tell(lambda: tr("Both codes show the same number: verified."), "ok")
            self.yes.hide()
            self.check.hide()
        else:
            self._tell(lambda: error_sentence("safety_mismatch"), "danger")
            self.yes.hide()

    def fail(self, code: str) -> None:
        """The picture could not be read."""
        self._tell(lambda: error_sentence(code), "danger")

    def _who(self, contact: ContactView) -> None:
        words = PlainLabel(self.look, tokens.LABEL, "text2", weight=500, text=shown_address(contact.handle, self._host))
        self.body.addWidget(words)
        self.body.addSpacing(8)
        if contact.trust is Trust.CHANGED:
            words = PlainLabel(
                self.look, tokens.LABEL, "danger", weight=500, wrap=True,
                follow=lambda: tr("This is the number of the new key. Only if it is right does the room go on."),
            )  # fmt: skip
            self.body.addWidget(words)
            self.body.addSpacing(8)

    def _digits(self, number: str, columns: int) -> Box:
        box = Box(self.look, "field")
        grid = QGridLayout(box)
        grid.setContentsMargins(20, 16, 20, 16)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        middle = Qt.AlignmentFlag.AlignHCenter
        for at, group in enumerate(number[i : i + 5] for i in range(0, len(number), 5)):
            label = PlainLabel(self.look, tokens.DISPLAY, weight=600, align=middle, tabular=True, text=group)
            label.setAccessibleName(" ".join(group))
            grid.addWidget(label, at // columns, at % columns)
        return box

    def _tell(self, words: Callable[[], str], colour: str) -> None:
        self._answer = words
        self.told.set_colour(colour)
        self._say()
        self._place()

    def _say(self) -> None:
        if self._answer is not None:
            self.told.set_text(self._answer())
            self.told.show()

    def _pick(self) -> None:
        title = tr("Choose a picture of the code")
        choose_file(self, title, lambda path: self.picture_chosen.emit(Path(path)), is_picture=True)

    def _same(self) -> None:
        self.same.emit(self._contact.account_id)
        self.close_sheet()
