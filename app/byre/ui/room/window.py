"""The window of one room on the store: loads pages through the engine and follows its events.

Never all messages: at most `KEEP` rows, the far end is dropped and loaded again when scrolled to. Owns no truth:
everything here is a copy of views that the engine handed out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from byre.client.events import (
    ContactChanged,
    DevicesChanged,
    MessageReceived,
    MessageSent,
    MessagesErased,
    MessageStateChanged,
    RoomChanged,
    RoomErased,
)
from byre.client.views import AccountId, MemberView, MessageId, MessageKind, MessageView, RoomId, RoomView
from byre.ui.bridge import Bridge
from byre.ui.end_timer import EndTimer

PAGE = 60
KEEP = 600
LINES = 20
RELOAD_PAUSE_MS = 40


class RoomWindow(QObject):
    """Messages, members and view of the open room.

    Signals: `changed` (rows), `room_changed` (view or members), `arrived(MessageView)` for a message added live,
    `came(MessageView)` for any new one, also below what is loaded, `jumped(message_id)` after a jump was loaded,
    `unread_shown(int)` after a room with unread messages was opened, `left` when no room, or another, is shown.
    """

    changed = Signal()
    room_changed = Signal()
    arrived = Signal(object)
    came = Signal(object)
    jumped = Signal(str)
    unread_shown = Signal(int)
    left = Signal()

    def __init__(self, bridge: Bridge, now_ms: Callable[[], int]) -> None:
        super().__init__()
        self._bridge = bridge
        self.room: RoomView | None = None
        self.members: tuple[MemberView, ...] = ()
        self.messages: list[MessageView] = []
        self.at_start = False
        self.at_end = True
        self.unread_from: MessageId | None = None
        self._loading = ""
        self._serial = 0
        self._will_reload = self._are_members_stale = False
        self.reload_timer = QTimer(self)  # well after the paint: it mostly follows a message, and asks the store
        self.reload_timer.setSingleShot(True)
        self.reload_timer.setInterval(RELOAD_PAUSE_MS)
        self.reload_timer.timeout.connect(self._reload_room)
        self.over_timer = EndTimer(self, now_ms)
        self.over_timer.timeout.connect(self._drop_what_is_over)
        self.changed.connect(lambda: self.over_timer.wind(self.messages))
        bridge.happened.connect(self._happened)

    @property
    def room_id(self) -> RoomId | None:
        return self.room.room_id if self.room is not None else None

    def open(self, room: RoomView, target: MessageId | None = None) -> None:
        """Show `room`, at its end or around a message."""
        self._serial += 1
        if self.room_id not in (None, room.room_id):
            self.left.emit()
        self.room = room
        self.members = ()
        self.messages = []
        self.unread_from = None
        self.at_start, self.at_end = False, True
        self._loading = ""
        self._members()
        if target is not None:
            self.jump(target)
            return
        serial = self._serial
        unread = room.unread

        def first(page: Sequence[MessageView]) -> None:
            if serial == self._serial:
                self._first(page, unread)

        self._bridge.run(self._bridge.engine.messages.list(room.room_id, max(PAGE, min(KEEP, unread + 20))), first)

    def close(self) -> None:
        """Show no room, and ask for nothing more of the one that was."""
        self.reload_timer.stop()
        self.over_timer.stop()
        self._will_reload = False
        self._serial += 1
        self.room = None
        self.messages = []
        self.members = ()
        self.left.emit()

    def older(self) -> None:
        """Load the page before the first row."""
        if self.room is None or self.at_start or self._loading or not self.messages:
            return
        self._loading = "older"
        serial, first = self._serial, self.messages[0].message_id

        def loaded(page: Sequence[MessageView]) -> None:
            if serial != self._serial:
                return
            self._loading = ""
            self.at_start = len(page) < PAGE
            self._merge(page)
            if len(self.messages) > KEEP:
                del self.messages[KEEP:]
                self.at_end = False
            self.changed.emit()

        self._bridge.run(self._bridge.engine.messages.list(self.room.room_id, PAGE, first), loaded, self._stop)

    def newer(self) -> None:
        """Load the page after the last row, when the window does not reach the end."""
        if self.room is None or self.at_end or self._loading or not self.messages:
            return
        self._loading = "newer"
        serial, last = self._serial, self.messages[-1].message_id

        def loaded(page: Sequence[MessageView]) -> None:
            if serial != self._serial:
                return
            self._loading = ""
            before = len(self.messages)
            self._merge(page)
            self.at_end = len(self.messages) == before
            if len(self.messages) > KEEP:
                del self.messages[: len(self.messages) - KEEP]
                self.at_start = False
            self.changed.emit()

        self._bridge.run(self._bridge.engine.messages.around(self.room.room_id, last, 2 * PAGE), loaded, self._stop)

    def jump(self, target: MessageId) -> None:
        """Make the window hold `target` and tell `jumped`."""
        if self.room is None:
            return
        if any(m.message_id == target for m in self.messages):
            self.jumped.emit(target)
            return
        serial = self._serial

        def loaded(page: Sequence[MessageView]) -> None:
            if serial != self._serial:
                return
            self.messages = []
            self.at_start = self.at_end = False
            self._merge(page)
            self.changed.emit()
            self.jumped.emit(target)

        self._bridge.run(self._bridge.engine.messages.around(self.room.room_id, target, 2 * PAGE), loaded)

    def follow_timers(self) -> None:
        """What was just read disappears from now on: ask when, if anything here has a timer that does not run yet."""
        waiting = [m for m in self.messages if m.timer_s and m.expires_at is None and not m.is_own]
        if self.room is None or not waiting:
            return
        serial = self._serial

        def loaded(page: Sequence[MessageView]) -> None:
            if serial == self._serial:
                held = {m.message_id for m in self.messages}
                self._merge([m for m in page if m.message_id in held])
                self.changed.emit()

        asked = self._bridge.engine.messages.around(self.room.room_id, waiting[-1].message_id, 2 * PAGE)
        self._bridge.run(asked, loaded, lambda _code: None)

    def _drop_what_is_over(self) -> None:
        """Show no message after its time, whatever keeps the engine from erasing it: a wipe, a busy machine."""
        count = len(self.messages)
        self.messages = [m for m in self.messages if not self.over_timer.is_over(m)]
        if len(self.messages) < count:
            self.changed.emit()
        else:
            self.over_timer.wind(self.messages)

    def _take_lines(self, last: MessageView) -> None:
        """What happened in the room comes without an event of its own: load what is newer than the rows here."""
        if self.room is None or not self.at_end or any(m.message_id == last.message_id for m in self.messages):
            return
        serial = self._serial

        def loaded(page: Sequence[MessageView]) -> None:
            if serial == self._serial and self.at_end:
                begin = self.messages[0].position if self.messages else 0
                self._merge([m for m in page if m.position >= begin])
                self.changed.emit()
                self._members()

        self._bridge.run(self._bridge.engine.messages.list(self.room.room_id, LINES), loaded, lambda _code: None)

    def to_end(self) -> None:
        """Load the newest page again when the window does not reach it."""
        if self.room is not None and not self.at_end:
            self.open(self.room)

    def _stop(self, code: str) -> None:
        self._loading = ""

    def _first(self, page: Sequence[MessageView], unread: int) -> None:
        self.at_start = len(page) < PAGE
        self._merge(page)
        if unread:
            foreign = [m for m in self.messages if not m.is_own and m.kind is not MessageKind.SYSTEM]
            if len(foreign) >= unread:
                self.unread_from = foreign[-unread].message_id
        self.changed.emit()
        if self.unread_from is not None:
            self.unread_shown.emit(unread)

    def _merge(self, page: Sequence[MessageView]) -> None:
        if len(page) == 1 and self.messages and page[0].position > self.messages[-1].position:
            self.messages.append(page[0])  # as every new one: there is nothing to look for or to sort
            return
        known = {m.message_id: m for m in self.messages}
        known.update((m.message_id, m) for m in page)
        self.messages = sorted(known.values(), key=lambda m: m.position)

    def _members(self) -> None:
        if self.room is None:
            return
        self._are_members_stale = False
        serial = self._serial

        def loaded(members: Sequence[MemberView]) -> None:
            if serial == self._serial:
                self.members = tuple(members)
                self.room_changed.emit()

        self._bridge.run(self._bridge.engine.rooms.members(self.room.room_id), loaded, lambda _code: None)

    def _happened(self, event: object) -> None:
        if self.room is None:
            return
        if isinstance(event, MessageReceived | MessageSent):
            if event.message.room_id != self.room_id:
                return
            self.came.emit(event.message)
            if self.at_end:
                self._merge([event.message])
                self.arrived.emit(event.message)
                if not (isinstance(event, MessageReceived) and event.is_followed):  # a burst is laid out once
                    self.changed.emit()
        elif isinstance(event, MessageStateChanged):
            if event.room_id == self.room_id:
                self._advance(event)
        elif isinstance(event, RoomErased):
            if event.room_id == self.room_id:
                self.messages = []
                self.changed.emit()
                self.open(self.room)  # what was not of the wipe is still there
        elif isinstance(event, MessagesErased):
            if event.room_id == self.room_id:
                gone = set(event.message_ids)
                self.messages = [m for m in self.messages if m.message_id not in gone]
                self.changed.emit()
        elif isinstance(event, ContactChanged):
            if event.account_id == self.room.peer_account_id or self._has_member(event.account_id):
                self._are_members_stale = True  # a large room's names come one by one: its list is read once for many
                self._reload_soon()
        elif isinstance(event, RoomChanged) and event.room_id == self.room_id:
            self._reload_soon()
        elif isinstance(event, DevicesChanged):  # own devices stand by their names among the members
            self._members()

    def _has_member(self, account_id: AccountId) -> bool:
        return any(member.account_id == account_id for member in self.members)

    def _reload_soon(self) -> None:
        if not self._will_reload:
            self._will_reload = True
            self.reload_timer.start()

    def _advance(self, event: MessageStateChanged) -> None:
        for i in range(len(self.messages) - 1, -1, -1):
            if self.messages[i].message_id == event.message_id:
                self.messages[i] = replace(self.messages[i], state=event.state, unread_by=event.unread_by)
                self.changed.emit()
                return

    def _reload_room(self) -> None:
        self._will_reload = False
        if self.room is None:
            return
        if self._are_members_stale:
            self._members()
        serial = self._serial

        def loaded(room: RoomView) -> None:
            if serial != self._serial or self.room is None:
                return
            moved = room.member_count != self.room.member_count or room.trust != self.room.trust
            unchanged = replace(room, last_message=None, last_activity=0, unread=0) == replace(
                self.room, last_message=None, last_activity=0, unread=0
            )
            self.room = room
            if moved:
                self._members()
            if not unchanged:
                self.room_changed.emit()
            last = room.last_message
            if last is not None and last.kind is not MessageKind.TEXT:
                self._take_lines(last)

        self._bridge.run(self._bridge.engine.rooms.get(self.room.room_id), loaded, lambda _code: None)
