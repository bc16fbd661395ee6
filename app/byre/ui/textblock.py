"""Text layout with Korean keep-all wrapping, for labels and bubbles.

Qt breaks a Korean line between any two syllables; here a line breaks at a space, and inside a word only when the
word alone is longer than the line. Right-to-left paragraphs are laid out twice: once to learn the width, once
aligned inside it. All positions are UTF-16 units, as in Qt.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QTextCharFormat, QTextLayout, QTextOption

_SPACES = frozenset((0x20, 0x09, 0x3000, 0x2028))
_SCHEME_END = tuple(ord(char) for char in "://")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text that looks different: colours, weight, underline."""

    start: int
    length: int
    colour: str | None = None
    background: str | None = None
    weight: int | None = None
    underline: bool = False
    is_mark: bool = False
    """A background with round corners, as of a text marker; square where writing directions mix."""


@dataclass(slots=True)
class TextBlock:
    """A laid-out text: `width` is that of its longest line, `last_width` that of its last one."""

    layout: QTextLayout
    width: float
    last_width: float
    height: float
    line_height: float
    is_rtl: bool
    is_cut: bool

    def draw(self, painter: QPainter, x: float, y: float, colour: str, spans: Sequence[Span] = ()) -> None:
        """Paint with the top left corner at (x, y)."""
        marks = [span for span in spans if span.is_mark]
        if marks and not _has_rtl(self.layout.text()):
            for span in marks:
                self._mark(painter, x, y, span)
            spans = [replace(span, background=None) if span.is_mark else span for span in spans]
        painter.setPen(QColor(colour))
        self.layout.draw(painter, QPointF(x, y), [_format_range(s) for s in spans])

    def _mark(self, painter: QPainter, x: float, y: float, span: Span) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(span.background or "transparent"))
        for index in range(self.layout.lineCount()):
            line = self.layout.lineAt(index)
            start = max(span.start, line.textStart())
            end = min(span.start + span.length, line.textStart() + line.textLength())
            if start < end:
                left, right = (float(line.cursorToX(at)[0]) for at in (start, end))  # type: ignore[index]
                rect = QRectF(x + left - 1, y + line.y() - 1, right - left + 2, line.height() + 2)
                painter.drawRoundedRect(rect, 4, 4)

    def position_at(self, x: float, y: float) -> int:
        """The cursor position nearest to a point relative to the block's corner."""
        count = self.layout.lineCount()
        if count == 0 or y < 0:
            return 0
        index = int(y // self.line_height)
        if index >= count:
            return self.end()
        return int(self.layout.lineAt(index).xToCursor(x))

    def end(self) -> int:
        """The last position."""
        count = self.layout.lineCount()
        if count == 0:
            return 0
        line = self.layout.lineAt(count - 1)
        return int(line.textStart() + line.textLength())


def lay_out(
    text: str,
    font: QFont,
    width: float,
    line_height: float,
    *,
    spans: Sequence[Span] = (),
    max_lines: int | None = None,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> TextBlock:
    """Break `text` into lines of at most `width` pixels.

    `spans` must be given here when they change the weight, since that changes the breaks. `max_lines` cuts the
    layout (`is_cut` tells). U+2028 is a forced break.
    """
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    layout.setTextOption(option)
    layout.setCacheEnabled(True)
    weighted = [_format_range(s) for s in spans if s.weight is not None]
    if weighted:
        layout.setFormats(weighted)
    units = memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")
    rtl = _starts_rtl(text)
    widths: list[float] = []
    lengths: list[int] = []
    cut = False
    metrics = QFontMetricsF(font)
    base = (line_height - metrics.height()) / 2 + metrics.ascent()
    layout.beginLayout()
    y = 0.0
    while True:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        start = line.textStart()
        end = start + line.textLength()
        better = _keep_all_end(units, start, end)
        if better != end:
            line.setNumColumns(better - start)
        line.setPosition(QPointF(0, y + base - line.ascent()))
        widths.append(line.naturalTextWidth())
        lengths.append(line.textLength())
        y += line_height
        if max_lines is not None and len(widths) >= max_lines and start + line.textLength() < len(units):
            cut = True
            break
    layout.endLayout()
    longest = max(widths, default=0.0)
    if rtl or align != Qt.AlignmentFlag.AlignLeft:
        inside = longest if align == Qt.AlignmentFlag.AlignLeft else width
        _align(layout, option, lengths, line_height, base, inside, align, rtl)
    return TextBlock(layout, longest, widths[-1] if widths else 0.0, y, line_height, rtl, cut)


def _align(
    layout: QTextLayout,
    option: QTextOption,
    lengths: list[int],
    line_height: float,
    base: float,
    width: float,
    align: Qt.AlignmentFlag,
    rtl: bool,
) -> None:
    """Second pass: the same breaks, aligned inside `width`."""
    where = align
    if align == Qt.AlignmentFlag.AlignLeft and rtl:
        where = Qt.AlignmentFlag.AlignRight
    option.setAlignment(where | Qt.AlignmentFlag.AlignAbsolute)
    layout.setTextOption(option)
    layout.beginLayout()
    for index, length in enumerate(lengths):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setNumColumns(length, width)
        line.setPosition(QPointF(0, index * line_height + base - line.ascent()))
    layout.endLayout()


def _keep_all_end(units: memoryview, start: int, end: int) -> int:
    """Where the line that Qt ended at `end` should end, if that cut a Korean word or an address."""
    if end >= len(units) or units[end - 1] in _SPACES or units[end] in _SPACES:
        return end
    first = next((at + 1 for at in range(end - 1, start, -1) if units[at] in _SPACES), None)
    if first is None:
        return end
    if _is_hangul(units[end - 1]) or _is_hangul(units[end]) or _has_scheme(units, first):
        return first
    return end


def _has_scheme(units: memoryview, start: int) -> bool:
    """Whether the word at `start` is an address with `://` in it."""
    return any(tuple(units[at : at + 3]) == _SCHEME_END for at in range(start, min(start + 12, len(units))))


def _is_hangul(unit: int) -> bool:
    return 0xAC00 <= unit <= 0xD7A3 or 0x1100 <= unit <= 0x11FF or 0x3130 <= unit <= 0x318F


def _has_rtl(text: str) -> bool:
    return any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)


def _starts_rtl(text: str) -> bool:
    for char in text[:512]:
        kind = unicodedata.bidirectional(char)
        if kind in ("R", "AL"):
            return True
        if kind == "L":
            return False
    return False


def _format_range(span: Span) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start, made.length = span.start, span.length
    form = QTextCharFormat()
    if span.colour:
        form.setForeground(QBrush(QColor(span.colour)))
    if span.background:
        form.setBackground(QBrush(QColor(span.background)))
    if span.weight is not None:
        form.setFontWeight(span.weight)
    if span.underline:
        form.setFontUnderline(True)
    made.format = form
    return made
