"""Settings navigation: pages of this order only, searchable, hits marked by filtering."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout

from byre.ui import painting, tokens
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.korean import find_name
from byre.ui.look import Look
from byre.ui.sidebar.column import Column

PAGES: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("profile", "user-round", lambda: tr("My profile")),
    ("devices", "monitor-smartphone", lambda: tr("Linked devices")),
    ("erasing", "hard-drive", lambda: tr("Storage and erasing")),
    ("network", "server", lambda: tr("Relay and network")),
    ("look", "palette", lambda: tr("Theme and text")),
    ("keys", "keyboard", lambda: tr("Typing and shortcuts")),
    ("language", "languages", lambda: tr("Language")),
    ("about", "info", lambda: tr("About and licences")),
)


class NavRow(QAbstractButton):
    """44 px, icon and word."""

    def __init__(self, look: Look, icon: str, name: Callable[[], str]) -> None:
        super().__init__()
        self._look, self._icon, self._name = look, icon, name
        self.is_on = False
        self.setFixedHeight(48)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        look.live(self, self._say)

    def _say(self) -> None:
        self.setText(self._name())
        self.setAccessibleName(self.text())
        self.update()

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        rect = QRectF(self.rect()).adjusted(8, 0, -8, -4)
        if self.is_on:
            painting.box(painter, rect, 12, palette.row_on)
        elif self.underMouse():
            painting.box(painter, rect, 12, palette.row_hover)
        colour = palette.link if self.is_on else palette.text2
        painting.icon(painter, self._look, 24, 12, self._icon, colour, 20)
        place = QRectF(56, 0, rect.right() - 60, 44)
        weight = 600 if self.is_on else 400
        painting.text(painter, self._look, place, self.text(), tokens.BODY, palette.text, weight)
        if self.hasFocus():
            painting.ring(painter, rect, palette.accent)
        painter.end()


class SettingsColumn(Column):
    """`chosen(page)`."""

    chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look, lambda: tr("Settings"), placeholder=lambda: tr("Search settings"))
        assert self.field is not None
        rows = QVBoxLayout()
        rows.setContentsMargins(0, 4, 0, 0)
        rows.setSpacing(0)
        self.rows: dict[str, NavRow] = {}
        for page, icon, name in PAGES:
            row = NavRow(look, icon, name)
            row.clicked.connect(lambda _=False, p=page: self.chosen.emit(p))
            rows.addWidget(row)
            self.rows[page] = row
        self.column.addLayout(rows)
        self.column.addStretch(1)
        self.field.edited.connect(self._filter)
        self.field.submitted.connect(self._first)

    def select(self, page: str) -> None:
        """Mark the shown page."""
        for name, row in self.rows.items():
            row.is_on = name == page
            row.update()

    def _filter(self, text: str) -> None:
        for row in self.rows.values():
            row.setVisible(not text.strip() or find_name(text, row.text()) is not None)

    def _first(self) -> None:
        for page, row in self.rows.items():
            if row.isVisible():
                self.chosen.emit(page)
                return
