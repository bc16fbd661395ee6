"""Holds the window's outside together: own windows of rooms, tray, notifications, idle lock.

A lock closes the own windows and withdraws notifications; while locked nothing outside shows a name, a text or a count.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QApplication, QMenu

from byre.client.events import MessageReceived, MessagesErased, RoomErased, RoomRequested, StatusChanged
from byre.client.views import MessageId, RoomId, RoomState, RoomView
from byre.ui.bridge import Bridge
from byre.ui.desktop.idle import IdleWatch
from byre.ui.desktop.notifications import Notifier, Shower, Wishes
from byre.ui.desktop.own_window import OwnRoomWindow
from byre.ui.desktop.tray import Tray
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.messenger import Messenger
from byre.ui.preferences import Preferences

if TYPE_CHECKING:
    from byre.ui.desktop.bus import PortalNotifications, SleepDelay


class _Silent:
    """Where the desktop shows no notifications."""

    def show(self, key: str, title: str, body: str) -> None:
        return

    def withdraw(self, key: str) -> None:
        return


class Desktop(QObject):
    """Signals: `lock`, `quit`, `toggled` (show or hide the window), `raised` (a notification was clicked)."""

    lock = Signal()
    quit = Signal()
    toggled = Signal()
    raised = Signal()

    def __init__(self, look: Look, bridge: Bridge, preferences: Preferences, window: QObject) -> None:
        super().__init__(window)
        self._look, self._bridge, self._preferences = look, bridge, preferences
        self.messenger: Messenger | None = None
        self.windows: dict[str, OwnRoomWindow] = {}
        self.tray: Tray | None = None
        self._portal: PortalNotifications | None = None
        self._sleep: SleepDelay | None = None
        self.notifier = Notifier(
            _Silent(), watching=self._is_watched, is_muted=self._is_muted, room_of=self._room_of
        )  # fmt: skip
        self.idle = IdleWatch(self)
        self.idle.lock_wanted.connect(self._idle)
        self._has_bus = self._can_lock = False
        preferences.changed.connect(self._chosen)
        bridge.happened.connect(self._happened)

    def begin(self, messenger: Messenger) -> None:
        """The conversations are open."""
        self.messenger = messenger
        self.notifier.is_locked = False
        self._outside()
        messenger.own_window = self.raise_own
        messenger.room_menu.connect(self._menu)
        messenger.chats.model.modelReset.connect(self._count)
        messenger.chats.model.dataChanged.connect(self._count)
        messenger.titled.connect(lambda _title: self._seen())

    def end(self) -> None:
        """The conversations are closed: nothing of them stays outside."""
        self.messenger = None
        self.notifier.lock()
        self.idle.set_minutes(0)
        for window in tuple(self.windows.values()):
            window.close()
        if self.tray is not None:
            self.tray.set_unread(0)

    def close(self) -> None:
        """The app ends."""
        self.end()
        if self.tray is not None:
            self.tray.close()

    def stays(self) -> bool:
        """Whether closing the window leaves Byre in the tray."""
        return self._preferences.value("ui.on_close") == "hide" and self.tray is not None and Tray.is_there()

    def open_own(self, room_id: str) -> None:
        """A window for this room alone."""
        if self.raise_own(room_id):
            return

        def opened(room: RoomView) -> None:
            messenger = self.messenger
            if messenger is None or room.room_id in self.windows:
                return
            if messenger.room_pane.room is not None and messenger.room_pane.room.room_id == room.room_id:
                messenger.leave_room()
            with_ctrl = self._preferences.value("ui.send_key") == "ctrl"
            window = OwnRoomWindow(self._look, self._bridge, room, with_ctrl=with_ctrl)
            self.windows[room.room_id] = window
            window.closed.connect(self._own_closed)
            pane = window.pane
            for mine, theirs in (
                (pane.compare, messenger.compare),
                (pane.accept_key, messenger.accept_key),
                (pane.full_text, messenger.full_text),
                (pane.erase_message, messenger.room_pane.erase_message),
                (pane.link_wanted, messenger.room_pane.link_wanted),
                (pane.date_wanted, messenger.room_pane.date_wanted),
            ):
                mine.connect(theirs)
                mine.connect(lambda _what: self.raised.emit())
            pane.shown.connect(messenger.shown)
            window.bring()

        self._bridge.run(self._bridge.engine.rooms.get(RoomId(room_id)), opened)

    def raise_own(self, room_id: str, target: MessageId | None = None, query: str = "") -> bool:
        """Show the own window of a room, if it has one, perhaps at a message."""
        window = self.windows.get(room_id)
        if window is not None:
            window.bring()
            if target is not None and window.pane.room is not None:
                window.pane.open(window.pane.room, target)
                window.pane.finder.open_at(target, query)
        return window is not None

    # -- inside

    def _outside(self) -> None:
        """Tray, D-Bus and notifications: what the desktop has, once."""
        if self.tray is None and Tray.is_there():
            self.tray = Tray(self._look, self)
            self.tray.toggled.connect(self.toggled)
            self.tray.lock.connect(self.lock)
            self.tray.quit.connect(self.quit)
            self.tray.opened.connect(self._notification_clicked)
        if not self._has_bus and sys.platform == "linux":
            self._has_bus = True
            from byre.ui.desktop.bus import PortalNotifications, ScreenSignals, SleepDelay

            self._sleep = SleepDelay(self)
            screen = ScreenSignals(self)
            screen.locked.connect(self._screen_locked)
            portal = PortalNotifications(self)
            portal.opened.connect(self._notification_clicked)
            self._portal = portal if portal.is_there else None
        self.show_by(self._portal or self.tray or _Silent())
        self._wish()

    def show_by(self, shower: Shower) -> None:
        """Show notifications this way."""
        self.notifier = Notifier(shower, watching=self._is_watched, is_muted=self._is_muted, room_of=self._room_of)
        self._wish()

    def _wish(self) -> None:
        value = self._preferences.value
        self.notifier.wishes = Wishes(value("ui.notify") == "on", value("ui.previews"))
        can_lock = self._can_lock = self._bridge.engine.account.status().has_passphrase
        self.idle.set_minutes(int(value("ui.idle_minutes")) if can_lock and self.messenger is not None else 0)
        if self._sleep is not None and self.messenger is not None:  # at a lock it is held until the process has gone
            if can_lock and value("ui.screen_lock") == "on":
                self._sleep.take(tr("Locks the conversations first"))
            else:
                self._sleep.release()

    def _chosen(self, name: str, value: str) -> None:
        if name in ("ui.notify", "ui.previews", "ui.idle_minutes", "ui.screen_lock"):
            self._wish()
        elif name == "ui.send_key":
            for window in self.windows.values():
                window.pane.composer_bar.set_send_key(value == "ctrl")

    def _idle(self) -> None:
        if self.messenger is not None:
            self.lock.emit()

    def _screen_locked(self) -> None:
        can_lock = self._bridge.engine.account.status().has_passphrase
        if self.messenger is not None and can_lock and self._preferences.value("ui.screen_lock") == "on":
            self.lock.emit()

    def _happened(self, event: object) -> None:
        if isinstance(event, MessageReceived):
            room = self._room_of(event.message.room_id)
            is_open = room is None or room.state is RoomState.ACTIVE
            if is_open and self.notifier.arrived(event.message) and self.messenger is not None:
                QApplication.alert(self.messenger.window())  # marks it in the task bar, unless it is the active one
        elif isinstance(event, RoomRequested):
            self.notifier.asked(event.room_id)
        elif isinstance(event, MessagesErased):
            self.notifier.erased(event.room_id, event.message_ids)
        elif isinstance(event, RoomErased):
            self.notifier.seen(event.room_id)
        elif isinstance(event, StatusChanged) and event.status.has_passphrase != self._can_lock:
            self._wish()

    def _count(self, *_: object) -> None:
        if self.tray is not None and self.messenger is not None:
            self.tray.set_unread(self.messenger.chats.model.unread_messages(loud_only=True))

    def _seen(self) -> None:
        messenger = self.messenger
        if messenger is not None and messenger.room_pane.room is not None:
            self.notifier.seen(messenger.room_pane.room.room_id)

    def _is_watched(self, room_id: str) -> bool:
        own = self.windows.get(room_id)
        if own is not None:
            return own.is_watched()
        messenger = self.messenger
        if messenger is None or not messenger.window().isActiveWindow() or not messenger.room_pane.isVisible():
            return False
        return messenger.room_pane.room is not None and messenger.room_pane.room.room_id == room_id

    def _is_muted(self, room_id: str) -> bool:
        return self.messenger is not None and self.messenger.marks.is_muted(room_id)

    def _room_of(self, room_id: str) -> RoomView | None:
        if self.messenger is None:
            return None
        return next((room for room in self.messenger.chats.rooms if room.room_id == room_id), None)

    def _notification_clicked(self, room_id: str) -> None:
        messenger = self.messenger
        if messenger is None:
            self.raised.emit()
        elif not self.raise_own(room_id):
            self.raised.emit()
            if self._room_of(room_id) is not None:
                messenger.open_room(RoomId(room_id))

    def _read(self, room_id: RoomId, last: MessageId) -> None:
        self._bridge.run(self._bridge.engine.messages.mark_read(room_id, last))
        self.notifier.seen(room_id)

    def _own_closed(self, room_id: str) -> None:
        window = self.windows.pop(room_id, None)
        if window is not None:
            window.deleteLater()

    def _menu(self, room_id: str, place: QPoint) -> None:
        messenger = self.messenger
        if messenger is None:
            return
        marks = messenger.marks
        menu = QMenu(messenger)
        menu.setObjectName("room menu")
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(tr("Open in its own window"), lambda: self.open_own(room_id))
        room = self._room_of(room_id)
        if room is not None and room.unread and room.last_message is not None and room.state is RoomState.ACTIVE:
            last = room.last_message.message_id
            menu.addAction(tr("Mark as read"), lambda: self._read(RoomId(room_id), last))
        menu.addSeparator()
        pin = tr("Unpin") if marks.is_pinned(room_id) else tr("Pin to the top")
        menu.addAction(pin, lambda: marks.toggle_pin(room_id))
        mute = tr("Notify again") if marks.is_muted(room_id) else tr("Make quiet")
        menu.addAction(mute, lambda: marks.toggle_mute(room_id))
        menu.addSeparator()
        menu.addAction(tr("Erase this conversation without a trace"), lambda: messenger.wipe.emit(room_id))
        menu.popup(place)
