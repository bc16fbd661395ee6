"""A friend's page: avatar, handle, state of trust, three actions, what we share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from byre.client.views import AccountId, ContactView, DeviceView, MemberView, Role, RoomKind, RoomView, Trust
from byre.ui import painting, tokens
from byre.ui.bridge import Bridge
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.naming import person_name
from byre.ui.plain import one_line, shown_address
from byre.ui.sidebar.rooms_model import room_title
from byre.ui.widgets.buttons import Button, IconButton, StateChip
from byre.ui.widgets.cards import Box, Line, ScrollPage
from byre.ui.widgets.labels import Avatar, Icon, PlainLabel


class ProfilePane(ScrollPage):
    """One contact."""

    chat_wanted = Signal(str)
    compare = Signal(str)
    new_group = Signal()
    back = Signal()
    erase = Signal(str, str)

    def __init__(self, look: Look, bridge: Bridge) -> None:
        super().__init__(look, "canvas")
        self._bridge = bridge
        self.contact: ContactView | None = None
        self._rooms: Sequence[RoomView] = ()
        self._devices = ""
        self._shared: list[str] = []
        middle = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout(self.content)
        column.setContentsMargins(24, 14, 24, 24)
        column.setSpacing(0)
        self.back_button = IconButton(look, "arrow-left", lambda: tr("Back"))
        self.back_button.clicked.connect(self.back)
        top = QWidget()
        top.setFixedHeight(40)
        beside = QHBoxLayout(top)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.back_button)
        beside.addStretch(1)
        column.addWidget(top)
        column.addSpacing(42)
        self._avatar = Avatar(look, 96)
        column.addWidget(self._avatar, 0, middle)
        column.addSpacing(16)
        self.name = PlainLabel(look, tokens.H1, wrap=True, align=middle)
        self.handle = PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, align=middle)
        column.addWidget(self.name)
        column.addSpacing(2)
        column.addWidget(self.handle)
        column.addSpacing(10)
        self.chip = StateChip(look)
        column.addWidget(self.chip, 0, middle)
        column.addSpacing(22)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch(1)
        chat = Button(look, lambda: tr("Chat"), "primary", height=44, icon="message-circle", padding=12)
        number = Button(look, lambda: tr("Safety number"), "secondary", height=44, icon="scan-eye", padding=12)
        group = Button(look, lambda: tr("New group"), "secondary", height=44, icon="users", padding=12)
        chat.clicked.connect(lambda: self._emit(self.chat_wanted))
        number.clicked.connect(lambda: self._emit(self.compare))
        group.clicked.connect(self.new_group)
        self.buttons = (chat, number, group)
        for button in self.buttons:
            button.setMinimumWidth(132)
            buttons.addWidget(button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addSpacing(36)
        box = Box(look, "panel", line="line", radius=16)
        box.setMaximumWidth(520)
        rows = QVBoxLayout(box)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        self._values: list[tuple[PlainLabel, Callable[[], str]]] = []
        self._add_row(rows, "smartphone", lambda: tr("Devices"), lambda: self._devices)
        apart = QHBoxLayout()
        apart.setContentsMargins(56, 0, 1, 0)
        apart.addWidget(Line(look))
        rows.addLayout(apart)
        self._add_row(rows, "messages-square", lambda: tr("Rooms in common"), lambda: ", ".join(self._shared) or "–")
        holder = QHBoxLayout()
        holder.addStretch(1)
        holder.addWidget(box, 1000)
        holder.addStretch(1)
        column.addLayout(holder)
        column.addSpacing(24)
        away = Button(look, lambda: tr("Erase this person from this device…"), "danger_outline", icon="eraser")
        away.clicked.connect(self._erase)
        column.addWidget(away, 0, middle)
        column.addStretch(1)
        look.live(self, self._say)

    def show_contact(self, contact: ContactView, rooms: Sequence[RoomView]) -> None:
        """Show a friend; devices and shared rooms are asked for."""
        self.contact = contact
        self._rooms = rooms
        self._devices, self._shared = "", []
        for room in rooms:
            if room.kind in (RoomKind.GROUP, RoomKind.DIRECT):
                self._ask(contact.account_id, room)
        self._say()

    def refresh(self, contacts: Sequence[ContactView]) -> None:
        """The contact may have changed, or be no contact any more."""
        if self.contact is not None:
            self.contact = next((c for c in contacts if c.account_id == self.contact.account_id), None)
            self._say()

    def set_narrow(self, narrow: bool) -> None:
        """One pane: a back button."""
        self.back_button.setVisible(narrow)
        for button in self.buttons:
            button.show_icon(not narrow)
            button.setMinimumWidth(96 if narrow else 132)

    def _ask(self, account_id: AccountId, room: RoomView) -> None:
        def told(members: Sequence[MemberView]) -> None:
            self._seen(account_id, room, members)

        self._bridge.run(self._bridge.engine.rooms.members(room.room_id), told, lambda _code: None)

    def _seen(self, account_id: AccountId, room: RoomView, members: Sequence[MemberView]) -> None:
        if self.contact is None or self.contact.account_id != account_id:
            return
        for member in members:
            if member.account_id == account_id:
                self._devices = devices_words(member)
                if room.kind is RoomKind.GROUP and room_title(room) not in self._shared:
                    self._shared.append(room_title(room))
        self._say()

    def _add_row(self, rows: QVBoxLayout, icon: str, name: Callable[[], str], value: Callable[[], str]) -> None:
        holder = QWidget()
        holder.setFixedHeight(62)
        row = QHBoxLayout(holder)
        row.setContentsMargins(20, 0, 20, 0)
        row.setSpacing(16)
        row.addWidget(Icon(self._look, icon, "text2", 20))
        row.addWidget(PlainLabel(self._look, tokens.LABEL, text=name))
        row.addStretch(1)
        words = PlainLabel(self._look, tokens.LABEL, "text2", weight=400)
        row.addWidget(words)
        self._values.append((words, value))
        rows.addWidget(holder)

    def _erase(self) -> None:
        if self.contact is not None:
            self.erase.emit(self.contact.account_id, person_name(self.contact.name, self.contact.handle))

    def _emit(self, signal: object) -> None:
        if self.contact is not None:
            signal.emit(self.contact.account_id)  # type: ignore[attr-defined]

    def _say(self) -> None:
        contact = self.contact
        if contact is None:
            return
        name = person_name(contact.name, contact.handle)
        self._avatar.show_for(name, painting.avatar_index(contact.account_id))
        self.name.set_text(name)
        self.handle.set_text(shown_address(contact.handle, self._bridge.engine.account.status().host or ""))
        words = {
            Trust.VERIFIED: ("ok", tr("Safety number verified")),
            Trust.UNVERIFIED: ("unverified", tr("Not verified")),
            Trust.CHANGED: ("changed", tr("Key changed")),
        }[contact.trust]
        self.chip.show_state(*words)
        for label, value in self._values:
            label.set_text(value())


def are_roles_known(member: MemberView) -> bool:
    """Whether it is known what the devices are: in a room that one has left nothing tells it any more."""
    return any(device.role is Role.PRIMARY for device in member.devices)


def _called(device: DeviceView, is_known: bool) -> str:
    kind = tr("Primary device") if device.role is Role.PRIMARY else tr("Linked PC") if is_known else tr("Device")
    return one_line(device.name, 24) or kind


def devices_words(member: MemberView) -> str:
    """`기본 기기와 PC 1대`; own devices by their names; `기기 2대` where it is not known what they are."""
    is_known = are_roles_known(member)
    if member.is_self and any(d.name for d in member.devices):
        devices = sorted(member.devices, key=lambda d: d.role is not Role.PRIMARY)
        return " · ".join(_called(device, is_known) for device in devices)
    if not is_known:
        return tr("%n devices", len(member.devices))
    pcs = sum(1 for d in member.devices if d.role is Role.LINKED)
    if not pcs:
        return tr("Primary device")
    return tr("Primary device and %n PCs", pcs)
