"""Geometry of one row of the transcript, and its painting. Rows are laid out only when they become visible."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF

from byre.client.views import MessageView
from byre.ui import tokens, when
from byre.ui.emoji import few_emoji
from byre.ui.look import Look
from byre.ui.naming import person_name
from byre.ui.plain import drawable, one_line, utf16_length
from byre.ui.textblock import Span, TextBlock, lay_out
from byre.ui.timers import left_words, timer_words
from byre.ui.transcript.items import Item

PAD_X, PAD_Y = 14, 9
FOLD_CHARS, FOLD_LINES = 6_000, 60
_REST = r"[^\s<>\"'\u2028]"
_LABELS = r"(?:[a-z0-9-]{1,63}\.)+"
LINK = re.compile(
    rf"https?://{_REST}{{2,2000}}"
    rf"|(?<![a-z0-9_@./:-])(?:www\.{_LABELS}[a-z]{{2,24}}(?!-|\.?[a-z0-9])|{_LABELS}[a-z]{{2,24}}(?=/))"
    rf"(?:[/?#:]{_REST}{{0,2000}})?",
    re.IGNORECASE,
)
"""With its scheme, or as people write them: `www.` before it or a path behind it. Those are opened as https."""


_LOW = re.compile(
    r"[\n -~\u00a0-\u02af\u2010-\u2027\u2030-\u205e\u2190-\u2bff\u3000-\u3029\u3030-\u318f\u3200-\ua4cf"
    r"\uac00-\ud7a3\uff00-\uffef]*"
)
"""Texts of letters that stay within their line: no marks over others."""
REACH = 8


@dataclass(slots=True)
class RowLayout:
    """Where the parts of a row are, relative to the row's top."""

    width: int
    height: int
    item: Item
    column: QRectF = field(default_factory=QRectF)
    bubble: QRectF = field(default_factory=QRectF)
    block: TextBlock | None = None
    text_x: float = 0
    text_y: float = 0
    name: str = ""
    time: str = ""
    timer_width: float = 0
    links: tuple[tuple[int, int, str], ...] = ()
    note_rect: QRectF = field(default_factory=QRectF)
    link_rect: QRectF = field(default_factory=QRectF)
    is_folded: bool = False
    reach: int = 0
    """How far its ink may leave the row: marks are piled up as high as their author likes."""


