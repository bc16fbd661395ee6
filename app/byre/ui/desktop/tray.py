"""The icon in the notification area, where the desktop has one: unread badge, show or hide, lock, quit."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from byre.ui import painting, tokens
from byre.ui.i18n import tr
from byre.ui.look import Look

SIZE = 64
SHOWN_MS = 8_000


def badge_icon(look: Look, unread: int) -> QIcon:
    """The logo with the number of unread messages, which is also in the tool tip."""
    picture = QPixmap(look.logo(SIZE))
    if unread:
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words = "99+" if unread > 99 else str(unread)
        width = 34 if len(words) < 2 else 44 if len(words) < 3 else 58
        rect = QRectF(SIZE - width, SIZE - 34, width, 34)
        painting.box(painter, rect, 17, look.palette.danger_button)
        style = tokens.Type(26, 700, 34)
        painting.text(painter, look, rect, words, style, tokens.WHITE, 700, painting.CENTER, False)
        painter.end()
    return QIcon(picture)


class Tray(QObject):
    """`toggled` to show or hide the window, `lock`, `quit`, `opened(room_id)` for a clicked message."""

    toggled = Signal()
    lock = Signal()
    quit = Signal()
    opened = Signal(str)

    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look
        self._unread = -1
        self._key = ""
        self.menu = QMenu()
        self.show_action = self.menu.addAction("", self.toggled.emit)
        self.lock_action = self.menu.addAction("", self.lock.emit)
        self.menu.addSeparator()
        self.quit_action = self.menu.addAction("", self.quit.emit)
        self.icon = QSystemTrayIcon(badge_icon(look, 0), parent)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._activated)
        self.icon.messageClicked.connect(lambda: self.opened.emit(self._key))
        look.live(self, self._say)
        self.set_unread(0)
        self.icon.show()

    @staticmethod
    def is_there() -> bool:
        """Whether the desktop has a notification area now."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def set_unread(self, count: int) -> None:
        """Show the number."""
        if count != self._unread:
            self._unread = count
            self.icon.setIcon(badge_icon(self._look, count))
            self._say()

    def show(self, key: str, title: str, body: str) -> None:
        """Show a notification from the icon, where there is no portal."""
        self._key = key
        self.icon.showMessage(title, body, badge_icon(self._look, 0), SHOWN_MS)

    def withdraw(self, key: str) -> None:
        """Such a notification goes by itself."""

    def close(self) -> None:
        """Take the icon away."""
        self.icon.hide()
        self.menu.deleteLater()

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.toggled.emit()

    def _say(self) -> None:
        self.show_action.setText(tr("Show or hide Byre"))
        self.lock_action.setText(tr("Lock"))
        self.quit_action.setText(tr("Quit Byre"))
        name = tr("Byre")
        self.icon.setToolTip(f"{name} · {tr('%n unread', self._unread)}" if self._unread > 0 else name)
