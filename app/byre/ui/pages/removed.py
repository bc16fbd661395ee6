"""The account removed this PC: what it has can still be read; it can be linked again, or everything on it erased."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout

from byre.ui import tokens
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.link_steps import StepPage
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.labels import Icon, PlainLabel


class RemovedPage(StepPage):
    """`link_again`, `read` or `erase`: nothing happens by itself, and nothing is lost before the user says so."""

    link_again = Signal()
    read = Signal()
    erase = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, 520, None, None)
        middle = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout(self.card.body)
        column.setContentsMargins(32, 36, 32, 28)
        column.setSpacing(0)
        mark = Icon(look, "unlink", "warn", 28, 2, tile=64, tile_colour="warn_soft", tile_radius=32)
        column.addWidget(mark, 0, middle)
        column.addSpacing(20)
        title = PlainLabel(look, tokens.H1, wrap=True, align=middle, text=lambda: tr("This PC was removed"))
        column.addWidget(title)
        column.addSpacing(8)
        column.addWidget(
            PlainLabel(
                look, tokens.BODY, "text2", wrap=True, align=middle,
                text=lambda: tr(
                    "Your phone took this PC out of your account. It receives and sends nothing any more. What it "
                    "already has is still here."
                ),
            )
        )  # fmt: skip
        column.addSpacing(28)
        self.link = Button(look, lambda: tr("Link again"), "primary", height=48, style=tokens.BODY, icon="qr-code")
        self.link.clicked.connect(self.link_again)
        self.look_in = Button(look, lambda: tr("Read the conversations"), "secondary", height=48, style=tokens.BODY)
        self.look_in.clicked.connect(self.read)
        self.away = Button(
            look, lambda: tr("Erase everything on this PC…"), "danger_outline", height=48, style=tokens.BODY,
            icon="eraser",
        )  # fmt: skip
        self.away.clicked.connect(self.erase)
        for button in (self.link, self.look_in, self.away):
            column.addWidget(button)
            column.addSpacing(10)
