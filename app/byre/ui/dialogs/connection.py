"""How relays are reached, before there is an account: relay, proxy, private authority; all of it saved at once.

Behind a proxy or with a relay of one's own company nothing works without it, so it is reachable from the first screen.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from byre.client.views import NetworkView
from byre.ui import tokens
from byre.ui.authority import read_authority
from byre.ui.dialogs.sheet import Sheet
from byre.ui.file_choice import choose_file
from byre.ui.flows.first_run import is_relay
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.forms import FormRow
from byre.ui.sentences import error_sentence
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.labels import PlainLabel


class ConnectionEntry(Sheet):
    """`sent(relay, proxy, ca_pem)`; whoever carries it out calls `close_sheet` or `fail`."""

    sent = Signal(str, str, str)

    def __init__(self, look: Look, window: QWidget, view: NetworkView, relay: str, *, needs_relay: bool = True) -> None:
        super().__init__(look, window, width=480)
        self._needs_relay = needs_relay
        self._ca_pem = view.ca_pem
        self._code = ""
        self.head(
            lambda: tr("Network settings"),
            lambda: tr(
                "The relay passes sealed envelopes on. It sees mailboxes, times and sizes; never names or texts."
            ),
        )
        self.row = FormRow(look, lambda: tr("Relay"), placeholder=lambda: "https://relay.example")
        self.row.field.set_text(relay)
        self.proxy = FormRow(
            look, lambda: tr("Address of the proxy"), placeholder=lambda: "socks5h://127.0.0.1:9050",
            hint=lambda: tr("Leave empty to connect directly."),
        )  # fmt: skip
        self.proxy.field.set_text(view.proxy or "")
        for row in (self.row, self.proxy):
            row.field.submitted.connect(self._done)
            self.body.addWidget(row)
            self.body.addSpacing(16)
        self._authority(look)
        cancel = Button(look, lambda: tr("Cancel"), "secondary")
        cancel.clicked.connect(self.close_sheet)
        self.save = Button(look, lambda: tr("Save"))
        self.save.clicked.connect(self._done)
        self.foot(cancel, self.save)
        look.live(self, self._say)

    def focus_first(self) -> None:
        """Into the first field."""
        self.row.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def choose_authority(self, path: str) -> None:
        """Take the CA file at `path`; it is judged when all is saved."""
        text = read_authority(path)
        self._code = "io_error" if text is None else "bad_certificate" if text == "?" else ""
        if text is not None and not self._code:
            self._ca_pem = text
        self._say()

    def fail(self, code: str) -> None:
        """Say what is wrong, where it is."""
        self.save.setEnabled(True)
        if code == "bad_certificate":
            self._code = code
            self._say()
        else:
            place = self.proxy if code in ("bad_proxy", "proxy_unreachable") else self.row
            place.refuse(code)

    def _authority(self, look: Look) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(PlainLabel(look, tokens.LABEL, weight=600, text=lambda: tr("Private authority")))
        self.authority = PlainLabel(look, tokens.META, "text2", wrap=True)
        words.addWidget(self.authority)
        row.addLayout(words, 1)
        pick = Button(look, lambda: tr("Choose a file…"), "soft", height=40, padding=12)
        pick.clicked.connect(self._pick)
        row.addWidget(pick)
        self._away = Button(look, lambda: tr("Remove"), "danger_outline", height=40, padding=12)
        self._away.clicked.connect(self._forget)
        row.addWidget(self._away)
        self.body.addLayout(row)

    def _say(self) -> None:
        if self._code:
            words = error_sentence(self._code)
        elif self._ca_pem:
            words = tr("A private authority is believed, too")
        else:
            words = tr("Only for a relay whose certificate no public authority has made")
        self.authority.set_colour("danger" if self._code else "text2")
        self.authority.set_text(words)
        self._away.setVisible(bool(self._ca_pem))

    def _forget(self) -> None:
        self._ca_pem, self._code = "", ""
        self._say()

    def _pick(self) -> None:
        choose_file(self, tr("Choose the CA file"), self.choose_authority)

    def _done(self) -> None:
        relay = self.row.text().strip().rstrip("/")
        if (relay or self._needs_relay) and not is_relay(relay):
            self.row.refuse("bad_relay")
        elif self.save.isEnabled():
            self.save.setEnabled(False)
            self.sent.emit(relay, self.proxy.text().strip(), self._ca_pem)
