"""Linking a PC, on the phone: read the QR from a picture or pasted text, then type the digits of the PC's screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import shiboken6
from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QInputMethodEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from byre.ui import painting, tokens, when
from byre.ui.announcing import announce
from byre.ui.file_choice import choose_file
from byre.ui.flows.link_phone import DIGITS, Asking, Checking, Dead, Done, PhoneState, Reading, Typing
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.forms import FormRow
from byre.ui.plain import one_line
from byre.ui.sentences import error_sentence
from byre.ui.widgets.buttons import Button, IconButton
from byre.ui.widgets.cards import Box, ScrollPage, Surface, rebuilt
from byre.ui.widgets.labels import Icon, PlainLabel


class DigitBoxes(QWidget):
    """Six boxes of 52x64 for typed digits. Paste is refused on purpose; Backspace goes back."""

    typed = Signal(str)
    erased = Signal()
    entered = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.digits = ""
        self.setFixedHeight(64)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
        self.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly | Qt.InputMethodHint.ImhSensitiveData)
        look.live(self, lambda: self.show_digits(self.digits))

    def show_digits(self, digits: str) -> None:
        """Show what was typed so far."""
        self.digits = digits
        at = min(len(digits) + 1, DIGITS)
        self.setAccessibleName(tr("Digit {at} of six", at=when.ordinal(at, self._look.language)))
        self.setAccessibleDescription(" ".join(digits))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(368, 64)

    @guarded(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Backspace:
            self.erased.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif len(event.text()) == 1 and event.text() in "0123456789":
            self.typed.emit(event.text())
        else:
            event.ignore()  # Ctrl+V too: nothing is ever pasted here

    @guarded(None)
    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        if len(event.commitString()) == 1 and event.commitString() in "0123456789":
            self.typed.emit(event.commitString())
        event.accept()

    @guarded(None)
    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    @guarded(None)
    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        side = min(52.0, (self.width() - 4 * 10 - 16) / DIGITS)
        painter.setFont(self._look.font(tokens.CODE_SMALL, tabular=True))
        x = 0.0
        for at in range(DIGITS):
            rect = QRectF(x, 0, side, 64)
            here = at == len(self.digits) and self.hasFocus()
            fill = palette.canvas if here else palette.field
            painting.box(painter, rect, 12, fill, palette.accent if here else None, 2)
            if at < len(self.digits):
                painter.setPen(QColor(palette.text))
                painter.drawText(rect, painting.CENTER, self.digits[at])
            elif here:
                painter.fillRect(QRectF(x + side / 2 - 1, 18, 2, 28), QColor(palette.accent))
            x += side + (16 if at == 2 else 10)
        painter.end()


class PhoneLinkPage(ScrollPage):
    """Shows the state of the phone's flow. `link_read(uri)`, `picture_chosen(path)`, `connect_wanted`, `back`, …"""

    link_read = Signal(str)
    picture_chosen = Signal(object)
    typed = Signal(str)
    erased = Signal()
    connect_wanted = Signal()
    back = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "canvas")
        self._state: PhoneState = Reading()
        self._address = ""
        self._left = PlainLabel(look, tokens.META, parent=self)
        self._left.hide()
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        outer = QVBoxLayout(self.content)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        head = Surface(look, "canvas", line="bottom")
        head.setFixedHeight(60)
        row = QHBoxLayout(head)
        row.setContentsMargins(4, 0, 16, 0)
        row.setSpacing(8)
        back = IconButton(look, "arrow-left", lambda: tr("Back"))
        back.clicked.connect(self.back)
        row.addWidget(back)
        row.addWidget(PlainLabel(look, tokens.TITLE, weight=700, text=lambda: tr("Link a PC")), 1)
        outer.addWidget(head)
        frame = QWidget()
        self._frame = frame
        frame.setMaximumWidth(480)
        holder = QHBoxLayout()
        holder.addStretch(1)
        holder.addWidget(frame, 1000)
        holder.addStretch(1)
        outer.addLayout(holder, 1)
        self._body = QVBoxLayout(frame)
        self._body.setContentsMargins(16, 16, 16, 16)
        self._body.setSpacing(0)
        self.boxes = DigitBoxes(look)
        self.boxes.typed.connect(self.typed)
        self.boxes.erased.connect(self.erased)
        self.boxes.entered.connect(self.connect_wanted)
        self.connect_button = Button(look, lambda: tr("Link"), "primary", height=48, style=tokens.BODY)
        self.connect_button.clicked.connect(self.connect_wanted)
        self.text = self._paste_row()
        self._kept = (self.boxes, self.connect_button)
        look.live(self, self._rebuild)

    def show_state(self, state: PhoneState, address: str) -> None:
        """Show a state of the flow; `address` is this account's own, for the sentence at the end."""
        same = isinstance(state, Typing) and isinstance(self._state, Typing) and state.tries == self._state.tries
        self._state, self._address = state, address
        if same and isinstance(state, Typing):
            self._digits(state)
            return
        self._rebuild()
        if isinstance(state, Reading) and state.code:
            self.text.field.setFocus(Qt.FocusReason.OtherFocusReason)  # the one that had it is gone
            announce(self, error_sentence(state.code))
        elif isinstance(state, Typing) and state.is_wrong:
            announce(self, self._left.text())

    @guarded(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back.emit()
            return
        super().keyPressEvent(event)

    def _digits(self, state: Typing) -> None:
        self.boxes.show_digits(state.digits)
        self.connect_button.setEnabled(len(state.digits) == DIGITS)

    def _rebuild(self) -> None:
        while (item := self._body.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                if widget not in self._kept:
                    widget.deleteLater()
        state = self._state
        if isinstance(state, Typing | Checking):
            self._typing(state.typing if isinstance(state, Checking) else state, isinstance(state, Checking))
        elif isinstance(state, Done):
            title = tr("Its key is back") if state.request.wants_key else tr("PC linked")
            self._sentence("check", "ok", "ok_soft", title, self._done_words(state), lambda: tr("OK"))
        elif isinstance(state, Dead):
            words = error_sentence(state.code)
            title = tr("The key was not given") if state.wants_key else tr("Not linked")
            self._sentence("x", "danger", "danger_soft", title, words, lambda: tr("Back"))
        else:
            self._reading(state)
        rebuilt(self._frame)

    def _done_words(self, state: Done) -> str:
        if state.request.wants_key:
            return tr("{name} can open its conversations again.", name=one_line(state.request.device_name, 40))
        return tr("This PC is linked to {address}.", address=self._address)

    def _add(self, widget: QWidget, gap: int = 0) -> None:
        self._body.addWidget(widget)
        widget.show()
        if gap:
            self._body.addSpacing(gap)

    def _reading(self, state: PhoneState) -> None:
        look = self._look
        self._add(PlainLabel(look, tokens.TITLE, wrap=True, text=tr("Scan the QR code on the PC's first screen")), 8)
        words = tr("Take a picture of the code and choose it here, or paste the address that the PC copied.")
        self._add(PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, line_height=20, text=words), 20)
        pick = Button(look, lambda: tr("Choose a picture of the code"), "primary", height=48, icon="image")
        pick.clicked.connect(self._pick)
        self._add(pick, 20)
        self.text = self._paste_row()
        self.text.set_error(state.code if isinstance(state, Reading) else "")
        self._add(self.text, 8)
        read = Button(look, lambda: tr("Read this address"), "secondary", height=44)
        read.clicked.connect(self._pasted)
        read.setEnabled(not isinstance(state, Asking))
        self._add(read, 24)
        self._add(self._warning())
        self._body.addSpacing(24)
        self._means()
        self._body.addStretch(1)

    def _paste_row(self) -> FormRow:
        row = FormRow(self._look, lambda: tr("Or paste the link address"), placeholder=lambda: "byre://link#…")
        row.field.submitted.connect(self._pasted)
        return row

    def _typing(self, state: Typing, busy: bool) -> None:
        look = self._look
        card = Box(look, "field")
        card.setFixedHeight(76)
        row = QHBoxLayout(card)
        row.setContentsMargins(12, 0, 16, 0)
        row.setSpacing(12)
        row.addWidget(Icon(look, "monitor", "link", 22, tile=46, tile_colour="accent_soft"))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(PlainLabel(look, tokens.BODY, weight=600, text=one_line(state.request.device_name, 40)))
        wants_key, platform = state.request.wants_key, one_line(state.request.platform, 24)
        if wants_key:
            about = tr("Your PC asks for its key")
        elif platform:
            about = tr("{platform} · the QR code was read just now", platform=platform)
        else:
            about = tr("The QR code was read just now")
        words.addWidget(PlainLabel(look, tokens.META, "text2", line_height=20, text=about))
        words.addSpacing(4)
        words.addStretch(1)
        row.addLayout(words, 1)
        self._add(card, 24)
        self._add(PlainLabel(look, tokens.TITLE, wrap=True, text=tr("Type the 6 digits of the PC's screen")), 14)
        self._add(self.boxes, 12)
        self._left = PlainLabel(look, tokens.META, "danger" if state.is_wrong else "text2", wrap=True, tabular=True)
        self._say_left(state)
        self._add(self._left, 16)
        self._add(self._warning(), 28)
        if wants_key:
            self._means_key()
        else:
            self._means()
        self._body.addStretch(1)
        self._add(self.connect_button, 8)
        if wants_key:
            self.connect_button.relabel(tr("One moment…") if busy else tr("Give it the key"))
        else:
            self.connect_button.relabel(tr("Linking…") if busy else tr("Link"))
        cancel = Button(look, lambda: tr("Cancel"), "quiet", height=48, style=tokens.BODY)
        cancel.clicked.connect(self.back)
        self._add(cancel)
        self._digits(state)
        if busy:
            self.connect_button.setEnabled(False)
        self.boxes.setFocus(Qt.FocusReason.OtherFocusReason)

    def _say_left(self, state: Typing) -> None:
        words = tr("%n tries left", state.tries)
        expires_at = getattr(state.request, "expires_at", 0)
        if expires_at:
            time = when.countdown(expires_at - self._look.now_ms())
            words += " · " + tr("{time} left", time=time)
        if state.is_wrong:
            words = f"{error_sentence('code_mismatch')} {words}"
        self._left.set_text(words)

    def _tick(self) -> None:
        if isinstance(self._state, Typing) and shiboken6.isValid(self._left):
            self._say_left(self._state)

    def _warning(self) -> Box:
        look = self._look
        box = Box(look, "warn_soft")
        row = QHBoxLayout(box)
        row.setContentsMargins(16, 15, 16, 21)
        row.setSpacing(12)
        row.addWidget(Icon(look, "triangle-alert", "warn", 20, 2), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        first = tr("Never type a code that a web page or another person gave you.")
        words.addWidget(PlainLabel(look, tokens.BODY, weight=600, wrap=True, text=first))
        second = tr("Only type the digits on the screen of your own PC in front of you.")
        words.addWidget(PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, line_height=20, text=second))
        row.addLayout(words, 1)
        return box

    def _means(self) -> None:
        self._list(
            tr("Once linked, this PC"),
            ("messages-square", tr("can read your conversations and write in your name.")),
            ("smartphone", tr("works by itself while the phone is off.")),
            ("unlink", tr("can be unlinked at any time in Settings → Linked devices.")),
        )

    def _means_key(self) -> None:
        self._list(
            tr("Once it has its key, this PC"),
            ("key-round", tr("opens the conversations that it already has.")),
            ("monitor", tr("stays linked as it was: no device is added.")),
            ("shield-alert", tr("must be yours. Whoever has the key can read what is stored on it.")),
        )

    def _list(self, title: str, *rows: tuple[str, str]) -> None:
        look = self._look
        self._add(PlainLabel(look, tokens.LABEL, weight=600, text=title), 5)
        for icon, words in rows:
            holder = QWidget()
            row = QHBoxLayout(holder)
            row.setContentsMargins(1, 5, 0, 5)
            row.setSpacing(13)
            row.addWidget(Icon(look, icon, "text2", 18), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, text=words), 1)
            self._add(holder)

    def _sentence(self, icon: str, colour: str, tile: str, title: str, words: str, button: Callable[[], str]) -> None:
        look = self._look
        middle = Qt.AlignmentFlag.AlignHCenter
        self._body.addStretch(1)
        mark = Icon(look, icon, colour, 32, 2.4, tile=72, tile_colour=tile, tile_radius=36)
        self._body.addWidget(mark, 0, middle)
        self._body.addSpacing(20)
        self._add(PlainLabel(look, tokens.DISPLAY, wrap=True, align=middle, text=title), 8)
        self._add(PlainLabel(look, tokens.BODY, "text2", wrap=True, align=middle, text=words))
        announce(self, f"{title}. {words}")
        self._body.addStretch(2)
        back = Button(look, button, "primary", height=48, style=tokens.BODY)
        back.clicked.connect(self.back)
        self._add(back)
        back.setFocus(Qt.FocusReason.OtherFocusReason)

    def fill_in(self, uri: str) -> None:
        """Put a link into the field, unread."""
        self.text.field.set_text(uri)

    def _pasted(self) -> None:
        words = self.text.text().strip()
        if words:
            self.link_read.emit(words)
            self.text.field.clear()

    def _pick(self) -> None:
        title = tr("Choose a picture of the code")
        choose_file(self, title, lambda path: self.picture_chosen.emit(Path(path)), is_picture=True)
