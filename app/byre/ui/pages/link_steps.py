"""What the pages of the handshake share: logo, stepper, and a page with one card."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QSpacerItem, QVBoxLayout, QWidget

from byre.ui import painting, tokens
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.widgets.cards import Card, ScrollPage
from byre.ui.widgets.labels import Logo

STEPS: tuple[Callable[[], str], ...] = (lambda: tr("QR code"), lambda: tr("Type the digits"), lambda: tr("Confirm"))


GAP, LEAST_GAP = 64, 24


class Stepper(QWidget):
    """Three steps: done, current, to come. Where it is narrow they move together, and only the current one is named."""

    def __init__(self, look: Look, current: int) -> None:
        super().__init__()
        self._look, self._current = look, current
        self._words: list[str] = []
        self._available = 10_000
        self._gap = GAP
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.live(self, self._say)

    def sizeHint(self) -> QSize:
        return QSize(int(sum(self._widths()) + 2 * self._gap), 20)

    def fit(self, available: int) -> None:
        """Take no more than so many pixels."""
        self._available = available
        self._say()

    def _say(self) -> None:
        self._words = [step() for step in STEPS]
        self.setAccessibleName(
            tr("Step {at} of {total}: {name}", at=self._current + 1, total=len(STEPS), name=self._words[self._current])
        )
        left = self._available - sum(self._widths())
        if left < 2 * LEAST_GAP:
            self._words = [words if at == self._current else "" for at, words in enumerate(self._words)]
            left = self._available - sum(self._widths())
        self._gap = int(max(LEAST_GAP, min(GAP, left / 2)))
        self.updateGeometry()
        self.update()

    def _widths(self) -> list[float]:
        weights = [600 if at == self._current else 500 for at in range(len(self._words))]
        return [
            28 + self._look.metrics(tokens.LABEL, weight).horizontalAdvance(words) if words else 20
            for words, weight in zip(self._words, weights, strict=True)
        ]

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        x = 0.0
        for at, (words, width) in enumerate(zip(self._words, self._widths(), strict=True)):
            disc = QRectF(x, 0, 20, 20)
            if at < self._current:
                painting.box(painter, disc, 10, palette.ok)
                painting.icon(painter, self._look, x + 4, 4, "check", palette.canvas, 12, 3)
            elif at == self._current:
                painting.box(painter, disc, 10, palette.accent)
                self._number(painter, disc, at, palette.on_accent)
            else:
                painting.box(painter, disc, 10, None, palette.text3, 1.5)
                self._number(painter, disc, at, palette.text3)
            colour, weight = (palette.text, 600) if at == self._current else (palette.text2, 500)
            place = QRectF(x + 28, 0, width, 20)
            painting.text(painter, self._look, place, words, tokens.LABEL, colour, weight, elide=False)
            x += width
            if at < len(self._words) - 1:
                inset = 12 if self._gap >= 40 else 6
                painting.box(painter, QRectF(x + inset, 10, self._gap - 2 * inset, 1), 0, palette.line)
            x += self._gap
        painter.end()

    def _number(self, painter: QPainter, disc: QRectF, at: int, colour: str) -> None:
        painting.text(painter, self._look, disc, str(at + 1), tokens.MICRO, colour, 700, painting.CENTER, False)


class StepPage(ScrollPage):
    """Logo 48 at y 88, stepper at y 160, card at y 208; `top` lies above the logo, at the right."""

    def __init__(
        self, look: Look, width: int, height: int | None, step: int | None, top: QWidget | None = None
    ) -> None:
        super().__init__(look)
        self._top_height = top.sizeHint().height() if top is not None else 0
        column = QVBoxLayout(self.content)
        column.setContentsMargins(0, 0, 0, 24)
        column.setSpacing(0)
        self._column = column
        middle = Qt.AlignmentFlag.AlignHCenter
        if top is not None:
            column.addWidget(top)
        self._gap = QSpacerItem(0, 0)
        column.addSpacerItem(self._gap)
        column.addWidget(Logo(look, 48), 0, middle)
        column.addSpacing(24)
        self._stepper = Stepper(look, step) if step is not None else None
        if self._stepper is not None:
            column.addWidget(self._stepper, 0, middle)
            column.addSpacing(max(0, 28 - Card.MARGIN))
        else:
            column.addSpacing(max(0, 32 - Card.MARGIN))
        self.card = Card(look, width, height)
        column.addWidget(self.card, 0, middle)
        column.addStretch(1)

    @guarded(None)
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.card.fit(self.width())
        if self._stepper is not None:
            self._stepper.fit(self.width() - 32)
        above = 88 if self.height() > 760 and self.width() > 640 else 24
        self._gap.changeSize(0, max(12 if self._top_height else 0, above - self._top_height))
        self._column.invalidate()
