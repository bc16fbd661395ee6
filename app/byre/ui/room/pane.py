"""One open room: header, banners, transcript, composer or the bar in its place. Sends intents, owns no truth."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from byre.client.events import ConnectionChanged
from byre.client.views import (
    AccountId,
    ContactView,
    MessageId,
    MessageView,
    RoomKind,
    RoomView,
    Trust,
)
from byre.ui.bridge import Bridge
from byre.ui.look import Look
from byre.ui.room.banners import Bar, KeyChangedBanner, OfflineStrip, WarnStrip
from byre.ui.room.composer_bar import ComposerBar
from byre.ui.room.drafts import Drafts
from byre.ui.room.findbar import FindBar
from byre.ui.room.finding import RoomFinder
from byre.ui.room.header import RoomHeader
from byre.ui.room.jump_button import JumpButton
from byre.ui.room.outgoing import Outgoing
from byre.ui.room.reading import Reading
from byre.ui.room.standing import decline, standing_of, warning_of
from byre.ui.room.window import RoomWindow
from byre.ui.sidebar.rooms_model import room_title
from byre.ui.transcript.composed import Composed
from byre.ui.transcript.items import RoomFacts
from byre.ui.transcript.view import Transcript
from byre.ui.widgets.cards import Surface


class RoomPane(Surface):
    """The right side of the window, or the whole of it in one pane.

    Signals: `compare(account_id)` to compare safety numbers, `accept_key(account_id)` to go on without comparing,
    `full_text((message, room window))` for a folded message, `shown(message_id, room_id, monotonic_ns)` after a paint,
    `link_wanted(url)` and `date_wanted(room_id)` to be asked about first, `escaped` for Esc while nothing is open here.
    """

    compare = Signal(str)
    accept_key = Signal(str)
    full_text = Signal(object)
    erase_message = Signal(str)
    link_wanted = Signal(str)
    date_wanted = Signal(object)
    escaped = Signal()
    shown = Signal(str, str, object)

    def __init__(self, look: Look, bridge: Bridge) -> None:
        super().__init__(look, "canvas")
        self._look_at = look
        self._bridge = bridge
        self._lost: tuple[int | None, str] = (None, "")
        self._connected = bridge.engine.account.status().connected
        self._composed = Composed()
        self.outgoing = Outgoing(bridge, lambda: look.now_ms())
        self.window_model = RoomWindow(bridge, lambda: look.now_ms())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header = RoomHeader(look)
        self.header.host = bridge.engine.account.status().host or ""
        self.offline = OfflineStrip(look)
        self.key_banner = KeyChangedBanner(look)
        self.find_bar = FindBar(look)
        self.transcript = Transcript(look)
        self.reading = Reading(bridge, self.window_model, self.transcript)
        self.jump_button = JumpButton(look, self.transcript)
        self.finder = RoomFinder(bridge, self.find_bar, self.window_model, self.transcript)
        self.bar = Bar(look)
        self.warning = WarnStrip(look)
        self.composer_bar = ComposerBar(look)
        self.drafts = Drafts(bridge, self.composer_bar.composer)
        for part in (self.header, self.find_bar, self.offline, self.key_banner):
            column.addWidget(part)
        column.addWidget(self.transcript, 1)
        foot = QWidget()
        feet = QVBoxLayout(foot)
        feet.setContentsMargins(0, 0, 0, 0)
        feet.setSpacing(0)
        feet.addWidget(self.warning)
        feet.addWidget(self.composer_bar)
        feet.addWidget(self.bar)
        column.addWidget(foot)
        self.window_model.changed.connect(self._refresh)
        self.outgoing.changed.connect(self._refresh)
        self.outgoing.refused.connect(self.drafts.give_back)
        self.window_model.room_changed.connect(self._room_changed)
        self.window_model.arrived.connect(self._arrived)
        self.window_model.came.connect(self._came)
        self.window_model.jumped.connect(self._jumped)
        self.window_model.unread_shown.connect(self._begin_at_unread)
        transcript = self.transcript
        transcript.reached_top.connect(self.window_model.older)
        transcript.reached_bottom.connect(self._reached_bottom)
        transcript.shown.connect(self._painted)
        transcript.link_opened.connect(self.link_wanted)
        transcript.date_wanted.connect(self.go_to_date)
        transcript.newest_wanted.connect(self.to_end)
        transcript.followed.connect(lambda _at_end: self._away())
        transcript.line_opened.connect(lambda _key: self._compare())
        transcript.retried.connect(self._retry)
        transcript.unfolded.connect(self._unfold)
        transcript.erase_wanted.connect(self.erase_message)
        self.composer_bar.composer.submitted.connect(self.send_text)
        composer = self.composer_bar.composer
        composer.escaped.connect(self._escape)
        composer.refused.connect(bridge.failed)
        composer.paged.connect(transcript.page)
        composer.upwards.connect(transcript.enter)
        composer.copy_wanted.connect(transcript.copy)
        transcript.left.connect(lambda: composer.setFocus(Qt.FocusReason.OtherFocusReason))
        self.header.find_wanted.connect(self.finder.open)
        self.find_bar.date_wanted.connect(self.go_to_date)
        self.finder.opened.connect(self.header.find_button.set_on)
        self.finder.closed.connect(lambda: self.composer_bar.composer.setFocus())
        self.jump_button.clicked.connect(self.to_end)
        self.key_banner.compare.connect(self._compare)
        self.key_banner.go_on.connect(self._go_on)
        self.offline.retry.connect(lambda: bridge.run(bridge.engine.reconnect(), None, lambda _code: None))
        bridge.rarer.connect(self._happened)
        look.live(self, self._refresh)

    @property
    def room(self) -> RoomView | None:
        return self.window_model.room

    def open(self, room: RoomView, target: MessageId | None = None) -> None:
        """Show `room`; the former one's draft is kept."""
        if self.room is not None and self.room.room_id == room.room_id and target is None:
            self.composer_bar.composer.setFocus()
            return
        self.put_away()
        self.finder.end()
        self.reading.begin()
        self.transcript.show_items([])
        self.transcript.clear_selection()
        self.transcript.sticks = target is None
        self.window_model.open(room, target)
        self._room_changed()
        self.drafts.begin(room.room_id)
        self._connection()

    def close_room(self) -> None:
        """Show no room; the draft is kept."""
        self.put_away()
        self.window_model.close()
        self.transcript.show_items([])

    def put_away(self) -> None:
        """Save what is in the composer as the room's draft and empty it; what was read so far is told now."""
        self.reading.tell_what_waits()
        self.drafts.end()

    def end(self) -> None:
        """Put away for good: the window closes, or is locked."""
        self.put_away()
        self.window_model.close()

    def send_text(self, text: str) -> None:
        """Send into the open room; what could not be stored comes back into the composer."""
        if self.room is not None:
            self.to_end()
            self.drafts.sent()
            self.outgoing.send(self.room.room_id, text)

    def mark_read(self) -> None:
        """Tell the engine soon what was read."""
        self.reading.tell_soon()

    def set_narrow(self, narrow: bool) -> None:
        self.transcript.set_in_one_pane(narrow)
        self.header.set_narrow(narrow)
        self.find_bar.set_narrow(narrow)
        self.offline.set_narrow(narrow)
        self.composer_bar.set_narrow(narrow)

    def to_end(self) -> None:
        """Go to the newest message, and stay there."""
        self.transcript.follow_end()
        self.window_model.to_end()

    def go_to_date(self) -> None:
        """Ask for a day to go to."""
        if self.room is not None:
            self.date_wanted.emit(self)

    def go_to_day(self, time_ms: int) -> None:
        """Show the first message of that day, or the one nearest to it."""
        if self.room is None:
            return

        def found(message: MessageView | None) -> None:
            if message is not None and self.room is not None and message.room_id == self.room.room_id:
                self.window_model.jump(message.message_id)

        self._bridge.run(self._bridge.engine.messages.first_since(self.room.room_id, time_ms), found)

    # -- what happens

    def _facts(self) -> RoomFacts:
        room, model = self.room, self.window_model
        assert room is not None
        return RoomFacts(
            kind=room.kind,
            trust=room.trust,
            is_connected=self._connected,
            is_start=model.at_start,
            unread_from=model.unread_from,
            language=self._look_at.language,
            on_phone=self._look_at.on_phone,
        )

    def _refresh(self) -> None:
        if self.room is None:
            return
        transcript, rows = self.transcript, self._rows()
        transcript.show_items(*self._composed.again(rows, self._facts(), transcript.items.row_of))
        self.finder.mark()
        self._away()
        self.mark_read()

    def _rows(self) -> list[MessageView]:
        """The messages, and behind the newest of them what was sent and is none yet."""
        model = self.window_model
        if not model.at_end or model.room_id is None:
            return model.messages
        return model.messages + self.outgoing.waiting_in(model.room_id)

    def _away(self) -> None:
        """Whether the newest message is out of sight."""
        has_rows = bool(self.window_model.messages)
        self.jump_button.show_away(has_rows and not (self.transcript.sticks and self.window_model.at_end))

    def _escape(self) -> None:
        if not self.find_bar.isHidden():
            self.finder.close()
        else:
            self.escaped.emit()

    def _came(self, message: MessageView) -> None:
        if not message.is_own and not self.jump_button.isHidden():
            self.jump_button.come()

    def _room_changed(self) -> None:
        room = self.room
        if room is None:
            return
        title = room_title(room)
        self.header.show_room(room, self.window_model.members)
        self.composer_bar.show_for(title, room.retention_s, is_person=room.kind is RoomKind.DIRECT)
        changed = room.trust is Trust.CHANGED
        direct = changed and room.kind is RoomKind.DIRECT
        if direct:
            self._warn_of(room, title)
        newly = direct and self.key_banner.isHidden()
        focused = self.window().focusWidget()
        settled = not direct and focused is not None and self.key_banner.isAncestorOf(focused)
        self.key_banner.setVisible(direct)
        if newly:
            self.key_banner.compare_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self._choose_bar(room)
        if settled:
            self.composer_bar.composer.setFocus(Qt.FocusReason.OtherFocusReason)
        self._refresh()

    def _warn_of(self, room: RoomView, title: str) -> None:
        self.key_banner.show_for(title)
        peer = room.peer_account_id

        def told(contact: ContactView) -> None:
            if self.room is not None and self.room.peer_account_id == peer:
                self.key_banner.show_for(title, contact.change or "key")

        if peer is not None:
            self._bridge.run(self._bridge.engine.contacts.get(peer), told, lambda _code: None)

    def _choose_bar(self, room: RoomView) -> None:
        is_removed = self._bridge.engine.account.status().is_removed
        standing = standing_of(room, is_removed=is_removed, host=self.header.host)
        self.composer_bar.setVisible(standing is None)
        self.reading.may_tell = standing is None
        if standing is None:
            self.bar.give_way(self.composer_bar.composer)
        else:
            acts = {"decline": self._decline, "accept": self._accept, "compare": self._compare}
            buttons = ((words, kind, acts[act]) for words, kind, act in standing.acts)
            self.bar.show_bar(standing.icon, standing.words, *buttons)
        self.warning.tell(warning_of(room))

    def _arrived(self, message: MessageView) -> None:
        self.transcript.await_paint(message.message_id)
        if not message.is_own:
            self.transcript.announce(message)
            if self.transcript.sticks and self.window().isActiveWindow():
                self.window_model.unread_from = None

    def _painted(self, message_id: str, at_ns: object) -> None:
        room = self.room
        if room is not None:
            self.shown.emit(message_id, room.room_id, at_ns)

    def _jumped(self, message_id: str) -> None:
        self.transcript.bring(message_id)
        row = self.transcript.items.row_of(message_id)
        if row is not None:
            self.transcript.setCurrentIndex(self.transcript.items.index(row, 0))

    def _begin_at_unread(self, unread: int) -> None:
        """Where more has come than fits, one begins to read at the first of them."""
        self.transcript.bring_to_top("unread")
        self._away()
        self.jump_button.come(0 if self.transcript.sticks else unread)

    def _reached_bottom(self) -> None:
        self.window_model.newer()
        self.mark_read()

    def _happened(self, event: object) -> None:
        if isinstance(event, ConnectionChanged):
            changed = self._connected != event.connected
            self._connected = event.connected
            self._lost = (event.next_try_at, event.reason)
            self._connection()
            if changed:
                self._refresh()

    def _connection(self) -> None:
        is_removed = self._bridge.engine.account.status().is_removed  # nothing is tried again then
        self.offline.set_offline(not self._connected and not is_removed, *self._lost)
        self.composer_bar.set_offline(not self._connected)

    # -- intents

    def _peer(self) -> AccountId | None:
        room = self.room
        if room is None:
            return None
        if room.peer_account_id is not None:
            return room.peer_account_id
        wanted = (Trust.CHANGED, Trust.UNVERIFIED)
        others = [m for m in self.window_model.members if not m.is_self and m.trust in wanted]
        others.sort(key=lambda m: m.trust is not Trust.CHANGED)
        return others[0].account_id if others else None

    def _compare(self) -> None:
        peer = self._peer()
        if peer is not None:
            self.compare.emit(peer)

    def _go_on(self) -> None:
        peer = self._peer()
        if peer is not None:
            self.accept_key.emit(peer)

    def _accept(self) -> None:
        if self.room is not None:
            self._bridge.run(self._bridge.engine.rooms.accept(self.room.room_id))

    def _decline(self) -> None:
        if self.room is not None:
            self._bridge.run(decline(self._bridge.engine, self.room))

    def _retry(self, message_id: str) -> None:
        self._bridge.run(self._bridge.engine.messages.retry(MessageId(message_id)))

    def _unfold(self, message_id: str) -> None:
        for message in self._rows():
            if message.message_id == message_id:
                self.full_text.emit((message, self.window_model))
                return
