"""Choose one of many by name: a field that finds (초성 too) over a list. For people and for rooms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from byre.ui.dialogs.sheet import Sheet
from byre.ui.i18n import tr
from byre.ui.korean import find_names
from byre.ui.look import Look
from byre.ui.sidebar.chats import PlainList
from byre.ui.sidebar.friends import ENTRY_ROLE, Entry, FriendDelegate, FriendsModel
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.fields import Field

LIST_HEIGHT = 320


class Pick(Sheet):
    """`chosen(key)`; the first entry is "all of them", with the key `*`."""

    chosen = Signal(str)
    ALL = "*"

    def __init__(self, look: Look, window: QWidget, title: Callable[[], str], entries: Sequence[Entry]) -> None:
        super().__init__(look, window, width=440)
        self._entries = tuple(entries)
        self.head(title)
        self.field = Field(look, lambda: tr("Search names"), placeholder=lambda: tr("Search names"), icon="search",
                           clear=True)  # fmt: skip
        self.field.edited.connect(lambda _text: self._refresh())
        self.field.submitted.connect(self._first)
        self.field.key.connect(self._key)
        self.body.addWidget(self.field)
        self.body.addSpacing(8)
        self.model = FriendsModel(self)
        self.list = PlainList()
        self.list.setFixedHeight(LIST_HEIGHT)
        self.list.setModel(self.model)
        self.list.setItemDelegate(FriendDelegate(look, self.list))
        self.list.opened.connect(self._picked)
        self.list.left_upwards.connect(lambda: self.field.setFocus())
        look.live(self.list, lambda: self.list.setAccessibleName(title()))
        self.body.addWidget(self.list)
        close = Button(look, lambda: tr("Cancel"), "secondary")
        close.clicked.connect(self.close_sheet)
        self.foot(close)
        self._refresh()

    def focus_first(self) -> None:
        """Into the field."""
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _refresh(self) -> None:
        query = self.field.text().strip()
        shown = []
        for entry, hit in zip(self._entries, find_names(query, [e.title for e in self._entries]), strict=True):
            if not query or hit is not None or query.casefold() in entry.subtitle.casefold():
                shown.append(replace(entry, hit=hit))
        self.model.replace(shown)

    def _first(self) -> None:
        if self.model.entries:
            self._choose(self.model.entries[0].key)

    def _key(self, key: int) -> None:
        if key == Qt.Key.Key_Escape:
            if self.field.text():
                self.field.clear()
            else:
                self.close_sheet()
        elif key == Qt.Key.Key_Down and self.model.entries:
            self.list.setFocus(Qt.FocusReason.TabFocusReason)
            self.list.setCurrentIndex(self.model.index(0, 0))

    def _picked(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, Entry) and entry.key:
            self._choose(entry.key)

    def _choose(self, key: str) -> None:
        self.chosen.emit(key)
        self.close_sheet()
