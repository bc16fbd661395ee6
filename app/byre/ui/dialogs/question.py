"""A question with two answers; the default is always the harmless one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from byre.ui.dialogs.sheet import Sheet
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.widgets.buttons import Button, Kind


class Question(Sheet):
    """`answered(bool)`; Esc and closing are no."""

    answered = Signal(bool)

    def __init__(
        self, look: Look, window: QWidget, title: Callable[[], str], why: Callable[[], str], *,
        yes: Callable[[], str], kind: Kind = "danger", no: Callable[[], str] | None = None, is_unasked: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(look, window, width=480)
        self._is_unasked = is_unasked
        self._is_answered = False
        self.head(title, why)
        self.no = Button(look, no or (lambda: tr("Cancel")), "secondary")
        self.yes = Button(look, yes, kind)
        self.no.clicked.connect(lambda: self._answer(False))
        self.yes.clicked.connect(lambda: self._answer(True))
        self.foot(self.no, self.yes)

    def focus_first(self) -> None:
        """No is the default; one that came by itself has none: somebody may be in the middle of typing."""
        (self if self._is_unasked else self.no).setFocus(Qt.FocusReason.OtherFocusReason)

    def close_sheet(self) -> None:
        """Closing without an answer is no."""
        if not self._is_answered:
            self._is_answered = True
            self.answered.emit(False)
        super().close_sheet()

    def _answer(self, yes: bool) -> None:
        if not self._is_answered:
            self._is_answered = True
            self.answered.emit(yes)
            self.close_sheet()
