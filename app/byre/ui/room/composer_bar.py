"""The composer's row: field, emoji, send button, and the line that says how safe this is and which key sends."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from byre.ui import painting, tokens
from byre.ui.composer import Composer
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.plain import isolated, one_line
from byre.ui.timers import timer_words
from byre.ui.widgets.buttons import IconButton
from byre.ui.widgets.labels import Icon, PlainLabel

PLACEHOLDER_NAME = 24
EMOJI = "😀😂😊😍😘😎🤔😴😭😡👍👎👏🙏💪🙌❤️🔥✨🎉🚀☕🍚🌄✅❌⏰📎📌🐮"


class _FieldFrame(QWidget):
    """The rounded field; its line shows the focus."""

    def __init__(self, look: Look, composer: Composer) -> None:
        super().__init__()
        self._look, self._composer = look, composer
        look.changed.connect(self.update)
        composer.installEventFilter(self)  # Qt repaints the composer when the focus moves, not what is around it

    @guarded(False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self._look.palette.accent if self._composer.hasFocus() else None
        painting.box(painter, QRectF(self.rect()), 20, self._look.palette.field, line, 1)
        painter.end()


class EmojiPopup(QFrame):
    """A small grid of common emoji."""

    chosen = Signal(str)

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setStyleSheet(
            f"EmojiPopup {{ background: {look.palette.card}; border: 1px solid {look.palette.line}; }}"
            f"QPushButton {{ border: none; border-radius: 8px; background: transparent; font-size: 20px; }}"
            f"QPushButton:hover, QPushButton:focus {{ background: {look.palette.row_on}; }}"
        )
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 8, 8, 8)
        grid.setSpacing(2)
        emoji: list[str] = []
        for char in EMOJI:
            if char == "\ufe0f":
                emoji[-1] += char
            else:
                emoji.append(char)
        for at, char in enumerate(emoji):
            button = QPushButton(char)
            button.setFont(look.font(tokens.DISPLAY, 400))
            button.setFixedSize(36, 36)
            button.clicked.connect(lambda _=False, c=char: self._choose(c))
            grid.addWidget(button, at // 6, at % 6)

    def _choose(self, char: str) -> None:
        self.chosen.emit(char)
        self.close()


class ComposerBar(QWidget):
    """Everything below the transcript when one may write."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._title = ""
        self._is_person = False
        self._offline = False
        self._narrow = False
        self._retention_s = 0
        self.composer = Composer(look)
        column = QVBoxLayout(self)
        self._column = column
        column.setContentsMargins(20, 8, 20, 8)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(8)
        frame = _FieldFrame(look, self.composer)
        inside = QHBoxLayout(frame)
        inside.setContentsMargins(13, 1, 4, 1)
        inside.setSpacing(0)
        inside.addWidget(self.composer, 1, Qt.AlignmentFlag.AlignVCenter)
        self.emoji = IconButton(look, "smile", lambda: tr("Emoji"), size=36)
        self.emoji.clicked.connect(self._emoji)
        inside.addWidget(self.emoji, 0, Qt.AlignmentFlag.AlignBottom)
        frame.setMinimumHeight(40)
        row.addWidget(frame, 1)
        self.send_button = IconButton(
            look, "arrow-up", lambda: tr("Send"), size=40, icon_size=21, colour="on_accent", stroke=2.2
        )
        self.send_button.fill, self.send_button.round = "accent", True
        self.send_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.send_button.clicked.connect(self.composer.send)
        row.addWidget(self.send_button, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(row)
        self._hints = QWidget()
        hints = QHBoxLayout(self._hints)
        hints.setContentsMargins(5, 0, 53, 0)
        hints.setSpacing(5)
        self._mark = Icon(look, "lock", "text3", 12, 2)
        hints.addWidget(self._mark)
        self.safety = PlainLabel(look, tokens.MICRO, "text3", weight=400, line_height=16)
        self.safety.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        hints.addWidget(self.safety)
        hints.addStretch(1)
        self.keys = PlainLabel(look, tokens.MICRO, "text3", weight=400, line_height=16)
        self.keys.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        hints.addWidget(self.keys)
        column.addWidget(self._hints)
        self.composer.changed.connect(frame.update)
        look.live(self, self.say)

    def show_for(self, title: str, retention_s: int = 0, *, is_person: bool = False) -> None:
        """Name the room or the person in the placeholder, and how long messages live there."""
        self._title, self._retention_s, self._is_person = title, retention_s, is_person
        self.say()

    def set_offline(self, offline: bool) -> None:
        """Say that messages wait."""
        self._offline = offline
        self.say()

    def set_narrow(self, narrow: bool) -> None:
        """One pane: no hints, smaller margins."""
        self._narrow = narrow
        self._hints.setVisible(not narrow)
        self._column.setContentsMargins(12 if narrow else 20, 8, 12 if narrow else 20, 20 if narrow else 8)
        self.say()

    def set_send_key(self, with_ctrl: bool) -> None:
        """Enter or Ctrl+Enter sends."""
        self.composer.send_with_ctrl = with_ctrl
        self.say()

    def say(self) -> None:
        """Say everything again."""
        title = isolated(one_line(self._title, PLACEHOLDER_NAME))
        if self._narrow:
            placeholder = tr("Write a message")
        elif self._is_person:
            placeholder = tr("Write a message to {name}", name=title)
        else:
            placeholder = tr("Write a message to {title}", title=title)
        self.composer.show_hint(placeholder)
        safe = tr("End-to-end encrypted")
        if self._retention_s:
            safe += " · " + tr("new messages disappear after {time}", time=timer_words(self._retention_s))
        self._mark.set_icon("timer" if self._retention_s else "lock")
        if self._offline:
            safe += " · " + tr("offline: sent once connected")
        self.safety.set_text(safe)
        ctrl = self.composer.send_with_ctrl
        self.keys.set_text(
            tr("Ctrl+Enter sends · Enter breaks the line") if ctrl else tr("Enter sends · Shift+Enter breaks the line")
        )

    def _emoji(self) -> None:
        popup = EmojiPopup(self._look, self)
        popup.chosen.connect(self._insert)
        popup.adjustSize()
        corner = self.emoji.mapToGlobal(QPoint(self.emoji.width() - popup.width(), -popup.height() - 8))
        popup.move(corner)
        popup.show()

    def _insert(self, char: str) -> None:
        self.composer.finish_composing()
        self.composer.insertPlainText(char)
        self.composer.setFocus()
