"""The head of the room pane: avatar, title, state of trust, who can read it, search and info buttons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from byre.client.views import MemberView, RoomKind, RoomView, Trust
from byre.ui import tokens
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.plain import shown_address
from byre.ui.sidebar.rooms_model import room_colour, room_title
from byre.ui.timers import timer_words
from byre.ui.widgets.buttons import IconButton, StateChip
from byre.ui.widgets.cards import Surface
from byre.ui.widgets.labels import Avatar, PlainLabel


def trust_words(room: RoomView, short: bool = False) -> tuple[str, str]:
    """(kind of chip, words) for a room's state of trust."""
    if room.kind is RoomKind.NOTE:
        return "ok", ""
    if room.trust is Trust.VERIFIED:
        return "ok", tr("Verified") if short or room.kind is RoomKind.DIRECT else tr("All verified")
    if room.trust is Trust.CHANGED:
        return "changed", tr("Key changed")
    return "unverified", tr("Not verified")


class RoomHeader(Surface):
    """68 px high; with a back button in one pane."""

    back = Signal()
    find_wanted = Signal()
    info = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "canvas", line="bottom")
        self.setFixedHeight(tokens.HEADER)
        self._room: RoomView | None = None
        self._members: Sequence[MemberView] = ()
        self._narrow = False
        self.host = ""
        row = QHBoxLayout(self)
        self._row = row
        row.setContentsMargins(20, 0, 14, 0)
        row.setSpacing(0)
        self.back_button = IconButton(look, "arrow-left", lambda: tr("Back"))
        self.back_button.clicked.connect(self.back)
        row.addWidget(self.back_button)
        self._gap = QWidget()
        self._gap.setFixedWidth(4)
        row.addWidget(self._gap)
        self._avatar = Avatar(look, 42)
        row.addWidget(self._avatar)
        row.addSpacing(12)
        words = QVBoxLayout()
        words.setContentsMargins(0, 13, 0, 0)
        words.setSpacing(2)
        line = QHBoxLayout()
        line.setSpacing(7)
        self.title = PlainLabel(look, tokens.TITLE, weight=700)
        self.chip = StateChip(look)
        self.timer = StateChip(look, "timer")
        line.addWidget(self.title)
        line.addWidget(self.chip, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.timer, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addStretch(1)
        words.addLayout(line)
        self.subtitle = PlainLabel(look, tokens.META, "text2", line_height=18)
        words.addWidget(self.subtitle)
        words.addStretch(1)
        row.addLayout(words, 1)
        self.find_button = IconButton(look, "search", lambda: tr("Search in this room"))
        self.find_button.clicked.connect(self.find_wanted)
        self.info_button = IconButton(look, "panel-right", lambda: tr("Conversation info"))
        self.info_button.clicked.connect(self.info)
        row.addWidget(self.find_button)
        row.addSpacing(4)
        row.addWidget(self.info_button)
        self._is_alone = False
        self.set_narrow(False)
        look.live(self, self._say)

    def set_narrow(self, narrow: bool) -> None:
        """One pane: back button, smaller margins."""
        self._narrow = narrow
        back = narrow and not self._is_alone
        self.back_button.setVisible(back)
        self._gap.setVisible(back)
        self._row.setContentsMargins(6 if back else 20, 0, 14, 0)
        self.info_button.set_icon("ellipsis-vertical" if narrow else "panel-right")
        self.find_button.setVisible(not narrow or self._is_alone)
        self._say()

    def add_button(self, button: IconButton) -> None:
        """One more at the right."""
        self._row.addSpacing(4)
        self._row.addWidget(button)

    def stand_alone(self) -> None:
        """In a window of its own there is no way back, but there is the search."""
        self._is_alone = True
        self.set_narrow(self._narrow)

    def show_room(self, room: RoomView, members: Sequence[MemberView]) -> None:
        """Show a room."""
        self._room, self._members = room, members
        self._say()

    def _say(self) -> None:
        room = self._room
        if room is None:
            return
        title = room_title(room)
        self._avatar.show_for(title, room_colour(room))
        self.title.set_text(title)
        kind, words = trust_words(room, self._narrow)
        self.chip.show_state(kind, words)
        shown = bool(room.retention_s) and not self._narrow
        self.timer.show_state("timer", timer_words(room.retention_s) if shown else "")
        self.timer.setAccessibleName(
            tr("Messages disappear after {time}", time=timer_words(room.retention_s)) if room.retention_s else ""
        )
        self.timer.setToolTip(self.timer.accessibleName())
        words = self._subtitle(room)
        if room.retention_s and self._narrow:  # the title needs the room that the chip takes
            words = f"{words} · " + tr("gone after {time}", time=timer_words(room.retention_s))
        self.subtitle.set_text(words)

    def _subtitle(self, room: RoomView) -> str:
        devices = sum(len(m.devices) for m in self._members)
        if room.kind is RoomKind.DIRECT:
            peer = next((m for m in self._members if not m.is_self), None)
            if peer is None:
                return ""
            count = tr("%n devices", len(peer.devices))
            return f"{shown_address(peer.handle, self.host)} · {count}"
        if room.kind is RoomKind.NOTE:
            return tr("%n devices of yours", devices) if devices else ""
        people = tr("%n members", room.member_count)
        return f"{people} · {tr('%n devices', devices)}" if devices else people
