"""Text fields: search with icon and clear button, plain, and password with an eye."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMetaMethod, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QKeyEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from byre.ui import painting, tokens
from byre.ui.look import Look
from byre.ui.tokens import Type
from byre.ui.widgets.buttons import IconButton


class _Line(QLineEdit):
    """A bare line edit that paints nothing but its text; Esc and arrows are told to the field.

    No toolkit call tells the state of Caps Lock: it is seen from letters whose case does not fit Shift.
    """

    key = Signal(int)
    caps = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._caps: bool | None = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        wanted = (Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Up)
        if event.key() in wanted:
            event.setAccepted(self.isSignalConnected(QMetaMethod.fromSignal(self.key)))
            self.key.emit(event.key())  # whom nobody follows leaves Esc to the sheet or page around
            return
        self._note_caps(event)
        super().keyPressEvent(event)

    def _note_caps(self, event: QKeyEvent) -> None:
        letter = event.text()
        if event.key() == Qt.Key.Key_CapsLock and self._caps is not None:
            self._caps = not self._caps
        elif len(letter) == 1 and letter.isascii() and letter.isalpha():
            self._caps = letter.isupper() != bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        else:
            return
        self.caps.emit(self._caps)


def _spaced(font: QFont) -> QFont:
    """For dots in place of letters: they do not run into each other."""
    spaced = QFont(font)
    spaced.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 3)
    return spaced


class Field(QWidget):
    """A rounded field around a line edit. `edited` carries the text as typed, the unfinished syllable included."""

    edited = Signal(str)
    submitted = Signal()
    caps = Signal(bool)

    def __init__(
        self,
        look: Look,
        name: Callable[[], str],
        *,
        placeholder: Callable[[], str] | None = None,
        icon: str | None = None,
        clear: bool = False,
        secret: bool = False,
        height: int = 40,
        style: Type = tokens.LABEL,
        on_card: bool = False,
    ) -> None:
        super().__init__()
        self._look = look
        self._icon = icon
        self._on_card = on_card
        self._preedit = ""
        self.setFixedHeight(height)
        self.line = _Line(self)
        self.key = self.line.key
        self.line.setFrame(False)
        self._plain: tuple[QFont, ...] = (
            look.font(style, 400),
            look.font(style, 500 if style is tokens.LABEL else 400),
        )
        self._fonts: tuple[QFont, ...] = self._plain
        self.line.setFont(self._fonts[0])
        self.line.setStyleSheet("background:transparent;border:none;padding:0")
        self.line.textChanged.connect(self._changed)
        self.line.returnPressed.connect(self.submitted)
        self.line.caps.connect(self.caps)
        self.line.installEventFilter(self)
        self.setFocusProxy(self.line)
        row = QHBoxLayout(self)
        row.setContentsMargins(36 if icon else 16 if height > 44 else 12, 0, 6, 0)
        row.setSpacing(2)
        row.addWidget(self.line, 1)
        self._clear: IconButton | None = None
        self._eye: IconButton | None = None
        from byre.ui.i18n import tr

        if clear:
            self._clear = IconButton(look, "circle-x", lambda: tr("Clear"), size=32, icon_size=18, colour="text3")
            self._clear.clicked.connect(self.line.clear)
            self._clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._clear.hide()
            row.addWidget(self._clear)
        if secret:
            self.line.setEchoMode(QLineEdit.EchoMode.Password)
            self._fonts = tuple(_spaced(font) for font in self._plain)
            self.line.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
            self._eye = IconButton(look, "eye", self._eye_words, size=36)
            self._eye.clicked.connect(self._toggle_eye)
            row.addWidget(self._eye)

        def dress() -> None:
            self.line.setAccessibleName(name())
            self.line.setPlaceholderText(placeholder() if placeholder else "")
            palette = self.line.palette()
            palette.setColor(QPalette.ColorRole.Text, QColor(look.palette.text))
            palette.setColor(QPalette.ColorRole.PlaceholderText, QColor(look.palette.text3))
            palette.setColor(QPalette.ColorRole.Highlight, QColor(look.palette.selection_in))
            palette.setColor(QPalette.ColorRole.HighlightedText, QColor(look.palette.bubble_in_text))
            self.line.setPalette(palette)
            self.update()

        look.live(self, dress)

    def text(self) -> str:
        """What is in the field, with the syllable that the input method still composes."""
        words = self.line.text()
        if not self._preedit:
            return words
        at = self.line.cursorPosition()
        return words[:at] + self._preedit + words[at:]

    def set_text(self, words: str) -> None:
        """Replace the text."""
        self.line.setText(words)

    def clear(self) -> None:
        """Empty the field."""
        self.line.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.InputMethod:
            self._preedit = event.preeditString()  # type: ignore[attr-defined]
            self.edited.emit(self.text())
        elif kind in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return False

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusInEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        focus = self.line.hasFocus()
        fill = palette.card if self._on_card and focus else palette.canvas if focus else palette.field
        painting.box(painter, QRectF(self.rect()), tokens.RADIUS, fill, palette.accent if focus else None, 2)
        if self._icon:
            painting.icon(painter, self._look, 12, (self.height() - 18) / 2, self._icon, palette.text3, 18)
        painter.end()

    def _changed(self, words: str) -> None:
        self.line.setFont(self._fonts[1] if words else self._fonts[0])
        if self._clear is not None:
            self._clear.setVisible(bool(words))
        self.edited.emit(self.text())

    def _toggle_eye(self) -> None:
        hidden = self.line.echoMode() == QLineEdit.EchoMode.Password
        self.line.setEchoMode(QLineEdit.EchoMode.Normal if hidden else QLineEdit.EchoMode.Password)
        self._fonts = self._plain if hidden else tuple(_spaced(font) for font in self._plain)
        self.line.setFont(self._fonts[1 if self.line.text() else 0])
        if self._eye is not None:
            self._eye.set_icon("eye-off" if hidden else "eye")
            self._eye.rename(self._eye_words())

    def _eye_words(self) -> str:
        from byre.ui.i18n import tr

        hidden = self.line.echoMode() == QLineEdit.EchoMode.Password
        return tr("Show the passphrase") if hidden else tr("Hide the passphrase")
