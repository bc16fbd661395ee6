"""The messenger itself: rail, list column, room pane, drawer; two panes on a PC, one on a phone or a narrow window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from byre.client.events import ContactChanged, MessageSent, MessageStateChanged, RoomChanged, RoomErased, RoomRequested
from byre.client.views import AccountId, ContactView, MessageId, RoomId, RoomKind, RoomView
from byre.errors import UsageError
from byre.ui import tokens
from byre.ui.bridge import Bridge
from byre.ui.guard import guarded
from byre.ui.look import Look
from byre.ui.pages.empty import EmptyPane
from byre.ui.rail import Rail, TabBar
from byre.ui.room.drawer import InfoDrawer
from byre.ui.room.pane import RoomPane
from byre.ui.room_marks import RoomMarks
from byre.ui.settings.column import SettingsColumn
from byre.ui.settings.pane import SettingsPane
from byre.ui.sidebar.chats import ChatsColumn
from byre.ui.sidebar.friends import FriendsColumn
from byre.ui.sidebar.offline_mark import OfflineMark
from byre.ui.sidebar.profile import ProfilePane
from byre.ui.sidebar.search import SearchColumn

RELOAD_PAUSE_MS = 40


class Messenger(QWidget):
    """Shows the places; dialogs are asked for by signals that the window answers.

    Signals: `new_chat`, `compare(account_id)`, `accept_key(account_id)`, `wipe(room_id)`, `full_text(str)`,
    `invite(room_id)`, `locked`, `wipe_shown`, `link_pc`, `shown(message_id, room_id, ns)`, `titled(str)`,
    `counted(unread)`.
    """

    new_chat = Signal()
    compare = Signal(str)
    accept_key = Signal(str)
    wipe = Signal(str)
    full_text = Signal(str)
    invite = Signal(str)
    locked = Signal()
    wipe_shown = Signal()
    link_pc = Signal()
    shown = Signal(str, str, object)
    titled = Signal(str)
    counted = Signal(int)
    room_menu = Signal(str, QPoint)
    rename_room = Signal(str, str)

    def __init__(self, look: Look, bridge: Bridge) -> None:
        super().__init__()
        self.look, self.bridge = look, bridge
        self.place = "chats"
        self.hidden_rooms: set[str] = set()
        self.own_window: Callable[[str, MessageId | None, str], bool] = lambda _room_id, _target, _query: False
        self.marks = RoomMarks(bridge)
        self._narrow: bool | None = None
        self._contacts: tuple[ContactView, ...] = ()
        self._dirty = False
        self.reload_timer = QTimer(self)
        self.reload_timer.setSingleShot(True)
        self.reload_timer.setInterval(RELOAD_PAUSE_MS)
        self.reload_timer.timeout.connect(self._reload)
        self.rail = Rail(look)
        self.tabs = TabBar(look)
        self.columns = QStackedWidget()
        self.chats = ChatsColumn(look)
        self.chats.model.set_marks(self.marks)
        self.chats.menu_wanted.connect(self.room_menu)
        self.friends = FriendsColumn(look)
        self.friends.host = bridge.engine.account.status().host or ""
        self.search = SearchColumn(look, bridge)
        self.settings = SettingsColumn(look)
        for column in (self.chats, self.friends, self.search, self.settings):
            self.columns.addWidget(column)
        self.panes = QStackedWidget()
        self.empty = EmptyPane(look)
        self.room_pane = RoomPane(look, bridge)
        self.profile = ProfilePane(look, bridge)
        self.settings_pane = SettingsPane(look, bridge)
        for pane in (self.empty, self.room_pane, self.profile, self.settings_pane):
            self.panes.addWidget(pane)
        OfflineMark(bridge, self.chats, self.room_pane)
        self.drawer = InfoDrawer(look, bridge)
        self.drawer.follow(self.marks)
        self.drawer.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self.rail)
        self._row.addWidget(self.columns)
        self._row.addWidget(self.panes, 1)
        self._row.addWidget(self.drawer)
        outer.addLayout(self._row, 1)
        outer.addWidget(self.tabs)
        self._wire()
        self._lay(False)
        self.go("chats")
        self._reload()
        self.reload_contacts()

    # -- places

    def go(self, place: str) -> None:
        """Show a place: chats, friends, note, search, settings, or a settings page `settings-devices`."""
        if place == "note":
            self._open_note()
            return
        if place == "lock":
            self.locked.emit()
            return
        if place == "wipe":
            self.wipe_shown.emit()
            return
        base = place.partition("-")[0]
        self.place = base
        self.rail.choose("chats" if base == "search" else base)
        self.tabs.choose("chats" if base == "search" else base)
        columns: dict[str, QWidget] = {
            "chats": self.chats, "friends": self.friends, "search": self.search, "settings": self.settings,
        }  # fmt: skip
        self.columns.setCurrentWidget(columns[base])
        if base != "search":  # Qt would give the focus to the search field, which opens a keyboard on a phone
            row = self.settings.rows.get(place.partition("-")[2] or "devices", self.settings)
            focused = {"chats": self.chats.list, "friends": self.friends.list}.get(base, row)
            focused.setFocus(Qt.FocusReason.OtherFocusReason)
        if base == "settings":
            if self._narrow and place == "settings":
                self._show_column()
                return
            self.settings_pane.show_page(place.partition("-")[2] or "devices")
            self.settings.select(self.settings_pane.page)
            self._show_pane(self.settings_pane)
        elif base == "friends":
            self._show_pane(self.profile if self.profile.contact is not None else self.empty)
            self._show_column()
        else:
            self._show_pane(self.room_pane if self.room_pane.room is not None else self.empty)
            if self._narrow:
                self._show_column()

    def open_room(self, room_id: RoomId, target: MessageId | None = None, query: str = "") -> None:
        """Open a room, at its end or at a message with `query` marked; its own window comes to the front."""
        if self.own_window(room_id, target, query):
            return

        def opened(room: RoomView) -> None:
            if self.place not in ("chats", "search"):
                self.go("chats")
            self.chats.select(room.room_id)
            self.room_pane.open(room, target)
            if target is not None:
                self.room_pane.finder.open_at(target, query)
            self._show_pane(self.room_pane, raise_it=True)
            self.drawer.show_room(self.room_pane.window_model)
            self.titled.emit(self.room_pane.header.title.text())
            if target is None:
                self.room_pane.composer_bar.composer.setFocus(Qt.FocusReason.OtherFocusReason)

        self.bridge.run(self.bridge.engine.rooms.get(room_id), opened)

    def leave_room(self) -> None:
        """Show no room (back, wiped, Esc)."""
        self.drawer.hide()
        self.room_pane.close_room()
        self.chats.select(None)
        self._show_pane(self.empty)
        if self._narrow:
            self._show_column()
        self.titled.emit("")

    def hide_room(self, room_id: str) -> None:
        """Show a room nowhere: it is being erased."""
        self.hidden_rooms.add(room_id)
        if self.room_pane.room is not None and self.room_pane.room.room_id == room_id:
            self.leave_room()
        self.reload()

    def show_room(self, room_id: str) -> None:
        """Show a room again."""
        self.hidden_rooms.discard(room_id)
        self.reload()

    def toggle_drawer(self) -> None:
        """Open or close the info drawer; closing gives the focus back."""
        if self.room_pane.room is None:
            return
        opening = self.drawer.isHidden()
        self.drawer.setVisible(opening)
        self.room_pane.header.info_button.set_on(opening)
        self.drawer.fit(self._row, self, bool(self._narrow))
        if opening:
            self.drawer.show_room(self.room_pane.window_model)
            self.drawer.close_button.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.room_pane.composer_bar.composer.setFocus()

    def step_hit(self, by: int) -> None:
        """The next newer (1) or older (-1) hit: of the search over all rooms while it is shown, else of this room."""
        if self.place == "search":
            self.search.step(by)
        else:
            self.room_pane.finder.step(by)

    def search_all(self, query: str = "") -> None:
        """The results column over all rooms."""
        self.go("search")
        self.search.begin(query)

    def reload(self) -> None:
        """Ask the engine for the rooms again, once for a burst of events."""
        if not self.reload_timer.isActive():
            self.reload_timer.start()

    def _reload(self) -> None:
        if self._dirty:  # the answer under way may be older than what happened since
            self.reload_timer.start()
            return
        with suppress(UsageError):  # locked or closed since it was asked for
            self.bridge.run(self.bridge.engine.rooms.list(), self._rooms, self._not_listed)
            self._dirty = True

    def reload_contacts(self) -> None:
        """Ask for the contacts again."""
        self.bridge.run(self.bridge.engine.contacts.list(), self._contacts_listed, lambda _code: None)

    @guarded(None)
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay(self.width() < tokens.NARROW)
        self.drawer.fit(self._row, self, bool(self._narrow))

    # -- inside

    def _wire(self) -> None:
        self.rail.chosen.connect(self.go)
        self.counted.connect(self.rail.set_unread)
        self.tabs.chosen.connect(self.go)
        self.chats.room_opened.connect(lambda room_id: self.open_room(RoomId(room_id)))
        self.chats.new_chat.connect(self.new_chat)
        self.empty.new_chat.connect(self.new_chat)
        self.chats.search_all.connect(self.search_all)
        self.friends.contact_opened.connect(self._open_contact)
        self.friends.chat_wanted.connect(self.chat_with)
        self.friends.room_opened.connect(lambda room_id: self.open_room(RoomId(room_id)))
        self.friends.add_wanted.connect(self.new_chat)
        self.profile.chat_wanted.connect(self.chat_with)
        self.profile.compare.connect(self.compare)
        self.profile.new_group.connect(self.new_chat)
        self.profile.back.connect(lambda: self.go("friends"))
        self.search.result_opened.connect(self._open_result)
        self.search.closed.connect(lambda: self.go("chats"))
        self.settings.chosen.connect(lambda page: self.go(f"settings-{page}"))
        self.settings.option_chosen.connect(self._open_option)
        self.settings_pane.back.connect(lambda: self.go("settings"))
        self.settings_pane.link_pc.connect(self.link_pc)
        pane = self.room_pane
        pane.header.back.connect(self.leave_room)
        pane.header.info.connect(self.toggle_drawer)
        pane.compare.connect(self.compare)
        pane.accept_key.connect(self.accept_key)
        pane.full_text.connect(self.full_text)
        pane.shown.connect(self.shown)
        pane.escaped.connect(self._escaped)
        pane.drafts.kept.connect(self.reload)
        pane.window_model.room_changed.connect(lambda: self.titled.emit(pane.header.title.text()))
        self.drawer.closed.connect(self.toggle_drawer)
        self.drawer.wipe.connect(self.wipe)
        self.drawer.invite.connect(self.invite)
        self.drawer.compare.connect(self.compare)
        self.drawer.rename.connect(self.rename_room)
        self.bridge.happened.connect(self._happened)

    def _happened(self, event: object) -> None:
        if isinstance(event, RoomChanged | RoomRequested | RoomErased | MessageStateChanged | MessageSent):
            self.reload()
        if isinstance(event, ContactChanged):
            self.reload_contacts()
            self.reload()  # the shield of a person stands beside rooms too

    def _rooms(self, rooms: Sequence[RoomView]) -> None:
        self._dirty = False
        shown = tuple(r for r in rooms if r.room_id not in self.hidden_rooms)
        self.chats.show_rooms(shown)
        self.friends.show_rooms(shown)
        self.empty.set_first(all(room.kind is RoomKind.NOTE for room in rooms))
        self.search.rooms = {r.room_id: r for r in rooms}
        self.tabs.set_unread(self.chats.model.unread_messages())
        self.counted.emit(self.chats.model.unread_messages(loud_only=True))

    def _not_listed(self, code: str) -> None:
        self._dirty = False

    def _contacts_listed(self, contacts: Sequence[ContactView]) -> None:
        self._contacts = tuple(contacts)
        self.friends.show_contacts(self._contacts)
        self.search.contacts = self._contacts
        self.profile.refresh(self._contacts)

    def _open_contact(self, account_id: str) -> None:
        contact = next((c for c in self._contacts if c.account_id == account_id), None)
        if contact is not None:
            self.profile.show_contact(contact, self.chats.rooms)
            self._show_pane(self.profile, raise_it=True)

    def chat_with(self, account_id: str) -> None:
        """Open the direct room with somebody; it is made if there is none."""
        wanted = AccountId(account_id)
        for room in self.chats.rooms:
            if room.kind is RoomKind.DIRECT and room.peer_account_id == wanted:
                self.open_room(room.room_id)
                return
        contact = next((c for c in self._contacts if c.account_id == wanted), None)
        if contact is not None:
            self.bridge.run(self.bridge.engine.rooms.create([contact.handle]), self.open_room)

    def _open_note(self) -> None:
        for room in self.chats.rooms:
            if room.kind is RoomKind.NOTE:
                self.open_room(room.room_id)
                self.rail.choose("note")
                self.tabs.choose("note")
                return
        self.bridge.failed.emit("no_such_room")

    def _open_option(self, page: str, words: str) -> None:
        self.go(f"settings-{page}")
        self.settings_pane.flash(words)

    def _escaped(self) -> None:
        """Esc in the room: the drawer goes first, then the room, unless something is being written."""
        if not self.drawer.isHidden():
            self.toggle_drawer()
            return
        if self.room_pane.composer_bar.composer.has_text():
            return
        room_id = self.chats.current
        self.leave_room()
        self.chats.stand_on(room_id)

    def _open_result(self, room_id: str, message_id: str, query: str) -> None:
        self.open_room(RoomId(room_id), MessageId(message_id), query)

    # -- geometry

    def _lay(self, narrow: bool) -> None:
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self.rail.setVisible(not narrow)
        self.chats.set_narrow(narrow)
        self.friends.set_narrow(narrow)
        for column in (self.chats, self.friends, self.search, self.settings):
            column.set_line("" if narrow else "right")
        self.room_pane.set_narrow(narrow)
        self.profile.set_narrow(narrow)
        self.settings_pane.set_narrow(narrow)
        if narrow:
            self.columns.setMinimumWidth(0)
            self.columns.setMaximumWidth(16_777_215)
            if self.room_pane.room is not None and self.place == "chats":
                self._show_pane(self.room_pane, raise_it=True)
            else:
                self._show_column()
        else:
            self.columns.setFixedWidth(tokens.LIST)
            self.columns.show()
            self.panes.show()
            self.tabs.hide()

    def _show_column(self) -> None:
        if self._narrow:
            self.panes.hide()
            self.drawer.hide()
            self.columns.show()
            self.tabs.show()

    def _show_pane(self, pane: QWidget, raise_it: bool = False) -> None:
        self.panes.setCurrentWidget(pane)
        if pane is not self.room_pane:
            self.drawer.hide()
            self.room_pane.header.info_button.set_on(False)
        if self._narrow and (raise_it or pane is self.settings_pane):
            in_column = self.columns.isAncestorOf(self.focusWidget())
            self.columns.hide()
            self.tabs.setVisible(pane is self.settings_pane)
            self.panes.show()
            if in_column and isinstance(pane, SettingsPane | ProfilePane):  # or it would go to the tabs below
                pane.back_button.setFocus(Qt.FocusReason.OtherFocusReason)
