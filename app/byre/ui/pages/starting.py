"""What is painted first, while the engine opens; and what is said when it cannot."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout

from byre.ui import tokens
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.sentences import error_sentence
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.cards import Surface
from byre.ui.widgets.labels import Logo, PlainLabel


class StartingPage(Surface):
    """The logo; after a failure the sentence and "try again". Never offers deletion."""

    retry = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "panel")
        self._code = ""
        middle = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 32, 32, 32)
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(Logo(look, 72), 0, middle)
        column.addSpacing(24)
        self.title = PlainLabel(look, tokens.DISPLAY, wrap=True, align=middle)
        column.addWidget(self.title)
        column.addSpacing(8)
        self.why = PlainLabel(look, tokens.BODY, "text2", wrap=True, align=middle)
        column.addWidget(self.why)
        column.addSpacing(24)
        self.button = Button(look, lambda: tr("Try again"), height=44)
        self.button.clicked.connect(self._retry)
        column.addWidget(self.button, 0, middle)
        column.addStretch(1)
        look.live(self, self._say)

    def fail(self, code: str) -> None:
        """Say why the engine did not open."""
        self._code = code
        self._say()
        self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _retry(self) -> None:
        self._code = ""
        self._say()
        self.retry.emit()

    def _say(self) -> None:
        self.title.set_text(tr("Byre could not open your conversations") if self._code else "")
        self.why.set_text(error_sentence(self._code) if self._code else "")
        self.button.setVisible(bool(self._code))
