"""The first screen of a PC: one action, the QR code, and a quiet second way."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from byre.ui import painting, tokens, when
from byre.ui.announcing import announce
from byre.ui.flows.link_pc import LinkState, NoRelay, PassphraseWanted, Shown, Unreachable
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.top_bar import TopBar
from byre.ui.sentences import error_sentence
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.cards import Card, ScrollPage
from byre.ui.widgets.labels import Icon, Logo, PlainLabel
from byre.ui.widgets.qr import QrBox


class _Step(QWidget):
    """A numbered line."""

    def __init__(self, look: Look, number: int, words: Callable[[], str]) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        disc = _Disc(look, number)
        row.addWidget(disc, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setContentsMargins(0, 3, 0, 3)
        column.addWidget(PlainLabel(look, tokens.BODY, wrap=True, text=words))
        row.addLayout(column, 1)


class _Disc(Icon):
    """A number on a soft disc."""

    def __init__(self, look: Look, number: int) -> None:
        super().__init__(look, "check", "link", 14, tile=28, tile_colour="accent_soft", tile_radius=14)
        self._number = number

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        palette = self._look.palette
        painting.box(painter, rect, 14, palette.accent_soft)
        painting.text(
            painter, self._look, rect, str(self._number), tokens.LABEL, palette.link, 700, painting.CENTER, False
        )
        painter.end()


class FirstRunPage(ScrollPage):
    """Shows the state of the linking flow while the QR is up. Signals: `second_way`, `network`, `language_chosen`."""

    second_way = Signal()
    network = Signal()
    passphrase_wanted = Signal()
    retry = Signal()
    language_chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._state: LinkState | None = None
        self._announced = ""
        self._focus_went_to: QWidget | None = None
        column = QVBoxLayout(self.content)
        column.setContentsMargins(0, 0, 0, 24)
        column.setSpacing(0)
        self.top = TopBar(look)
        self.top.network.connect(self.network)
        self.top.language_chosen.connect(self.language_chosen)
        column.addWidget(self.top)
        column.addSpacing(37)
        column.addWidget(Logo(look, 64), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(20)
        middle = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(
            PlainLabel(
                look, tokens.TITLE, wrap=True, align=middle,
                text=lambda: tr("A messenger that only the people talking can read."),
            )
        )  # fmt: skip
        column.addSpacing(38 - Card.MARGIN)
        self.card = Card(look, 840, 408)
        column.addWidget(self.card, 0, middle)
        column.addSpacing(32 - Card.MARGIN)
        self.second = Button(look, lambda: tr("Use this PC as the primary device"), "ghost", height=40)
        self.second.clicked.connect(self.second_way)
        column.addWidget(self.second, 0, middle)
        column.addSpacing(2)
        column.addWidget(
            PlainLabel(
                look, tokens.META, "text2", wrap=True, align=middle,
                text=lambda: tr("Start without a phone. Your account's key is made on this PC."),
            )
        )  # fmt: skip
        column.addStretch(1)
        self._fill_card()
        QWidget.setTabOrder(self.action, self.second)
        QWidget.setTabOrder(self.second, self.top.language_button)
        QWidget.setTabOrder(self.top.language_button, self.top.network_button)

    def show_state(self, state: LinkState, now_ms: int) -> None:
        """Show the offer, the spinner or what is wrong."""
        self._state = state
        said, act = self._instead(state)
        if isinstance(state, Shown):
            self.qr.show_uri(state.uri)
            left = when.countdown(state.expires_at - now_ms)
            self.expiry.set_text(tr("New code in {time}", time=left))
            self.qr.setAccessibleName(tr("QR code for linking, {time} left", time=left))
            self._announce(f"{state.uri}{state.expires_at - now_ms <= 60_000}")  # at one minute left and on renewal
        elif said:
            self.qr.show_message(said)
            self.qr.setAccessibleName(said)
            self.expiry.set_text("")
            self._announce(said)
        else:
            self.qr.show_preparing()
            self.expiry.set_text(tr("Making a code…"))
            self.qr.setAccessibleName(self.expiry.text())
            self._announced = ""  # what follows is news, also when it is the same as before
        self._offer_to(act)
        self._clock.setVisible(isinstance(state, Shown))

    @staticmethod
    def _instead(state: LinkState) -> tuple[str, str]:
        """What is said in place of a code, and the words of what can be done about it."""
        if isinstance(state, NoRelay):
            return tr("Name the relay that carries your messages."), tr("Network settings")
        if isinstance(state, PassphraseWanted):
            return error_sentence("passphrase_required"), tr("Choose a passphrase")
        if isinstance(state, Unreachable):
            return error_sentence(state.code), tr("Try again")
        return "", ""

    @guarded(None)
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < 900
        self.card.fit(self.width())
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self._row.setContentsMargins(*((16, 24, 16, 24) if narrow else (32, 32, 32, 32)))
        self._row.setSpacing(24 if narrow else 40)

    def _fill_card(self) -> None:
        look = self._look
        row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self.card.body)
        self._row = row
        left = QVBoxLayout()
        left.setSpacing(0)
        self.qr = QrBox(look)
        left.addWidget(self.qr, 0, Qt.AlignmentFlag.AlignHCenter)
        left.addSpacing(16)
        under = QHBoxLayout()
        under.setSpacing(6)
        under.addStretch(1)
        self._clock = Icon(look, "clock", "text2", 14, 2)
        under.addWidget(self._clock)
        self.expiry = PlainLabel(look, tokens.META, "text2", tabular=True)
        under.addWidget(self.expiry)
        under.addStretch(1)
        left.addLayout(under)
        left.addStretch(1)
        inside = QVBoxLayout(self.qr)  # below what the box says in place of a code
        inside.setContentsMargins(0, 0, 0, 40)
        inside.addStretch(1)
        self.action = Button(look, lambda: tr("Network settings"), "soft", height=36)
        self.action.clicked.connect(self._clicked)
        self.action.hide()
        inside.addWidget(self.action, 0, Qt.AlignmentFlag.AlignHCenter)
        row.addLayout(left)
        right = QVBoxLayout()
        right.setContentsMargins(0, 8, 0, 0)
        right.setSpacing(16)
        right.addWidget(PlainLabel(look, tokens.H1, wrap=True, text=lambda: tr("Link with your phone")))
        right.addSpacing(12)
        right.addWidget(_Step(look, 1, lambda: tr("Open Byre on your phone.")))
        right.addWidget(
            _Step(look, 2, lambda: tr("Tap **Settings → Linked devices → Link a PC** and scan the QR code."))
        )
        right.addWidget(_Step(look, 3, lambda: tr("Type the six digits shown on this PC into your phone.")))
        right.addStretch(1)
        promise = QHBoxLayout()
        promise.setContentsMargins(4, 0, 0, 34)
        promise.setSpacing(16)
        promise.addWidget(Icon(look, "shield-check", "ok", 20), 0, Qt.AlignmentFlag.AlignTop)
        promise.addWidget(
            PlainLabel(
                look, tokens.LABEL, "text2", weight=400, wrap=True, line_height=20,
                text=lambda: tr("The key stays on your phone. You can unlink\nthis PC from the phone at any time."),
            ),
            1,
        )  # fmt: skip
        right.addLayout(promise)
        row.addLayout(right, 1)

    def _offer_to(self, act: str) -> None:
        """Show the button, or hide it; while it stays it is left alone: hidden for a moment it would lose the focus."""
        if act:
            self.action.relabel(act)
        if bool(act) == self.action.isVisibleTo(self):
            return
        was_focused = self.action.hasFocus()
        self.action.setVisible(bool(act))
        if not act:
            self._focus_went_to = QApplication.focusWidget() if was_focused else None
        elif self._focus_went_to is not None and self._focus_went_to is QApplication.focusWidget():
            self.action.setFocus(Qt.FocusReason.OtherFocusReason)  # tried again, failed again

    def _clicked(self) -> None:
        if isinstance(self._state, PassphraseWanted):
            self.passphrase_wanted.emit()
        elif isinstance(self._state, Unreachable):
            self.retry.emit()
        else:
            self.network.emit()

    def _announce(self, mark: str) -> None:
        """Say what the box shows, once."""
        if mark != self._announced:
            self._announced = mark
            announce(self.qr, self.qr.accessibleName())
