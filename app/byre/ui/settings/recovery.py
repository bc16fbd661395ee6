"""On the phone: what the recovery code is for, whether the relay has the newest one, and the way to another."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from byre.client.events import RecoveryCodeChanged
from byre.ui import tokens
from byre.ui.bridge import Bridge
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.labels import PlainLabel


class RecoveryCodeRow(QWidget):
    """`wanted` when the user wants another code."""

    wanted = Signal()

    def __init__(self, look: Look, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 24, 0, 0)
        column.setSpacing(0)
        column.addWidget(PlainLabel(look, tokens.TITLE, weight=600, text=tr("Recovery code")))
        column.addSpacing(4)
        self.about = PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, line_height=20)
        column.addWidget(self.about)
        column.addSpacing(12)
        button = Button(look, lambda: tr("Make a new recovery code…"), "soft", height=44, icon="key-round")
        button.clicked.connect(self.wanted)
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        bridge.happened.connect(self._happened)
        self._told(False)
        self._ask()

    def _ask(self) -> None:
        self._bridge.run(self._bridge.engine.recovery_code.is_pending(), self._told, lambda _code: None)

    def _happened(self, event: object) -> None:
        if isinstance(event, RecoveryCodeChanged):
            self._told(False)

    def _told(self, is_pending: bool) -> None:
        self.about.set_colour("warn" if is_pending else "text2")
        if is_pending:
            words = tr("The relay does not have the new code yet. Keep both papers until it does.")
        else:
            words = tr("It brings your account back if this device is lost. If somebody saw the paper, make a new one.")
        self.about.set_text(words)
