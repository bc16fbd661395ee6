"""`PlainLabel`: the one label class. It never interprets what it shows, so peer input stays text.

Emphasis is possible in our own sentences only: marks (`**bold**`, `[[link colour]]`) are parsed in the template,
before values are put in.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from byre.ui import painting
from byre.ui.look import Look
from byre.ui.plain import drawable, utf16_length
from byre.ui.textblock import Span, TextBlock, lay_out
from byre.ui.tokens import Type

_MARKS = re.compile(r"\*\*(?P<bold>.+?)\*\*|\[\[(?P<link>.+?)\]\]", re.DOTALL)


class PlainLabel(QLabel):
    """Plain text on one elided line or, with `wrap`, on several, Korean words kept whole."""

    def __init__(
        self,
        look: Look,
        style: Type,
        colour: str = "text",
        *,
        weight: int | None = None,
        wrap: bool = False,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        line_height: int | None = None,
        tabular: bool = False,
        text: Callable[[], str] | str | None = None,
        follow: Callable[[], str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._look = look
        self._style = style
        self._colour = colour
        self._weight = weight
        self._wrap = wrap
        self._align = align
        self._line = line_height or style.line
        self._font = look.font(style, weight, tabular=tabular)
        self._marks: list[tuple[int, int, str]] = []
        self._block: tuple[str, int, TextBlock] | None = None
        self.setFont(self._font)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(wrap)
        self.setSizePolicy(policy)
        if callable(text):
            self.say(text)
        elif text is not None:
            self.set_text(text)
        elif follow is not None:
            self.follow(follow)
        look.changed.connect(self.update)

    def set_text(self, words: str) -> None:
        """Show `words` as they are."""
        self._marks = []
        if words != self.text():
            self.setText(words)
            self._block = None
            self._fit()
        self.update()

    def set_marked(self, template: str, **values: object) -> None:
        """Show one of our own sentences; marks in the template, not in the values, give emphasis."""
        plain: list[str] = []
        marks: list[tuple[int, int, str]] = []
        at = 0
        last = 0
        for match in _MARKS.finditer(template):
            for piece, kind in (
                (template[last : match.start()], ""),
                (match["bold"] or match["link"], match.lastgroup),
            ):
                words = piece.format(**values) if values else piece
                length = utf16_length(words)
                if kind:
                    marks.append((at, length, kind))
                plain.append(words)
                at += length
            last = match.end()
        tail = template[last:]
        plain.append(tail.format(**values) if values else tail)
        self._block = None
        self.setText("".join(plain))
        self._marks = marks
        self._fit()
        self.update()

    def _fit(self) -> None:
        """Be as high as other words need; layouts go by the least height of what is shown already."""
        if self._wrap and self.isVisible():
            self.setMinimumHeight(self.heightForWidth(self.width()))
        self.updateGeometry()

    def say(self, sentence: Callable[[], str]) -> None:
        """Show a sentence of ours, again after each change of language; marks are honoured."""
        self._look.live(self, lambda: self.set_marked(sentence()))

    def follow(self, sentence: Callable[[], str]) -> None:
        """Show a sentence with values of others in it, again after each change of language; nothing is parsed."""
        self._look.live(self, lambda: self.set_text(sentence()))

    def set_weight(self, weight: int) -> None:
        """Use another weight."""
        if weight != self._weight:
            self._weight = weight
            self._font = self._look.font(self._style, weight)
            self.setFont(self._font)
            self._block = None
            self.updateGeometry()
            self.update()

    def set_colour(self, colour: str) -> None:
        """Use another palette colour."""
        self._colour = colour
        self._block = None
        self.update()

    def hasHeightForWidth(self) -> bool:
        return self._wrap

    def heightForWidth(self, width: int) -> int:
        return int(self._lay(width).height) if self._wrap and self.text() else self._line

    def sizeHint(self) -> QSize:
        if self._wrap:
            block = self._lay(420)
            return QSize(int(block.width) + 1, int(block.height))
        words = QFontMetricsF(self._font).horizontalAdvance(self.text()[:400])
        return QSize(int(words) + 2, self._line)

    def minimumSizeHint(self) -> QSize:
        return QSize(24 if self.text() else 0, self._line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._wrap:
            height = self.heightForWidth(self.width())
            if self.minimumHeight() != height:
                self.setMinimumHeight(height)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.text():
            return
        painter = QPainter(self)
        colour = getattr(self._look.palette, self._colour)
        if self._wrap or self._marks:
            block = self._lay(self.width() if self._wrap else 10_000)
            block.draw(painter, 0, 0, colour, self._spans())
        else:
            painter.setFont(self._font)
            painter.setPen(QColor(colour))
            shown = self.fontMetrics().elidedText(self.text()[:400], Qt.TextElideMode.ElideRight, self.width())
            flags = self._align | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
            painter.drawText(QRectF(self.rect()), flags, shown)
        painter.end()

    def _spans(self) -> list[Span]:
        link = self._look.palette.link
        return [Span(s, n, weight=600) if k == "bold" else Span(s, n, colour=link) for s, n, k in self._marks]

    def _lay(self, width: int) -> TextBlock:
        words = self.text()
        if self._block is None or self._block[0] != words or self._block[1] != width:
            align = self._align if self._wrap else Qt.AlignmentFlag.AlignLeft
            block = lay_out(
                drawable(words[:4000]), self._font, max(1, width), self._line, spans=self._spans(), align=align
            )
            self._block = (words, width, block)
        return self._block[2]


class Avatar(QWidget):
    """The round picture of an account or room."""

    def __init__(self, look: Look, size: int, name: str = "", index: int = 0) -> None:
        super().__init__()
        self._look = look
        self._name, self._index = name, index
        self.setFixedSize(size, size)

    def show_for(self, name: str, index: int) -> None:
        """Show another one."""
        self._name, self._index = name, index
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painting.avatar(painter, self._look, 0, 0, self.width(), self._name, self._index)
        painter.end()


class Icon(QWidget):
    """A drawn icon in a palette colour; decoration, so it has no accessible name."""

    def __init__(
        self, look: Look, name: str, colour: str = "text2", size: int = 20, stroke: float = 1.8, *, tile: int = 0,
        tile_colour: str | None = None, tile_radius: float = 12,
    ) -> None:  # fmt: skip
        super().__init__()
        self._look, self._name, self._colour, self._size, self._stroke = look, name, colour, size, stroke
        self._tile_colour, self._tile_radius = tile_colour, tile_radius
        side = tile or size
        self.setFixedSize(side, side)
        look.changed.connect(self.update)

    def set_icon(self, name: str, colour: str | None = None, tile_colour: str | None = None) -> None:
        """Show another icon."""
        self._name, self._colour = name, colour or self._colour
        self._tile_colour = tile_colour or self._tile_colour
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        if self._tile_colour:
            painting.box(painter, QRectF(self.rect()), self._tile_radius, getattr(palette, self._tile_colour))
        off = (self.width() - self._size) / 2
        colour = getattr(palette, self._colour)
        painting.icon(painter, self._look, off, off, self._name, colour, self._size, self._stroke)
        painter.end()


class Logo(QWidget):
    """The logo or, in a palette colour, its mark."""

    def __init__(self, look: Look, size: int, mono: str | None = None) -> None:
        super().__init__()
        self._look, self._mono = look, mono
        self.setFixedSize(size, size)
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = getattr(self._look.palette, self._mono) if self._mono else None
        painter.drawPixmap(0, 0, self._look.logo(self.width(), colour))
        painter.end()
