"""Linked devices: who can read with this account, renaming in place, removal (a request, on a linked PC)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from byre.client.views import DeviceId, DeviceView, Role
from byre.ui import tokens, when
from byre.ui.bridge import Bridge
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.plain import one_line
from byre.ui.widgets.buttons import Button, IconButton, StateChip
from byre.ui.widgets.cards import Box, Line, rebuilt
from byre.ui.widgets.fields import Field
from byre.ui.widgets.labels import Icon, PlainLabel


class DeviceRow(QWidget):
    """88 px: tile, name with chip, when linked, pencil (own device), remove. `edited` when a renaming is over."""

    renamed = Signal(str)
    removed = Signal(str)
    edited = Signal()

    def __init__(self, look: Look, device: DeviceView, *, can_remove: bool, height: int = 88) -> None:
        super().__init__()
        self._device = device
        self.setMinimumHeight(height)
        name = one_line(device.name, 40) or tr("Device")
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 0, 20, 0)
        row.setSpacing(16)
        icon = "smartphone" if device.role is Role.PRIMARY else "monitor"
        row.addWidget(Icon(look, icon, "link", 24, tile=48, tile_colour="accent_soft", tile_radius=14))
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addStretch(1)
        line = QHBoxLayout()
        line.setSpacing(8)
        self.name = PlainLabel(look, tokens.BODY, weight=600, text=name)
        line.addWidget(self.name)
        chip = StateChip(look)
        if device.current:
            chip.show_state("accent", tr("This device"))
        elif device.role is Role.PRIMARY:
            chip.show_state("mute", tr("Primary device"))
        else:
            chip.hide()
        line.addWidget(chip)
        self._chip = chip
        line.addStretch(1)
        words.addLayout(line)
        self.field = Field(look, lambda: tr("Name of the device"), height=36)
        self.field.hide()
        self.field.submitted.connect(self._rename)
        self.field.key.connect(lambda key: self._stop() if key == Qt.Key.Key_Escape else None)
        self.field.line.editingFinished.connect(self._left)
        words.addWidget(self.field)
        if device.role is Role.PRIMARY:
            about = tr("Holds the account's key")
        elif device.linked_at:
            about = tr("Linked on {date}", date=when.date(device.linked_at, look.language))
        else:
            about = tr("Linked PC")
        words.addWidget(PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, text=about))
        if device.removal_pending:
            words.addWidget(PlainLabel(look, tokens.META, "warn", weight=500, text=tr("Waiting to be removed")))
        elif device.current:
            words.addWidget(PlainLabel(look, tokens.META, "ok", weight=500, text=tr("In use now")))
        words.addStretch(1)
        row.addLayout(words, 1)
        self.pencil = IconButton(look, "pencil", lambda: tr("Rename {name}", name=name), icon_size=18)
        self.pencil.clicked.connect(self.edit)
        beside = QHBoxLayout()
        beside.setSpacing(8)
        beside.addWidget(self.pencil)
        self.remove = Button(
            look, lambda: tr("Unlink") if device.current else tr("Remove"), "danger_outline", height=36, width=100
        )
        self.remove.setAccessibleName(tr("Remove {name}", name=name))
        self.remove.clicked.connect(lambda: self.removed.emit(device.device_id))
        beside.addWidget(self.remove)
        row.addLayout(beside)
        self.pencil.setVisible(device.current)
        self.remove.setVisible(can_remove and not device.removal_pending)

    @guarded(None)
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._device.current:  # the line below says it too, and the name needs the room
            self._chip.setVisible(self.width() >= 440)

    def edit(self) -> None:
        """Rename in place."""
        self.name.hide()
        self.field.set_text(self._device.name)
        self.field.show()
        self.field.setFocus()
        self.field.line.selectAll()

    @property
    def is_edited(self) -> bool:
        """Whether the name is being written just now."""
        return not self.field.isHidden()

    def _rename(self) -> None:
        wanted = " ".join(self.field.text().split())
        self._stop()
        if wanted and wanted != self._device.name:
            self.renamed.emit(wanted)

    def _left(self) -> None:
        """Whoever goes elsewhere renames nothing: a field left open would keep a new device out of the list."""
        if self.is_edited and not self.field.line.hasFocus():
            self._stop()

    def _stop(self) -> None:
        had_focus = self.field.line.hasFocus()
        self.field.hide()
        self.name.show()
        if had_focus:
            self.pencil.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edited.emit()


class DevicesPage(QWidget):
    """The whole page. `link_pc` on the primary; `remove_wanted(device_id, name)` asks first."""

    link_pc = Signal()
    remove_wanted = Signal(str, str)

    def __init__(self, look: Look, bridge: Bridge) -> None:
        super().__init__()
        self._look, self._bridge = look, bridge
        self.devices: Sequence[DeviceView] = ()
        self.rows: dict[DeviceId, DeviceRow] = {}
        self.link: Button | None = None
        self._is_late = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        QShortcut(QKeySequence(Qt.Key.Key_F2), self).activated.connect(self.rename_own)
        look.live(self, self._rebuild)

    def rename_own(self) -> None:
        """Edit this device's name in place (F2)."""
        for device in self.devices:
            row = self.rows.get(device.device_id)
            if device.current and row is not None:
                row.edit()

    def reload(self) -> None:
        """Ask the engine."""
        self._bridge.run(self._bridge.engine.devices.list(), self._listed, lambda _code: None)

    def _listed(self, devices: Sequence[DeviceView]) -> None:
        listed = sorted(devices, key=lambda d: (d.role is not Role.PRIMARY, not d.current))
        if listed != self.devices:
            self.devices = listed
            self._rebuild()

    def _rebuild(self) -> None:
        """Fill the page anew; not under the hands of who writes a name, and the focus stays where it is."""
        self._is_late = any(row.is_edited for row in self.rows.values())
        if self._is_late:
            return
        focused = next((key for key, button in self._buttons().items() if button.hasFocus()), None)
        self._fill()
        if focused is not None:
            buttons = self._buttons()
            target = buttons.get(focused) or next(iter(buttons.values()), None)  # a device may be gone
            if target is not None:
                target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _edited(self) -> None:
        if self._is_late:
            self._rebuild()

    def _buttons(self) -> dict[tuple[str, str], QWidget]:
        """Those that can be pressed now, by what they are for."""
        found: dict[tuple[str, str], QWidget] = {}
        for device_id, row in self.rows.items():
            found |= {("pencil", device_id): row.pencil, ("remove", device_id): row.remove}
        if self.link is not None:
            found["link", ""] = self.link
        return {key: button for key, button in found.items() if not button.isHidden()}

    def _fill(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        look = self._look
        primary = any(d.current and d.role is Role.PRIMARY for d in self.devices)
        self._column.addWidget(PlainLabel(look, tokens.H1, wrap=True, text=tr("Linked devices")))
        self._column.addSpacing(6)
        self._column.addWidget(
            PlainLabel(
                look, tokens.LABEL, "text2", weight=400, wrap=True,
                text=tr("These devices can read and send with this account. Remove at once what you do not know."),
            )
        )  # fmt: skip
        self._column.addSpacing(22)
        box = Box(look, "card", line="line", radius=16)
        rows = QVBoxLayout(box)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        self.rows = {}
        for at, device in enumerate(self.devices):
            if at:
                line = QHBoxLayout()
                line.setContentsMargins(84, 0, 0, 0)
                line.addWidget(Line(look))
                rows.addLayout(line)
            row = DeviceRow(look, device, can_remove=device.role is Role.LINKED, height=87 if at else 88)
            row.renamed.connect(self._rename)
            row.edited.connect(self._edited)
            row.removed.connect(lambda _id, d=device: self.remove_wanted.emit(d.device_id, d.name))
            rows.addWidget(row)
            self.rows[device.device_id] = row
        self._column.addWidget(box)
        self._column.addSpacing(16)
        self.link = None
        if primary:
            self.link = Button(look, lambda: tr("Link a PC"), "primary", height=48, icon="qr-code", style=tokens.BODY)
            self.link.clicked.connect(self.link_pc)
            self._column.addWidget(self.link)
            self._column.addSpacing(16)
        self._info(primary)
        rebuilt(self)

    def _info(self, primary: bool) -> None:
        look = self._look
        note = Box(look, "field")
        row = QHBoxLayout(note)
        row.setContentsMargins(20, 18, 20, 18)
        row.setSpacing(16)
        row.addWidget(Icon(look, "info", "text2", 20), 0, Qt.AlignmentFlag.AlignVCenter)
        words = (
            tr("Removing a device signs a new device list and takes it out of every room.")
            if primary
            else tr(
                "When you remove a device, your phone signs a new device list and takes it out of every room. While "
                "the phone is off it is shown as “waiting to be removed”."
            )
        )
        row.addWidget(PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, line_height=20, text=words), 1)
        self._column.addWidget(note)
        self._column.addSpacing(20)
        self._column.addWidget(
            PlainLabel(
                look, tokens.LABEL, "text2", weight=400, wrap=True,
                text=tr("A new PC is linked by the QR code that its first screen shows to your phone."),
            )
        )  # fmt: skip

    def _rename(self, name: str) -> None:
        self._bridge.run(self._bridge.engine.devices.rename(name), lambda _none: self.reload())
