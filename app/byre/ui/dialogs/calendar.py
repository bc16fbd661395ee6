"""A calendar: one day to go to, or two days between which to search. Keyboard: arrows, Page Up and Down, Enter."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from byre.ui import painting, tokens, when
from byre.ui.announcing import announce
from byre.ui.dialogs.sheet import Sheet
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.widgets.buttons import Button, IconButton
from byre.ui.widgets.labels import PlainLabel

CELL, HEAD, ROWS = 44, 28, 6
FIRST_DAY = date(2000, 1, 1)
SUNDAY, MONDAY = 6, 0


def midnight(day: date) -> int:
    """The beginning of a local day in ms."""
    return int(datetime(day.year, day.month, day.day).timestamp() * 1000)


def day_of(ms: int) -> date:
    """The local day of a moment."""
    return datetime.fromtimestamp(ms / 1000).date()


class MonthGrid(QWidget):
    """One month. `picked(date)` by click or Enter; `moved` when the cursor stands on another day."""

    picked = Signal(object)
    moved = Signal()

    def __init__(self, look: Look, last: date) -> None:
        super().__init__()
        self._look, self._last = look, last
        self.cursor_day = last
        self.chosen: tuple[date, date] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.live(self, self._say)

    def sizeHint(self) -> QSize:
        return QSize(7 * CELL, HEAD + ROWS * CELL)

    def go(self, day: date) -> None:
        """Put the cursor on a day; days to come are out of reach."""
        self.cursor_day = max(FIRST_DAY, min(self._last, day))
        self._say()
        self.moved.emit()
        announce(self, self.accessibleName())

    def turn(self, months: int) -> None:
        """Go to the same day of another month."""
        at = self.cursor_day.year * 12 + self.cursor_day.month - 1 + months
        year, month = divmod(at, 12)
        if FIRST_DAY.year <= year <= self._last.year:
            most = calendar.monthrange(year, month + 1)[1]
            self.go(date(year, month + 1, min(self.cursor_day.day, most)))

    def first_shown(self) -> date:
        """The day in the upper left corner."""
        first = self.cursor_day.replace(day=1)
        begin = SUNDAY if self._look.language == "ko" else MONDAY
        return first - timedelta(days=(first.weekday() - begin) % 7)

    @guarded(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        days = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -7, Qt.Key.Key_Down: 7,
        }.get(Qt.Key(event.key()))  # fmt: skip
        months = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}.get(Qt.Key(event.key()))
        if days is not None:
            self.go(self.cursor_day + timedelta(days=days))
        elif months is not None:
            self.turn(months)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.picked.emit(self.cursor_day)
        else:
            event.ignore()

    @guarded(None)
    def mousePressEvent(self, event: QMouseEvent) -> None:
        day = self._day_at(event.position())
        if day is not None and event.button() == Qt.MouseButton.LeftButton:
            self.go(day)
            self.picked.emit(day)

    @guarded(None)
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hand = self._day_at(event.position()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, palette = self._look, self._look.palette
        first = self.first_shown()
        for column in range(7):
            name = when.weekday_short((first + timedelta(days=column)).weekday(), look.language)
            rect = QRectF(column * CELL, 0, CELL, HEAD)
            painting.text(painter, look, rect, name, tokens.META, palette.text2, 500, painting.CENTER, False)
        for at in range(7 * ROWS):
            day = first + timedelta(days=at)
            rect = QRectF(at % 7 * CELL, HEAD + at // 7 * CELL, CELL, CELL)
            self._day(painter, rect.adjusted(3, 3, -3, -3), day)
        painter.end()

    def _day(self, painter: QPainter, rect: QRectF, day: date) -> None:
        look, palette = self._look, self._look.palette
        colour, weight = palette.text, 400
        if day.month != self.cursor_day.month:
            colour = palette.text3
        if self.chosen is not None and self.chosen[0] <= day <= self.chosen[1]:
            if day in self.chosen:
                painting.box(painter, rect, 12, palette.accent)
                colour, weight = palette.on_accent, 600
            else:
                painting.box(painter, rect, 12, palette.accent_soft)
        elif day == self._last:
            painting.box(painter, rect, 12, palette.field)
            weight = 600
        if day == self.cursor_day and self.hasFocus():
            painting.ring(painter, rect.adjusted(-2, -2, 2, 2), palette.accent, 13)
        if day > self._last:
            painter.setOpacity(0.45)
        painting.text(painter, look, rect, str(day.day), tokens.BODY, colour, weight, painting.CENTER, False)
        painter.setOpacity(1)

    def _day_at(self, point: QPointF) -> date | None:
        column, row = int(point.x() // CELL), int((point.y() - HEAD) // CELL)
        if point.y() < HEAD or not (0 <= column < 7 and 0 <= row < ROWS):
            return None
        day = self.first_shown() + timedelta(days=row * 7 + column)
        return day if FIRST_DAY <= day <= self._last else None

    def _say(self) -> None:
        self.setAccessibleName(when.day_line(midnight(self.cursor_day), self._look.language))
        self.update()


class _Calendar(Sheet):
    """Month, arrows, grid; what is done with a day is the subclass's."""

    def __init__(self, look: Look, window: QWidget, now_ms: int) -> None:
        super().__init__(look, window, width=7 * CELL + 64)
        self._today = day_of(now_ms)

    def build(self) -> None:
        """The month's head and its grid."""
        row = QHBoxLayout()
        row.setSpacing(0)
        before = IconButton(self.look, "chevron-left", lambda: tr("Month before"))
        after = IconButton(self.look, "chevron-right", lambda: tr("Month after"))
        self.month = PlainLabel(self.look, tokens.TITLE, align=Qt.AlignmentFlag.AlignHCenter)
        row.addWidget(before)
        row.addWidget(self.month, 1)
        row.addWidget(after)
        self.body.addLayout(row)
        self.body.addSpacing(4)
        self.grid = MonthGrid(self.look, self._today)
        before.clicked.connect(lambda: self.grid.turn(-1))
        after.clicked.connect(lambda: self.grid.turn(1))
        self.grid.moved.connect(self._moved)
        self.grid.picked.connect(self.pick)
        self.body.addWidget(self.grid, 0, Qt.AlignmentFlag.AlignHCenter)
        self._moved()

    def pick(self, day: date) -> None:
        """A day was clicked, or chosen by Enter."""

    def focus_first(self) -> None:
        """On the calendar."""
        self.grid.setFocus(Qt.FocusReason.TabFocusReason)

    def _moved(self) -> None:
        day = self.grid.cursor_day
        self.month.set_text(when.month_line(day.year, day.month, self.look.language))


