"""The transcript itself: paints rows, selects text across bubbles, copies, finds, tells what was really shown."""

from __future__ import annotations

import time
from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip

from byre.client.views import MessageView
from byre.ui import painting
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.plain import utf16_length
from byre.ui.transcript.clocks import Clocks
from byre.ui.transcript.items import RoomFacts, accessible_text, compose
from byre.ui.transcript.listview import AnchoredList
from byre.ui.transcript.menu import RowActs, row_menu, state_words
from byre.ui.transcript.rowlayout import REACH, RowLayout
from byre.ui.transcript.rowpaint import paint_row
from byre.ui.transcript.selection import Place, Selection

Spans = tuple[tuple[int, int], ...]
"""(start, length) in the units of Qt."""


class Transcript(AnchoredList):
    """One room's messages.

    Signals: `shown(message_id, monotonic_ns)` once for each awaited message, after the frame that painted it;
    `link_opened(url)`, `line_opened(key)` for a link in a system line, `retried(message_id)`, `unfolded(message_id)`,
    `date_wanted` for a click on a day, `newest_wanted` for End (what is loaded may end before), `left` when the keys
    lead back to where one writes. A click takes no focus: one goes on typing, and an input method with it.
    """

    shown = Signal(str, object)
    link_opened = Signal(str)
    line_opened = Signal(str)
    retried = Signal(str)
    unfolded = Signal(str)
    erase_wanted = Signal(str)
    date_wanted = Signal()
    left = Signal()
    newest_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.selection = Selection(self.items)
        self._pressed: Place | None = None
        self._awaited: set[str] = set()
        self._hits: Mapping[str, Spans] = {}
        self._current_hit = ""
        self._keyboard = False
        self.clocks = Clocks(self)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.viewport().setMouseTracking(True)
        look.live(self, lambda: self.setAccessibleName(tr("Messages")))

    def await_paint(self, key: str) -> None:
        """Emit `shown` when the row with that key, which is about to come, was painted."""
        self._awaited.add(key)

    def announce(self, message: MessageView) -> None:
        """Let a screen reader say an incoming message."""
        if QAccessible.isActive():
            item = compose([message], RoomFacts(language=self.look.language))[-1]
            words = accessible_text(item, self.look.language, self.look.now_ms())
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def mark(self, hits: Mapping[str, Spans], current: str) -> None:
        """Mark these stretches of rows; those of the row `current` stand out."""
        self._hits, self._current_hit = hits, current
        self.viewport().update()

    def page(self, by: int) -> None:
        """One page up (-1) or down (1)."""
        self.step(by * (self.viewport().height() - 40))

    def enter(self) -> None:
        """Take the focus by key, at the last row in sight."""
        if self.visible:
            self.setCurrentIndex(self.items.index(self.visible[-1][0], 0))
            self.setFocus(Qt.FocusReason.TabFocusReason)

    def clear_selection(self) -> None:
        """Select nothing."""
        self.selection.clear()
        self.viewport().update()

    # -- painting

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        try:
            self._paint(painter, event)
        finally:
            painter.end()
        self.clocks.wind()
        if self._awaited:
            seen = [key for row, _, _ in self.visible if (key := self.items.items[row].key) in self._awaited]
            now = time.monotonic_ns()
            for key in seen:
                self._awaited.discard(key)
                self.shown.emit(key, now)

    def _paint(self, painter: QPainter, event: QPaintEvent) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = event.rect()
        painter.fillRect(area, QColor(self.look.palette.canvas))
        current = self._row_under_keys()
        for row, y, laid in self.visible:
            if y > area.bottom() + REACH:
                break
            reach = self.reach_of(laid)
            if y + laid.height + reach <= area.top() or y - reach > area.bottom():
                continue
            item = self.items.items[row]
            paint_row(
                painter, laid, y, self.look, narrow=self.is_narrow, selection=self.selection.span_of(item),
                hits=self._hits.get(item.key, ()), is_current_hit=item.key == self._current_hit,
            )  # fmt: skip
            if row == current:
                rect = (
                    laid.bubble.translated(0, y) if not laid.bubble.isEmpty() else QRectF(8, y, self.width() - 16, 40)
                )
                painting.ring(painter, rect.adjusted(-3, -3, 3, 3), self.look.palette.accent, 16)

    def reach_of(self, laid: RowLayout) -> int:
        """The ring around the row under the keys lies around its bubble."""
        return REACH if self._row_under_keys() >= 0 else laid.reach

    def _row_under_keys(self) -> int:
        return self.currentIndex().row() if self._keyboard and self.hasFocus() else -1

    # -- mouse

    @guarded(None)
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._keyboard = False
        self._pressed = self._place_at(event.position())
        self.selection.clear()
        if self._pressed is not None:
            row = self.items.row_of(self._pressed[0])
            if row is not None:
                self.setCurrentIndex(self.items.index(row, 0))
        self.viewport().update()

    @guarded(None)
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self.drag_to(event.position())
            return
        hand = self._target(event.position()) is not None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.IBeamCursor)

    def drag_to(self, point: QPointF) -> None:
        """Select from where the button went down to `point`; beyond an edge the rows move."""
        beyond = min(0.0, point.y()) + max(0.0, point.y() - self.viewport().height())
        if beyond:
            self.step(max(-120.0, min(120.0, beyond)))
        place = self._place_at(QPointF(point.x(), max(0.0, min(point.y(), self.viewport().height() - 1.0))))
        if self._pressed is not None and place is not None:
            self.selection.ends = (self._pressed, place)
            self.viewport().update()

    @guarded(None)
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        if self.selection.ends is None and event.button() == Qt.MouseButton.LeftButton:
            target = self._target(event.position())
            if target is not None:
                signal, value = target
                if signal == "day":
                    self.date_wanted.emit()
                    return
                {"link": self.link_opened, "line": self.line_opened, "retry": self.retried, "fold": self.unfolded}[
                    signal
                ].emit(value)

    @guarded(None)
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        row = self.items.row_of(place[0]) if place is not None else None
        if place is None or row is None:
            return
        text = self.items.items[row].text
        raw = text.encode("utf-16-le", "surrogatepass")
        at = len(raw[: 2 * place[1]].decode("utf-16-le", "ignore"))
        start, end = at, at
        while start > 0 and text[start - 1].isalnum():
            start -= 1
        while end < len(text) and text[end].isalnum():
            end += 1
        if end > start:
            self.selection.ends = ((place[0], utf16_length(text[:start])), (place[0], utf16_length(text[:end])))
            self.viewport().update()

    @guarded(None)
    def wheelEvent(self, event: QWheelEvent) -> None:
        self.step(-(event.pixelDelta().y() or event.angleDelta().y() // 2))
        event.accept()

    @guarded(None)
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if not index.isValid():
            return
        place = self.visualRect(index).center() if by_key else event.pos()
        menu = row_menu(self, self.items.items[index.row()], self._urls(index.row()), self._acts())
        if menu.actions():
            menu.popup(self.viewport().mapToGlobal(place))

    def _acts(self) -> RowActs:
        return RowActs(
            self.copy if self.selection.ends is not None else None, self.link_opened.emit, self.retried.emit,
            self.erase_wanted.emit, self.date_wanted.emit,
        )  # fmt: skip

    def _urls(self, row: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys(url for at, _, laid in self.visible if at == row for _, _, url in laid.links))

    # -- keys

    @guarded(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif key == Qt.Key.Key_PageUp:
            self.page(-1)
        elif key == Qt.Key.Key_PageDown:
            self.page(1)
        elif key == Qt.Key.Key_End:
            self.newest_wanted.emit()
        elif key == Qt.Key.Key_Home and self.items.items:
            self.bring(self.items.items[0].key)
        elif key == Qt.Key.Key_Escape or (key == Qt.Key.Key_Down and self._is_at_last()):
            self.left.emit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.visible:
            self._move_current(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            item = self.items.items[self.currentIndex().row()]
            urls = self._urls(self.currentIndex().row())
            if item.note is not None and item.note.action == "retry":
                self.retried.emit(item.key)
            elif item.link:
                self.line_opened.emit(item.key)
            elif item.kind == "day":
                self.date_wanted.emit()
            elif any(laid.is_folded for _, _, laid in self.visible if laid.item is item):
                self.unfolded.emit(item.key)
            elif urls:
                self.link_opened.emit(urls[0])
        else:
            event.ignore()

    @guarded(None)
    def focusInEvent(self, event: QFocusEvent) -> None:
        self._keyboard = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if not self.currentIndex().isValid() and self.visible:  # Qt would begin at the oldest row
            self.setCurrentIndex(self.items.index(self.visible[-1][0], 0))
        super().focusInEvent(event)

    @guarded(False)
    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverMove, QEvent.Type.HoverLeave):
            return True  # hover needs no layout query
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._told_of(QPointF(event.pos())), self.viewport())
            return True
        return bool(super().viewportEvent(event))

    def _told_of(self, point: QPointF) -> str:
        """What a tool tip says of the state of an own message, beside its time."""
        placed = self._row_under(point.y())
        message = placed[2].item.message if placed is not None else None
        if placed is None or message is None or placed[2].bubble.isEmpty():
            return ""
        bubble = placed[2].bubble.translated(0, placed[1])
        if not bubble.contains(point) or point.x() <= bubble.right() - 96:
            return ""
        return state_words(message, on_phone=self.look.on_phone)

    def _is_at_last(self) -> bool:
        return self.currentIndex().row() == len(self.items.items) - 1

    def _move_current(self, by: int) -> None:
        self._keyboard = True
        rows = [row for row, _, _ in self.visible]
        current = self.currentIndex().row()
        if current not in rows:
            current = rows[-1] if by < 0 else rows[0]
        else:
            current = max(0, min(len(self.items.items) - 1, current + by))
        index = self.items.index(current, 0)
        self.setCurrentIndex(index)
        for row, y, laid in self.visible:
            if row == current:
                height = self.viewport().height()
                if y < 0:
                    self.step(y - 8)
                elif y + laid.height > height:
                    self.step(y + laid.height - height)
                break
        self.viewport().update()

    def copy(self) -> None:
        """Put what is selected, or else the row under the keys, on the clipboard."""
        words = self.selection.text()
        if not words and self.hasFocus() and self.currentIndex().isValid():
            words = self.items.items[self.currentIndex().row()].text
        if words:
            QGuiApplication.clipboard().setText(words)

    # -- places

    def _row_under(self, y: float) -> tuple[int, float, RowLayout] | None:
        for placed in self.visible:
            if y < placed[1] + placed[2].height:
                return placed
        return self.visible[-1] if self.visible else None

    def _place_at(self, point: QPointF | QPoint) -> Place | None:
        placed = self._row_under(point.y())
        if placed is None:
            return None
        row, y, laid = placed
        item = self.items.items[row]
        if laid.block is None or item.kind != "message":
            return item.key, 0
        return item.key, laid.block.position_at(point.x() - laid.text_x, point.y() - y - laid.text_y)

    def _target(self, point: QPointF) -> tuple[str, str] | None:
        """What a click at `point` would do."""
        placed = self._row_under(point.y())
        if placed is None:
            return None
        row, y, laid = placed
        item = self.items.items[row]
        inside = QPointF(point.x(), point.y() - y)
        if item.link and laid.link_rect.contains(inside):
            return "line", item.key
        if item.kind == "day" and 10 <= inside.y() <= 36 and abs(inside.x() - laid.column.center().x()) < 100:
            return "day", item.key
        if laid.is_folded and laid.link_rect.contains(inside):
            return "fold", item.key
        if item.note is not None and item.note.action == "retry" and laid.note_rect.contains(inside):
            return "retry", item.key
        if laid.links and laid.block is not None and laid.bubble.contains(inside):
            at = laid.block.position_at(inside.x() - laid.text_x, inside.y() - laid.text_y)
            for start, length, url in laid.links:
                if start <= at < start + length:
                    return "link", url
        return None
