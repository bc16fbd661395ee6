"""The pane beside the settings' navigation: shows one page at a time and hands on what it asks for."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QVBoxLayout, QWidget

from byre.client.events import (
    ConnectionChanged,
    ContactChanged,
    DeviceLinked,
    DeviceRevoked,
    DevicesChanged,
    StatusChanged,
)
from byre.ui.bridge import Bridge
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.settings import offers
from byre.ui.settings.backup import BackupPage
from byre.ui.settings.devices import DevicesPage
from byre.ui.settings.erasing import ErasingPage
from byre.ui.settings.locking import LockPage
from byre.ui.settings.network import NetworkPage
from byre.ui.settings.page import SettingsPage
from byre.ui.settings.profile import ProfilePage
from byre.ui.widgets.buttons import IconButton
from byre.ui.widgets.cards import ScrollPage, rebuilt
from byre.ui.widgets.flash import FlashMark
from byre.ui.widgets.labels import PlainLabel

WIDTH = 680

OFFERS: dict[str, Callable[[SettingsPage], None]] = {
    "notices": offers.put_notices, "privacy": offers.put_privacy, "look": offers.put_theme, "keys": offers.put_keys,
    "language": offers.put_language, "about": offers.put_about,
}  # fmt: skip


class SettingsPane(ScrollPage):
    """`chosen(name, value)` for a changed setting, `link_pc` on a phone, `back`; the rest is what pages ask for."""

    chosen = Signal(str, str)
    link_pc = Signal()
    back = Signal()
    erase_older = Signal(int)
    erase_all = Signal()
    certificate_wanted = Signal(object)
    backup_wanted = Signal()
    lock_change_wanted = Signal()
    recovery_code_wanted = Signal()
    said = Signal(str)

    def __init__(self, look: Look, bridge: Bridge) -> None:
        super().__init__(look, "canvas")
        self._bridge = bridge
        self.page = "devices"
        self.choices: Callable[[str], str] = lambda _name: ""
        self._shown: SettingsPage | None = None
        column = QVBoxLayout(self.content)
        self._outer = column
        column.setContentsMargins(24, 32, 24, 32)
        column.setSpacing(0)
        self.back_button = IconButton(look, "arrow-left", lambda: tr("Back"))
        self.back_button.clicked.connect(self.back)
        column.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._frame = QWidget()
        self._frame.setMaximumWidth(WIDTH)
        self._body = QVBoxLayout(self._frame)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        holder = QHBoxLayout()
        holder.addStretch(1)
        holder.addWidget(self._frame, 1000)
        holder.addStretch(1)
        column.addLayout(holder)
        column.addStretch(1)
        self.devices = DevicesPage(look, bridge)  # this one stays: its F2 is a shortcut
        self.devices.link_pc.connect(self.link_pc)
        self._body.addWidget(self.devices)
        self._frame.setMinimumWidth(0)
        bridge.rarer.connect(self._happened)
        look.live(self, lambda: rebuilt(self._frame))  # other words, other heights

    def show_page(self, page: str) -> None:
        """Show `page`, from its top; asks the engine for what it needs."""
        self.page = page
        if self._shown is not None:
            self._shown.hide()
            self._shown.deleteLater()
            self._shown = None
        self.devices.setVisible(page == "devices")
        if page == "devices":
            self.devices.reload()
        else:
            self._shown = self._made(page)
            self._shown.chosen.connect(self.chosen)
            self._body.addWidget(self._shown)
        rebuilt(self._frame)
        self.verticalScrollBar().setValue(0)

    def reload(self) -> None:
        """Another certificate lies there."""
        if isinstance(self._shown, ErasingPage):
            self._shown.reload()

    def flash(self, words: str) -> None:
        """Bring the option with these words into sight and mark it for a moment."""
        for widget in self._frame.findChildren(QWidget):
            if isinstance(widget, PlainLabel | QAbstractButton) and widget.text() == words and widget.isVisibleTo(self):
                QTimer.singleShot(0, widget, lambda found=widget: self._mark(found))
                return

    def _mark(self, widget: QWidget) -> None:
        self.ensureWidgetVisible(widget, 0, 120)
        FlashMark(self._look, widget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_narrow(self, narrow: bool) -> None:
        """One pane: a back button and smaller margins."""
        self.back_button.setVisible(narrow)
        side = 16 if narrow else 24
        self._outer.setContentsMargins(side, 10 if narrow else 32, side, 24)
        self._outer.setSpacing(8 if narrow else 0)  # the focus line around the button does not touch the title

    def _happened(self, event: object) -> None:
        if isinstance(event, DeviceLinked | DeviceRevoked | DevicesChanged):
            self.devices.reload()
        elif isinstance(event, ConnectionChanged | StatusChanged | ContactChanged) and self._shown is not None:
            self._shown.refresh(self._bridge.engine.account.status())

    def _made(self, page: str) -> SettingsPage:
        look, bridge, choices = self._look, self._bridge, self.choices
        if page == "profile":
            profile = ProfilePage(look, choices, bridge)
            profile.recovery_code_wanted.connect(self.recovery_code_wanted)
            return profile
        if page == "erasing":
            erasing = ErasingPage(look, choices, bridge)
            erasing.erase_older.connect(self.erase_older)
            erasing.erase_all.connect(self.erase_all)
            erasing.certificate_wanted.connect(self.certificate_wanted)
            return erasing
        if page == "network":
            network = NetworkPage(look, choices, bridge)
            network.said.connect(self.said)
            return network
        if page == "lock":
            lock = LockPage(look, choices, bridge)
            lock.lock_change_wanted.connect(self.lock_change_wanted)
            return lock
        if page == "backup":
            backup = BackupPage(look, choices)
            backup.backup_wanted.connect(self.backup_wanted)
            return backup
        plain = SettingsPage(look, choices)
        OFFERS.get(page, offers.put_about)(plain)
        return plain
