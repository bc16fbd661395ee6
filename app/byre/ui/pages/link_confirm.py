"""Does my phone say that this PC is linked to this account? Nothing is installed before the answer."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from byre.ui import painting, tokens
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.link_steps import StepPage
from byre.ui.plain import one_line
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.cards import Box, Line
from byre.ui.widgets.labels import Icon, PlainLabel


class DrawnPhone(QWidget):
    """A drawing of what the phone should show. Decoration: the question says it all."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setFixedSize(184, 288)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 52, 20, 16)
        column.setSpacing(0)
        middle = Qt.AlignmentFlag.AlignHCenter
        check = Icon(look, "check", "ok", 24, 2.4, tile=48, tile_colour="ok_soft", tile_radius=24)
        column.addWidget(check, 0, middle)
        column.addSpacing(16)
        column.addWidget(
            PlainLabel(look, tokens.LABEL, weight=600, wrap=True, align=middle, text=lambda: tr("PC linked"))
        )
        column.addSpacing(10)
        self.words = PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, align=middle, line_height=20)
        column.addWidget(self.words)
        column.addStretch(1)
        button = Box(look, "accent_soft", radius=10)
        button.setFixedHeight(32)
        inside = QHBoxLayout(button)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(PlainLabel(look, tokens.LABEL, "link", weight=600, align=middle, text=lambda: tr("OK")))
        column.addWidget(button)
        for label in self.findChildren(PlainLabel):  # a drawing: a screen reader is told nothing of it
            label.setAccessibleName(" ")

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        painting.box(painter, QRectF(self.rect()), 28, palette.panel, palette.text3, 2)
        painting.box(painter, QRectF(68, 12, 48, 6), 3, palette.line)
        painter.end()


class LinkConfirmPage(StepPage):
    """`answered(bool)`. No default button: Enter does nothing until one is focused; Esc is no."""

    answered = Signal(bool)

    def __init__(self, look: Look) -> None:
        super().__init__(look, 640, 472, 2)
        self._address = ""
        column = QVBoxLayout(self.card.body)
        column.setContentsMargins(0, 48, 0, 0)
        column.setSpacing(0)
        row = self._row = QHBoxLayout()
        row.setSpacing(40)
        self.phone = DrawnPhone(look)
        row.addWidget(self.phone, 0, Qt.AlignmentFlag.AlignTop)
        right = QVBoxLayout()
        right.setContentsMargins(0, 8, 0, 0)
        right.setSpacing(0)
        right.addWidget(PlainLabel(look, tokens.LABEL, "link", weight=600, text=lambda: tr("Look at your phone")))
        right.addSpacing(10)
        self.question = PlainLabel(look, tokens.DISPLAY, weight=600, wrap=True, line_height=30)
        right.addWidget(self.question)
        right.addSpacing(16)
        right.addWidget(
            PlainLabel(
                look, tokens.LABEL, "text2", weight=400, wrap=True, line_height=20,
                text=lambda: tr("Compare every letter. Until you answer, nothing is stored on this PC."),
            )
        )  # fmt: skip
        right.addSpacing(15)
        right.addStretch(1)
        self.yes = Button(look, lambda: tr("Yes, it says so"), "primary", height=44)
        self.no = Button(look, lambda: tr("No, it says something else"), "outline", height=44)
        self.yes.clicked.connect(lambda: self.answered.emit(True))
        self.no.clicked.connect(lambda: self.answered.emit(False))
        right.addWidget(self.yes)
        right.addSpacing(8)
        right.addWidget(self.no)
        row.addLayout(right, 1)
        column.addLayout(row)
        column.addSpacing(36)
        column.addWidget(Line(look))
        foot = self._foot = QHBoxLayout()
        foot.setSpacing(10)
        foot.addWidget(Icon(look, "info", "text2", 18), 0, Qt.AlignmentFlag.AlignTop)
        foot.addWidget(
            PlainLabel(
                look, tokens.LABEL, "text2", weight=400, wrap=True, line_height=20,
                text=lambda: tr(
                    "“No” throws the link away and makes a new QR code. If the phone showed another address, somebody "
                    "may have shown you another QR code."
                ),
            ),
            1,
        )  # fmt: skip
        column.addLayout(foot)
        look.live(self, self._say)

    def show_address(self, address: str, busy: bool) -> None:
        """Ask about this account; `busy` after the answer."""
        self._address = one_line(address, 120)
        self._say()
        self.yes.setEnabled(not busy)
        self.no.setEnabled(not busy)
        if busy:
            self.yes.relabel(tr("Linking…"))

    @guarded(None)
    def resizeEvent(self, event: QResizeEvent) -> None:
        """The drawing goes where there is room for the question only."""
        super().resizeEvent(event)
        narrow = self.width() < tokens.NARROW
        self.phone.setVisible(not narrow)
        left, right = (24, 24) if narrow else (48, 40)
        self._row.setContentsMargins(left, 0, right, 0)
        self._foot.setContentsMargins(left, 20, right, 27)

    @guarded(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.no.isEnabled():
            self.answered.emit(False)
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            for button in (self.yes, self.no):
                if button.hasFocus() and button.isEnabled():
                    button.click()
            return
        super().keyPressEvent(event)

    def _say(self) -> None:
        if self._address:
            question = tr("Does my phone say this PC is linked to [[{address}]]?")
            self.question.set_marked(question, address=self._address)
            self.phone.words.set_marked(
                tr("This PC is linked to\n**{address}**."), address=self._address.replace("@", "@\u200b")
            )
            self.yes.relabel(tr("Yes, it says so"))
