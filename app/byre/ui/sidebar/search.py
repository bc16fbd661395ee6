"""Search over all rooms: results with one line centred on the hit. Local only."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from byre.client.views import MessageId, MessageView, RoomId, RoomKind, RoomView, SearchHitView
from byre.ui import painting, tokens, when
from byre.ui.bridge import Bridge
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.korean import find_name
from byre.ui.look import Look
from byre.ui.plain import one_line, shown_name, utf16_length
from byre.ui.sidebar.chats import PlainList
from byre.ui.sidebar.column import Column
from byre.ui.sidebar.rooms_model import room_colour, room_title
from byre.ui.textblock import Span, lay_out
from byre.ui.widgets.buttons import Chip, IconButton
from byre.ui.widgets.cards import Surface
from byre.ui.widgets.labels import Icon, PlainLabel

Index = QModelIndex | QPersistentModelIndex
RESULT_ROLE = Qt.ItemDataRole.UserRole + 1
TYPING_PAUSE_MS = 120
SPACE = " "
PAGE = 50
PERIODS = (0, 7, 30)
"""Days; 0 is all time."""
DAY_MS = 86_400_000


def line_of(hit: SearchHitView) -> tuple[str, tuple[tuple[int, int], ...]]:
    """One safe line around the hit and the marked ranges in it, in the units of Qt."""
    text = hit.snippet
    line = "".join(one_char(char) or SPACE for char in text)
    ranges = []
    for start, end in hit.snippet_highlights:
        if 0 <= start < end <= len(text):
            ranges.append((utf16_length(line[:start]), utf16_length(line[start:end])))
    return line, tuple(ranges)


def one_char(char: str) -> str:
    """The character, or nothing where it would break the line, hide or reorder it."""
    return one_line(char) if char != SPACE else SPACE


class ResultsModel(QAbstractListModel):
    """Found messages, newest first, with the line that the engine cut around each hit."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.found: list[MessageView] = []
        self.lines: dict[str, tuple[str, tuple[tuple[int, int], ...]]] = {}
        self.titles: dict[str, RoomView] = {}
        self.query = ""

    def replace(self, hits: Sequence[SearchHitView], rooms: dict[RoomId, RoomView], query: str) -> None:
        """Show these."""
        self.beginResetModel()
        self.found, self.query = [hit.message for hit in hits], query
        self.lines = {hit.message.message_id: line_of(hit) for hit in hits}
        self.titles = {str(k): v for k, v in rooms.items()}
        self.endResetModel()

    def append(self, hits: Sequence[SearchHitView]) -> None:
        """Show older ones below."""
        if hits:
            first = len(self.found)
            self.beginInsertRows(QModelIndex(), first, first + len(hits) - 1)
            self.found += [hit.message for hit in hits]
            self.lines.update((hit.message.message_id, line_of(hit)) for hit in hits)
            self.endInsertRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return len(self.found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self.found):
            return None
        message = self.found[index.row()]
        if role == RESULT_ROLE:
            return message
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(message.text)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            room = self.titles.get(message.room_id)
            return ", ".join((room_title(room) if room else "", sender_words(message), one_line(message.text)))
        return None


def sender_words(message: MessageView) -> str:
    """Who wrote it."""
    return tr("Me") if message.is_own else shown_name(message.sender.name, message.sender.handle)


