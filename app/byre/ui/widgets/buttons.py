"""Buttons: painted from the tokens, focus line outside by 3 px, tooltip = accessible name on icon buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import shiboken6
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from byre.ui import painting, tokens
from byre.ui.look import Look
from byre.ui.tokens import Palette, Type
from byre.ui.widgets.focus_ring import FocusRing
from byre.ui.widgets.pressing import PlainButton

Kind = Literal["primary", "secondary", "outline", "ghost", "danger", "danger_outline", "quiet", "soft"]
_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class _Pressable(PlainButton):
    """Hover and focus-by-keyboard for all buttons; the focus line lies around them."""

    radius: float = tokens.RADIUS

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.ring: FocusRing | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        look.changed.connect(self.update)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._unring()
        given = event.reason() == Qt.FocusReason.OtherFocusReason and self._look.by_keys
        if given or event.reason() in _KEYBOARD:
            self.ring = FocusRing(self._look, self, self.radius)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._unring()
        super().focusOutEvent(event)

    def _unring(self) -> None:
        ring, self.ring = self.ring, None
        if ring is not None and shiboken6.isValid(ring):
            ring.leave()


def _colours(kind: Kind, palette: Palette, down: bool, hover: bool) -> tuple[str | None, str | None, str]:
    """(fill, line, text) of a kind."""
    strong = down or hover
    table: dict[Kind, tuple[str | None, str | None, str]] = {
        "primary": (palette.accent_press if strong else palette.accent, None, palette.on_accent),
        "secondary": (palette.row_on if strong else palette.field, None, palette.text),
        "outline": (palette.row_hover if strong else None, palette.line, palette.text),
        "ghost": (palette.row_hover if strong else None, None, palette.link),
        "danger": (palette.danger_press if strong else palette.danger_button, None, palette.on_accent),
        "danger_outline": (palette.danger_soft if strong else None, palette.danger, palette.danger),
        "quiet": (palette.row_hover if strong else None, None, palette.text2),
        "soft": (palette.row_on if strong else palette.accent_soft, None, palette.link),
    }
    return table[kind]


class Button(_Pressable):
    """A button with words."""

    def __init__(
        self,
        look: Look,
        text: Callable[[], str],
        kind: Kind = "primary",
        *,
        height: int = 40,
        icon: str | None = None,
        style: Type = tokens.LABEL,
        padding: int = 20,
        left: bool = False,
        width: int | None = None,
        chevron: bool = False,
    ) -> None:
        super().__init__(look)
        self._chevron = chevron
        self._kind: Kind = kind
        self._icon = icon
        self._has_icon = True
        self._style = style
        self._padding = padding
        self._left = left
        self._height = height
        self._width = width
        self._words, self._language = text, ""
        look.live(self, self._say)
        self.setSizePolicy(QSizePolicy.Policy.Fixed if width else QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def _say(self) -> None:
        if self._look.language != self._language:  # another theme takes no other words back
            self._language = self._look.language
            self._set(self._words())

    def _set(self, words: str) -> None:
        self.setText(words)
        self.setAccessibleName(words)
        self.updateGeometry()

    def relabel(self, words: str) -> None:
        """Show other words until the next change of language."""
        self._set(words)

    def show_icon(self, shown: bool) -> None:
        """Leave the icon away where the words need its room."""
        self._has_icon = shown
        self.updateGeometry()
        self.update()

    def set_kind(self, kind: Kind) -> None:
        """Look like another kind."""
        self._kind = kind
        self.update()

    def sizeHint(self) -> QSize:
        words = self._look.metrics(self._style, 600).horizontalAdvance(self.text())
        width = round((words + 2 * self._padding + self._beside()) / 4) * 4
        return QSize(self._width or width, self._height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _beside(self) -> int:
        """What the icons take."""
        return (24 if self._icon and self._has_icon else 0) + (20 if self._chevron else 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        fill, line, words = _colours(self._kind, palette, self.isDown(), self.underMouse())
        if not self.isEnabled():
            fill, line, words = palette.field, None, palette.text3
        rect = QRectF(self.rect())
        painting.box(painter, rect, tokens.RADIUS, fill, line)
        width = self._look.metrics(self._style, 600).horizontalAdvance(self.text()) + self._beside()
        x = 4.0 if self._left else max(8.0, (rect.width() - width) / 2)
        if self._icon and self._has_icon:
            painting.icon(painter, self._look, x, (rect.height() - 18) / 2, self._icon, words, 18, 2)
            x += 24
        if self._chevron:
            painting.icon(painter, self._look, x + width - 40, (rect.height() - 16) / 2, "chevron-down", words, 16)
        area = QRectF(x, 0, rect.width() - x - 4 - (20 if self._chevron else 0), rect.height())
        painting.text(painter, self._look, area, self.text(), self._style, words, 600)
        painter.end()


class IconButton(_Pressable):
    """A square button with an icon; its tooltip is its accessible name."""

    def __init__(
        self,
        look: Look,
        icon: str,
        name: Callable[[], str],
        *,
        size: int = 40,
        icon_size: int = 20,
        colour: str = "text2",
        stroke: float = tokens.STROKE,
    ) -> None:
        super().__init__(look)
        self._icon, self._icon_size, self._colour, self._stroke = icon, icon_size, colour, stroke
        self.is_on = False
        self.fill: str | None = None
        self.round = False
        self.setFixedSize(size, size)
        look.live(self, lambda: self.rename(name()))

    def rename(self, words: str) -> None:
        """Be called otherwise, until the next change of language."""
        self.setToolTip(words.replace("<", "‹"))  # Qt guesses markup in tool tips, and names come from peers
        self.setAccessibleName(words)

    def set_on(self, on: bool) -> None:
        """Show as the chosen one."""
        self.is_on = on
        self.update()

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon = icon
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        rect = QRectF(self.rect())
        radius = rect.width() / 2 if self.round else tokens.RADIUS
        colour = getattr(palette, self._colour)
        strong = self.underMouse() or self.isDown()
        if self.fill:
            fill = palette.accent_press if strong and self.fill == "accent" else getattr(palette, self.fill)
            painting.box(painter, rect, radius, fill if self.isEnabled() else palette.field)
            if not self.isEnabled():
                colour = palette.text3
        elif self.is_on:
            painting.box(painter, rect, radius, palette.rail_on)
            colour = palette.rail_icon_on
        elif strong and self.isEnabled():
            painting.box(painter, rect, radius, QColor(palette.row_hover))
        off = (rect.width() - self._icon_size) / 2
        painting.icon(painter, self._look, off, off, self._icon, colour, self._icon_size, self._stroke)
        painter.end()


class Chip(_Pressable):
    """A filter pill of a row of which one is on."""

    def __init__(self, look: Look, text: Callable[[], str]) -> None:
        super().__init__(look)
        self.radius = 14
        self.setCheckable(True)
        self._text = text
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.live(self, self.refresh)

    def refresh(self) -> None:
        """Ask for the words again."""
        words = self._text()
        if words == self.text():
            return
        self.setText(words)
        self.setAccessibleName(words)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        weight = 600 if self.isChecked() else 500
        return QSize(round(self._look.metrics(tokens.META, weight).horizontalAdvance(self.text()) + 24), 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        on = self.isChecked()
        fill = palette.accent if on else palette.row_on if self.underMouse() else palette.field
        painting.box(painter, QRectF(self.rect()), 14, fill)
        colour = palette.on_accent if on else palette.text2
        weight = 600 if on else 500
        painting.text(
            painter, self._look, QRectF(self.rect()), self.text(), tokens.META, colour, weight, painting.CENTER, False
        )
        painter.end()


class FilterChip(_Pressable):
    """A pill with a chevron: what a list is narrowed to. `set_on` when it narrows anything."""

    MOST = 148

    def __init__(self, look: Look, text: Callable[[], str]) -> None:
        super().__init__(look)
        self.radius = 14
        self.is_on = False
        self._words = text
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.live(self, self.refresh)

    def refresh(self) -> None:
        """Ask for the words again."""
        words = self._words()
        self.setText(words)
        self.setAccessibleName(words)
        self.updateGeometry()
        self.update()

    def set_on(self, on: bool) -> None:
        """Whether it narrows."""
        self.is_on = on
        self.update()

    def sizeHint(self) -> QSize:
        width = self._look.metrics(tokens.META, 600).horizontalAdvance(self.text()) + 40
        return QSize(min(self.MOST, round(width)), 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        hover = self.underMouse() or self.isDown()
        fill = palette.accent_soft if self.is_on else palette.row_on if hover else palette.field
        painting.box(painter, QRectF(self.rect()), 14, fill)
        colour = palette.link if self.is_on else palette.text2
        area = QRectF(self.rect()).adjusted(12, 0, -24, 0)
        painting.text(painter, self._look, area, self.text(), tokens.META, colour, 600 if self.is_on else 500)
        painting.icon(painter, self._look, self.width() - 22, 7, "chevron-down", colour, 14, 2)
        painter.end()


class StateChip(QWidget):
    """The pill with icon and word that tells the state of trust."""

    _KINDS = {  # noqa: RUF012 - a constant table
        "ok": ("shield-check", "ok", "ok_soft"),
        "ok_plain": ("", "ok", "ok_soft"),
        "unverified": ("shield-question-mark", "warn", "warn_soft"),
        "changed": ("shield-alert", "danger", "danger_soft"),
        "accent": ("", "link", "accent_soft"),
        "offline": ("cloud-off", "warn", "warn_soft"),
        "mute": ("", "text2", "field"),
        "timer": ("timer", "text2", "field"),
    }

    def __init__(self, look: Look, kind: str = "ok", *, style: Type = tokens.MICRO) -> None:
        super().__init__()
        self._look = look
        self._kind = kind
        self._style = style
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def show_state(self, kind: str, words: str) -> None:
        """Show icon and word."""
        self._kind, self._words = kind, words
        self.setAccessibleName(words)
        self.updateGeometry()
        if not words:
            self.hide()
        elif self.parentWidget() is not None:  # without a parent it would flash up as a window of its own
            self.show()
        self.update()

    def sizeHint(self) -> QSize:
        icon = 18 if self._KINDS[self._kind][0] else 0
        width = round(self._look.metrics(self._style).horizontalAdvance(self._words) + 18 + icon)
        return QSize(width if icon else max(32, width), self._style.line + (8 if self._style is tokens.MICRO else 6))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        name, colour, fill = self._KINDS[self._kind]
        palette = self._look.palette
        painting.box(painter, QRectF(self.rect()), self.height() / 2, getattr(palette, fill))
        x = 8.0
        if name:
            painting.icon(painter, self._look, x, 4, name, getattr(palette, colour), 14, 2)
            x += 18
        area = QRectF(x, 0, self.width() - x, self.height()) if name else QRectF(self.rect())
        flags = painting.LEFT if name else painting.CENTER
        weight = max(600, self._style.weight)
        painting.text(
            painter, self._look, area, self._words, self._style, getattr(palette, colour), weight, flags, False
        )
        painter.end()
