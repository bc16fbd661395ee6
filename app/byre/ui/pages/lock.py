"""The lock: passphrase, or a key store that does not answer. It asks; it never offers deletion."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from byre.ui import tokens
from byre.ui.announcing import announce
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.sentences import error_sentence
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.cards import ScrollPage
from byre.ui.widgets.fields import Field
from byre.ui.widgets.labels import Icon, Logo, PlainLabel


class LockPage(ScrollPage):
    """`unlock(str)`; wrong passphrases make the next try wait, longer each time."""

    unlock = Signal(str)
    forgotten = Signal()
    stuck = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._code = ""
        self._wrong = 0
        self._wait_s = 0
        self._busy = False
        self._caps = False
        self._needs = True
        self._is_locking = False
        column = QVBoxLayout(self.content)
        column.setContentsMargins(24, 0, 24, 44)
        column.setSpacing(0)
        middle = Qt.AlignmentFlag.AlignHCenter
        column.addStretch(214)
        column.addWidget(Logo(look, 72), 0, middle)
        column.addSpacing(24)
        self.title = PlainLabel(look, tokens.H1, wrap=True, align=middle)
        column.addWidget(self.title)
        column.addSpacing(6)
        self.why = PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, align=middle, line_height=20)
        column.addWidget(self.why)
        column.addSpacing(24)
        holder = QWidget()
        holder.setFixedWidth(344)
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        self.field = Field(look, lambda: tr("Passphrase"), secret=True, height=48, style=tokens.BODY, on_card=True)
        self.field.submitted.connect(self._try)
        self.field.edited.connect(self._edited)
        self.field.caps.connect(self._caps_seen)
        box.addWidget(self.field)
        box.addSpacing(6)
        self.hint = PlainLabel(look, tokens.META, "danger", wrap=True, tabular=True)
        box.addWidget(self.hint)
        box.addSpacing(10)
        self.button = Button(look, self._button_words, height=48, style=tokens.BODY)
        self.button.clicked.connect(self._try)
        box.addWidget(self.button)
        column.addWidget(holder, 0, middle)
        column.addSpacing(16)
        self.forgot = Button(look, self._help_words, "ghost", padding=16)
        self.forgot.clicked.connect(lambda: self.stuck.emit(self._code) if self._is_stuck() else self.forgotten.emit())
        column.addWidget(self.forgot, 0, middle)
        column.addStretch(195)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(Icon(look, "bell-off", "text2", 14, 2))
        foot.addWidget(
            PlainLabel(
                look, tokens.META, "text2", text=lambda: tr("While locked, notifications show no names and no texts")
            )
        )
        foot.addStretch(1)
        column.addLayout(foot)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._tick)
        look.live(self, self._say)

    def show_locking(self) -> None:
        """Cover everything while what is under way comes to its end; there is nothing to answer yet."""
        self._is_locking, self._code = True, ""
        self.field.hide()
        self.field.clear()
        self._say()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_locked(self, needs_passphrase: bool = True, code: str = "") -> None:
        """Ask anew. `code` is why opening failed (`key_unavailable` asks to try again)."""
        self._code = code if code in ("key_unavailable", "db_damaged", "disk_full", "io_error") else ""
        self._is_locking = False
        self.field.setVisible(needs_passphrase and not self._code)
        self.field.setEnabled(True)
        self._needs = needs_passphrase
        self._busy = False
        self._say()
        if self.field.isVisible():
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def ask_again(self) -> bool:
        """Ask for the passphrase once more; False where there is none to ask for."""
        if self._needs:
            self.show_locked()
        return self._needs

    def fail(self, code: str) -> None:
        """The engine refused."""
        self._busy = False
        if code == "wrong_passphrase":
            self._wrong += 1
            self._wait_s = 0 if self._wrong < 3 else min(60, 2 ** (self._wrong - 1))
            self._code = code
            self.field.clear()
            self._code = code
            if self._wait_s:
                self._timer.start()
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
            self._say()
        else:
            self.show_locked(code == "passphrase_required", code)
            self._code = code
            self._say()
        announce(self, error_sentence(code))

    def forget(self) -> None:
        """Unlocked: forget tries and what was typed."""
        self._wrong, self._wait_s, self._code = 0, 0, ""
        self._timer.stop()
        self.field.clear()

    def _caps_seen(self, on: bool) -> None:
        self._caps = on
        self._say()

    def _edited(self, text: str) -> None:
        if text and self._code == "wrong_passphrase":
            self._code = ""
        self._say()

    def _try(self) -> None:
        if self._wait_s or self._busy:
            return
        self._busy = True
        self._say()
        self.unlock.emit(self.field.text() if self.field.isVisibleTo(self) else "")

    def _tick(self) -> None:
        self._wait_s -= 1
        if self._wait_s <= 0:
            self._wait_s = 0
            self._timer.stop()
        self._say()

    def _button_words(self) -> str:
        if self._busy:
            return tr("Opening…")
        return tr("Try again") if self._is_stuck() else tr("Open")

    def _help_words(self) -> str:
        if self._code == "db_damaged":
            return tr("Bring back what can be read…")
        return tr("What can I do?") if self._is_stuck() else tr("I forgot the passphrase")

    def _is_stuck(self) -> bool:
        return bool(self._code) and self._code not in ("wrong_passphrase", "passphrase_required")

    def _say(self) -> None:
        if not hasattr(self, "_timer"):
            return
        if self._is_locking:
            why = tr("What is under way is brought to its end first.")
        elif self._is_stuck():
            why = error_sentence(self._code)
        elif self._needs:
            why = tr("Enter the passphrase to open your conversations again.")
        else:
            why = tr("The key store of this device opens your conversations again.")
        locked = tr("Locking…") if self._is_locking else tr("Locked")
        self.title.set_text(tr("Byre could not open your conversations") if self._is_stuck() else locked)
        self.why.set_text(why)
        self.forgot.relabel(self._help_words())
        self.forgot.setVisible(not self._is_locking and (self._needs or self._is_stuck()))
        self.button.setVisible(not self._is_locking)
        words = ""
        if self._code == "wrong_passphrase":
            words = error_sentence(self._code)
            if self._wait_s:
                words += " " + tr("Wait %n s.", self._wait_s)
        elif any("ㄱ" <= c <= "ㅣ" or "가" <= c <= "힣" for c in self.field.text()):
            words = tr("Hangul mode is on.")
        elif self._caps:
            words = tr("Caps Lock is on.")
        self.hint.set_text(words)
        self.hint.setVisible(bool(words))
        self.button.relabel(self._button_words())
        self.button.setEnabled(not self._wait_s and not self._busy)
