"""The 채팅 column: rooms, filter chips, and names found while typing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QButtonGroup, QFrame, QHBoxLayout, QListView

from byre.client.views import RoomId, RoomView
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.sidebar.column import Column
from byre.ui.sidebar.rooms_model import ROOM_ROLE, Filter, RoomDelegate, RoomsModel
from byre.ui.widgets.buttons import Chip, IconButton
from byre.ui.widgets.overlay_bar import OverlayBar

Index = QModelIndex | QPersistentModelIndex
FILTERS: tuple[Filter, ...] = ("all", "unread", "groups")


class PlainList(QListView):
    """A list view that opens a row by click, Enter or Space."""

    opened = Signal(QModelIndex)
    entered = Signal(QModelIndex)
    left_upwards = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.clicked.connect(self.opened)
        self._bar = OverlayBar(self, on_hover=True)

    def scroll_back(self, value: int) -> None:
        """Be where the list was before its rows were exchanged."""
        if value != self.verticalScrollBar().value():
            self.executeDelayedItemsLayout()
            self.verticalScrollBar().setValue(value)

    @guarded(None)
    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:
        """Repaint the rows; Qt would lay the whole list out again, and heights never change here."""
        for row in range(first.row(), last.row() + 1):
            self.update(self.model().index(row, 0))

    @guarded(None)
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:  # the others would choose a row without opening it
            super().mousePressEvent(event)

    @guarded(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentIndex().isValid():
            self.entered.emit(self.currentIndex())
            self.opened.emit(self.currentIndex())
            return
        if event.key() == Qt.Key.Key_Up and self.currentIndex().row() <= 0:
            self.left_upwards.emit()
            return
        super().keyPressEvent(event)


class ChatsColumn(Column):
    """The list of conversations."""

    room_opened = Signal(str)
    new_chat = Signal()
    search_all = Signal(str)
    menu_wanted = Signal(str, QPoint)

    def __init__(self, look: Look, *, narrow: bool = False) -> None:
        new = IconButton(look, "square-pen", lambda: tr("New chat"))
        search = IconButton(look, "search", lambda: tr("Search"))
        super().__init__(
            look,
            lambda: tr("Chats"),
            placeholder=lambda: tr("Search names and messages"),
            actions=(search, new),
        )
        assert self.field is not None
        self._search = search
        new.clicked.connect(self.new_chat)
        self._search.clicked.connect(lambda: self.search_all.emit(""))
        self.rooms: tuple[RoomView, ...] = ()
        self.model = RoomsModel(look, self)
        self.current: RoomId | None = None
        self._query = ""
        chips = QHBoxLayout()
        chips.setContentsMargins(16, 0, 16, 8)
        chips.setSpacing(8)
        self._group = QButtonGroup(self)
        words = {
            "all": lambda: tr("All"),
            "unread": self._unread_words,
            "groups": lambda: tr("Groups"),
        }
        self.chips: dict[str, Chip] = {}
        for kind in FILTERS:
            chip = Chip(look, words[kind])
            chip.setChecked(kind == "all")
            chip.clicked.connect(lambda _=False, k=kind: self._choose(k))
            self._group.addButton(chip)
            chips.addWidget(chip)
            self.chips[kind] = chip
        chips.addStretch(1)
        self.column.addLayout(chips)
        self.list = PlainList()
        self.list.setModel(self.model)
        self.list.setItemDelegate(RoomDelegate(look, self.model, self.list))
        self.list.opened.connect(self._open)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.left_upwards.connect(lambda: self.field.setFocus() if self.field else None)
        look.live(self.list, lambda: self.list.setAccessibleName(tr("Conversations")))
        self.column.addWidget(self.list, 1)
        self.field.edited.connect(self._typed)
        self.field.submitted.connect(self._submitted)
        self.field.key.connect(self._key)
        self.set_narrow(narrow)

    def set_narrow(self, narrow: bool) -> None:
        """On a phone a button stands for the field."""
        assert self.field is not None
        self.field.setVisible(not narrow)
        self.field_row.setContentsMargins(16, 0, 16, 0 if narrow else 10)
        self.column.setContentsMargins(0, 12 if narrow else 18, 0, 0)
        self.head.setContentsMargins(16, 0, 8 if narrow else 12, 12 if narrow else 8)
        self._search.setVisible(narrow)

    def show_offline(self, offline: bool) -> None:
        """Say beside the title that there is no connection."""
        self.state.show_state("offline", tr("Offline") if offline else "")

    def show_rooms(self, rooms: tuple[RoomView, ...]) -> None:
        """Show the rooms of the engine."""
        self.rooms = rooms
        self._apply()

    def select(self, room_id: RoomId | None) -> None:
        """Mark the open room."""
        self.current = room_id
        row = self.model.row_of(room_id)
        selection = self.list.selectionModel()
        if row < 0:
            selection.clear()
            return
        if selection.currentIndex().row() == row and selection.hasSelection():
            return
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        selection.setCurrentIndex(self.model.index(row, 0), flag)

    def stand_on(self, room_id: RoomId | None) -> None:
        """Give the list the focus, on a room that is not open any more."""
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        row = self.model.row_of(room_id)
        if row >= 0:
            flag = QItemSelectionModel.SelectionFlag.NoUpdate
            self.list.selectionModel().setCurrentIndex(self.model.index(row, 0), flag)

    def _unread_words(self) -> str:
        count = self.model.unread_rooms()
        return tr("Unread {count}", count=count) if count else tr("Unread")

    def _choose(self, kind: Filter) -> None:
        self.model.set_filter(kind)
        for chip in self.chips.values():
            chip.updateGeometry()
        self.select(self.current)

    def _typed(self, text: str) -> None:
        self._apply()

    def _apply(self) -> None:
        assert self.field is not None
        query = self.field.text().strip()
        stood = self.list.currentIndex().data(ROOM_ROLE) if self.list.hasFocus() else None
        place = self.list.verticalScrollBar().value()
        self.model.find(query)
        self.model.replace(self.rooms)
        self.chips["unread"].refresh()
        self.select(self.current)
        if query == self._query:
            self.list.scroll_back(place)  # a message somewhere must not move what one looks at
        self._query = query
        if isinstance(stood, RoomView) and stood.room_id != self.current:
            self.stand_on(stood.room_id)  # who walks through the list by keys stays where he is

    def _submitted(self) -> None:
        assert self.field is not None
        self.search_all.emit(self.field.text().strip())

    def _key(self, key: int) -> None:
        assert self.field is not None
        if key == Qt.Key.Key_Escape:
            self.field.clear()
        elif key == Qt.Key.Key_Down and self.model.shown:
            self.list.setFocus(Qt.FocusReason.TabFocusReason)
            if not self.list.currentIndex().isValid():
                self.list.setCurrentIndex(self.model.index(0, 0))

    def neighbour(self, by: int) -> RoomId | None:
        """The room above (-1) or below (1) the open one."""
        shown = self.model.shown
        at = self.model.row_of(self.current) + by if self.current is not None else 0
        return shown[at].room_id if 0 <= at < len(shown) else None

    def _menu(self, place: QPoint) -> None:
        room = self.list.indexAt(place).data(ROOM_ROLE)
        if isinstance(room, RoomView):
            self.menu_wanted.emit(room.room_id, self.list.viewport().mapToGlobal(place))

    def _open(self, index: QModelIndex) -> None:
        room = index.data(ROOM_ROLE)
        if isinstance(room, RoomView):
            self.room_opened.emit(room.room_id)
