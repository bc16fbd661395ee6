"""The 친구 column: people, and rooms while searching, found by 초성; hits are marked in the name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from byre.client.views import ContactView, RoomKind, RoomView, Trust
from byre.ui import painting, tokens
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.korean import find_names
from byre.ui.look import Look
from byre.ui.naming import person_name
from byre.ui.plain import shown_address
from byre.ui.sidebar.chats import PlainList
from byre.ui.sidebar.column import Column
from byre.ui.sidebar.rooms_model import room_colour, room_title
from byre.ui.widgets.buttons import IconButton
from byre.ui.widgets.cards import Surface
from byre.ui.widgets.labels import PlainLabel

Index = QModelIndex | QPersistentModelIndex
ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
NOT_IN_THE_NAME = 999


@dataclass(frozen=True, slots=True)
class Entry:
    """A section's heading (`key` empty), a person or a room."""

    title: str
    subtitle: str = ""
    key: str = ""
    is_room: bool = False
    trust: Trust = Trust.UNVERIFIED
    colour: int = 0
    hit: tuple[int, int] | None = None
    count: int = 0


def entries(contacts: Sequence[ContactView], rooms: Sequence[RoomView], query: str, host: str = "") -> list[Entry]:
    """The rows for a query; rooms only while searching. `host` is that of the own relay."""
    people: list[Entry] = []
    contacts = sorted(contacts, key=lambda c: person_name(c.name, c.handle).casefold())
    names = [person_name(contact.name, contact.handle) for contact in contacts]
    for contact, name, hit in zip(contacts, names, find_names(query, names), strict=True):
        if query and hit is None and query.casefold() not in contact.handle.casefold():
            continue
        index = painting.avatar_index(contact.account_id)
        handle = shown_address(contact.handle, host)
        people.append(Entry(name, handle, contact.account_id, False, contact.trust, index, hit))
    if query:  # names that begin with it first, as one expects of 초성
        people.sort(key=lambda e: e.hit[0] if e.hit is not None else NOT_IN_THE_NAME)
    made = [Entry(tr("Friends"), count=len(people)), *people]
    if query:
        found = []
        groups = [room for room in rooms if room.kind is RoomKind.GROUP]
        titles = [room_title(room) for room in groups]
        for room, title, hit in zip(groups, titles, find_names(query, titles), strict=True):
            if hit is not None:
                count = tr("%n members", room.member_count)
                found.append(Entry(title, count, room.room_id, True, room.trust, room_colour(room), hit))
        if found:
            made += [Entry(tr("Rooms"), count=len(found)), *found]
    return made


