"""The chat list as a Qt list model, sorted and filtered; and its painted rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from byre.client.views import MessageKind, MessageState, RoomId, RoomKind, RoomState, RoomView, Trust
from byre.ui import painting, tokens, when
from byre.ui.end_timer import EndTimer
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.korean import find_name, find_names
from byre.ui.look import Look
from byre.ui.naming import person_name
from byre.ui.plain import isolated, one_line, shown_name
from byre.ui.room_marks import RoomMarks
from byre.ui.transcript.items import line_of, state_icon, state_name

Index = QModelIndex | QPersistentModelIndex
Filter = Literal["all", "unread", "groups"]
ROOM_ROLE = Qt.ItemDataRole.UserRole + 1


def room_title(room: RoomView) -> str:
    """The title to show; rooms without one say what they are."""
    if room.kind is RoomKind.NOTE:
        return tr("Note to self")
    return shown_name(room.title, tr("Untitled room"))


def room_colour(room: RoomView) -> int:
    """The avatar's colour: that of the peer in a direct room, else of the room."""
    return painting.avatar_index(room.peer_account_id or room.room_id)


def has_draft(room: RoomView) -> bool:
    """Whether something was written there and not sent, and nothing louder stands in its place."""
    return room.state is RoomState.ACTIVE and bool(one_line(room.draft))


def preview(room: RoomView, *, is_over: bool = False) -> str:
    """The line under the title; nothing of a message whose time is over, until the engine tells what the newest is."""
    if room.state is RoomState.REQUEST:
        return tr("Wants to talk to you")
    if room.state in (RoomState.LEFT, RoomState.REMOVED):
        return tr("You are no longer in this room")
    if room.trust is Trust.CHANGED and room.kind is RoomKind.DIRECT:
        return tr("The key has changed")
    if has_draft(room):
        return tr("Draft: {text}", text=one_line(room.draft))
    message = room.last_message
    if message is None:
        return tr("No messages")
    if is_over:
        return ""
    if message.kind is not MessageKind.TEXT:
        return line_of(message)[2]
    words = one_line(message.text)
    if room.kind is RoomKind.GROUP and not message.is_own:
        return f"{isolated(person_name(message.sender.name, message.sender.handle))}: {words}"
    return words


class RoomsModel(QAbstractListModel):
    """Rooms: pinned ones first, then the newest activity."""

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._all: list[RoomView] = []
        self._filter: Filter = "all"
        self.shown: list[RoomView] = []
        self.marks: RoomMarks | None = None
        self.has_previews = True
        self._query = ""
        self.over_timer = EndTimer(self, lambda: look.now_ms())
        self.over_timer.timeout.connect(self._forget_what_is_over)
        look.live(self, self._repaint)

    def set_marks(self, marks: RoomMarks) -> None:
        """Follow what the user pinned and made quiet."""
        self.marks = marks
        marks.changed.connect(self._marked)

    def set_previews(self, shown: bool) -> None:
        """Show the last messages under the titles, or not."""
        self.has_previews = shown
        self._repaint()

    def line_of(self, room: RoomView) -> str:
        """The line under a title."""
        if not self.has_previews and room.last_message is not None and room.state is RoomState.ACTIVE:
            return tr("%n unread", room.unread) if room.unread else ""
        return preview(room, is_over=room.last_message is not None and self.over_timer.is_over(room.last_message))

    def find(self, query: str) -> None:
        """From the next `replace` on show the rooms whose titles have it, and mark it there; all count as before."""
        if query != self._query:
            self._query = query
            self._repaint()

    def hit_in(self, title: str) -> tuple[int, int] | None:
        """Where a title has what is searched for."""
        return find_name(self._query, title) if self._query else None

    def is_muted(self, room: RoomView) -> bool:
        return self.marks is not None and self.marks.is_muted(room.room_id)

    def is_pinned(self, room: RoomView) -> bool:
        return self.marks is not None and self.marks.is_pinned(room.room_id)

    def replace(self, rooms: Iterable[RoomView]) -> None:
        """Show these rooms."""
        self._all = [r for r in rooms if r.state is not RoomState.LEFT or r.last_message is not None]
        self._sort()
        self._refilter()
        self.over_timer.stop()
        self._forget_what_is_over()

    def set_filter(self, kind: Filter) -> None:
        """Show all, those with unread messages, or groups."""
        self._filter = kind
        self._refilter()

    def row_of(self, room_id: RoomId | None) -> int:
        """The row of a room, -1 when it is not shown."""
        return next((i for i, r in enumerate(self.shown) if r.room_id == room_id), -1)

    def unread_rooms(self) -> int:
        """How many rooms have unread messages."""
        return sum(bool(r.unread) for r in self._all)

    def unread_messages(self, *, loud_only: bool = False) -> int:
        """How many messages are unread in all rooms, or in those that are not quiet."""
        return sum(r.unread for r in self._all if not loud_only or not self.is_muted(r))

    def everything(self) -> tuple[RoomView, ...]:
        """All rooms, unfiltered."""
        return tuple(self._all)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return len(self.shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self.shown):
            return None
        room = self.shown[index.row()]
        if role == ROOM_ROLE:
            return room
        if role == Qt.ItemDataRole.DisplayRole:
            return room_title(room)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(room)
        return None

    def _spoken(self, room: RoomView) -> str:
        parts = [room_title(room)]
        if room.trust is Trust.VERIFIED and room.kind is not RoomKind.NOTE:
            parts.append(tr("Verified"))
        if room.trust is Trust.CHANGED:
            parts.append(tr("Key changed"))
        if self.is_pinned(room):
            parts.append(tr("Pinned"))
        if self.is_muted(room):
            parts.append(tr("Quiet"))
        parts.append(self.line_of(room))
        parts.append(when.list_time(room.last_activity, self._look.now_ms(), self._look.language))
        if room.last_message is not None and room.last_message.is_own:
            parts.append(state_name(room.last_message.state))
        if room.unread:
            parts.append(tr("%n unread", room.unread))
        return ", ".join(part for part in parts if part)

    def _forget_what_is_over(self) -> None:
        last = [room.last_message for room in self._all]
        if any(message is not None and self.over_timer.is_over(message) for message in last):
            self._repaint()
        self.over_timer.wind(m for m in last if m is not None and not self.over_timer.is_over(m))

    def _marked(self) -> None:
        self._sort()
        self._refilter()
        self._repaint()

    def _sort(self) -> None:
        self._all.sort(key=lambda r: (not self.is_pinned(r), -r.last_activity))

    def _refilter(self) -> None:
        hits = find_names(self._query, [room_title(r) for r in self._all])
        shown = [
            r
            for r, hit in zip(self._all, hits, strict=True)
            if (not self._query or hit is not None)
            and (
                self._filter == "all"
                or (self._filter == "unread" and r.unread)
                or (self._filter == "groups" and r.kind is RoomKind.GROUP)
            )
        ]
        if [r.room_id for r in shown] == [r.room_id for r in self.shown]:
            changed = [row for row, room in enumerate(shown) if room != self.shown[row]]
            self.shown = shown
            for row in changed:
                self.dataChanged.emit(self.index(row, 0), self.index(row, 0))
            return
        self.beginResetModel()
        self.shown = shown
        self.endResetModel()

    def _repaint(self) -> None:
        if self.shown:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.shown) - 1, 0))


