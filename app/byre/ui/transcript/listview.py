"""A list view whose layout is replaced: heights are estimates until a row shows, the position is an anchor.

QListView asks every row for its size (16 s for 100,000 rows); a bare scroll area shows no row to a screen reader.
Here the view stays a QListView for accessibility while C++ never lays rows out. The scroll position is
(key of a row, its y), never a pixel offset: corrections of estimates do not move what is on screen.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import floor

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView

from byre.ui.guard import guarded
from byre.ui.look import Look
from byre.ui.transcript.heights import Heights
from byre.ui.transcript.items import Item
from byre.ui.transcript.model import TranscriptModel
from byre.ui.transcript.rowlayout import RowLayout, estimate, is_laid_alike, lay_row
from byre.ui.widgets.overlay_bar import OverlayBar

TOP_GAP = 8
NEAR_EDGE = 6
CACHE = 800
NARROW = 440
Index = QModelIndex | QPersistentModelIndex


class AnchoredList(QListView):
    """Places rows from an anchor. Subclasses paint them.

    Signals: `reached_top` and `reached_bottom` when the first or last rows of the window come into sight.
    """

    reached_top = Signal()
    reached_bottom = Signal()
    followed = Signal(bool)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.visible: list[tuple[int, float, RowLayout]] = []
        self.items = TranscriptModel(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.sticks = self._told_sticks = True
        self._heights = Heights()
        self._cache: OrderedDict[str, RowLayout] = OrderedDict()
        self._anchor: tuple[str, float] | None = None
        self._width = 0
        self._in_one_pane = False
        self._holding = False
        self._syncing = False
        self.items.now_ms = lambda: look.now_ms()
        self.setModel(self.items)
        self.items.rowsRemoved.connect(self._rows_removed)
        self._bar = OverlayBar(self, on_hover=True)  # a visible one over the viewport defeats scroll()
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        look.live(self, self._restyle)

    @property
    def is_narrow(self) -> bool:
        """Whether rows are laid out as on a phone."""
        return self._in_one_pane or self._width < NARROW

    def set_in_one_pane(self, one: bool) -> None:
        """Lay rows out as on a phone, whatever the width is."""
        if one != self._in_one_pane:
            self._in_one_pane = one
            self._restyle()

    def show_items(self, items: Sequence[Item], kept: int = 0) -> None:
        """Become these rows, behind the first `kept`; what is on screen stays where it is, or the end is followed."""
        before = self.visible
        self._holding = True
        try:
            self.items.language = self.look.language
            self.items.replace(items, kept)
        finally:
            self._holding = False
        self._place()
        self._sync_bar()
        self._repaint_least(before)
        self._tell_edges()

    def step(self, pixels: float) -> None:
        """Scroll by pixels, down when positive."""
        if not self.visible:
            return
        row, y, _ = self.visible[0]
        self.sticks = False
        self._anchor = (self.items.items[row].key, y - pixels)
        self._place()
        moved = next((new - y for at, new, _ in self.visible if at == row), None)
        self._sync_bar()
        if moved is not None and moved == int(moved) and abs(moved) < self.viewport().height():
            self.viewport().scroll(0, int(moved))
        else:
            self.viewport().update()
        self._tell_edges()

    def follow_end(self) -> None:
        """Go to the newest row and stay there."""
        self.sticks = True
        self.relayout()

    def bring(self, key: str) -> None:
        """Show the row with that key a third below the top, if it is not in sight."""
        row = self.items.row_of(key)
        if row is None:
            return
        height = self.viewport().height()
        if any(at == row and y >= 0 and y + r.height <= height for at, y, r in self.visible):
            return
        self.sticks = False
        self._anchor = (key, height // 3)
        self.relayout()

    def bring_to_top(self, key: str) -> None:
        """Begin at the row with that key, if it is out of sight."""
        row = self.items.row_of(key)
        if row is not None and not any(at == row and y >= 0 for at, y, _ in self.visible):
            self.sticks = False
            self._anchor = (key, float(TOP_GAP))
            self.relayout()

    def lay_anew(self, keys: Iterable[str]) -> None:
        """Lay these rows out again: they take another room now."""
        for key in keys:
            self._cache.pop(key, None)
        self.relayout()

    def relayout(self) -> None:
        """Place the rows again and repaint."""
        self._place()
        self._sync_bar()
        self.viewport().update()
        self._tell_edges()

    def reach_of(self, laid: RowLayout) -> int:
        """How far beyond itself a row may paint."""
        return laid.reach

    # -- QAbstractItemView virtuals replaced: C++ never lays rows out

    def doItemsLayout(self) -> None:
        return

    def updateGeometries(self) -> None:
        return

    @guarded(None)
    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        width = self._width or 700
        self._heights.insert(
            start, [estimate(item, width, self.look.text_scale) for item in self.items.items[start : end + 1]]
        )
        if not self._holding:
            self.relayout()

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        return

    @guarded(None)
    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:
        if not self._holding:
            self.relayout()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        return

    def horizontalOffset(self) -> int:
        return 0

    @guarded(0)
    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    @guarded(QRect())
    def visualRect(self, index: Index) -> QRect:
        row = index.row()
        for at, y, laid in self.visible:
            if at == row:
                return QRect(0, int(y), self._width, laid.height)
        if not index.isValid() or row >= len(self._heights):
            return QRect()
        base, y = (self.visible[0][0], self.visible[0][1]) if self.visible else (0, 0.0)
        top = int(y + self._heights.top_of(row) - self._heights.top_of(base))
        return QRect(0, top, self._width, self._heights[row])

    @guarded(QModelIndex())
    def indexAt(self, point: QPoint) -> QModelIndex:
        for at, y, laid in self.visible:
            if y <= point.y() < y + laid.height:
                return self.items.index(at, 0)
        return QModelIndex()

    @guarded(None)
    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        if index.isValid() and index.row() < len(self.items.items):  # Qt calls with an invalid index before the show
            self.bring(self.items.items[index.row()].key)

    @guarded(None)
    def resizeEvent(self, event: QResizeEvent) -> None:
        size = self.viewport().size()
        if size.width() != self._width:
            self._width = size.width()
            QTimer.singleShot(0, self, self._estimate_again)
        self.relayout()

    # -- inside

    def _rows_removed(self, parent: QModelIndex, start: int, end: int) -> None:
        self._heights.remove(start, end - start + 1)
        if not self._holding:
            self.relayout()

    def _restyle(self) -> None:
        self._cache.clear()
        self.relayout()
        QTimer.singleShot(0, self, self._estimate_again)

    def _lay(self, row: int) -> RowLayout:
        item = self.items.items[row]
        laid = self._cache.get(item.key)
        if laid is None or laid.item is not item or laid.width != self._width:
            if laid is not None and laid.width == self._width and is_laid_alike(laid.item, item):
                laid = replace(laid, item=item)
            else:
                laid = lay_row(item, self._width, self.look, narrow=self.is_narrow)
            self._cache[item.key] = laid
            if len(self._cache) > CACHE:
                self._cache.popitem(last=False)
        else:
            self._cache.move_to_end(item.key)
        self._heights[row] = laid.height
        return laid

    def _start_row(self) -> tuple[int, float]:
        """The row to place first and its y, from the anchor or a row near it that still exists."""
        if not self.sticks and self._anchor is not None:
            row = self.items.row_of(self._anchor[0])
            if row is not None:
                return row, self._anchor[1]
            for _, y, laid in self.visible:
                row = self.items.row_of(laid.item.key)
                if row is not None:
                    return row, y
        last = len(self.items.items) - 1
        return last, self.viewport().height() - self._lay(last).height

    def _place(self) -> None:
        """Fill `visible` from the anchor and clamp at both ends."""
        count, height = len(self.items.items), self.viewport().height()
        if not count or not self._width:
            self.visible = []
            return
        row, y = self._start_row()
        laid = self._lay(row)
        placed = [(row, y, laid)]
        bottom, after = y + laid.height, row + 1
        while bottom < height and after < count:
            laid = self._lay(after)
            placed.append((after, bottom, laid))
            bottom += laid.height
            after += 1
        if after == count and bottom < height:
            placed = [(at, top + height - bottom, r) for at, top, r in placed]
        top, before = placed[0][1], placed[0][0] - 1
        above: list[tuple[int, float, RowLayout]] = []
        while top > 0 and before >= 0:
            laid = self._lay(before)
            top -= laid.height
            above.append((before, top, laid))
            before -= 1
        placed = above[::-1] + placed
        total = placed[-1][1] + placed[-1][2].height - placed[0][1]
        fits = before < 0 and after == count and total <= height - TOP_GAP
        if before < 0 and not fits and placed[0][1] > TOP_GAP:
            shift = TOP_GAP - placed[0][1]
            placed = [(at, y0 + shift, r) for at, y0, r in placed]
            bottom, after = placed[-1][1] + placed[-1][2].height, placed[-1][0] + 1
            while bottom < height and after < count:
                laid = self._lay(after)
                placed.append((after, bottom, laid))
                bottom += laid.height
                after += 1
        self.visible = [p for p in placed if p[1] + p[2].height > 0 and p[1] < height] or placed[:1]
        first, last = self.visible[0], self.visible[-1]
        self._anchor = (self.items.items[first[0]].key, first[1])
        sticks = last[0] == count - 1 and last[1] + last[2].height <= height + 1
        self.sticks = sticks
        if sticks != self._told_sticks:
            self._told_sticks = sticks
            self.followed.emit(sticks)

    def _sync_bar(self) -> None:
        self._syncing = True
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        total = max(0, self._heights.total() + TOP_GAP - height)
        value = total
        if self.visible and not self.sticks:
            row, y, _ = self.visible[0]
            value = min(total, max(0, int(self._heights.top_of(row) - y)))
        bar.setPageStep(max(1, height))
        bar.setRange(0, total)
        bar.setValue(value)
        self._syncing = False

    def _scrolled(self, value: int) -> None:
        if self._syncing or not self.visible:
            return
        row, y, _ = self.visible[0]
        by = value - (self._heights.top_of(row) - y)
        if abs(by) < self.viewport().height() * 2:
            self.step(by)
            return
        row, below = self._heights.row_at(value)
        self.sticks = value >= self.verticalScrollBar().maximum()
        self._anchor = (self.items.items[row].key, -below)
        self.relayout()

    def _repaint_least(self, before: list[tuple[int, float, RowLayout]]) -> None:
        """Move what only moved, repaint what is new: most of the frame when a message is appended."""
        viewport = self.viewport()
        old = {id(laid): y for _, y, laid in before}
        shifts = {y - old[id(laid)] for _, y, laid in self.visible if id(laid) in old}
        shift = shifts.pop() if len(shifts) == 1 else None
        if shift is None or shift != int(shift) or abs(shift) >= viewport.height():
            viewport.update()
            return
        if shift:
            viewport.scroll(0, int(shift))
        for _, y, laid in self.visible:
            if id(laid) not in old:
                reach = self.reach_of(laid)
                viewport.update(0, floor(y) - reach, self._width, laid.height + 1 + 2 * reach)
        if self.visible and self.visible[0][1] > 0:
            viewport.update(0, 0, self._width, int(self.visible[0][1]) + 8)

    def _estimate_again(self) -> None:
        """After a change of width the estimates of rows out of sight are made anew."""
        items = self.items.items
        if self._width and items:
            self._heights = Heights([estimate(item, self._width, self.look.text_scale) for item in items])
            for row, _, laid in self.visible:
                self._heights[row] = laid.height
            self._sync_bar()

    def _tell_edges(self) -> None:
        if not self.visible:
            return
        if self.visible[0][0] < NEAR_EDGE:
            self.reached_top.emit()
        if self.visible[-1][0] >= len(self.items.items) - NEAR_EDGE:
            self.reached_bottom.emit()
