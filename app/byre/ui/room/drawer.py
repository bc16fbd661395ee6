"""Who can read this room, what the relay holds of it right now, and the button that erases it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from byre.client.events import MessageStateChanged
from byre.client.views import MemberView, RoomId, RoomKind, RoomState, RoomView, Trust
from byre.ui import tokens
from byre.ui.bridge import Bridge
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.plain import one_line
from byre.ui.room.members import MemberRow
from byre.ui.room.options import OptionRow, timer_menu
from byre.ui.room.window import RoomWindow
from byre.ui.room_marks import RoomMarks
from byre.ui.timers import timer_words
from byre.ui.widgets.buttons import Button, IconButton, StateChip
from byre.ui.widgets.cards import Box, Line, ScrollPage, Surface, rebuilt
from byre.ui.widgets.labels import Icon, PlainLabel


class InfoDrawer(Surface):
    """340 px at the right, over the room when the window is small. Esc closes.

    Signals: `member_asked(room_id, MemberView, what)` as `MemberRow.asked`, `timer_wanted(RoomView)` for a time of
    one's own, `leave(room_id)`, and what their names say.
    """

    closed = Signal()
    wipe = Signal(str)
    invite = Signal(str)
    compare = Signal(str)
    rename = Signal(str, str)
    member_asked = Signal(str, object, str)
    timer_wanted = Signal(object)
    leave = Signal(str)

    def __init__(self, look: Look, bridge: Bridge) -> None:
        super().__init__(look, "canvas", line="left")
        self._bridge = bridge
        self._model: RoomWindow | None = None
        self.marks: RoomMarks | None = None
        self._held: int | None = None
        self._asked = False
        self._focused: tuple[type[QWidget], str] | None = None
        self.setFixedWidth(tokens.DRAWER)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        head = Surface(look, "canvas", line="bottom")
        head.setFixedHeight(tokens.HEADER)
        row = QHBoxLayout(head)
        row.setContentsMargins(19, 0, 12, 0)
        row.addWidget(PlainLabel(look, tokens.TITLE, weight=700, text=lambda: tr("Conversation info")), 1)
        self.close_button = IconButton(look, "x", lambda: tr("Close"))
        self.close_button.clicked.connect(self.closed)
        row.addWidget(self.close_button)
        column.addWidget(head)
        self._scroll = ScrollPage(look, "canvas")
        column.addWidget(self._scroll, 1)
        column.addWidget(Line(look))
        foot = QVBoxLayout()
        foot.setContentsMargins(19, 11, 20, 12)
        self.wipe_button = Button(
            look, lambda: tr("Erase this conversation without a trace"), "danger_outline", height=44, icon="eraser",
            padding=8,
        )  # fmt: skip
        self.wipe_button.clicked.connect(self._wipe)
        foot.addWidget(self.wipe_button)
        column.addLayout(foot)
        self._body = QVBoxLayout(self._scroll.content)
        self._body.setContentsMargins(19, 12, 20, 12)
        self._body.setSpacing(0)
        self._timer = QTimer(self)
        self._timer.setInterval(3000)
        self._timer.timeout.connect(self._ask)
        bridge.happened.connect(self._happened)
        look.live(self, self._rebuild)

    def show_room(self, model: RoomWindow) -> None:
        """Follow the open room."""
        if self._model is None:
            model.room_changed.connect(self._rebuild)
        self._model = model
        self._held, self._asked = None, False
        self._rebuild()
        if self.isVisible():
            self._ask()
            self._timer.start()

    def setVisible(self, visible: bool) -> None:
        super().setVisible(visible)
        if not visible and hasattr(self, "_timer"):
            self._timer.stop()

    def fit(self, row: QHBoxLayout, ground: QWidget, narrow: bool) -> None:
        """Lie at the end of `row` when there is space, over `ground` otherwise."""
        covers = ground.width() < tokens.DRAWER_COVERS
        inside = row.indexOf(self) >= 0
        if covers and inside:
            row.removeWidget(self)
            self.setParent(ground)
        elif not covers and not inside:
            row.addWidget(self)
        width = ground.width() if covers and narrow else tokens.DRAWER
        self.setFixedWidth(width)
        if covers:
            self.setGeometry(ground.width() - width, 0, width, ground.height())
            self.raise_()

    @guarded(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        super().keyPressEvent(event)

    @property
    def _room(self) -> RoomView | None:
        return self._model.room if self._model is not None else None

    def _wipe(self) -> None:
        if self._room is not None:
            self.wipe.emit(self._room.room_id)

    def _happened(self, event: object) -> None:
        if isinstance(event, MessageStateChanged) and self.isVisible():
            self._ask()

    def _ask(self) -> None:
        if self._room is None or not self.isVisible():
            return
        room_id = self._room.room_id

        def told(held: int | None) -> None:
            if self._room is not None and self._room.room_id == room_id:
                changed = (held, True) != (self._held, self._asked)
                self._held, self._asked = held, True
                if changed:
                    self._rebuild()

        self._bridge.run(self._bridge.engine.rooms.relay_held(room_id), told, lambda _code: told(None))

    # -- building

    def _rebuild(self) -> None:
        now = self.window().focusWidget()
        if now is not None and self._scroll.isAncestorOf(now):
            self._focused = (type(now), now.accessibleName().partition(":")[0])
        self._fill()
        if self._focused is None:
            return
        target: QWidget = self.close_button  # what had the focus may be gone: a member, say
        for at in range(self._body.count()):
            item = self._body.itemAt(at)
            widget = item.widget() if item is not None else None
            if widget is not None and (type(widget), widget.accessibleName().partition(":")[0]) == self._focused:
                target = widget
        QTimer.singleShot(0, target, partial(self._give_back, target))

    def _give_back(self, target: QWidget) -> None:
        """The focus to what stands where it was, once all that is to be filled anew has been."""
        self._focused = None
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self) -> None:
        while (item := self._body.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        room, model = self._room, self._model
        if room is None or model is None:
            return
        self._safety(room, model.members)
        self._body.addSpacing(16)
        self._readers(room, model.members)
        self._body.addSpacing(8)
        self._body.addWidget(Line(self._look))
        self._body.addSpacing(4)
        self._options(room)
        self._relay()
        self._leave(room)
        self._body.addStretch(1)
        rebuilt(self._scroll.content)

    def _safety(self, room: RoomView, members: tuple[MemberView, ...]) -> None:
        look = self._look
        kind, fill, icon = {
            Trust.VERIFIED: ("ok", "ok_soft", "shield-check"),
            Trust.UNVERIFIED: ("warn", "warn_soft", "shield-question-mark"),
            Trust.CHANGED: ("danger", "danger_soft", "shield-alert"),
        }[room.trust]
        box = Box(look, fill)
        box.setMinimumHeight(60)
        row = QHBoxLayout(box)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(12)
        row.addWidget(Icon(look, icon, kind, 20, 2))
        words = QVBoxLayout()
        words.setSpacing(2)
        if room.trust is Trust.VERIFIED:
            title = tr("Only your devices") if room.kind is RoomKind.NOTE else tr("All %n verified", room.member_count)
            about = tr("New people or changed keys are told here")
        elif room.trust is Trust.UNVERIFIED:
            left = sum(1 for m in members if not m.is_self and m.trust is not Trust.VERIFIED)
            title = tr("%n not verified yet", left)
            about = tr("Compare safety numbers when you meet or by voice")
        else:
            title = tr("A key has changed")
            about = tr("Nothing is sent until it is checked")
        words.addWidget(PlainLabel(look, tokens.LABEL, kind, weight=600, text=title))
        words.addWidget(PlainLabel(look, tokens.META, "text2", wrap=True, text=about))
        row.addLayout(words, 1)
        self._body.addWidget(box)

    def _readers(self, room: RoomView, members: tuple[MemberView, ...]) -> None:
        look = self._look
        holder = QWidget()
        head = QHBoxLayout(holder)
        head.setContentsMargins(0, 0, 0, 8)
        head.addWidget(PlainLabel(look, tokens.LABEL, weight=600, text=tr("Who can read this room")), 1)
        devices = sum(len(m.devices) for m in members)
        count = f"{tr('%n people', room.member_count)} · {tr('%n devices', devices)}"
        head.addWidget(PlainLabel(look, tokens.META, "text2", line_height=18, text=count))
        self._body.addWidget(holder)
        for member in members:
            row = MemberRow(look, member, is_group=room.kind is RoomKind.GROUP)
            row.asked.connect(lambda what, who=member: self.member_asked.emit(room.room_id, who, what))
            self._body.addWidget(row)
        if room.kind is RoomKind.GROUP and room.state is RoomState.ACTIVE:
            invite = Button(look, lambda: tr("Invite people"), "ghost", height=36, icon="user-plus", left=True)
            invite.clicked.connect(lambda: self.invite.emit(room.room_id))
            self._body.addWidget(invite)
        elif room.kind is RoomKind.DIRECT and room.peer_account_id is not None:
            peer = room.peer_account_id
            compare = Button(look, lambda: tr("Compare safety number"), "ghost", height=36, icon="scan-eye", left=True)
            compare.clicked.connect(lambda: self.compare.emit(peer))
            self._body.addWidget(compare)

    def _options(self, room: RoomView) -> None:
        marks = self.marks
        if room.kind is RoomKind.GROUP and room.state is RoomState.ACTIVE:
            title = OptionRow(self._look, "pencil", tr("Name of the group"), one_line(room.title, 24))
            title.clicked.connect(lambda: self.rename.emit(room.room_id, room.title))
            self._body.addWidget(title)
        if room.state is RoomState.ACTIVE:
            may = room.may_set_retention
            keep = OptionRow(
                self._look, "timer", tr("Disappearing messages"), timer_words(room.retention_s), is_open=may
            )  # fmt: skip
            if not may:
                keep.setToolTip(tr("Only admins of the room can change this."))
            keep.clicked.connect(lambda: self._retention(keep, room))
            self._body.addWidget(keep)
        if marks is not None:
            value = tr("Quiet") if marks.is_muted(room.room_id) else tr("On")
            quiet = OptionRow(self._look, "bell", tr("Notifications"), value)
            quiet.clicked.connect(lambda: marks.toggle_mute(room.room_id))
            self._body.addWidget(quiet)

    def _retention(self, at: QWidget, room: RoomView) -> None:
        def choose(seconds: int) -> None:
            self._bridge.run(self._bridge.engine.rooms.set_retention(RoomId(room.room_id), seconds))

        menu = timer_menu(self, room.retention_s, choose, lambda: self.timer_wanted.emit(room))
        menu.popup(at.mapToGlobal(at.rect().bottomLeft()))

    def _leave(self, room: RoomView) -> None:
        """Groups can be left."""
        if room.kind is RoomKind.GROUP and room.state is RoomState.ACTIVE:
            away = OptionRow(self._look, "log-out", tr("Leave the room…"), "", colour="danger")
            away.clicked.connect(lambda: self.leave.emit(room.room_id))
            self._body.addWidget(away)

    def follow(self, marks: RoomMarks) -> None:
        """Show and change what the user made quiet."""
        self.marks = marks
        marks.changed.connect(self._rebuild)

    def _relay(self) -> None:
        look = self._look
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 5, 0, 12)
        row.setSpacing(12)
        icon = QVBoxLayout()
        icon.setContentsMargins(0, 3, 0, 0)
        icon.addWidget(Icon(look, "server", "text2", 18), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(icon)
        words = QVBoxLayout()
        words.setContentsMargins(0, 3, 0, 0)
        words.setSpacing(3)
        words.addWidget(PlainLabel(look, tokens.LABEL, text=tr("What the relay holds right now")))
        if not self._asked:
            value, kind, about = tr("checking"), "mute", tr("Asking the relay")
        elif self._held is None:
            value, kind, about = tr("unknown"), "mute", tr("Unknown while offline")
        elif self._held == 0:
            value, kind, about = "0", "ok_plain", tr("No envelopes wait to be delivered")
        else:
            value, kind, about = str(self._held), "accent", tr("%n of your messages wait there", self._held)
        words.addWidget(PlainLabel(look, tokens.META, "text2", wrap=True, text=about))
        row.addLayout(words, 1)
        chip = StateChip(look, style=tokens.LABEL)
        chip.show_state(kind, value)
        row.addWidget(chip, 0, Qt.AlignmentFlag.AlignTop)
        holder.setAccessibleName(f"{tr('What the relay holds right now')}: {value}")
        self._body.addWidget(holder)
