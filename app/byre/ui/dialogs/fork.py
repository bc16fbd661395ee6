"""The own account's key has signed two device lists of one version: shown side by side; going on is the user's word."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from byre.client.views import SignedListView
from byre.ui import tokens, when
from byre.ui.dialogs.sheet import Sheet
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.cards import Box
from byre.ui.widgets.labels import Icon, PlainLabel


class OwnFork(Sheet):
    """`answered(bool)`; closing is no, and sending stays blocked."""

    answered = Signal(bool)

    def __init__(self, look: Look, window: QWidget, lists: Sequence[SignedListView]) -> None:
        super().__init__(look, window, width=560)
        self._lists = lists
        self.fill(self._fill)

    def focus_first(self) -> None:
        """The harmless answer is the default."""
        self.no.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self) -> None:
        look = self.look
        self.head(
            lambda: tr("Somebody else may have your account's key"),
            lambda: tr(
                "Two different device lists were signed with it. Either an old phone of yours is still in use, or "
                "somebody copied the key or the recovery code. Nothing is sent until you decide."
            ),
        )
        for shown in self._lists:
            self.body.addWidget(self._list(shown))
            self.body.addSpacing(8)
        self.no = Button(look, lambda: tr("Not now"), "secondary")
        self.no.clicked.connect(self.close_sheet)
        self.yes = Button(look, lambda: tr("Go on with this device's list"), "danger")
        self.yes.clicked.connect(self._yes)
        self.foot(self.no, self.yes)

    def _list(self, shown: SignedListView) -> Box:
        look = self.look
        box = Box(look, "ok_soft" if shown.is_ours else "danger_soft")
        row = QHBoxLayout(box)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(12)
        icon, colour = ("shield-check", "ok") if shown.is_ours else ("shield-alert", "danger")
        row.addWidget(Icon(look, icon, colour, 20, 2))
        words = QVBoxLayout()
        words.setSpacing(2)
        title = tr("The list that this device follows") if shown.is_ours else tr("The other list")
        words.addWidget(PlainLabel(look, tokens.LABEL, weight=600, text=title))
        devices = tr("%n devices", len(shown.device_ids))
        about = f"{when.full(shown.issued_at, look.language)} · {devices}"
        words.addWidget(PlainLabel(look, tokens.META, "text2", text=about))
        row.addLayout(words, 1)
        return box

    def _yes(self) -> None:
        self.answered.emit(True)
        self.close_sheet()