class FriendsModel(QAbstractListModel):
    """Headings, people, rooms."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []

    def replace(self, made: list[Entry]) -> None:
        """Show these rows."""
        self.beginResetModel()
        self.entries = made
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return len(self.entries)

    def flags(self, index: Index) -> Qt.ItemFlag:
        entry = self.entries[index.row()] if 0 <= index.row() < len(self.entries) else None
        if entry is None or not entry.key:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self.entries):
            return None
        entry = self.entries[index.row()]
        if role == ENTRY_ROLE:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if not entry.key:
                return f"{entry.title}, {entry.count}"
            trust = {Trust.VERIFIED: tr("Verified"), Trust.CHANGED: tr("Key changed")}.get(entry.trust)
            return ", ".join(part for part in (entry.title, trust, entry.subtitle) if part)
        return None


class FriendDelegate(QStyledItemDelegate):
    """Rows of 64, headings of 22."""

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._row, self._first, self._heading = QSize(200, 64), QSize(200, 26), QSize(200, 34)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, Entry) and entry.key:
            return self._row
        return self._heading if index.row() else self._first

    @guarded(None)
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry = index.data(ENTRY_ROLE)
        if not isinstance(entry, Entry):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(option.rect)
        if entry.key:
            self._entry(painter, area, entry, option.state)
        else:
            self._head(painter, area, entry)
        painter.restore()

    def _head(self, painter: QPainter, area: QRectF, entry: Entry) -> None:
        place = QRectF(area.x() + 16, area.bottom() - 22, 200, 16)
        width = painting.text(painter, self._look, place, entry.title, tokens.META, self._look.palette.text2, 600)
        place.translate(width + 6, 0)
        painting.text(painter, self._look, place, str(entry.count), tokens.META, self._look.palette.text2, 500)

    def _entry(self, painter: QPainter, area: QRectF, entry: Entry, state: QStyle.StateFlag) -> None:
        look, palette = self._look, self._look.palette
        box = area.adjusted(8, 2, -8, -2)
        if state & QStyle.StateFlag.State_Selected:
            painting.box(painter, box, 12, palette.row_on)
        elif state & QStyle.StateFlag.State_MouseOver:
            painting.box(painter, box, 12, palette.row_hover)
        painting.avatar(painter, look, area.x() + 18, area.y() + 9, 46, entry.title, entry.colour)
        x, y = area.x() + 76, area.y() + 10
        place = QRectF(x, y, area.right() - x - 44, 22)
        width = painting.found_name(painter, look, place, entry.title, entry.hit, tokens.BODY)
        if entry.trust is Trust.VERIFIED:
            painting.icon(painter, look, x + width + 5, y + 4, "shield-check", palette.ok, 15, 2)
        elif entry.trust is Trust.CHANGED:
            painting.icon(painter, look, x + width + 5, y + 4, "shield-alert", palette.danger, 15, 2)
        below = QRectF(x, area.y() + 34, area.right() - x - 20, 18)
        painting.text(painter, look, below, entry.subtitle, tokens.LABEL, palette.text2, 400)


class FriendsColumn(Column):
    """People. `contact_opened`, `chat_wanted` (Enter), `room_opened`, `add_wanted`."""

    contact_opened = Signal(str)
    chat_wanted = Signal(str)
    room_opened = Signal(str)
    add_wanted = Signal()

    def __init__(self, look: Look) -> None:
        add = IconButton(look, "user-plus", lambda: tr("Add a friend"))
        super().__init__(look, lambda: tr("Friends"), placeholder=lambda: tr("Search names"), actions=(add,))
        assert self.field is not None
        add.clicked.connect(self.add_wanted)
        self.host = ""
        self._contacts: Sequence[ContactView] = ()
        self._rooms: Sequence[RoomView] = ()
        self.model = FriendsModel(self)
        self.list = PlainList()
        self.list.setUniformItemSizes(False)
        self.list.setModel(self.model)
        self.list.setItemDelegate(FriendDelegate(look, self.list))
        self.list.clicked.connect(self._clicked)
        self.list.entered.connect(self._entered)
        self.list.left_upwards.connect(lambda: self.field.setFocus() if self.field else None)
        self.column.addWidget(self.list, 1)
        foot = Surface(look, "panel", line="top right")
        foot.setFixedHeight(48)
        self._foot = foot
        row = QHBoxLayout(foot)
        row.setContentsMargins(16, 0, 16, 0)
        row.addWidget(
            PlainLabel(
                look, tokens.MICRO, "text2", weight=400,
                text=lambda: tr("↑ ↓ choose · Enter opens the chat · Esc clears"),
            )
        )  # fmt: skip
        self.column.addWidget(foot)
        self.field.edited.connect(lambda _text: self._refresh())
        self.field.submitted.connect(self._first)
        self.field.key.connect(self._key)
        look.live(self.list, self._refresh)

    def set_narrow(self, narrow: bool) -> None:
        """On a phone there are no keys to explain."""
        self._foot.setVisible(not narrow)

    def show_contacts(self, contacts: Sequence[ContactView]) -> None:
        """Show these people."""
        self._contacts = contacts
        self._refresh()

    def show_rooms(self, rooms: Sequence[RoomView]) -> None:
        """Search these rooms too."""
        self._rooms = rooms
        self._refresh()

    def _refresh(self) -> None:
        assert self.field is not None
        self.list.setAccessibleName(tr("Friends"))
        made = entries(self._contacts, self._rooms, self.field.text().strip(), self.host)
        if made != self.model.entries:
            self.model.replace(made)

    def _clicked(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, Entry) and entry.key:
            if entry.is_room:
                self.room_opened.emit(entry.key)
            else:
                self.contact_opened.emit(entry.key)

    def _entered(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, Entry) and entry.key:
            signal = self.room_opened if entry.is_room else self.chat_wanted
            signal.emit(entry.key)

    def _first(self) -> None:
        for entry in self.model.entries:
            if entry.key:
                signal = self.room_opened if entry.is_room else self.chat_wanted
                signal.emit(entry.key)
                return

    def _key(self, key: int) -> None:
        assert self.field is not None
        if key == Qt.Key.Key_Escape:
            self.field.clear()
        elif key == Qt.Key.Key_Down:
            for row, entry in enumerate(self.model.entries):
                if entry.key:
                    self.list.setFocus(Qt.FocusReason.TabFocusReason)
                    self.list.setCurrentIndex(self.model.index(row, 0))
                    return
