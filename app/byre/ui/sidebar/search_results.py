"""What the search over all rooms found: a list model, and rows with one line centred on the hit."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from byre.client.views import MessageView, RoomId, RoomKind, RoomView, SearchHitView
from byre.ui import painting, tokens, when
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.naming import person_name
from byre.ui.plain import one_line, utf16_length, utf16_slice
from byre.ui.sidebar.rooms_model import room_colour, room_title
from byre.ui.textblock import Span, lay_out

Index = QModelIndex | QPersistentModelIndex
RESULT_ROLE = Qt.ItemDataRole.UserRole + 1
SPACE = " "
Ranges = tuple[tuple[int, int], ...]


def line_of(hit: SearchHitView) -> tuple[str, Ranges]:
    """One safe line around the hit and the marked ranges in it, in the units of Qt."""
    text = hit.snippet
    line = "".join(one_char(char) or SPACE for char in text)
    ranges = []
    for start, end in hit.snippet_highlights:
        if 0 <= start < end <= len(text):
            ranges.append((utf16_length(line[:start]), utf16_length(line[start:end])))
    return line, tuple(ranges)


def centred(line: str, ranges: Ranges, width: float, advance: Callable[[str], float]) -> tuple[str, Ranges]:
    """Begin the line later where its first hit would lie beyond `width`; what is left out is said by `…`."""
    if not ranges or advance(line) <= width:
        return line, ranges
    start, length = ranges[0]
    hit, at = utf16_slice(line, start, start + length), len(utf16_slice(line, 0, start))
    if advance(line[:at] + hit) <= width * 3 / 4:
        return line, ranges
    begin = bisect_left(range(at), True, key=lambda first: advance("…" + line[first:at] + hit) <= width / 2)
    space = line.find(SPACE, begin, at)
    begin = space + 1 if space >= 0 else begin  # whole words, where there are some
    moved = utf16_length("…") - utf16_length(line[:begin])
    return "…" + line[begin:], tuple((first + moved, size) for first, size in ranges)


def one_char(char: str) -> str:
    """The character, or nothing where it would break the line, hide or reorder it."""
    return one_line(char) if char != SPACE else SPACE


class ResultsModel(QAbstractListModel):
    """Found messages, newest first, with the line that the engine cut around each hit."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.found: list[MessageView] = []
        self.lines: dict[str, tuple[str, Ranges]] = {}
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

    def drop(self, goes: Callable[[MessageView], bool]) -> bool:
        """Show these no longer, and forget their lines; returns whether there were any."""
        gone = [at for at, message in enumerate(self.found) if goes(message)]
        for at in reversed(gone):
            self.beginRemoveRows(QModelIndex(), at, at)
            self.lines.pop(self.found.pop(at).message_id, None)
            self.endRemoveRows()
        return bool(gone)

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
    return tr("Me") if message.is_own else person_name(message.sender.name, message.sender.handle)


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
        metrics = look.metrics(tokens.LABEL, 400)
        sender = sender_words(message) if room.kind is RoomKind.GROUP or message.is_own else ""
        prefix = f"{sender}: " if sender else ""
        line, ranges = centred(
            line, ranges, place.width() - metrics.horizontalAdvance(prefix), metrics.horizontalAdvance
        )
        before = utf16_length(prefix)
        spans = [Span(before + start, length, palette.hit_text, palette.hit, is_mark=True) for start, length in ranges]
        painter.setClipRect(place)
        font = look.font(tokens.LABEL, 400)
        words = metrics.elidedText(prefix + line, Qt.TextElideMode.ElideRight, place.width())
        spans = [span for span in spans if span.start + span.length < utf16_length(words) or words == prefix + line]
        block = lay_out(words, font, 2000, 20, max_lines=1)
        block.draw(painter, place.x(), place.y(), palette.text2, spans)
        painter.setClipping(False)