def estimate(item: Item, width: int, scale: int = 100) -> int:
    """A cheap guess of a row's height, with text at `scale` percent."""
    if item.kind != "message":
        return 46 if item.kind == "day" else 44 if item.kind == "unread" else 38
    column = min(width, tokens.COLUMN_MAX)
    inner = max(120.0, min(tokens.BUBBLE_MAX, column * (0.66 if column > 500 else 0.74)))
    text = item.text[:FOLD_CHARS]
    pixels = sum(8 if c < "\u2e80" else 13.5 for c in text[:800]) * (len(text) / max(1, min(800, len(text))))
    pixels *= scale / 100
    lines = min(FOLD_LINES, int((pixels + 80) // inner) + 1 + text.count("\n"))
    name = 20 if item.is_first and item.message is not None and not item.message.is_own else 0
    return (14 if item.is_first else 3) + 2 * PAD_Y + 22 * lines * scale // 100 + name + (20 if item.note else 0) + 1


def lay_row(item: Item, width: int, look: Look, *, narrow: bool) -> RowLayout:
    """Lay a row out exactly."""
    column_width = min(width, tokens.COLUMN_MAX)
    left = (width - column_width) / 2
    row = RowLayout(width, 0, item, column=QRectF(left, 0, column_width, 0))
    if item.kind == "day":
        row.height = 46
        return row
    if item.kind == "unread":
        row.height = 44
        return row
    if item.kind != "message" or item.message is None:
        return _lay_line(row, look)
    return _lay_message(row, item.message, look, narrow)


def is_laid_alike(one: Item, other: Item) -> bool:
    """Whether rows differ only in what is painted in its place: the end of a group, an own message's state."""
    before, now = one.message, other.message
    if before is None or now is None or replace(one, is_last=other.is_last, message=now) != other:
        return False
    return before is now or replace(before, state=now.state, unread_by=now.unread_by) == now


def _lay_line(row: RowLayout, look: Look) -> RowLayout:
    """A pill with an icon, text and perhaps a link: behind the words, or below them where both are more than a line."""
    link = row.item.link
    metrics = look.metrics(tokens.META, 500)
    most = row.column.width() - 40
    text = one_line(row.item.text)
    link_width = metrics.horizontalAdvance(link) + 6 if link else 0
    is_below = bool(link) and metrics.horizontalAdvance(text) + link_width > most - 52
    inner = min(metrics.horizontalAdvance(text), most - 52)
    block = lay_out(text, look.font(tokens.META, 500), max(120.0, inner + 1), 18)
    lines = block.layout.lineCount() + is_below
    width = round((max(block.width, link_width) if is_below else block.width + link_width) + 52)
    height = 28 + 18 * (lines - 1)
    x = row.column.x() + (row.column.width() - width) / 2
    row.bubble = QRectF(x, 6, width, height)
    row.block = block
    row.reach = 0 if _LOW.fullmatch(text) else REACH
    row.text_x, row.text_y = x + 36, 11
    if is_below:
        row.link_rect = QRectF(x + 36, 6 + 18 * (lines - 1), link_width, 28)
    elif link:
        row.link_rect = QRectF(x + 36 + block.width + 6, 6, link_width, 28)
    row.height = height + 10
    return row


def _lay_message(row: RowLayout, message: MessageView, look: Look, narrow: bool) -> RowLayout:
    item = row.item
    column, left = row.column.width(), row.column.x()
    gutter = 52 if narrow else 64
    most = min(tokens.BUBBLE_MAX, column * (0.74 if narrow else 0.66))
    own = message.is_own
    text = message.text[:FOLD_CHARS].rstrip("\n") or " "
    row.links = tuple(links_in(text))
    body = look.scaled(tokens.EMOJI if few_emoji(text) else tokens.BODY)
    block = lay_out(drawable(text), look.font(body), most, body.line, max_lines=FOLD_LINES)
    row.is_folded = block.is_cut or len(message.text) > FOLD_CHARS
    row.time = when.clock(message.sent_at, look.language)
    row.timer_width = timer_width(timer_shown(message, look), look)
    micro = look.metrics(tokens.MICRO, 400)
    meta = micro.horizontalAdvance(row.time) + (19 if own else 0) + 8
    if row.timer_width:
        meta += row.timer_width + 26
    width, height = block.width, block.height
    beside = not block.is_rtl or block.layout.lineCount() == 1  # later lines of a right-to-left text end where it lies
    if beside and block.last_width + meta <= most and not row.is_folded:
        width = max(width, block.last_width + meta)
    else:
        height += 16
        width = max(width, meta)
    if item.is_first and not own:
        row.name = person_name(message.sender.name, message.sender.handle)
        width = max(width, min(most, look.metrics(tokens.LABEL, 600).horizontalAdvance(row.name)))
    name_height = 20 if row.name else 0
    if row.is_folded:
        height += 22
    top = 14 if item.is_first else 3
    bubble_width = width + 2 * PAD_X
    x = left + column - 24 - bubble_width if own else left + gutter
    row.bubble = QRectF(x, top, bubble_width, 2 * PAD_Y + name_height + height)
    row.block = block
    row.reach = 0 if _LOW.fullmatch(text) and _LOW.fullmatch(row.name) else REACH
    row.text_x, row.text_y = x + PAD_X, top + PAD_Y + name_height
    if row.is_folded:
        row.link_rect = QRectF(x + PAD_X, row.text_y + block.height, 200, 22)
    note_height = 0
    if item.note is not None:
        note_height = 20
        note_width = look.metrics(tokens.MICRO, 500).horizontalAdvance(item.note.text) + 22
        note_width = min(note_width, column - 48)
        note_x = row.bubble.right() - note_width if own else x
        row.note_rect = QRectF(note_x, row.bubble.bottom() + 4, note_width, 14)
    row.height = int(top + row.bubble.height() + note_height + 1)
    return row


def timer_shown(message: MessageView, look: Look) -> str:
    """What stands beside the little clock: what is left of a timer that runs, else the agreed time."""
    if not message.timer_s:
        return ""
    if message.expires_at is None:
        return timer_words(message.timer_s)
    return left_words(message.expires_at - look.now_ms())


def timer_width(words: str, look: Look) -> float:
    """The room that such words take; figures are all of one width, so that the seconds move nothing."""
    return QFontMetricsF(look.font(tokens.MICRO, 400, tabular=True)).horizontalAdvance(words) if words else 0.0


def links_in(text: str) -> list[tuple[int, int, str]]:
    """(start, length, address) of each link, in UTF-16 units."""
    found: list[tuple[int, int, str]] = []
    if "." not in text and "://" not in text:  # most texts; the pattern looks at each of their characters
        return found
    for match in LINK.finditer(text):
        shown = match.group().rstrip(".,;:!?)]}」』”’")
        url = shown if "://" in shown[:8] else f"https://{shown}"
        found.append((utf16_length(text[: match.start()]), utf16_length(shown), url))
    return found


def link_spans(row: RowLayout, look: Look) -> list[Span]:
    """How links look in that row."""
    own = row.item.message is not None and row.item.message.is_own
    colour = look.palette.bubble_out_text if own else look.palette.link
    return [Span(start, length, colour=colour, underline=own) for start, length, _ in row.links]