class RoomDelegate(QStyledItemDelegate):
    """Paints a chat row: avatar, title, shield, time, preview, state, badge."""

    def __init__(self, look: Look, model: RoomsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look, self._model = look, model
        self._size = QSize(200, tokens.ROW)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self._size

    @guarded(None)
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        room = index.data(ROOM_ROLE)
        if not isinstance(room, RoomView):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._row(painter, QRectF(option.rect), room, option.state)
        painter.restore()

    def _row(self, painter: QPainter, area: QRectF, room: RoomView, state: QStyle.StateFlag) -> None:
        look, palette = self._look, self._look.palette
        rect = area.adjusted(8, 2, -8, -2)
        if state & QStyle.StateFlag.State_Selected:
            painting.box(painter, rect, 12, palette.row_on)
        elif state & QStyle.StateFlag.State_MouseOver:
            painting.box(painter, rect, 12, palette.row_hover)
        title = room_title(room)
        painting.avatar(painter, look, rect.x() + 10, rect.y() + 10, 46, title, room_colour(room))
        left, right = rect.x() + 68, rect.right() - 12
        stamp = when.list_time(room.last_activity, look.now_ms(), look.language)
        stamp_width = look.metrics(tokens.MICRO, 400).horizontalAdvance(stamp) + 1
        place = QRectF(right - stamp_width, rect.y() + 13, stamp_width, 16)
        painting.text(painter, look, place, stamp, tokens.MICRO, palette.text2, 400, painting.RIGHT, False)
        muted = self._model.is_muted(room)
        place = QRectF(left, rect.y() + 9, right - left - stamp_width - (49 if muted else 30), 22)
        width = 5 + painting.found_name(painter, look, place, title, self._model.hit_in(title), tokens.BODY)
        mark = {Trust.VERIFIED: ("shield-check", palette.ok), Trust.CHANGED: ("shield-alert", palette.danger)}.get(
            room.trust
        )
        if mark is not None and room.kind is not RoomKind.NOTE:
            painting.icon(painter, look, left + width, rect.y() + 13, mark[0], mark[1], 15, 2)
            width += 19
        if muted:
            painting.icon(painter, look, left + width, rect.y() + 13, "bell-off", palette.text3, 14, 2)
        taken = 0.0
        if room.unread:
            taken = painting.badge(painter, look, right, rect.y() + 35, room.unread, muted) + 8
        elif self._model.is_pinned(room):
            painting.icon(painter, look, right - 16, rect.y() + 37, "pin", palette.text3, 15)
            taken = 24
        self._preview(painter, QRectF(left, rect.y() + 34, right - left - taken, 20), room)

    def _preview(self, painter: QPainter, place: QRectF, room: RoomView) -> None:
        look, palette = self._look, self._look.palette
        colour = palette.text if room.unread and not self._model.is_muted(room) else palette.text2
        message = room.last_message
        name = ""
        if room.trust is Trust.CHANGED and room.kind is RoomKind.DIRECT:
            name, colour = "triangle-alert", palette.danger
        elif room.state is RoomState.REQUEST:
            name, colour = "user-plus", palette.link
        elif has_draft(room) and self._model.has_previews:
            name, colour = "pencil", palette.text2
        elif message is not None and message.is_own and message.state in (
            MessageState.QUEUED, MessageState.FAILED, MessageState.EXPIRED,
        ):  # fmt: skip
            name = state_icon(message.state)
        if name:
            painting.icon(painter, look, place.x(), place.y() + 3, name, colour, 14, 2)
            place = place.adjusted(19, 0, 0, 0)
        weight = 500 if room.unread else 400
        painting.text(painter, look, place, self._model.line_of(room), tokens.LABEL, colour, weight)
