"""Painting of a laid-out row: bubbles, avatars, pills, state icons, unread numbers, selection, hits."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from byre.client.views import MessageState, MessageView
from byre.ui import painting, tokens
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.naming import person_name
from byre.ui.painting import CENTER, LEFT, RIGHT
from byre.ui.textblock import Span
from byre.ui.transcript.items import state_icon
from byre.ui.transcript.rowlayout import PAD_X, PAD_Y, RowLayout, link_spans, timer_shown

_TONES = {
    "ok": ("ok", "ok_soft"),
    "sys": ("text2", "chip"),
    "warn": ("warn", "warn_soft"),
    "bad": ("danger", "danger_soft"),
}


def paint_row(
    painter: QPainter, row: RowLayout, y: float, look: Look, *, narrow: bool, selection: tuple[int, int] | None = None,
    hits: tuple[tuple[int, int], ...] = (), is_current_hit: bool = False,
) -> None:  # fmt: skip
    """Paint `row` with its top at `y`."""
    painter.save()
    painter.translate(0, y)
    if row.item.kind == "day":
        _day(painter, row, look)
    elif row.item.kind == "unread":
        _unread(painter, row, look)
    elif row.item.kind != "message" or row.item.message is None:
        _line(painter, row, look)
    else:
        _message(painter, row, row.item.message, look, narrow, selection, hits, is_current_hit)
    painter.restore()


def _day(painter: QPainter, row: RowLayout, look: Look) -> None:
    width = look.metrics(tokens.META, 500).horizontalAdvance(row.item.text) + 28
    rect = QRectF(row.column.x() + (row.column.width() - width) / 2, 10, width, 26)
    painting.box(painter, rect, 13, look.palette.chip)
    painting.text(painter, look, rect, row.item.text, tokens.META, look.palette.text2, 500, CENTER, False)


def _unread(painter: QPainter, row: RowLayout, look: Look) -> None:
    width = look.metrics(tokens.META, 600).horizontalAdvance(row.item.text) + 24
    middle = row.column.x() + row.column.width() / 2
    colour = QColor(look.palette.accent)
    colour.setAlpha(90)
    left, right = row.column.x() + 20, row.column.right() - 24
    painter.fillRect(QRectF(left, 24, middle - width / 2 - left, 1), colour)
    painter.fillRect(QRectF(middle + width / 2, 24, right - middle - width / 2, 1), colour)
    rect = QRectF(middle - width / 2, 16, width, 16)
    painting.text(painter, look, rect, row.item.text, tokens.META, look.palette.link, 600, CENTER, False)


def _line(painter: QPainter, row: RowLayout, look: Look) -> None:
    words, fill = (getattr(look.palette, name) for name in _TONES.get(row.item.kind, _TONES["sys"]))
    painting.box(painter, row.bubble, 14, fill)
    x = row.bubble.x()
    painting.icon(painter, look, x + 13, row.bubble.y() + 6.5, row.item.icon or "info", words, 15, 2)
    if row.block is not None:
        row.block.draw(painter, row.text_x, row.text_y, words)
    if row.item.link:
        painting.text(painter, look, row.link_rect, row.item.link, tokens.META, look.palette.link, 500, LEFT, False)


def _message(
    painter: QPainter, row: RowLayout, message: MessageView, look: Look, narrow: bool,
    selection: tuple[int, int] | None, hits: tuple[tuple[int, int], ...], current: bool,
) -> None:  # fmt: skip
    palette, own, item = look.palette, message.is_own, row.item
    bubble = row.bubble
    big, small = tokens.RADIUS_BUBBLE, tokens.RADIUS_GROUPED
    first, last = (big if item.is_first else small), (big if item.is_last else small)
    path = painting.corners(bubble, big, first, last, big) if own else painting.corners(bubble, first, big, big, last)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.fillPath(path, QColor(palette.bubble_out if own else palette.bubble_in))
    words = palette.bubble_out_text if own else palette.bubble_in_text
    meta = palette.bubble_out_meta if own else palette.bubble_in_meta
    index = painting.avatar_index(message.sender.account_id)
    if item.is_last and not own:
        x = row.column.x() + (10 if narrow else 20)
        name = person_name(message.sender.name, message.sender.handle)
        painting.avatar(painter, look, x, bubble.bottom() - 34, 34, name, index)
    if row.name:
        rect = QRectF(bubble.x() + PAD_X, bubble.y() + PAD_Y - 1, bubble.width() - 2 * PAD_X + 2, 18)
        painting.text(painter, look, rect, row.name, tokens.LABEL, look.name_colour(index), 600)
    if row.block is not None:
        spans = link_spans(row, look)
        for start, length in hits:
            fill = palette.hit_now if current else palette.hit
            ink = palette.hit_now_text if current else palette.hit_text
            spans.append(Span(start, length, colour=ink, background=fill, is_mark=True))
        if selection is not None and selection[1] > selection[0]:
            fill = palette.selection_out if own else palette.selection_in
            spans.append(Span(selection[0], selection[1] - selection[0], background=fill))
        row.block.draw(painter, row.text_x, row.text_y, words, spans)
        if row.is_folded:
            link = words if own else palette.link
            painting.text(painter, look, row.link_rect, tr("Show all of it"), tokens.LABEL, link, 600)
    _meta(painter, row, message, look, meta)
    _outside(painter, row, message, look)


def _meta(painter: QPainter, row: RowLayout, message: MessageView, look: Look, colour: str) -> None:
    right, bottom = row.bubble.right() - 12, row.bubble.bottom() - 9
    if message.is_own:
        painting.icon(painter, look, right - 15, bottom - 13, state_icon(message.state), colour, 15, 2)
        right -= 19
    rect = QRectF(right - 90, bottom - 13, 90, 15)
    width = painting.text(painter, look, rect, row.time, tokens.MICRO, colour, 400, RIGHT, False)
    if row.timer_width:
        right -= width + 8
        painter.setFont(look.font(tokens.MICRO, 400, tabular=True))
        painter.setPen(QColor(colour))
        painter.drawText(QRectF(right - 120, bottom - 13, 120, 15), RIGHT, timer_shown(message, look))
        _clock(painter, right - row.timer_width - 17, bottom - 12, message, look, colour)


def _clock(painter: QPainter, x: float, y: float, message: MessageView, look: Look, colour: str) -> None:
    """13 px: an icon before the timer runs, then a disc that empties with the time."""
    if message.expires_at is None:
        painting.icon(painter, look, x, y, "timer", colour, 13, 2)
        return
    left = (message.expires_at - look.now_ms()) / (message.timer_s * 1000)
    painter.setPen(QPen(QColor(colour), 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QRectF(x + 1.1, y + 1.1, 10.8, 10.8))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawPie(QRectF(x + 3, y + 3, 7, 7), 90 * 16, round(360 * 16 * max(0.0, min(1.0, left))))


def meta_rect(row: RowLayout, y: float) -> QRectF:
    """Where time, timer and state of a row at `y` are painted."""
    width = row.timer_width + 120
    return QRectF(row.bubble.right() - width, y + row.bubble.bottom() - 26, width, 26)


def _outside(painter: QPainter, row: RowLayout, message: MessageView, look: Look) -> None:
    bubble = row.bubble
    if message.unread_by and message.state not in (MessageState.QUEUED, MessageState.FAILED):
        count = str(message.unread_by)
        left = QRectF(bubble.x() - 48, bubble.bottom() - 18, 40, 14)
        right = QRectF(bubble.right() + 8, bubble.bottom() - 18, 40, 14)
        if message.is_own:
            painting.text(painter, look, left, count, tokens.MICRO, look.palette.link, 700, RIGHT, False)
        else:
            painting.text(painter, look, right, count, tokens.MICRO, look.palette.link, 700, LEFT, False)
    note = row.item.note
    if note is not None:
        colour = getattr(look.palette, note.colour)
        rect = row.note_rect
        painter.drawPixmap(QPointF(rect.x() + 2, rect.y()), look.icon(note.icon, colour, 13, 2))
        area = rect.adjusted(20, 0, 0, 0)
        painting.text(painter, look, area, note.text, tokens.MICRO, colour, 500)