class ResultDelegate(QStyledItemDelegate):
    """Rows of 64."""

    def __init__(self, look: Look, model: ResultsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look, self._model = look, model
        self._size = QSize(200, 64)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self._size

    @guarded(None)
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        message = index.data(RESULT_ROLE)
        room = self._model.titles.get(message.room_id) if isinstance(message, MessageView) else None
        if not isinstance(message, MessageView) or room is None:
            return
        look, palette = self._look, self._look.palette
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(option.rect)
        box = area.adjusted(8, 0, -8, -2)
        if option.state & QStyle.StateFlag.State_Selected:
            painting.box(painter, box, 12, palette.row_on)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painting.box(painter, box, 12, palette.row_hover)
        title = room_title(room)
        painting.avatar(painter, look, area.x() + 18, area.y() + 14, 34, title, room_colour(room))
        stamp = when.list_time(message.sent_at, look.now_ms(), look.language)
        width = look.metrics(tokens.MICRO, 400).horizontalAdvance(stamp) + 1
        right = area.right() - 20
        place = QRectF(right - width, area.y() + 12, width, 16)
        painting.text(painter, look, place, stamp, tokens.MICRO, palette.text2, 400, painting.RIGHT, False)
        x = area.x() + 64
        place = QRectF(x, area.y() + 10, right - x - width - 8, 18)
        painting.text(painter, look, place, title, tokens.LABEL, palette.text, 600)
        self._snippet(painter, QRectF(x, area.y() + 31, right - x, 20), message, room)
        painter.restore()

    def _snippet(self, painter: QPainter, place: QRectF, message: MessageView, room: RoomView) -> None:
        look, palette = self._look, self._look.palette
        line, ranges = self._model.lines.get(message.message_id, (one_line(message.text), ()))
        prefix = f"{sender_words(message)}: " if room.kind is RoomKind.GROUP or message.is_own else ""
        before = utf16_length(prefix)
        spans = [Span(before + start, length, palette.hit_text, palette.hit) for start, length in ranges]
        painter.setClipRect(place)
        block = lay_out(prefix + line, look.font(tokens.LABEL, 400), 2000, 20, max_lines=1)
        block.draw(painter, place.x(), place.y(), palette.text2, spans)
        painter.setClipping(False)


class SearchColumn(Column):
    """`result_opened(room_id, message_id, query)`, `closed`."""

    result_opened = Signal(str, str, str)
    closed = Signal()

    def __init__(self, look: Look, bridge: Bridge) -> None:
        close = IconButton(look, "x", lambda: tr("Close the search"))
        super().__init__(look, lambda: tr("Search"), placeholder=lambda: tr("Search all messages"), actions=(close,))
        assert self.field is not None
        close.clicked.connect(self.closed)
        self._bridge = bridge
        self.rooms: dict[RoomId, RoomView] = {}
        self.model = ResultsModel(self)
        self._serial = 0
        self._look_at = look
        self._has_more = False
        chips = QHBoxLayout()
        chips.setContentsMargins(16, 0, 8, 8)
        chips.setSpacing(8)
        self.chip = Chip(look, lambda: tr("Messages {count}", count=len(self.model.found)))
        self.chip.setChecked(True)
        self.chip.clicked.connect(lambda: self.chip.setChecked(True))
        chips.addWidget(self.chip)
        self._days = 0
        self._group = QButtonGroup(self)
        self.periods: dict[int, Chip] = {}
        for days in PERIODS:
            chips.addWidget(self._period(look, days))
        chips.addStretch(1)
        self.column.addLayout(chips)
        head = QHBoxLayout()
        head.setContentsMargins(16, 4, 20, 8)
        self.count = PlainLabel(look, tokens.META, "text2", weight=600)
        head.addWidget(self.count, 1)
        head.addWidget(PlainLabel(look, tokens.META, "text2", text=lambda: tr("Newest first")))
        self.column.addLayout(head)
        self.list = PlainList()
        self.list.setModel(self.model)
        self.list.setItemDelegate(ResultDelegate(look, self.model, self.list))
        self.list.opened.connect(self._open)
        self.list.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.list.left_upwards.connect(lambda: self.field.setFocus() if self.field else None)
        self.column.addWidget(self.list, 1)
        foot = Surface(look, "panel", line="top right")
        row = QHBoxLayout(foot)
        row.setContentsMargins(16, 14, 16, 14)
        row.setSpacing(8)
        row.addWidget(Icon(look, "info", "text2", 16), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(
            PlainLabel(
                look, tokens.META, "text2", wrap=True, line_height=18,
                text=lambda: tr("Search runs only on this PC.\nIt also finds letters inside words."),
            ),
            1,
        )  # fmt: skip
        self.column.addWidget(foot)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._search)
        self.field.edited.connect(lambda _text: self._timer.start(TYPING_PAUSE_MS))
        self.field.submitted.connect(self._search)
        self.field.key.connect(self._key)
        look.live(self.list, self._say)

    def begin(self, query: str) -> None:
        """Start with a query and the focus in the field."""
        assert self.field is not None
        self.field.set_text(query)
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.line.selectAll()
        self._search()

    def _query(self) -> str:
        assert self.field is not None
        return self.field.text().strip()

    def _search(self) -> None:
        self._timer.stop()
        query = self._query()
        self._serial += 1
        serial = self._serial
        if len(query) < 2:
            self._show([], query)
            return

        def found(hits: Sequence[SearchHitView]) -> None:
            if serial == self._serial:
                self._show(hits, query)

        self._bridge.run(self._find(query), found)

    def _period(self, look: Look, days: int) -> Chip:
        chip = Chip(look, lambda: tr("Last %n days", days) if days else tr("Any time"))
        chip.setChecked(days == 0)
        chip.clicked.connect(lambda: self._choose(days))
        self._group.addButton(chip)
        self.periods[days] = chip
        return chip

    def _find(self, query: str, before: MessageId | None = None) -> Coroutine[Any, Any, Sequence[SearchHitView]]:
        since = self._look_at.now_ms() - self._days * DAY_MS if self._days else None
        return self._bridge.engine.messages.find(query, since=since, before=before, limit=PAGE)

    def _choose(self, days: int) -> None:
        self._days = days
        for chip in self.periods.values():
            chip.updateGeometry()
        self._search()

    def _scrolled(self, value: int) -> None:
        """Load older hits at the end of the list."""
        query, found = self._query(), self.model.found
        if value < self.list.verticalScrollBar().maximum() or not self._has_more or not found or len(query) < 2:
            return
        self._has_more = False
        serial = self._serial

        def older(hits: Sequence[SearchHitView]) -> None:
            if serial == self._serial:
                self._has_more = len(hits) >= PAGE
                self.model.append([hit for hit in hits if hit.message.room_id in self.rooms])
                self.chip.refresh()
                self._say()

        self._bridge.run(self._find(query, found[-1].message_id), older, lambda _code: None)

    def _show(self, hits: Sequence[SearchHitView], query: str) -> None:
        self._has_more = len(hits) >= PAGE
        self.model.replace([hit for hit in hits if hit.message.room_id in self.rooms], self.rooms, query)
        self.chip.refresh()
        self._say()

    def _say(self) -> None:
        self.list.setAccessibleName(tr("Found messages"))
        query = self._query()
        if len(query) == 1:
            names = sum(find_name(query, room_title(r)) is not None for r in self.rooms.values())
            words = tr("One letter searches names only: %n found", names)
        elif not query:
            words = tr("All rooms")
        else:
            words = f"{tr('All rooms')} · {tr('%n found', len(self.model.found))}"
        self.count.set_text(words)

    def _key(self, key: int) -> None:
        assert self.field is not None
        if key == Qt.Key.Key_Escape:
            if self.field.text():
                self.field.clear()
            else:
                self.closed.emit()
        elif key == Qt.Key.Key_Down and self.model.found:
            self.list.setFocus(Qt.FocusReason.TabFocusReason)
            self.list.setCurrentIndex(self.model.index(0, 0))

    def _open(self, index: QModelIndex) -> None:
        message = index.data(RESULT_ROLE)
        if isinstance(message, MessageView):
            self.list.setCurrentIndex(index)
            self.result_opened.emit(message.room_id, message.message_id, self.model.query)
