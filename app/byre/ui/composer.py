"""Where a message is typed. Safe for Hangul: what is being composed is committed before it is read, never twice.

Qt keeps the preedit out of `toPlainText()`. Korean has no candidate window: one Enter commits and sends. Some input
methods answer a commit request at once, some later, some never, and ibus-hangul commits again on `reset()`; so the
syllable that we committed ourselves is remembered and one identical late commit within 200 ms is dropped, unless a
key or a new preedit came between.
"""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QGuiApplication,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy

from byre.ui import tokens
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look

GHOST_MS = 200
MAX_LINES = 7
LIMIT = 32_768
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Composer(QPlainTextEdit):
    """Plain text with the send key. `submitted` carries the exact text, once; `refused(code)` why it is not sent.

    The keys that have nothing to do here go to the messages: `paged(-1 or 1)`, `upwards` (from the empty field), and
    `copy_wanted` while nothing is selected here.
    """

    submitted = Signal(str)
    changed = Signal()
    escaped = Signal()
    upwards = Signal()
    paged = Signal(int)
    copy_wanted = Signal()
    refused = Signal(str)

    def __init__(self, look: Look, *, send_with_ctrl: bool = False) -> None:
        super().__init__()
        self._look = look
        self.hint = ""
        self.send_with_ctrl = send_with_ctrl
        self._preedit = ""
        self._sending = False
        self._ghost = ""
        self._ghost_age = QElapsedTimer()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(7)
        self.setUndoRedoEnabled(True)
        self.textChanged.connect(self._text_changed)
        self.document().documentLayout().documentSizeChanged.connect(self._grow)
        self._grow()

        def dress() -> None:
            self.setFont(look.font(look.scaled(tokens.BODY)))
            self._grow()
            self.setAccessibleName(tr("Type a message"))
            palette = self.palette()
            palette.setColor(QPalette.ColorRole.Text, QColor(look.palette.text))
            self.setPalette(palette)

        look.live(self, dress)

    def show_hint(self, words: str) -> None:
        """Show `words` while the field is empty, beside the caret and elided: Qt's own lie under it, and wrap."""
        self.hint = words
        self.setAccessibleDescription(words)
        self.viewport().update()

    def is_composing(self) -> bool:
        """Whether the input method holds an unfinished syllable."""
        return bool(self._preedit)

    def finish_composing(self) -> None:
        """Commit what the input method still holds (before a read, a room switch, a lock)."""
        if not self._preedit:
            return
        pending = self._preedit
        method = QGuiApplication.inputMethod()
        method.commit()  # answered at once on Windows, macOS and by the compose context
        if self._preedit:  # nobody answered: commit it ourselves, once, and let the method forget it
            event = QInputMethodEvent()
            event.setCommitString(pending)
            QGuiApplication.sendEvent(self, event)
            method.reset()
        self._preedit = ""
        self._ghost = pending
        self._ghost_age.start()

    def take(self) -> str:
        """The whole text, the unfinished syllable included; the composer is empty afterwards (room switch)."""
        self.finish_composing()
        text = self._plain()
        self.clear()
        return text

    def put(self, text: str) -> None:
        """Show a draft with the cursor behind it."""
        self.setPlainText(text)
        cursor = self.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        self.setTextCursor(cursor)

    def send(self) -> None:
        """Send what is there; also the slot of the button, which takes no focus."""
        if self._sending:
            return
        self._sending = True
        try:
            self.finish_composing()
            text = self._plain().strip("\n ")
            if len(text.encode("utf-8", "surrogatepass")) > LIMIT:
                self.refused.emit("message_too_long")  # it stays, to be cut
                return
            if not text.strip():
                return
            self.clear()
            self.submitted.emit(text)
        finally:
            self._sending = False

    def has_text(self) -> bool:
        """Whether there is anything to send."""
        return bool(self._preedit.strip() or self._plain().strip())

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._preedit or not self.document().isEmpty():
            return
        margin = round(self.document().documentMargin())
        area = self.viewport().rect().adjusted(margin + 2, margin, -margin, 0)
        painter = QPainter(self.viewport())
        painter.setFont(self.font())
        painter.setPen(QColor(self._look.palette.text3))
        words = self.fontMetrics().elidedText(self.hint, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft) | int(Qt.TextFlag.TextSingleLine), words)
        painter.end()

    @guarded(None)
    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        if self._ghost:
            ghost, self._ghost = self._ghost, ""
            repeated = event.commitString() == ghost and event.replacementLength() == 0
            if not event.preeditString() and repeated and self._ghost_age.elapsed() < GHOST_MS:
                event.accept()
                return
            if not event.preeditString() and not event.commitString():
                self._ghost = ghost  # a bare "clear" may come before the late commit
        super().inputMethodEvent(event)
        self._preedit = event.preeditString()
        self.changed.emit()

    @guarded(False)
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._is_send(event):
            event.accept()
            return True
        return bool(super().event(event))

    @guarded(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER:
            if self._is_send(event):
                if not event.isAutoRepeat():
                    self.send()
                return
            self.finish_composing()
            self.textCursor().insertText("\n")  # Qt's own Shift+Enter is U+2028
            self.ensureCursorVisible()
            return
        self._ghost = ""
        if event.key() == Qt.Key.Key_Escape:
            if self._preedit:
                self.finish_composing()  # it ends the syllable, and nothing else
            else:
                self.escaped.emit()
            return
        if event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and not self.is_composing():
            self.paged.emit(-1 if event.key() == Qt.Key.Key_PageUp else 1)
        elif event.key() == Qt.Key.Key_Up and not self.has_text():
            self.upwards.emit()
        elif event.matches(QKeySequence.StandardKey.Copy) and not self.textCursor().hasSelection():
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)

    @guarded(None)
    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.finish_composing()
        super().focusOutEvent(event)

    @guarded(None)
    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasText():
            self.insertPlainText(source.text().replace("\0", ""))

    def _is_send(self, event: QKeyEvent) -> bool:
        if event.key() not in _ENTER:
            return False
        pressed = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        wanted = Qt.KeyboardModifier.ControlModifier if self.send_with_ctrl else Qt.KeyboardModifier.NoModifier
        return bool(pressed == wanted)

    def _plain(self) -> str:
        return self.toPlainText().replace("\u2028", "\n").replace("\u2029", "\n")

    def _text_changed(self) -> None:
        self._grow()
        self.changed.emit()

    def _grow(self, *_: object) -> None:
        line = self.fontMetrics().lineSpacing()
        lines = max(1, min(MAX_LINES, int(self.document().size().height())))
        self.setFixedHeight(lines * line + 2 * 7)
