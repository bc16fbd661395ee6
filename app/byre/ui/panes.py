"""How the messenger's parts lie: rail, column, pane and drawer in a row; below 640 px one of column and pane.

Knows where things lie, not what they show: a place is a widget to it.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from byre.ui import tokens
from byre.ui.rail import Rail, TabBar
from byre.ui.room.drawer import InfoDrawer
from byre.ui.room.pane import RoomPane
from byre.ui.settings.pane import SettingsPane
from byre.ui.sidebar.chats import ChatsColumn
from byre.ui.sidebar.column import Column
from byre.ui.sidebar.friends import FriendsColumn
from byre.ui.sidebar.profile import ProfilePane
from byre.ui.tabbing import step


class Panes:
    """Lays out `ground`; `is_narrow` is None before the first `fit`."""

    def __init__(self, ground: QWidget, rail: Rail, tabs: TabBar, drawer: InfoDrawer) -> None:
        self._ground, self._rail, self._tabs, self._drawer = ground, rail, tabs, drawer
        self.is_narrow: bool | None = None
        self.columns, self.stack = QStackedWidget(), QStackedWidget()
        outer = QVBoxLayout(ground)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(rail)
        self._row.addWidget(self.columns)
        self._row.addWidget(self.stack, 1)
        self._row.addWidget(drawer)
        outer.addLayout(self._row, 1)
        outer.addWidget(tabs)

    def fit(self, narrow: bool, begin: QWidget | None) -> None:
        """Be one pane or two; where there comes to be one it is `begin`, or the column."""
        if narrow == self.is_narrow:
            return
        self.is_narrow = narrow
        self._rail.setVisible(not narrow)
        for at in range(self.columns.count()):
            column = self.columns.widget(at)
            if isinstance(column, ChatsColumn | FriendsColumn):
                column.set_narrow(narrow)
            if isinstance(column, Column):
                column.set_line("" if narrow else "right")
        for at in range(self.stack.count()):
            pane = self.stack.widget(at)
            if isinstance(pane, RoomPane | ProfilePane | SettingsPane):
                pane.set_narrow(narrow)
        if not narrow:
            self.columns.setFixedWidth(tokens.LIST)
            self.columns.show()
            self.stack.show()
            self._tabs.hide()
            return
        self.columns.setMinimumWidth(0)
        self.columns.setMaximumWidth(16_777_215)
        if begin is not None:
            self.show_pane(begin, raise_it=True)
        else:
            self.show_column()

    def tab(self, forward: bool) -> None:
        """Tab, or Shift+Tab: through the parts from left to right, the tabs below at the end."""
        step(self._ground, (self._rail, self.columns, self.stack, self._drawer, self._tabs), forward)

    def fit_drawer(self) -> None:
        """The drawer beside the pane, or over it."""
        self._drawer.fit(self._row, self._ground, bool(self.is_narrow))

    def show_column(self) -> None:
        """Where there is one pane: the column. Where there are two it is shown anyway."""
        if self.is_narrow:
            self.stack.hide()
            self._drawer.hide()
            self.columns.show()
            self._tabs.show()

    def show_pane(self, pane: QWidget, *, raise_it: bool = False) -> None:
        """Put `pane` on top; where there is one pane, in place of the column if `raise_it`."""
        self.stack.setCurrentWidget(pane)
        if not isinstance(pane, RoomPane):
            self._drawer.hide()
        if self.is_narrow and (raise_it or isinstance(pane, SettingsPane)):
            in_column = self.columns.isAncestorOf(self._ground.focusWidget())
            self.columns.hide()
            self._tabs.setVisible(isinstance(pane, SettingsPane))
            self.stack.show()
            if in_column and isinstance(pane, SettingsPane | ProfilePane):  # or it would go to the tabs below
                pane.back_button.setFocus(Qt.FocusReason.OtherFocusReason)
