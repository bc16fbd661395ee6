"""The messenger itself: rail, list column, room pane, drawer; two panes on a PC, one on a phone or a narrow window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from byre.client.views import AccountId, ContactView, MessageId, RoomId, RoomKind, RoomView
from byre.ui import tokens
from byre.ui.bridge import Bridge
from byre.ui.day_turn import DayTurn
from byre.ui.guard import guarded
from byre.ui.listing import Listing
from byre.ui.look import Look
from byre.ui.pages.empty import EmptyPane
from byre.ui.panes import Panes
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


class Messenger(QWidget):
    """Shows the places; dialogs are asked for by signals that the window answers.

    Signals: `new_chat`, `compare(account_id)`, `accept_key(account_id)`, `wipe(room_id)`, `invite(room_id)`,
    `full_text((message, room window))`, `locked`, `wipe_shown`, `link_pc`, `shown(message_id, room_id, ns)`,
    `titled(str)`, `counted(unread)`.
    """

    new_chat = Signal()
    compare = Signal(str)
    accept_key = Signal(str)
    wipe = Signal(str)
    full_text = Signal(object)
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
        self.listing = Listing(bridge, self)
        self.day_turn = DayTurn(look, self)
        self.rail = Rail(look)
        self.tabs = TabBar(look)
        self.drawer = InfoDrawer(look, bridge)
        self.drawer.follow(self.marks)
        self.drawer.hide()
        self.panes = Panes(self, self.rail, self.tabs, self.drawer)
        self.chats = ChatsColumn(look)
        self.chats.model.set_marks(self.marks)
        self.chats.menu_wanted.connect(self.room_menu)
        self.friends = FriendsColumn(look)
        self.friends.host = bridge.engine.account.status().host or ""
        self.search = SearchColumn(look, bridge)
        self.settings = SettingsColumn(look)
        for column in (self.chats, self.friends, self.search, self.settings):
            self.panes.columns.addWidget(column)
        self.empty = EmptyPane(look)
        self.room_pane = RoomPane(look, bridge)
        self.profile = ProfilePane(look, bridge)
        self.settings_pane = SettingsPane(look, bridge)
        for pane in (self.empty, self.room_pane, self.profile, self.settings_pane):
            self.panes.stack.addWidget(pane)
        OfflineMark(bridge, self.chats, self.room_pane)
        self._wire()
        self._lay(False)
        self.go("chats")
        self.listing.reload_now()
        self.listing.reload_contacts()

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
        self.panes.columns.setCurrentWidget(columns[base])
        if base != "search":  # Qt would give the focus to the search field, which opens a keyboard on a phone
            row = self.settings.rows.get(place.partition("-")[2] or "devices", self.settings)
            focused = {"chats": self.chats.list, "friends": self.friends.list}.get(base, row)
            focused.setFocus(Qt.FocusReason.OtherFocusReason)
        if base == "settings":
            if self.panes.is_narrow and place == "settings":
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
            if target is None:
                self.room_pane.composer_bar.composer.setFocus(Qt.FocusReason.OtherFocusReason)

        self.bridge.run(self.bridge.engine.rooms.get(room_id), opened)

    def take_focus(self) -> None:
        """Give the focus to the open room's field, or to the list."""
        composer = self.room_pane.composer_bar.composer
        target = composer if composer.isVisible() and composer.isEnabled() else self.chats.list
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave_room(self) -> None:
        """Show no room (back, wiped, Esc)."""
        self.drawer.hide()
        self.room_pane.close_room()
        self.chats.select(None)
        self._show_pane(self.empty)
        self._show_column()

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
        self.panes.fit_drawer()
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
        self.listing.reload()

    @guarded(None)
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay(self.width() < tokens.NARROW)
        self.panes.fit_drawer()

    @guarded(False)
    def focusNextPrevChild(self, forward: bool) -> bool:
        self.panes.tab(forward)
        return True

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
        pane.window_model.room_changed.connect(self._say_title)
        self.drawer.closed.connect(self.toggle_drawer)
        self.drawer.wipe.connect(self.wipe)
        self.drawer.invite.connect(self.invite)
        self.drawer.compare.connect(self.compare)
        self.drawer.rename.connect(self.rename_room)
        self.listing.rooms_listed.connect(self._rooms)
        self.day_turn.turned.connect(self.chats.list.viewport().update)
        self.day_turn.turned.connect(self.search.list.viewport().update)
        self.listing.contacts_listed.connect(self._contacts)

    def _rooms(self, rooms: tuple[RoomView, ...]) -> None:
        shown = tuple(r for r in rooms if r.room_id not in self.hidden_rooms)
        self.chats.show_rooms(shown)
        self.friends.show_rooms(shown)
        self.empty.set_first(all(room.kind is RoomKind.NOTE for room in rooms))
        self.search.rooms = {r.room_id: r for r in rooms}
        self.tabs.set_unread(self.chats.model.unread_messages())
        self.counted.emit(self.chats.model.unread_messages(loud_only=True))

    def _contacts(self, contacts: tuple[ContactView, ...]) -> None:
        self.friends.show_contacts(contacts)
        self.search.contacts = contacts
        self.profile.refresh(contacts)
        if self.profile.contact is None and self.panes.stack.currentWidget() is self.profile:
            self._show_pane(self.empty)  # erased, or removed on another device
            self._show_column()

    def _open_contact(self, account_id: str) -> None:
        contact = next((c for c in self.listing.contacts if c.account_id == account_id), None)
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
        contact = next((c for c in self.listing.contacts if c.account_id == wanted), None)
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
        in_room = self.room_pane.room is not None and self.place == "chats"
        self.panes.fit(narrow, self.room_pane if in_room else None)

    def _show_column(self) -> None:
        self.panes.show_column()

    def _say_title(self) -> None:
        """The window is called after the room that is shown in it."""
        in_room = self.room_pane.room is not None and self.panes.stack.currentWidget() is self.room_pane
        self.titled.emit(self.room_pane.header.title.text() if in_room else "")

    def _show_pane(self, pane: QWidget, raise_it: bool = False) -> None:
        self.panes.show_pane(pane, raise_it=raise_it)
        self._say_title()
        if pane is not self.room_pane:
            self.room_pane.header.info_button.set_on(False)
