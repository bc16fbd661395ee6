"""Shapes that several widgets paint: bubbles, avatars, pills, badges, shadows. Pure drawing, no state."""

from __future__ import annotations

import operator

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QLinearGradient, QPainter, QPainterPath, QPen

from byre.ui import tokens
from byre.ui.look import Look
from byre.ui.plain import initials
from byre.ui.tokens import Type

_LINE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
LEFT = Qt.AlignmentFlag.AlignLeft | _LINE
RIGHT = Qt.AlignmentFlag.AlignRight | _LINE
CENTER = Qt.AlignmentFlag.AlignHCenter | _LINE
_SINGLE = {flags: int((flags | Qt.TextFlag.TextSingleLine).value) for flags in (LEFT, RIGHT, CENTER)}


def corners(rect: QRectF, top_left: float, top_right: float, bottom_right: float, bottom_left: float) -> QPainterPath:
    """A rectangle with four radii."""
    path = QPainterPath()
    x, y, w, h = rect.x(), rect.y(), rect.width(), rect.height()
    path.moveTo(x + top_left, y)
    path.lineTo(x + w - top_right, y)
    path.arcTo(x + w - 2 * top_right, y, 2 * top_right, 2 * top_right, 90, -90)
    path.arcTo(x + w - 2 * bottom_right, y + h - 2 * bottom_right, 2 * bottom_right, 2 * bottom_right, 0, -90)
    path.arcTo(x, y + h - 2 * bottom_left, 2 * bottom_left, 2 * bottom_left, 270, -90)
    path.arcTo(x, y, 2 * top_left, 2 * top_left, 180, -90)
    path.closeSubpath()
    return path


def box(
    painter: QPainter, rect: QRectF, radius: float, fill: str | QColor | None, line: str | None = None, width: float = 1
) -> None:
    """A rounded box; its line lies inside."""
    painter.setBrush(QColor(fill) if fill is not None else Qt.BrushStyle.NoBrush)
    if line is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect, radius, radius)
        return
    half = width / 2
    painter.setPen(QPen(QColor(line), width))
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius - half, radius - half)


def shadow(painter: QPainter, rect: QRectF, radius: float, look: Look, strength: float = 26, spread: int = 28) -> None:
    """The soft shadow of cards and dialogs, painted under them."""
    dark = look.palette.is_dark
    colour = QColor(look.palette.shadow)
    painter.setPen(Qt.PenStyle.NoPen)
    for i in range(spread, -7, -1):
        u = max(0, i) / spread
        colour.setAlphaF(min(0.05, (0.0052 if dark else 0.0024) * strength / 26 * (1 - u) ** 1.6 + 0.0002))
        painter.setBrush(colour)
        painter.drawRoundedRect(
            QRectF(rect.x() - i, rect.y() - i + 6, rect.width() + 2 * i, rect.height() + 2 * i),
            max(2.0, radius + i),
            max(2.0, radius + i),
        )


def avatar_index(key: str) -> int:
    """A stable colour for an account or room id."""
    weighed: int = sum(map(operator.mul, map(ord, key[:24]), range(7, 31)))
    return weighed % len(tokens.AVATARS)


def avatar(painter: QPainter, look: Look, x: float, y: float, size: float, name: str, index: int) -> None:
    """The disc with initials, drawn once for each pair of letters and colour."""
    letters = initials(name)
    key = (f"avatar {index % len(tokens.AVATARS)}", letters, size)
    painter.drawPixmap(QPointF(x, y), look.drawn(key, lambda p: _disc(p, look, size, letters, index)))


def _disc(painter: QPainter, look: Look, size: float, letters: str, index: int) -> None:
    colour = QColor(tokens.AVATARS[index % len(tokens.AVATARS)])
    gradient = QLinearGradient(0, 0, size, size)
    gradient.setColorAt(0, colour.lighter(112))
    gradient.setColorAt(1, colour)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    painter.drawEllipse(QRectF(0, 0, size, size))
    font = QFont(look.font(tokens.LABEL, 600))
    font.setPixelSize(max(8, int(size * 0.36)))
    painter.setFont(font)
    painter.setPen(QColor(tokens.WHITE))
    painter.drawText(QRectF(0, 0, size, size), CENTER, letters)


def text(
    painter: QPainter, look: Look, rect: QRectF, words: str, style: Type, colour: str, weight: int | None = None,
    flags: Qt.AlignmentFlag = LEFT, elide: bool = True,
) -> float:  # fmt: skip
    """One line of text in a rectangle, elided. Returns the width that it takes."""
    metrics = look.metrics(style, weight)
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, rect.width()) if elide else words
    painter.setFont(look.font(style, weight))
    painter.setPen(QColor(colour))
    painter.drawText(rect, _SINGLE[flags], shown)
    return metrics.horizontalAdvance(shown)


def found_name(
    painter: QPainter, look: Look, rect: QRectF, name: str, hit: tuple[int, int] | None, style: Type
) -> float:
    """A name as `text` paints it, with what was searched for marked in it. Returns its width."""
    palette, metrics = look.palette, look.metrics(style, 600)
    if hit is None or metrics.horizontalAdvance(name) > rect.width():
        return text(painter, look, rect, name, style, palette.text, 600)
    start = metrics.horizontalAdvance(name[: hit[0]])
    words = name[hit[0] : hit[1]]
    place = QRectF(rect.x() + start - 1, rect.y() + 1, metrics.horizontalAdvance(words) + 2, 20)
    box(painter, place, 4, palette.hit)
    width = text(painter, look, rect, name, style, palette.text, 600)
    if palette.is_dark:
        text(painter, look, rect.adjusted(start, 0, 0, 0), words, style, palette.hit_text, 600)
    return width


def badge(painter: QPainter, look: Look, right: float, y: float, count: int, muted: bool = False) -> float:
    """The unread pill with its right edge at `right`. Returns its width."""
    words = "99+" if count > 99 else str(count)
    width = max(20.0, look.metrics(tokens.MICRO).horizontalAdvance(words) + 12)
    rect = QRectF(right - width, y, width, 20)
    box(painter, rect, 10, look.palette.badge_mute if muted else look.palette.badge)
    text(painter, look, rect, words, tokens.MICRO, look.palette.on_badge, flags=CENTER, elide=False)
    return width


def ring(painter: QPainter, rect: QRectF, colour: str, radius: float = tokens.RADIUS) -> None:
    """The 2 px focus line."""
    painter.setPen(QPen(QColor(colour), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius)


def icon(
    painter: QPainter, look: Look, x: float, y: float, name: str, colour: str, size: float, stroke: float = 1.8
) -> None:
    """An icon with its corner at (x, y)."""
    painter.drawPixmap(QPointF(x, y), look.icon(name, colour, size, stroke))
