"""What can be chosen for a room: its name, how long messages stay, notifications; leaving it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QWidget

from byre.ui import painting, tokens
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.timers import CHOICES, timer_words
from byre.ui.widgets.pressing import PlainButton


class OptionRow(PlainButton):
    """40 px: icon, name, what holds now, chevron where it can be changed."""

    def __init__(self, look: Look, icon: str, name: str, value: str, *, is_open: bool = True, colour: str = "") -> None:
        super().__init__()
        self._look, self._icon, self._value, self._is_open = look, icon, value, is_open
        self._colour = colour
        self.setText(name)
        self.setAccessibleName(f"{name}: {value}" if value else name)
        self.setFixedHeight(40)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if is_open else Qt.FocusPolicy.NoFocus)
        self.setEnabled(is_open)
        if is_open:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, palette = self._look, self._look.palette
        ink = getattr(palette, self._colour) if self._colour else palette.text
        painting.icon(painter, look, 0, 11, self._icon, ink if self._colour else palette.text2, 18)
        painting.text(painter, look, QRectF(30, 11, 180, 18), self.text(), tokens.LABEL, ink, 500)
        end = self.width() - (18 if self._is_open else 0)
        right = QRectF(end - 120, 11, 120, 18)
        painting.text(painter, look, right, self._value, tokens.LABEL, palette.text2, 400, painting.RIGHT)
        if self._is_open and not self._colour:
            painting.icon(painter, look, self.width() - 14, 12, "chevron-right", palette.text3, 16)
        if self.hasFocus() and self._look.by_keys:
            painting.ring(painter, QRectF(self.rect()).adjusted(-2, 1, 2, -1), palette.accent)
        painter.end()


def timer_menu(parent: QWidget, current: int, choose: Callable[[int], None], own: Callable[[], None]) -> QMenu:
    """The times to choose from, the one that holds marked; and one of one's own."""
    menu = QMenu(parent)
    menu.setObjectName("retention")
    menu.aboutToHide.connect(menu.deleteLater)
    for seconds in CHOICES:
        words = timer_words(seconds) if seconds else tr("Off: until somebody erases them")
        action = menu.addAction(words, _chooser(choose, seconds))
        action.setCheckable(True)
        action.setChecked(seconds == current)
    is_own = current not in CHOICES
    words = tr("Another time: {time}…", time=timer_words(current)) if is_own else tr("Another time…")
    another = menu.addAction(words, own)
    another.setCheckable(True)
    another.setChecked(is_own)
    return menu


def _chooser(choose: Callable[[int], None], seconds: int) -> Callable[[], None]:
    return lambda: choose(seconds)
