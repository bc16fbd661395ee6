"""Relay and network: the relay and its connection; proxy, a private authority, pinned certificates."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from byre.client.views import Status
from byre.ui import tokens
from byre.ui.authority import read_authority
from byre.ui.bridge import Bridge
from byre.ui.file_choice import choose_file
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.forms import FormRow
from byre.ui.plain import one_line
from byre.ui.settings.page import SettingsPage
from byre.ui.widgets.buttons import Button, IconButton
from byre.ui.widgets.labels import PlainLabel

_PIN = re.compile(r"[0-9a-f]{64}")


class NetworkForm(QWidget):
    """What can be changed; `said(str)` when it was."""

    said = Signal(str)

    def __init__(self, look: Look, bridge: Bridge) -> None:
        super().__init__()
        self._look, self._bridge = look, bridge
        view = bridge.engine.network.get()
        self._pins = dict(view.pins)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        self._heading(lambda: tr("Proxy"), lambda: tr("Everything goes through it; it looks names up, as Tor does."))
        self.proxy = FormRow(
            look, lambda: tr("Address of the proxy"), placeholder=lambda: "socks5h://127.0.0.1:9050",
            hint=lambda: tr("Leave empty to connect directly."),
        )  # fmt: skip
        self.proxy.field.set_text(view.proxy or "")
        self.proxy.field.submitted.connect(self._save_proxy)
        self._beside(self.proxy, lambda: tr("Save"), self._save_proxy)
        self._heading(
            lambda: tr("Private authority"),
            lambda: tr("For a relay whose certificate was not made by a public authority: its CA file (PEM)."),
        )
        row = QHBoxLayout()
        row.setSpacing(8)
        self.authority = PlainLabel(look, tokens.LABEL, weight=500)
        row.addWidget(self.authority, 1)
        pick = Button(look, lambda: tr("Choose a file…"), "soft", height=40, padding=12)
        pick.clicked.connect(self._pick)
        row.addWidget(pick)
        self.no_authority = Button(look, lambda: tr("Remove"), "danger_outline", height=40, padding=12)
        self.no_authority.clicked.connect(lambda: self._put_authority(""))
        row.addWidget(self.no_authority)
        column.addLayout(row)
        self._heading(
            lambda: tr("Pinned certificates"),
            lambda: tr("A relay that is named here may show this one certificate only, whoever vouches for another."),
        )
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        column.addLayout(self._list)
        self.host = FormRow(look, lambda: tr("Relay"), placeholder=lambda: "relay.example:8443")
        self.pin = FormRow(look, lambda: tr("SHA-256 of its certificate"), hint=lambda: tr("64 hexadecimal digits"))
        column.addWidget(self.host)
        self.host.field.submitted.connect(self._add_pin)
        self.pin.field.submitted.connect(self._add_pin)
        self._beside(self.pin, lambda: tr("Pin"), self._add_pin)
        look.live(self, self._say)

    def choose_authority(self, path: str) -> None:
        """Take the CA file at `path`."""
        text = read_authority(path)
        if text is None:
            self._bridge.failed.emit("io_error")
        else:
            self._put_authority(text)

    def _heading(self, words: Callable[[], str], why: Callable[[], str]) -> None:
        self._column.addSpacing(12)
        self._column.addWidget(PlainLabel(self._look, tokens.TITLE, text=words))
        under = PlainLabel(self._look, tokens.LABEL, "text2", weight=400, wrap=True, line_height=20, text=why)
        self._column.addWidget(under)

    def _beside(self, form: FormRow, words: Callable[[], str], act: Callable[[], None]) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(form, 1)
        button = Button(self._look, words, "soft", height=44, padding=16)
        button.clicked.connect(act)
        holder = QVBoxLayout()
        holder.addSpacing(24)
        holder.addWidget(button)
        holder.addStretch(1)
        row.addLayout(holder)
        self._column.addLayout(row)

    def _say(self) -> None:
        has = bool(self._bridge.engine.network.get().ca_pem)
        self.authority.set_text(tr("A private authority is believed, too") if has else tr("None"))
        self.no_authority.setVisible(has)
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for host, pin in sorted(self._pins.items()):
            self._list.addWidget(self._pin_row(host, pin))

    def _pin_row(self, host: str, pin: str) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        words = PlainLabel(self._look, tokens.LABEL)
        words.set_text(f"{one_line(host, 60)} · {pin[:8]}…{pin[-8:]}")
        row.addWidget(words, 1)
        away = IconButton(self._look, "x", lambda: tr("Remove {name}", name=one_line(host, 60)), size=36, icon_size=18)
        away.clicked.connect(lambda: self._put_pins({h: p for h, p in self._pins.items() if h != host}))
        row.addWidget(away)
        return holder

    def _save_proxy(self) -> None:
        put = self._bridge.engine.network.put(proxy=self.proxy.text().strip())
        self._bridge.run(put, lambda _none: self._told(), self.proxy.set_error)

    def _pick(self) -> None:
        choose_file(self, tr("Choose the CA file"), self.choose_authority)

    def _put_authority(self, text: str) -> None:
        self._bridge.run(self._bridge.engine.network.put(ca_pem=text), lambda _none: self._told())

    def _add_pin(self) -> None:
        host = self.host.text().strip().removeprefix("https://").rstrip("/")
        pin = self.pin.text().strip().replace(":", "").replace(" ", "").lower()
        if not host or not _PIN.fullmatch(pin):
            (self.pin if host else self.host).refuse("bad_pin" if host else "bad_params")
            return
        self._put_pins({**self._pins, host: pin})

    def _put_pins(self, pins: dict[str, str]) -> None:
        def put(_none: None) -> None:
            self._pins = pins
            self.host.field.clear()
            self.pin.field.clear()
            self._told()

        self._bridge.run(self._bridge.engine.network.put(pins=pins), put, self.pin.set_error)

    def _told(self) -> None:
        self._say()
        self.said.emit(tr("Saved. Connections are opened anew."))


class NetworkPage(SettingsPage):
    """The relay, whether it is reached, and the form. `said(str)` when something was changed."""

    said = Signal(str)

    def __init__(self, look: Look, choices: Callable[[str], str], bridge: Bridge) -> None:
        super().__init__(look, choices)
        self._status = bridge.engine.account.status()
        self.put_title(
            lambda: tr("Relay and network"),
            lambda: tr(
                "The relay passes sealed envelopes on. It sees mailboxes, times and sizes; never names or texts."
            ),
        )
        self._card = self.put_card(
            (
                ("server", lambda: tr("Relay"), lambda: self._status.relay or ""),
                ("globe", lambda: tr("Connection"), self._connection),
            )
        )
        form = NetworkForm(look, bridge)
        form.said.connect(self.said)
        self.put_widget(form)

    def refresh(self, status: Status) -> None:
        self._status = status
        self._card.say()

    def _connection(self) -> str:
        return tr("Connected") if self._status.connected else tr("Not connected")
