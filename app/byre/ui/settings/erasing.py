"""Storage and erasing: how long messages are kept here, erasing now, and the certificates of what was wiped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from byre.client.views import WipeCertificate
from byre.ui import when
from byre.ui.bridge import Bridge
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.room.options import OptionRow
from byre.ui.settings.page import InfoCard, SettingsPage
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.cards import Box, rebuilt

KEPT_DAYS = (7, 30, 90, 365)
OLDER_DAYS = (7, 30, 365)


class ErasingPage(SettingsPage):
    """`erase_older(days)`, `erase_all`, `certificate_wanted(WipeCertificate)`."""

    erase_older = Signal(int)
    erase_all = Signal()
    certificate_wanted = Signal(object)

    def __init__(self, look: Look, choices: Callable[[str], str], bridge: Bridge) -> None:
        super().__init__(look, choices)
        self._bridge = bridge
        self._certificates: Sequence[WipeCertificate] = ()
        self._rows: list[OptionRow] = []
        self.put_title(
            lambda: tr("Storage and erasing"),
            lambda: tr("Erasing a conversation makes a new store under a new key and checks that nothing is left."),
        )
        self.put_choices(
            "ui.keep_days",
            [
                ("0", "hard-drive", lambda: tr("Keep messages until I erase them")),
                *((str(days), "timer", lambda n=days: tr("Erase here after %n days", n)) for days in KEPT_DAYS),
            ],
        )
        self.put_heading(lambda: tr("Erase now"), lambda: tr("On this device, in all conversations, without a trace."))
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for days in OLDER_DAYS:
            row.addWidget(self._older_button(days))
        row.addStretch(1)
        self.put_widget(holder)
        self.column.addSpacing(8)
        all_of_it = Button(look, lambda: tr("Destroy everything on this device…"), "danger", height=40)
        all_of_it.clicked.connect(self.erase_all)
        self.put_widget(all_of_it, left=True)
        self.put_heading(lambda: tr("Wipe certificates"))
        self._list = QVBoxLayout()
        self.column.addLayout(self._list)
        look.live(self, self._fill)
        self.reload()

    def reload(self) -> None:
        """Ask for the certificates again."""
        self._bridge.run(self._bridge.engine.wipes.certificates(), self._listed, lambda _code: None)

    def _listed(self, certificates: Sequence[WipeCertificate]) -> None:
        if tuple(certificates) != tuple(self._certificates):
            self._certificates = tuple(certificates)
            self._fill()

    def _fill(self) -> None:
        focused = next((at for at, row in enumerate(self._rows) if row.hasFocus()), None)
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._rows = [self._opener(certificate) for certificate in self._certificates]
        if not self._rows:
            self._list.addWidget(InfoCard(self.look, (("eraser", lambda: tr("No wipe certificates yet"), lambda: ""),)))
            return
        box = Box(self.look, "card", line="line", radius=16)
        column = QVBoxLayout(box)
        column.setContentsMargins(20, 8, 20, 8)
        for row in self._rows:
            column.addWidget(row)
        self._list.addWidget(box)
        if focused is not None:
            self._rows[min(focused, len(self._rows) - 1)].setFocus(Qt.FocusReason.OtherFocusReason)
        rebuilt(self)

    def _opener(self, certificate: WipeCertificate) -> OptionRow:
        icon = "triangle-alert" if certificate.remnants else "shield-check"
        left = tr("Remnants %n", len(certificate.remnants))
        opener = OptionRow(self.look, icon, when.full(certificate.created_at, self.look.language), left)
        opener.clicked.connect(partial(self.certificate_wanted.emit, certificate))
        return opener

    def _older_button(self, days: int) -> Button:
        button = Button(self.look, lambda: tr("Older than %n days", days), "danger_outline", height=40, padding=12)
        button.clicked.connect(lambda: self.erase_older.emit(days))
        return button
