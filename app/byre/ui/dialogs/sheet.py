"""A dialog inside the window: scrim, card, focus kept inside, Esc. No nested event loop: results come by signals."""

from __future__ import annotations

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from byre.ui import painting, tokens
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.tabbing import step
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.field_in_sight import FieldInSight
from byre.ui.widgets.labels import PlainLabel
from byre.ui.widgets.overlay_bar import OverlayBar


class Sheet(QWidget):
    """`body` holds the content (padding 32). `finished` after it closed."""

    finished = Signal()

    def __init__(self, look: Look, window: QWidget, *, width: int, height: int | None = None) -> None:
        super().__init__(window)
        self.look = look
        self.can_escape = True
        self._is_closed = False
        self._size = (width, height)
        self._before = self._focus_before()
        self._frame = QFrame(self)
        outer = QVBoxLayout(self._frame)
        outer.setContentsMargins(0, 0, 0, 0)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # as a stop of Tab it would show nothing
        look.live(self._scroll, lambda: self._scroll.setAccessibleName(tr("Content")))
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.viewport().setAutoFillBackground(False)
        self._bar = OverlayBar(self._scroll)
        FieldInSight(self._scroll)
        outer.addWidget(self._scroll)
        self._new_content()
        self._build: Callable[[], None] | None = None
        self._language = look.language
        look.changed.connect(self._look_changed)
        window.installEventFilter(self)
        page_shown = getattr(window, "page_shown", None)
        if page_shown is not None:
            page_shown.connect(self._page_shown)

    def fill(self, build: Callable[[], None]) -> None:
        """Fill `body` with `build`, now and again when the language changes while the sheet is open."""
        self._build = build
        build()

    def open(self) -> None:
        """Show over the whole window."""
        self._place()
        self.show()
        self.raise_()
        self.focus_first()
        QTimer.singleShot(0, self, self._place)

    def close_sheet(self) -> None:
        """Go away and give the focus back."""
        if self._is_closed:
            return
        self._is_closed = True
        self.hide()
        self.finished.emit()
        self._give_back()
        self.deleteLater()

    def _focus_before(self) -> QWidget | None:
        """What has the focus now; a sheet in place of another gives it back to where that one had it from."""
        focused = QApplication.focusWidget()
        at = focused
        while at is not None:
            if isinstance(at, Sheet):
                return at._before
            at = at.parentWidget()
        return focused

    def _give_back(self) -> None:
        """The focus to where it was; what is gone or hidden by now leaves it to the window."""
        before, window = self._before, self.parentWidget()
        focused = QApplication.focusWidget()
        if focused is not None and focused.isVisible() and not self.isAncestorOf(focused):
            return  # what followed has it already: another sheet, say
        if before is not None and shiboken6.isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        take_focus = getattr(window, "take_focus", None)
        if take_focus is not None:
            take_focus()

    def _page_shown(self, _name: str) -> None:
        """Another page of the window lies on top now (QStackedLayout raises it): a sheet under it would wait unseen."""
        if not self._is_closed and self.isVisible():
            self.raise_()
            focused = QApplication.focusWidget()
            if focused is None or not self.isAncestorOf(focused):
                self.focus_first()

    def refill(self) -> None:
        """Fill `body` anew with what `fill` was given."""
        if self._build is not None:
            self._new_content()
            self._build()
            self.content.show()
            self.focus_first()
            QTimer.singleShot(0, self, self._place)

    def head(self, title: Callable[[], str], why: Callable[[], str] | None = None) -> None:
        """Title and a line under it; both follow the language."""
        label = PlainLabel(self.look, tokens.DISPLAY, wrap=True, follow=title)
        self.look.live(label, lambda: self.setAccessibleName(title()))
        self.body.addWidget(label)
        if why is not None:
            self.body.addSpacing(6)
            under = PlainLabel(self.look, tokens.LABEL, "text2", weight=400, wrap=True, line_height=20, follow=why)
            self.body.addWidget(under)
        self.body.addSpacing(20)

    def focus_first(self) -> None:
        """Where the focus goes when the sheet opens, and after it was filled anew."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def foot(self, *buttons: Button) -> None:
        """Buttons at the right, or below each other where they have no room beside each other."""
        self.body.addStretch(1)
        self.body.addSpacing(20)
        wanted = sum(button.sizeHint().width() + 12 for button in buttons)
        if wanted > self._inner_width():
            for button in reversed(buttons):
                self.body.addWidget(button)
                self.body.addSpacing(8)
            return
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addStretch(1)
        for button in buttons:
            row.addWidget(button)
        self.body.addLayout(row)

    def _inner_width(self) -> int:
        window = self.parentWidget()
        return min(self._size[0], (window.width() if window is not None else self._size[0]) - 24) - 64

    @guarded(False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.content:
            if event.type() == QEvent.Type.LayoutRequest:
                QTimer.singleShot(0, self, self._place)  # a row more, or an error under one
        elif event.type() == QEvent.Type.Resize:
            self._place()
        return False

    @guarded(False)
    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab stays inside."""
        step(self, (self,), forward)
        return True

    @guarded(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.can_escape:
            self.close_sheet()
        event.accept()

    @guarded(None)
    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.look.palette
        scrim = QColor(palette.scrim)
        scrim.setAlpha(palette.scrim_alpha)
        painter.fillRect(self.rect(), scrim)
        rect = QRectF(self._frame.geometry())
        painting.shadow(painter, rect, tokens.RADIUS_CARD, self.look, strength=60, spread=40)
        painting.box(painter, rect, tokens.RADIUS_CARD, palette.canvas, palette.line if palette.is_dark else None)
        painter.end()

    def _new_content(self) -> None:
        self.content = QWidget()
        self.content.setObjectName("sheet")
        self.content.setStyleSheet("QWidget#sheet { background: transparent; }")
        self.body = QVBoxLayout(self.content)
        self.body.setContentsMargins(32, 28, 32, 24)
        self.body.setSpacing(0)
        self._scroll.setWidget(self.content)
        self.content.installEventFilter(self)

    def _look_changed(self) -> None:
        if self._is_closed or self.look.language == self._language:
            return
        self._language = self.look.language
        self.refill()
        QTimer.singleShot(0, self, self._place)

    def _place(self) -> None:
        window = self.parentWidget()
        if window is None:
            return
        self.setGeometry(window.rect())
        width, height = self._size
        width = min(width, self.width() - 24)
        hint = self.content.layout()
        wanted = hint.heightForWidth(width) if hint is not None and hint.hasHeightForWidth() else 0
        height = max(height or 0, wanted if wanted > 0 else self.content.sizeHint().height())
        height = min(height, self.height() - 24)
        place = QRect((self.width() - width) // 2, (self.height() - height) // 2, width, height)
        if place != self._frame.geometry():
            self._frame.setGeometry(place)
            self.update()
