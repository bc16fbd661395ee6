"""The round button over the transcript that leads back to the newest message, with how many have come meanwhile."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from byre.ui import painting
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.widgets.pressing import PlainButton

SIZE, ROOM = 44, 12
"""The disc, and the free space around it for badge, shadow and focus line."""


class JumpButton(PlainButton):
    """Lies at the lower right of `ground`; shown while the end is out of sight."""

    def __init__(self, look: Look, ground: QWidget) -> None:
        super().__init__(ground)
        self._look, self._ground = look, ground
        self.count = 0
        self.setFixedSize(SIZE + 2 * ROOM, SIZE + 2 * ROOM)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        ground.installEventFilter(self)
        self.hide()
        look.live(self, self._say)

    def come(self, more: int = 1) -> None:
        """More have come while the end was out of sight."""
        self.count += more
        self._say()

    def show_away(self, away: bool) -> None:
        """Show while the end is out of sight; at the end all have been seen."""
        is_counted = not away and self.count > 0
        if is_counted:
            self.count = 0
        if away != self.isVisibleTo(self._ground):
            self.setVisible(away)
            self._place()
        elif not is_counted:
            return
        self._say()

    def _say(self) -> None:
        words = tr("To the newest message")
        self.setToolTip(words)
        self.setAccessibleName(f"{words}, {tr('%n new', self.count)}" if self.count else words)
        self.update()

    def _place(self) -> None:
        ground = self._ground
        self.move(ground.width() - self.width() - 8, ground.height() - self.height() - 4)
        self.raise_()

    @guarded(False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        disc = QRectF(ROOM, ROOM, SIZE, SIZE)
        painting.shadow(painter, disc, SIZE / 2, self._look, strength=40, spread=8)
        strong = self.underMouse() or self.isDown()
        painting.box(painter, disc, SIZE / 2, palette.row_on if strong else palette.card, palette.line)
        painting.icon(painter, self._look, ROOM + 11, ROOM + 11, "arrow-down", palette.text2, 22, 2)
        if self.count:
            width = 20.0 + (7 if self.count > 9 else 0) + (5 if self.count > 99 else 0)
            painting.badge(painter, self._look, ROOM + SIZE / 2 + width / 2, 2, self.count)
        if self.hasFocus() and self._look.by_keys:
            painting.ring(painter, disc.adjusted(-3, -3, 3, 3), palette.accent, SIZE / 2 + 3)
        painter.end()
