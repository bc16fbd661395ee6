"""A new chat: one person by handle or from the friends, or a group of several; also inviting into a room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from byre.client.views import ContactView, MemberView, RoomId
from byre.ui import painting, tokens
from byre.ui.bridge import Bridge
from byre.ui.dialogs.sheet import Sheet
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.naming import person_name
from byre.ui.pages.forms import FormRow
from byre.ui.plain import shown_address
from byre.ui.sidebar.chats import PlainList
from byre.ui.sidebar.friends import ENTRY_ROLE, Entry, FriendDelegate, FriendsModel, entries
from byre.ui.widgets.buttons import Button, IconButton
from byre.ui.widgets.labels import Avatar, PlainLabel

MOST = 199
ROW, MOST_SHOWN = 64, 3


class NewChat(Sheet):
    """`opened(room_id)` when the room is there."""

    opened = Signal(str)

    def __init__(self, look: Look, window: QWidget, bridge: Bridge, *, invite_into: RoomId | None = None) -> None:
        super().__init__(look, window, width=480)
        self._bridge = bridge
        self._room = invite_into
        self._host = bridge.engine.account.status().host or ""
        self.members: list[ContactView] = []
        if invite_into is None:
            self.head(
                lambda: tr("New chat"), lambda: tr("Choose a friend or write a handle. Several people make a group.")
            )
        else:
            self.head(
                lambda: tr("Invite people"),
                lambda: tr("New people can read what is written from now on, nothing older."),
            )
        row = QHBoxLayout()
        row.setSpacing(8)
        self.handle = FormRow(look, lambda: tr("Handle"), placeholder=lambda: tr("name or name@relay"))
        self.handle.field.submitted.connect(self._add)
        row.addWidget(self.handle, 1)
        self._plus = Button(look, lambda: tr("Add"), "soft", height=44, padding=16)
        self._plus.clicked.connect(self._add)
        beside = QVBoxLayout()
        beside.addSpacing(24)
        beside.addWidget(self._plus)
        beside.addStretch(1)
        row.addLayout(beside)
        self.body.addLayout(row)
        self._friends: Sequence[ContactView] = ()
        self._inside: set[str] = set()
        self.model = FriendsModel(self)
        self.friends = PlainList()
        self.friends.setModel(self.model)
        self.friends.setItemDelegate(FriendDelegate(look, self.friends))
        self.friends.opened.connect(self._picked)
        self.friends.left_upwards.connect(lambda: self.handle.field.setFocus())
        look.live(self.friends, lambda: self.friends.setAccessibleName(tr("Friends")))
        self.friends.hide()
        self.body.addSpacing(8)
        self.body.addWidget(self.friends)
        self.handle.field.edited.connect(lambda _text: self._show_friends())
        self.handle.field.key.connect(self._key)
        bridge.run(bridge.engine.contacts.list(), self._known, lambda _code: None)
        if invite_into is not None:
            bridge.run(bridge.engine.rooms.members(invite_into), self._already, lambda _code: None)
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 12, 0, 0)
        self._list.setSpacing(4)
        self.body.addLayout(self._list)
        self.title = FormRow(look, lambda: tr("Name of the group"))
        self.title.hide()
        self.title.field.submitted.connect(self._create)
        self.body.addSpacing(8)
        self.body.addWidget(self.title)
        cancel = Button(look, lambda: tr("Cancel"), "secondary")
        cancel.clicked.connect(self.close_sheet)
        self.start = Button(look, lambda: tr("Invite") if invite_into else tr("Start the chat"))
        self.start.setEnabled(False)
        self.start.clicked.connect(self._create)
        self.foot(cancel, self.start)

    def focus_first(self) -> None:
        """Into the field."""
        self.handle.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def add(self, contact: ContactView) -> None:
        """Put somebody on the list."""
        if any(m.account_id == contact.account_id for m in self.members):
            return
        if len(self.members) >= MOST:
            self.handle.set_error("room_too_large")
            return
        self.members.append(contact)
        self._show_members()

    def _known(self, contacts: Sequence[ContactView]) -> None:
        self._friends = contacts
        self._show_friends()

    def _already(self, members: Sequence[MemberView]) -> None:
        self._inside = {member.account_id for member in members}
        self._show_friends()

    def _show_friends(self) -> None:
        """The friends who are not on the list yet and fit what is written."""
        there = self._inside | {member.account_id for member in self.members}
        left = [contact for contact in self._friends if contact.account_id not in there]
        found = [e for e in entries(left, (), self.handle.text().strip(), self._host) if e.key]
        self.model.replace(found)
        self.friends.setVisible(bool(found))
        self.friends.setFixedHeight(ROW * min(MOST_SHOWN, max(1, len(found))))

    def _picked(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        contact = next((c for c in self._friends if isinstance(entry, Entry) and c.account_id == entry.key), None)
        if contact is not None:
            self.handle.field.clear()
            self.add(contact)

    def _key(self, key: int) -> None:
        if key == Qt.Key.Key_Escape:
            if self.handle.text():
                self.handle.field.clear()
            else:
                self.close_sheet()
        elif key == Qt.Key.Key_Down and self.model.entries:
            self.friends.setFocus(Qt.FocusReason.TabFocusReason)
            self.friends.setCurrentIndex(self.model.index(0, 0))

    def _add(self) -> None:
        handle = self.handle.text().strip()
        if not handle:
            if self.members:
                self._create()
            return
        self._plus.setEnabled(False)

        def found(contact: ContactView) -> None:
            self._plus.setEnabled(True)
            self.handle.field.clear()
            self.add(contact)

        def refused(code: str) -> None:
            self._plus.setEnabled(True)
            self.handle.set_error(code)

        self._bridge.run(self._bridge.engine.contacts.add(handle), found, refused)

    def _show_members(self) -> None:
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for contact in self.members:
            self._list.addWidget(self._member(contact))
        self.start.setEnabled(bool(self.members))
        self.title.setVisible(self._room is None and len(self.members) > 1)
        self._show_friends()
        self._place()

    def _member(self, contact: ContactView) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        name = person_name(contact.name, contact.handle)
        row.addWidget(Avatar(self.look, 34, name, painting.avatar_index(contact.account_id)))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(PlainLabel(self.look, tokens.LABEL, weight=600, text=name))
        words.addWidget(PlainLabel(self.look, tokens.META, "text2", text=shown_address(contact.handle, self._host)))
        row.addLayout(words, 1)
        away = IconButton(self.look, "x", lambda: tr("Remove {name}", name=name), size=36, icon_size=18)
        away.clicked.connect(lambda: self._remove(contact))
        row.addWidget(away)
        return holder

    def _remove(self, contact: ContactView) -> None:
        self.members = [m for m in self.members if m.account_id != contact.account_id]
        self._show_members()

    def _create(self) -> None:
        if not self.members or not self.start.isEnabled():
            return
        self.start.setEnabled(False)
        handles = [m.handle for m in self.members]

        def refused(code: str) -> None:
            self.start.setEnabled(True)
            self.handle.set_error(code)

        rooms = self._bridge.engine.rooms
        if self._room is not None:
            self._bridge.run(rooms.add(self._room, handles), lambda _none: self.close_sheet(), refused)
            return
        title = " ".join(self.title.text().split()) or None
        if len(handles) > 1 and title is None:
            title = ", ".join(person_name(m.name, m.handle) for m in self.members)[:60]

        def made(room_id: RoomId) -> None:
            self.opened.emit(room_id)
            self.close_sheet()

        self._bridge.run(rooms.create(handles, title if len(handles) > 1 else None), made, refused)