class DayPicker(_Calendar):
    """`chosen(ms)`: the beginning of the day. Begins at the day of `at_ms`, where the reader is."""

    chosen = Signal(object)

    def __init__(self, look: Look, window: QWidget, now_ms: int, at_ms: int | None = None) -> None:
        super().__init__(look, window, now_ms)
        self._at = self._today if at_ms is None else day_of(at_ms)
        self.fill(self._fill)

    def pick(self, day: date) -> None:
        self.chosen.emit(midnight(day))
        self.close_sheet()

    def _fill(self) -> None:
        self.head(lambda: tr("Go to a date"))
        self.build()
        self.grid.go(self._at)
        close = Button(self.look, lambda: tr("Cancel"), "secondary")
        close.clicked.connect(self.close_sheet)
        first = Button(self.look, lambda: tr("First message"), "ghost", padding=12)
        first.clicked.connect(lambda: self.pick(FIRST_DAY))
        self.foot(first, close)


class RangePicker(_Calendar):
    """`chosen(since_ms, until_ms)`, the end not included: from the beginning of one day to the end of another."""

    chosen = Signal(object, object)

    def __init__(self, look: Look, window: QWidget, now_ms: int) -> None:
        super().__init__(look, window, now_ms)
        self._first: date | None = None
        self.fill(self._fill)

    def pick(self, day: date) -> None:
        first = self._first
        if first is None:
            self._first = day
            self.grid.chosen = (day, day)
        else:
            self._first = None
            self.grid.chosen = (min(first, day), max(first, day))
        self.grid.update()
        self._say()

    def _fill(self) -> None:
        self.head(lambda: tr("Search in these days"), lambda: tr("Choose the first and the last day."))
        self.build()
        self.body.addSpacing(8)
        self.told = PlainLabel(self.look, tokens.LABEL, "text2", weight=400, align=Qt.AlignmentFlag.AlignHCenter)
        self.body.addWidget(self.told)
        close = Button(self.look, lambda: tr("Cancel"), "secondary")
        close.clicked.connect(self.close_sheet)
        self.done = Button(self.look, lambda: tr("Search"))
        self.done.clicked.connect(self._done)
        self.foot(close, self.done)
        self._say()

    def _say(self) -> None:
        days = self.grid.chosen
        self.done.setEnabled(days is not None)
        words = ""
        if days is not None:
            language = self.look.language
            words = " – ".join(when.date(midnight(day), language) for day in dict.fromkeys(days))
        self.told.set_text(words)

    def _done(self) -> None:
        days = self.grid.chosen
        if days is not None:
            self.chosen.emit(midnight(days[0]), midnight(days[1] + timedelta(days=1)))
            self.close_sheet()
