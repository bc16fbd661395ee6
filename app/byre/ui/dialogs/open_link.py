"""Before a link of a message is opened: where it leads, in full. Byre itself never loads it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from byre.ui import tokens
from byre.ui.dialogs.sheet import Sheet
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.plain import one_line
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.cards import Box
from byre.ui.widgets.labels import Icon, PlainLabel


def doubts(url: QUrl) -> list[Callable[[], str]]:
    """What should make one hesitate."""
    found: list[Callable[[], str]] = []
    host = url.host(QUrl.ComponentFormattingOption.FullyEncoded)
    if url.userName() or url.password():
        found.append(lambda: tr("There is a name before the @; only what stands behind it is the address."))
    if "xn--" in host:
        found.append(lambda: tr("Its letters can look like those of another address."))
    if url.scheme().lower() == "http":
        found.append(lambda: tr("It is not encrypted on the way (http)."))
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return found
    found.append(lambda: tr("It is a bare number, not a name."))
    return found


class OpenLink(Sheet):
    """`agreed(url)`; the default is no."""

    agreed = Signal(str)

    def __init__(self, look: Look, window: QWidget, address: str) -> None:
        super().__init__(look, window, width=480)
        self.address = address
        self._url = QUrl(address, QUrl.ParsingMode.StrictMode)
        self.fill(self._fill)

    @property
    def can_open(self) -> bool:
        """Whether it is an address of the web at all."""
        return self._url.isValid() and self._url.scheme().lower() in ("http", "https") and bool(self._url.host())

    def focus_first(self) -> None:
        """No is the default."""
        self.no.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self) -> None:
        look = self.look
        self.head(
            lambda: tr("Open this link?"),
            lambda: tr("Your browser opens it, outside of Byre: the site sees your address. Byre loads nothing of it."),
        )
        box = Box(look, "field")
        inside = QHBoxLayout(box)
        inside.setContentsMargins(16, 14, 16, 14)
        host = self._url.host(QUrl.ComponentFormattingOption.FullyEncoded)
        self.host = PlainLabel(look, tokens.TITLE, wrap=True, text="")
        self.host.set_text(one_line(host, 260))
        inside.addWidget(self.host, 1)
        self.body.addWidget(box)
        self.body.addSpacing(10)
        whole = PlainLabel(look, tokens.META, "text2", wrap=True)
        whole.set_text(one_line(self.address, 600))
        self.body.addWidget(whole)
        for words in doubts(self._url):
            self.body.addSpacing(10)
            row = QHBoxLayout()
            row.setSpacing(10)
            row.addWidget(Icon(look, "triangle-alert", "warn", 16, 2), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(PlainLabel(look, tokens.LABEL, weight=400, wrap=True, text=words), 1)
            self.body.addLayout(row)
        copy = Button(look, lambda: tr("Copy"), "ghost", padding=12, icon="copy")
        copy.clicked.connect(self._copy)
        self.no = Button(look, lambda: tr("Cancel"), "secondary")
        self.no.clicked.connect(self.close_sheet)
        self.yes = Button(look, lambda: tr("Open"))
        self.yes.setEnabled(self.can_open)
        self.yes.clicked.connect(self._yes)
        self.foot(copy, self.no, self.yes)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.address)
        self.close_sheet()

    def _yes(self) -> None:
        if self.can_open:
            self.agreed.emit(self.address)
            self.close_sheet()
