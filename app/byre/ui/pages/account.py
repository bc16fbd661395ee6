"""Creating an account on this device, or restoring one with the recovery code."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from byre.ui import tokens
from byre.ui.flows.first_run import Form, problems
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.forms import FormRow, chain
from byre.ui.pages.link_steps import StepPage
from byre.ui.pages.top_bar import TopBar
from byre.ui.sentences import error_sentence
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.labels import PlainLabel


class AccountPage(StepPage):
    """`sent(Form, restoring)`; `back`; `other` switches between creating and restoring."""

    sent = Signal(object, bool)
    back = Signal()
    other = Signal()
    backup = Signal()

    def __init__(self, look: Look, *, restoring: bool, relay: str, can_go_back: bool) -> None:
        top = TopBar(look)
        super().__init__(look, 520, None, None, top=top)
        self.top = top
        self.restoring = restoring
        self.passphrase_required = False
        column = QVBoxLayout(self.card.body)
        column.setContentsMargins(32, 32, 32, 28)
        column.setSpacing(16)
        title = (lambda: tr("Restore your account")) if restoring else (lambda: tr("Make your account"))
        column.addWidget(PlainLabel(look, tokens.H1, wrap=True, text=title))
        why = (
            (lambda: tr("The recovery code brings the account back; old messages stay on the devices that have them."))
            if restoring
            else (lambda: tr("The key of the account is made here and stays on this device."))
        )
        column.addWidget(PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, text=why))
        self.rows: dict[str, FormRow] = {}
        if restoring:
            self._row("code", FormRow(look, lambda: tr("Recovery code")))
        self._row(
            "handle",
            FormRow(look, lambda: tr("Handle"), hint=lambda: tr("People find you by it: handle@relay")),
        )
        if not restoring:
            self._row("name", FormRow(look, lambda: tr("Name"), hint=lambda: tr("Shown to the people you talk to")))
        self._row("relay", FormRow(look, lambda: tr("Relay"), placeholder=lambda: "https://relay.example"))
        self._row(
            "passphrase",
            FormRow(
                look, lambda: tr("Passphrase"), secret=True, hint=self._passphrase_hint, is_optional=True,
            ),
        )  # fmt: skip
        self._row("repeated", FormRow(look, lambda: tr("Passphrase again"), secret=True))
        self.rows["repeated"].hide()
        self.rows["passphrase"].field.edited.connect(self._passphrase_edited)
        self.rows["relay"].field.set_text(relay)
        for row in self.rows.values():
            column.addWidget(row)
        chain(tuple(self.rows.values()), self._send)
        self.told = PlainLabel(look, tokens.LABEL, "danger", weight=400, wrap=True)
        self.told.hide()
        column.addWidget(self.told)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        words = (lambda: tr("I have a recovery code")) if not restoring else (lambda: tr("Make a new account"))
        other = Button(look, words, "ghost", height=44, padding=12)
        other.clicked.connect(self.other)
        buttons.addWidget(other)
        buttons.addStretch(1)
        if can_go_back:
            back = Button(look, lambda: tr("Back"), "secondary", height=44)
            back.clicked.connect(self.back)
            buttons.addWidget(back)
        self.button = Button(look, self._button_words, height=44)
        self.button.clicked.connect(self._send)
        buttons.addWidget(self.button)
        column.addLayout(buttons)
        if restoring:
            file = Button(look, lambda: tr("I have a backup file…"), "ghost", height=44, padding=12, icon="archive")
            file.clicked.connect(self.backup)
            column.addWidget(file, 0, Qt.AlignmentFlag.AlignLeft)

    def fail(self, code: str) -> None:
        """Show an error at the row it belongs to."""
        self.set_busy(False)
        place = {
            "handle_taken": "handle",
            "no_such_handle": "handle",
            "bad_handle": "handle",
            "bad_relay": "relay",
            "relay_unreachable": "relay",
            "relay_certificate": "relay",
            "proxy_unreachable": "relay",
            "relay_failed": "relay",
            "relay_busy": "relay",
            "wrong_recovery_code": "code",
            "passphrase_required": "passphrase",
        }.get(code, "")
        if code == "passphrase_required":
            self.require_passphrase()
        row = self.rows.get(place)
        if row is not None:
            row.refuse(code)
        else:
            self.told.set_text(error_sentence(code))
            self.told.show()
            self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_busy(self, busy: bool) -> None:
        """While the engine works the button says so."""
        self.button.setEnabled(not busy)
        self.button.relabel(tr("One moment…") if busy else self._button_words())

    @guarded(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back.emit()
            return
        super().keyPressEvent(event)

    def take_over(self, other: AccountPage) -> None:
        """Go on with what was written on the page that this one replaces."""
        for name in ("handle", "relay"):
            self.rows[name].field.set_text(other.rows[name].text())

    def require_passphrase(self) -> None:
        """There is no key store here: say so before anything is sent."""
        self.passphrase_required = True
        self.rows["passphrase"].is_optional = False
        self.rows["passphrase"].say()
        self.rows["repeated"].show()

    def _passphrase_edited(self, text: str) -> None:
        self.rows["repeated"].setVisible(bool(text) or self.passphrase_required)

    def _passphrase_hint(self) -> str:
        if self.passphrase_required:
            return tr("This device has no key store: a passphrase is needed at every start.")
        return tr("Needed at every start. Leave empty to use this device's key store.")

    def _button_words(self) -> str:
        return tr("Restore") if self.restoring else tr("Make the account")

    def _row(self, name: str, row: FormRow) -> None:
        self.rows[name] = row

    def form(self) -> Form:
        """What was written."""
        texts = {name: row.text() for name, row in self.rows.items()}
        name = texts.get("name", "").strip() or texts["handle"].strip()
        return Form(
            handle=texts["handle"].strip(),
            name=name,
            relay=texts["relay"].strip().rstrip("/"),
            passphrase=texts["passphrase"],
            repeated=texts["repeated"],
            code=texts.get("code", ""),
        )

    def _send(self) -> None:
        if not self.button.isEnabled():
            return
        form = self.form()
        wrong = problems(form, restoring=self.restoring, passphrase_required=self.passphrase_required)
        for name, row in self.rows.items():
            row.set_error(wrong.get(name, ""))
        if wrong:
            first = next(name for name in self.rows if name in wrong)
            self.rows[first].show()
            self.rows[first].field.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.told.hide()
        self.set_busy(True)
        self.sent.emit(form, self.restoring)
