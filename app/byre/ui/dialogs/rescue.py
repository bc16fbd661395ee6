"""When a locked profile does not open: a damaged store, or a key that the key store has lost. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from byre.client.views import SalvageView
from byre.ui import tokens, when
from byre.ui.dialogs.sheet import Sheet
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.forms import FormRow, chain
from byre.ui.pages.link_code import Digits
from byre.ui.sentences import error_sentence
from byre.ui.widgets.buttons import Button, Kind
from byre.ui.widgets.labels import PlainLabel
from byre.ui.widgets.qr import QrBox


class Ways(Sheet):
    """A sentence and several ways on, below each other. `taken(name)`."""

    taken = Signal(str)

    def __init__(
        self, look: Look, window: QWidget, title: Callable[[], str], why: Callable[[], str],
        ways: tuple[tuple[str, Callable[[], str], Kind], ...],
    ) -> None:  # fmt: skip
        super().__init__(look, window, width=480)
        self.head(title, why)
        self.buttons: dict[str, Button] = {}
        for name, words, kind in ways:
            button = Button(look, words, kind, height=44)
            button.clicked.connect(lambda _=False, chosen=name: self._take(chosen))
            self.body.addWidget(button)
            self.body.addSpacing(8)
            self.buttons[name] = button
        self.no = Button(look, lambda: tr("Close"), "secondary", height=44)
        self.no.clicked.connect(self.close_sheet)
        self.body.addWidget(self.no)

    def focus_first(self) -> None:
        """Nothing happens by Enter."""
        self.no.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take(self, name: str) -> None:
        self.close_sheet()
        self.taken.emit(name)


class Salvage(Sheet):
    """Asks, brings back, and says what came back. `agreed(passphrase)`."""

    agreed = Signal(str)

    def __init__(self, look: Look, window: QWidget, *, needs_passphrase: bool) -> None:
        super().__init__(look, window, width=480)
        self._found: SalvageView | None = None
        self._needs = needs_passphrase
        self.fill(self._fill)

    def focus_first(self) -> None:
        """The passphrase, or the harmless answer."""
        target = self.row.field if self._needs and self._found is None else self.no
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def done(self, found: SalvageView) -> None:
        """Say what came back."""
        self._found = found
        self.can_escape = True
        self.refill()

    def fail(self, code: str) -> None:
        """Say what went wrong."""
        self.can_escape = True
        self.no.setEnabled(True)
        self.yes.setEnabled(True)
        if code in ("passphrase_required", "wrong_passphrase"):
            self._needs = True
            self.row.show()
        self.told.set_text("" if self.row.isVisibleTo(self) and code.endswith("passphrase") else error_sentence(code))
        self.row.set_error({"passphrase_required": "passphrase_wanted", "wrong_passphrase": code}.get(code, ""))

    def _fill(self) -> None:
        look, found = self.look, self._found
        self.no = Button(look, lambda: tr("Close"), "secondary")
        self.no.clicked.connect(self.close_sheet)
        if found is not None and found.was_whole:
            self.head(
                lambda: tr("Everything is still there"),
                lambda: tr(
                    "Only the small file that says which of your data counts was lost. It was written anew; messages "
                    "and rooms are as they were."
                ),
            )
            self.foot(self.no)
            return
        if found is not None:
            has_any = bool(found.from_database or found.from_snapshot)
            self.head(
                lambda: tr("What could be read is back") if has_any else tr("No message could be brought back"),
                lambda: tr("The damaged file was not deleted: it was set aside in the folder of the profile."),
            )
            told = [
                (tr("%n messages were read from the damaged file", found.from_database), "text"),
                (tr("%n more came from the last snapshot", found.from_snapshot), "text"),
            ]
            if found.lost_messages:
                told.append((tr("%n messages could not be read", found.lost_messages), "danger"))
            elif found.lost_pages:
                told.append((tr("%n damaged pages could not be read", found.lost_pages), "danger"))
            told.append((tr("The rooms come back as soon as somebody else of theirs is online."), "text"))
            for words, colour in told:
                self.body.addWidget(PlainLabel(look, tokens.LABEL, colour, wrap=True, line_height=20, text=words))
                self.body.addSpacing(6)
            self.foot(self.no)
            return
        self.head(
            lambda: tr("Bring back what can be read?"),
            lambda: tr(
                "Every message that can still be read is moved into a new store, and what is missing is taken from the "
                "last snapshot. The damaged file is set aside, not deleted."
            ),
        )
        self.row = FormRow(look, lambda: tr("Passphrase"), secret=True)
        self.row.field.submitted.connect(self._go)
        self.body.addWidget(self.row)
        self.row.setVisible(self._needs)
        self.told = PlainLabel(look, tokens.LABEL, "danger", weight=400, wrap=True)
        self.body.addWidget(self.told)
        self.yes = Button(look, lambda: tr("Bring it back"))
        self.yes.clicked.connect(self._go)
        self.foot(self.no, self.yes)

    def _go(self) -> None:
        if self.yes.isEnabled():
            self.can_escape = False
            self.no.setEnabled(False)
            self.yes.setEnabled(False)
            self.agreed.emit(self.row.text())


class CodeEntry(Sheet):
    """The recovery code opens a primary device whose key is lost. `sent(code, relay, handle, passphrase)`."""

    sent = Signal(str, str, str, str)

    def __init__(self, look: Look, window: QWidget, relay: str) -> None:
        super().__init__(look, window, width=480)
        self.head(
            lambda: tr("Open with the recovery code"),
            lambda: tr("For the primary device of the account. The code fetches a copy of the key from your relay."),
        )
        self.rows = {
            "code": FormRow(look, lambda: tr("Recovery code")),
            "handle": FormRow(look, lambda: tr("Handle")),
            "relay": FormRow(look, lambda: tr("Relay"), placeholder=lambda: "https://relay.example"),
            "passphrase": FormRow(look, lambda: tr("Passphrase, if there was one"), secret=True, is_optional=True),
        }
        self.rows["relay"].field.set_text(relay)
        chain(tuple(self.rows.values()), self._send)
        for row in self.rows.values():
            self.body.addWidget(row)
            self.body.addSpacing(10)
        no = Button(look, lambda: tr("Cancel"), "secondary")
        no.clicked.connect(self.close_sheet)
        self.yes = Button(look, lambda: tr("Open"))
        self.yes.clicked.connect(self._send)
        self.foot(no, self.yes)

    def focus_first(self) -> None:
        """Into the first field."""
        self.rows["code"].field.setFocus(Qt.FocusReason.OtherFocusReason)

    def fail(self, code: str) -> None:
        """Say what is wrong, where it is."""
        self.yes.setEnabled(True)
        place = {
            "no_such_handle": "handle", "bad_handle": "handle", "relay_unreachable": "relay", "bad_relay": "relay",
            "relay_certificate": "relay", "proxy_unreachable": "relay", "relay_failed": "relay", "relay_busy": "relay",
            "passphrase_required": "passphrase", "wrong_passphrase": "passphrase",
        }.get(code, "code")  # fmt: skip
        self.rows[place].refuse("passphrase_wanted" if code == "passphrase_required" else code)

    def _send(self) -> None:
        code, relay, handle = (self.rows[name].text().strip() for name in ("code", "relay", "handle"))
        missing = next((row for row in self.rows.values() if not (row.text().strip() or row.is_optional)), None)
        if missing is not None:
            missing.field.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.yes.isEnabled():
            self.yes.setEnabled(False)
            self.sent.emit(code, relay.rstrip("/"), handle, self.rows["passphrase"].text())


class AskPhone(Sheet):
    """The QR code that asks the phone for the key, then the digits, and how long they hold.

    Closing it cancels: `cancelled`. What ended without the key can be begun anew: `again`.
    """

    cancelled = Signal()
    again = Signal()

    def __init__(self, look: Look, window: QWidget) -> None:
        super().__init__(look, window, width=480)
        self.is_done = False
        self._expires_at = 0
        self.head(
            lambda: tr("Get the key back from your phone"),
            lambda: tr("On the phone, choose Link a PC and scan this code. Then type the digits that appear here."),
        )
        self.qr = QrBox(look, 280)
        self.qr.show_preparing()
        look.live(self.qr, lambda: self.qr.setAccessibleName(tr("QR code that asks your phone for the key")))
        self.body.addWidget(self.qr, 0, Qt.AlignmentFlag.AlignHCenter)
        self.digits = Digits(look)
        self.digits.hide()
        self.body.addWidget(self.digits)
        self.body.addSpacing(12)
        self.told = PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True)
        self.body.addWidget(self.told)
        self.left = PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, tabular=True)
        self.left.hide()
        self.body.addWidget(self.left)
        self.no = Button(look, lambda: tr("Close") if self.is_done else tr("Cancel"), "secondary")
        self.no.clicked.connect(self.close_sheet)
        self.anew = Button(look, lambda: tr("Try again"))
        self.anew.clicked.connect(self.begin_anew)
        self.anew.hide()
        self.foot(self.no, self.anew)
        self.timer = QTimer(self)
        self.timer.setInterval(500)
        self.timer.timeout.connect(self.count_down)
        look.live(self, self.count_down)

    def show_offer(self, uri: str, expires_at: int) -> None:
        """The code to scan, and until when (ms UTC)."""
        self.qr.show_uri(uri)
        self._expires_at = expires_at
        self.timer.start()
        self.count_down()

    def show_digits(self, code: str, address: str, expires_at: int) -> None:
        """The phone has scanned: digits to type there."""
        self._expires_at = expires_at
        self.qr.hide()
        self.digits.show()
        self.digits.show_code(code)
        self.told.set_text(tr("The account of this phone: {address}", address=address))
        self.timer.start()
        self.count_down()
        self._place()

    def count_down(self) -> None:
        """Say how long the code still holds."""
        if self.is_done or not self._expires_at:
            return
        time = when.countdown(self._expires_at - self.look.now_ms())
        if self.digits.isHidden():
            words = tr("{time} left", time=time)
        else:
            words = tr("{time} left · after three wrong tries start again", time=time)
        self.left.set_text(words)
        self.left.show()

    def fail(self, code: str) -> None:
        """It ended without the key."""
        self.is_done = True
        self.qr.hide()
        self.digits.hide()
        self.timer.stop()
        self.left.hide()
        self.told.set_text(error_sentence(code))
        self.no.relabel(tr("Close"))
        self.anew.show()
        self.anew.setFocus(Qt.FocusReason.OtherFocusReason)
        self._place()

    def begin_anew(self) -> None:
        """Ask for another code."""
        self.is_done, self._expires_at = False, 0
        self.anew.hide()
        self.no.relabel(tr("Cancel"))
        self.told.set_text("")
        self.left.hide()
        self.digits.hide()
        self.qr.show_preparing()
        self.qr.show()
        self.no.setFocus(Qt.FocusReason.OtherFocusReason)
        self._place()
        self.again.emit()

    def close_sheet(self) -> None:
        if not self.is_done:
            self.is_done = True
            self.cancelled.emit()
        super().close_sheet()
