"""A room in a window of its own, always on top if the user wants. It is the same pane as in the main window."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QIcon, QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from byre.client.views import RoomView
from byre.ui.bridge import Bridge
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.plain import one_line
from byre.ui.room.pane import RoomPane
from byre.ui.stylesheet import stylesheet
from byre.ui.tabbing import step
from byre.ui.widgets.buttons import IconButton

SIZE = (420, 640)


class OwnRoomWindow(QWidget):
    """`closed(room_id)` after it was closed; the draft is kept. Esc and Ctrl+W close."""

    closed = Signal(str)

    def __init__(self, look: Look, bridge: Bridge, room: RoomView, *, with_ctrl: bool) -> None:
        super().__init__()
        self.look, self.room_id = look, room.room_id
        self.on_top = False
        self.setObjectName("window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowIcon(QIcon(look.logo(64)))
        self.setMinimumSize(320, 400)
        self.resize(*SIZE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.pane = RoomPane(look, bridge)
        column.addWidget(self.pane)
        self.pin = IconButton(look, "pin", lambda: tr("Keep this window on top"))
        self.pin.clicked.connect(lambda: self.set_on_top(not self.on_top))
        self.pane.header.add_button(self.pin)
        self.pane.header.info_button.hide()
        self.pane.set_narrow(True)
        self.pane.header.stand_alone()
        self.pane.composer_bar.set_send_key(with_ctrl)
        self.pane.escaped.connect(self.close)
        QShortcut(QKeySequence("Ctrl+W"), self).activated.connect(self.close)
        QShortcut(QKeySequence("Ctrl+F"), self).activated.connect(self.pane.finder.open)
        QShortcut(QKeySequence("F3"), self).activated.connect(lambda: self.pane.finder.step(1))
        QShortcut(QKeySequence("Shift+F3"), self).activated.connect(lambda: self.pane.finder.step(-1))
        self.pane.open(room)
        look.live(self, self._dress)
        self.pane.window_model.room_changed.connect(self._dress)

    def set_on_top(self, on: bool) -> None:
        """Stay above all other windows, or not."""
        self.on_top = on
        self.pin.set_on(on)
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint, on)
        self.show()  # a change of flags hides a window

    def bring(self) -> None:
        """Show, in front, ready to type."""
        self.showNormal()
        self.raise_()
        self.activateWindow()
        self.pane.composer_bar.composer.setFocus(Qt.FocusReason.OtherFocusReason)

    def is_watched(self) -> bool:
        """Whether the user looks at it now."""
        return self.isVisible() and self.isActiveWindow()

    @guarded(False)
    def focusNextPrevChild(self, forward: bool) -> bool:
        step(self, (self.pane,), forward)
        return True

    @guarded(None)
    def closeEvent(self, event: QCloseEvent) -> None:
        self.pane.end()
        event.accept()
        self.closed.emit(self.room_id)

    def _dress(self) -> None:
        self.setStyleSheet(stylesheet(self.look.palette))
        title = one_line(self.pane.header.title.text(), 60)
        self.setWindowTitle(f"{title} – {tr('Byre')}" if title else tr("Byre"))
