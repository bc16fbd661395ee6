"""Six digits to type on the phone, and the account that this PC is about to join: its handle only."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from byre.ui import painting, tokens, when
from byre.ui.announcing import announce
from byre.ui.flows.link_pc import CodeShown
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.link_steps import StepPage
from byre.ui.plain import one_line
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.cards import Box
from byre.ui.widgets.labels import Avatar, Icon, PlainLabel


class Digits(QWidget):
    """Six boxes of 60x76. Not selectable, never on the clipboard; read digit by digit."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._code = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(76)

    def show_code(self, code: str) -> None:
        """Show these digits."""
        is_new = code != self._code
        self._code = code
        self.setAccessibleName(tr("The digits: {digits}", digits=" ".join(code)))
        if is_new:
            announce(self, self.accessibleName())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(416, 76)

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(60.0, (self.width() - 4 * 8 - 24) / 6)
        x = (self.width() - (6 * side + 4 * 8 + 24)) / 2
        palette = self._look.palette
        painter.setFont(self._look.font(tokens.CODE if side > 50 else tokens.CODE_SMALL, tabular=True))
        for at, digit in enumerate(self._code):
            rect = QRectF(x, 0, side, 76)
            painting.box(painter, rect, 12, palette.field)
            painter.setPen(palette.text)
            painter.drawText(rect, painting.CENTER, digit)
            x += side + (24 if at == 2 else 8)
        painter.end()


class LinkCodePage(StepPage):
    """`cancelled` by the button or Esc."""

    cancelled = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, 560, 472, 1)
        column = QVBoxLayout(self.card.body)
        column.setContentsMargins(32, 36, 32, 24)
        column.setSpacing(0)
        middle = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(
            PlainLabel(look, tokens.H1, wrap=True, align=middle, text=lambda: tr("Type these digits on your phone"))
        )
        column.addSpacing(8)
        column.addWidget(
            PlainLabel(
                look, tokens.LABEL, "text2", weight=400, wrap=True, align=middle,
                text=lambda: tr("On the phone, agree to link; the boxes for the digits come after that."),
            )
        )  # fmt: skip
        column.addSpacing(24)
        self.digits = Digits(look)
        column.addWidget(self.digits)
        column.addSpacing(28)
        account = Box(look, None, line="line")
        account.setFixedHeight(76)
        row = QHBoxLayout(account)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(14)
        self._avatar = Avatar(look, 46)
        row.addWidget(self._avatar)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addSpacing(1)
        words.addStretch(1)
        words.addWidget(PlainLabel(look, tokens.META, "text2", text=lambda: tr("The account this PC will join")))
        self.account = PlainLabel(look, tokens.TITLE)
        words.addWidget(self.account)
        words.addSpacing(4)
        words.addStretch(1)
        row.addLayout(words, 1)
        column.addWidget(account)
        column.addSpacing(24)
        warning = QHBoxLayout()
        warning.setContentsMargins(4, 0, 4, 0)
        warning.setSpacing(10)
        warning.addWidget(Icon(look, "info", "text2", 18), 0, Qt.AlignmentFlag.AlignTop)
        warning.addWidget(
            PlainLabel(
                look, tokens.LABEL, "text2", weight=400, wrap=True,
                text=lambda: tr(
                    "If this account is not yours, cancel. Tell nobody the digits. Whoever asks for them by phone or "
                    "message is not Byre."
                ),
            ),
            1,
        )  # fmt: skip
        column.addLayout(warning)
        column.addSpacing(12)
        column.addStretch(1)
        foot = QHBoxLayout()
        foot.setContentsMargins(4, 0, 0, 0)
        foot.setSpacing(10)
        foot.addWidget(Icon(look, "clock", "text2", 18))
        self.left = PlainLabel(look, tokens.LABEL, "text2", weight=400, tabular=True, wrap=True)
        foot.addWidget(self.left, 1)
        cancel = Button(look, lambda: tr("Cancel"), "secondary", width=88)
        cancel.clicked.connect(self.cancelled)
        foot.addWidget(cancel)
        column.addLayout(foot)

    def show_state(self, state: CodeShown, now_ms: int) -> None:
        """Show digits, account and time left."""
        self.digits.show_code(state.code)
        address = one_line(state.address, 120)
        self._avatar.show_for(address[:1].upper(), 0)
        self.account.set_text(address)
        left = when.countdown(state.expires_at - now_ms)
        self.left.set_text(tr("{time} left · after three wrong tries start again", time=left))

    @guarded(None)
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
            return
        super().keyPressEvent(event)
