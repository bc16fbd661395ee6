"""The rail at the left (PC) and the tab bar at the bottom (one pane): the same places, two shapes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from byre.ui import painting, tokens
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.widgets.buttons import IconButton
from byre.ui.widgets.cards import Surface
from byre.ui.widgets.labels import Avatar, Logo
from byre.ui.widgets.pressing import PlainButton

PLACES: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("chats", "messages-square", lambda: tr("Chats")),
    ("friends", "users", lambda: tr("Friends")),
    ("note", "notebook-pen", lambda: tr("Note to self")),
)


class _ChatsButton(IconButton):
    """The way to the conversations: while another place is shown, with the number of unread messages."""

    count = 0

    def set_count(self, count: int, name: str) -> None:
        """Show and say how many are unread."""
        self.count = count
        self.rename(f"{name}, {tr('%n unread', count)}" if count else name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.count and not self.is_on:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painting.badge(painter, self._look, self.width(), 0, self.count)
            painter.end()


class Rail(Surface):
    """68 px. `chosen(place)` with chats, friends, note, settings, lock, wipe or profile."""

    chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "rail")
        self._unread = 0
        self.setFixedWidth(tokens.RAIL)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 18, 12, 17)
        column.setSpacing(6)
        column.addWidget(Logo(look, 40), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(14)
        self.buttons: dict[str, IconButton] = {}
        for place, icon, name in PLACES:
            kind = _ChatsButton if place == "chats" else IconButton
            column.addWidget(self._button(look, place, icon, name, 22, kind))
        look.live(self, lambda: self.set_unread(self._unread))
        column.addStretch(1)
        wipe = self._button(look, "wipe", "eraser", lambda: tr("Erasing is under way"), 21)
        wipe.hide()
        column.addWidget(wipe)
        column.addWidget(self._button(look, "lock", "lock", lambda: tr("Lock"), 21))
        column.addWidget(self._button(look, "settings", "settings", lambda: tr("Settings"), 21))
        column.addSpacing(7)
        self.avatar = Avatar(look, 38)
        column.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignHCenter)

    def choose(self, place: str) -> None:
        """Mark where we are."""
        for name, button in self.buttons.items():
            button.set_on(name == place)

    def set_unread(self, count: int) -> None:
        """The badge of the chats button."""
        self._unread = count
        button = self.buttons["chats"]
        if isinstance(button, _ChatsButton):
            button.set_count(count, PLACES[0][2]())

    def show_wiping(self, running: bool) -> None:
        """Show that a wipe goes on behind a closed dialog."""
        self.buttons["wipe"].setVisible(running)

    def _button(
        self, look: Look, place: str, icon: str, name: Callable[[], str], size: int, kind: type[IconButton] = IconButton
    ) -> IconButton:
        button = kind(look, icon, name, size=44, icon_size=size, colour="rail_icon")
        button.clicked.connect(lambda _=False: self.chosen.emit(place))
        self.buttons[place] = button
        return button


class _Tab(PlainButton):
    """Icon 24 over a word, with the unread badge."""

    def __init__(self, look: Look, icon: str, name: Callable[[], str]) -> None:
        super().__init__()
        self._look, self._icon, self._name = look, icon, name
        self.is_on = False
        self.count = 0
        self.setFixedHeight(tokens.TAB_BAR)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        look.live(self, self.say)

    def say(self) -> None:
        """Say the name and the count."""
        words = self._name()
        self.setText(words)
        self.setAccessibleName(f"{words}, {tr('%n unread', self.count)}" if self.count else words)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        colour = palette.link if self.is_on else palette.text2
        middle = self.width() / 2
        painting.icon(painter, self._look, middle - 12, 10, self._icon, colour, 24)
        place = QRectF(0, 38, self.width(), 14)
        weight = 600 if self.is_on else 500
        painting.text(painter, self._look, place, self.text(), tokens.MICRO, colour, weight, painting.CENTER)
        if self.count:
            painting.badge(painter, self._look, middle + 24, 6, self.count)
        if self.hasFocus() and self._look.by_keys:
            painting.ring(painter, QRectF(self.rect()).adjusted(4, 4, -4, -4), palette.accent)
        painter.end()


class TabBar(Surface):
    """64 px at the bottom of the one pane."""

    chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "canvas", line="top")
        self.setFixedHeight(tokens.TAB_BAR)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.tabs: dict[str, _Tab] = {}
        for place, icon, name in (*PLACES, ("settings", "settings", lambda: tr("Settings"))):
            tab = _Tab(look, icon, name)
            tab.clicked.connect(lambda _=False, p=place: self.chosen.emit(p))
            row.addWidget(tab, 1)
            self.tabs[place] = tab

    def choose(self, place: str) -> None:
        """Mark where we are."""
        for name, tab in self.tabs.items():
            tab.is_on = name == place
            tab.update()

    def set_unread(self, count: int) -> None:
        """The badge of the chats tab."""
        self.tabs["chats"].count = count
        self.tabs["chats"].say()
