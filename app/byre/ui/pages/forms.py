"""A form's row: caption, field, and the sentence that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from byre.ui import tokens
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.sentences import error_sentence
from byre.ui.widgets.fields import Field
from byre.ui.widgets.labels import PlainLabel


def chain(rows: Sequence[FormRow], done: Callable[[], None]) -> None:
    """Let Enter go on to the next row that is missing, from one in which something is written; otherwise it is `done`.

    `rows` in the order in which they lie. What is hidden at that moment, or optional, is not missing.
    """

    def entered(at: int) -> None:
        missing = (row for row in rows[at + 1 :] if not (row.text() or row.is_optional or row.isHidden()))
        after = next(missing, None) if rows[at].text() else None
        if after is None:
            done()
        else:
            after.field.setFocus(Qt.FocusReason.TabFocusReason)

    for at, row in enumerate(rows):
        row.field.submitted.connect(partial(entered, at))


class FormRow(QWidget):
    """Caption over field over a line for hints and errors."""

    def __init__(
        self,
        look: Look,
        caption: Callable[[], str],
        *,
        hint: Callable[[], str] | None = None,
        placeholder: Callable[[], str] | None = None,
        secret: bool = False,
        is_optional: bool = False,
    ) -> None:
        super().__init__()
        self.is_optional = is_optional
        self._look = look
        self._hint = hint
        self._error = ""
        self._caps = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(PlainLabel(look, tokens.LABEL, weight=600, text=caption))
        self.field = Field(
            look, caption, placeholder=placeholder, secret=secret, height=44, style=tokens.BODY, on_card=True
        )
        column.addWidget(self.field)
        self.line = PlainLabel(look, tokens.META, "text2", wrap=True)
        column.addWidget(self.line)
        self.field.edited.connect(lambda _text: self.set_error(""))
        if secret:
            self.field.caps.connect(self._caps_seen)
        look.live(self, self.say)

    def text(self) -> str:
        """What is in the field."""
        return self.field.text()

    def set_error(self, code: str) -> None:
        """Say what is wrong, or nothing."""
        if code != self._error:
            self._error = code
            self.say()

    def refuse(self, code: str) -> None:
        """Say what is wrong, and put the cursor where it can be mended."""
        self.set_error(code)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _caps_seen(self, on: bool) -> None:
        if on != self._caps:
            self._caps = on
            self.say()

    def say(self) -> None:
        """Say hint or error again."""
        if self._error == "passphrase_differs":
            words = tr("The two passphrases differ.")
        elif self._error == "passphrase_short":
            words = tr("At least 8 characters.")
        elif self._error == "passphrase_wanted":
            words = tr("Enter the passphrase of this profile.")
        elif self._error == "nothing_locks":
            words = tr("Choose a passphrase, the key store, or both.")
        elif self._error == "bad_timer" and self._hint is not None:
            words = self._hint()
        elif self._error:
            words = error_sentence(self._error)
        elif self._caps:
            words = tr("Caps Lock is on.")
        else:
            words = self._hint() if self._hint else ""
        self.line.set_colour("danger" if self._error else "text2")
        self.line.set_text(words)
        self.line.setVisible(bool(words))
        self.field.line.setAccessibleDescription(words)
