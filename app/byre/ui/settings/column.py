"""Settings navigation: pages in this order; the search also finds single options inside them, hits are marked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from byre.ui import painting, tokens
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.keymap import KEYS
from byre.ui.korean import find_name
from byre.ui.look import Look
from byre.ui.sidebar.column import Column
from byre.ui.widgets.cards import ScrollPage
from byre.ui.widgets.labels import PlainLabel
from byre.ui.widgets.pressing import PlainButton

PAGES: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("profile", "user-round", lambda: tr("My profile")),
    ("notices", "bell", lambda: tr("Notifications")),
    ("lock", "lock", lambda: tr("Locking")),
    ("privacy", "eye-off", lambda: tr("Privacy")),
    ("devices", "monitor-smartphone", lambda: tr("Linked devices")),
    ("erasing", "hard-drive", lambda: tr("Storage and erasing")),
    ("backup", "archive", lambda: tr("Backup")),
    ("network", "server", lambda: tr("Relay and network")),
    ("look", "palette", lambda: tr("Theme and text")),
    ("keys", "keyboard", lambda: tr("Typing and shortcuts")),
    ("language", "languages", lambda: tr("Language")),
    ("about", "info", lambda: tr("About and licences")),
)


OPTIONS: tuple[tuple[str, Callable[[], str]], ...] = (
    ("profile", lambda: tr("Name")),
    ("profile", lambda: tr("Handle")),
    ("notices", lambda: tr("Show notifications")),
    ("notices", lambda: tr("What a notification shows")),
    ("notices", lambda: tr("When the window is closed")),
    ("lock", lambda: tr("Never by itself")),
    ("lock", lambda: tr("When the screen is locked")),
    ("privacy", lambda: tr("Show last messages in the list")),
    ("privacy", lambda: tr("Previews of links")),
    ("network", lambda: tr("Relay")),
    ("network", lambda: tr("Connection")),
    ("network", lambda: tr("Proxy")),
    ("network", lambda: tr("Private authority")),
    ("network", lambda: tr("Pinned certificates")),
    ("backup", lambda: tr("Make a backup…")),
    ("erasing", lambda: tr("Wipe certificates")),
    ("lock", lambda: tr("Change how Byre is locked…")),
    ("look", lambda: tr("Dark")),
    ("look", lambda: tr("Light")),
    ("look", lambda: tr("Size of the text")),
    ("keys", lambda: tr("Enter sends · Shift+Enter breaks the line")),
    ("keys", lambda: tr("Ctrl+Enter sends · Enter breaks the line")),
    *(("keys", key.words) for key in KEYS),
    ("about", lambda: tr("Licence")),
)
"""(page, words of an option as the page shows them): what the search finds inside the pages."""


class NavRow(PlainButton):
    """44 px, icon and word; an option found by the search is smaller and indented, its hit marked."""

    def __init__(self, look: Look, icon: str, name: Callable[[], str], *, is_option: bool = False) -> None:
        super().__init__()
        self._look, self._icon, self._name, self._is_option = look, icon, name, is_option
        self.is_on = False
        self.hit: tuple[int, int] | None = None
        self.setFixedHeight(36 if is_option else 48)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        look.live(self, self._say)

    def look_for(self, query: str) -> bool:
        """Look for `query` in the words, mark it."""
        self.hit = find_name(query, self.text()) if query else None
        self.update()
        return self.hit is not None

    def _say(self) -> None:
        self.setText(self._name())
        self.setAccessibleName(self.text())
        self.update()

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, palette = self._look, self._look.palette
        rect = QRectF(self.rect()).adjusted(8, 0, -8, 0 if self._is_option else -4)
        if self.is_on:
            painting.box(painter, rect, 12, palette.row_on)
        elif self.underMouse():
            painting.box(painter, rect, 12, palette.row_hover)
        if not self._is_option:
            painting.icon(painter, look, 24, 12, self._icon, palette.link if self.is_on else palette.text2, 20)
        place = QRectF(56, 0, rect.right() - 60, rect.height())
        style = tokens.LABEL if self._is_option else tokens.BODY
        weight = 600 if self.is_on else 400
        colour = palette.text2 if self._is_option else palette.text
        if self.hit is not None:
            metrics = look.metrics(style, weight)
            start = metrics.horizontalAdvance(self.text()[: self.hit[0]])
            width = metrics.horizontalAdvance(self.text()[self.hit[0] : self.hit[1]])
            middle = rect.center().y()
            painting.box(painter, QRectF(55 + start, middle - 10, width + 2, 20), 4, palette.hit)
            colour = palette.text
        painting.text(painter, look, place, self.text(), style, colour, weight)
        if self.hasFocus() and self._look.by_keys:
            painting.ring(painter, rect, palette.accent)
        painter.end()


class SettingsColumn(Column):
    """`chosen(page)`, `option_chosen(page, words)` for an option that the search found."""

    chosen = Signal(str)
    option_chosen = Signal(str, str)

    def __init__(self, look: Look) -> None:
        super().__init__(look, lambda: tr("Settings"), placeholder=lambda: tr("Search settings"))
        assert self.field is not None
        scroll = self._scroll = ScrollPage(look, "panel")
        rows = QVBoxLayout(scroll.content)
        rows.setContentsMargins(0, 4, 0, 8)
        self._page = scroll.content
        self.set_line("right")
        rows.setSpacing(0)
        self.rows: dict[str, NavRow] = {}
        self.options: list[tuple[str, NavRow]] = []
        for page, icon, name in PAGES:
            row = NavRow(look, icon, name)
            row.clicked.connect(lambda _=False, p=page: self.chosen.emit(p))
            rows.addWidget(row)
            self.rows[page] = row
            for _, words in (option for option in OPTIONS if option[0] == page):
                found = NavRow(look, icon, words, is_option=True)
                found.clicked.connect(lambda _=False, p=page, r=found: self.option_chosen.emit(p, r.text()))
                found.hide()
                rows.addWidget(found)
                self.options.append((page, found))
        rows.addStretch(1)
        self.column.addWidget(scroll, 1)
        self.field.edited.connect(self._filter)
        self.field.submitted.connect(self._first)
        self.field.key.connect(self._key)
        self.empty = PlainLabel(look, tokens.LABEL, "text2", weight=400, text=lambda: tr("No setting has this name"))
        self.empty.hide()
        inset = QHBoxLayout()
        inset.setContentsMargins(16, 0, 16, 0)
        inset.addWidget(self.empty)
        rows.insertLayout(0, inset)

    def set_line(self, line: str) -> None:
        """The page inside lies over the column's own line."""
        super().set_line(line)
        self._page.set_line(line)

    def select(self, page: str) -> None:
        """Mark the shown page."""
        for name, row in self.rows.items():
            row.is_on = name == page
            row.update()
            if row.is_on:
                QTimer.singleShot(0, row, partial(self._scroll.ensureWidgetVisible, row, 0, 8))

    def _filter(self, text: str) -> None:
        query = text.strip()
        found = {page for page, option in self.options if _shown(option, option.look_for(query))}
        for page, row in self.rows.items():
            hit = row.look_for(query)
            row.setVisible(not query or hit or page in found)
        self.empty.setVisible(not any(not row.isHidden() for row in self.rows.values()))

    def _first(self) -> None:
        for page, row in self.rows.items():
            if row.isHidden():
                continue
            options = [option for at, option in self.options if at == page and not option.isHidden()]
            if row.hit is None and options:
                self.option_chosen.emit(page, options[0].text())
            else:
                self.chosen.emit(page)
            return

    def _key(self, key: int) -> None:
        if key == Qt.Key.Key_Escape and self.field is not None:
            self.field.clear()
        elif key == Qt.Key.Key_Down:
            self.focusNextChild()


def _shown(option: NavRow, found: bool) -> bool:
    option.setVisible(found)
    return found
