"""The look of the window: palette, fonts, icons and language, live-switchable, handed to every widget.

A widget registers what depends on the look with `live(self, function)`: the function runs at once and after
every change of theme or language, as long as the widget lives. There is no global look.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import shiboken6
from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QGuiApplication, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from byre.ui import tokens
from byre.ui.i18n import Language, Translation
from byre.ui.tokens import Palette, Type

Theme = Literal["system", "light", "dark"]
DRAWN = 400
THEMES: tuple[Theme, ...] = ("system", "light", "dark")


class Look(QObject):
    """What everything is drawn with. `changed` fires after a change of theme or language."""

    changed = Signal()

    def __init__(self, resources: Path, *, theme: Theme = "system", language: Language = "ko") -> None:
        super().__init__()
        self._resources = resources
        self._fonts: dict[tuple[Type, int | None, bool], QFont] = {}
        self._metrics: dict[tuple[Type, int | None], QFontMetricsF] = {}
        self._icons: dict[tuple[str, str, float, float, str | None], QPixmap] = {}
        self._drawn: dict[tuple[str, str, float], QPixmap] = {}
        self._live: list[tuple[QObject, Callable[[], None]]] = []
        for name in ("Regular", "Medium", "SemiBold", "Bold"):
            QFontDatabase.addApplicationFont(str(resources / "fonts" / f"Pretendard-{name}.otf"))
        self.translation = Translation(resources / "translations")
        self.translation.use(language)
        self.theme: Theme = theme
        self.text_scale = 100
        self.by_keys = True
        """Whether the last thing that the user did was to press a key."""
        self.on_phone = False
        """Whether this is the phone's window: sentences about this device call it so."""
        self.palette: Palette = self._choose()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def language(self) -> Language:
        return self.translation.language

    def now_ms(self) -> int:
        """Wall clock for countdowns and relative days; tests replace it."""
        return time.time_ns() // 1_000_000

    def set_theme(self, theme: Theme) -> None:
        """Switch light, dark or system while running."""
        self.theme = theme
        self._apply()

    def set_language(self, language: Language) -> None:
        """Switch the language while running."""
        if language != self.language:
            self.translation.use(language)
            self._apply(force=True)

    def set_text_scale(self, percent: int) -> None:
        """Show conversations (not the controls around them) at 80 to 200 % while running."""
        percent = max(80, min(200, percent))
        if percent != self.text_scale:
            self.text_scale = percent
            self._apply(force=True)

    def scaled(self, style: Type) -> Type:
        """A type style as the text of conversations is shown now."""
        if self.text_scale == 100:
            return style
        return Type(round(style.px * self.text_scale / 100), style.weight, round(style.line * self.text_scale / 100))

    def live(self, owner: QObject, function: Callable[[], None]) -> None:
        """Run `function` now and after each change while `owner` lives."""
        self._live.append((owner, function))
        function()

    def font(self, style: Type, weight: int | None = None, *, tabular: bool = False) -> QFont:
        """The font of a type style, optionally at another weight or with figures of one width."""
        key = (style, weight, tabular)
        font = self._fonts.get(key)
        if font is None:
            font = QFont()
            font.setFamilies(list(tokens.FAMILIES))
            font.setPixelSize(style.px)
            font.setWeight(QFont.Weight(weight or style.weight))
            font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
            font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
            if tabular:
                font.setFeature(QFont.Tag("tnum"), 1)
            self._fonts[key] = font
        return font

    def metrics(self, style: Type, weight: int | None = None) -> QFontMetricsF:
        """Metrics of that font."""
        key = (style, weight)
        metrics = self._metrics.get(key)
        if metrics is None:
            metrics = self._metrics[key] = QFontMetricsF(self.font(style, weight))
        return metrics

    def icon(
        self, name: str, colour: str, size: float = 20, stroke: float = tokens.STROKE, fill: str | None = None
    ) -> QPixmap:
        """A Lucide icon in a colour, sharp on the primary screen."""
        key = (name, colour, size, stroke, fill)
        pixmap = self._icons.get(key)
        if pixmap is None:
            svg = (self._resources / "icons" / f"{name}.svg").read_text(encoding="utf-8")
            svg = svg.replace("currentColor", colour).replace('stroke-width="2"', f'stroke-width="{stroke}"')
            if fill:
                svg = svg.replace('fill="none"', f'fill="{fill}"', 1)
            pixmap = self._render(svg, size)
            self._icons[key] = pixmap
        return pixmap

    def drawn(self, key: tuple[str, str, float], draw: Callable[[QPainter], None]) -> QPixmap:
        """A square picture that is drawn once; `key` is (kind, name, size). At most `DRAWN` are kept."""
        pixmap = self._drawn.get(key)
        if pixmap is None:
            pixmap = self._blank(key[2])
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw(painter)
            painter.end()
            self._drawn[key] = pixmap
            if len(self._drawn) > DRAWN:
                self._drawn.pop(next(iter(self._drawn)))
        return pixmap

    def logo(self, size: float, mono: str | None = None) -> QPixmap:
        """The logo, or its one-colour mark when `mono` is a colour."""
        key = ("logo", mono or "", size, 0.0, None)
        pixmap = self._icons.get(key)
        if pixmap is None:
            file = "logo-mono.svg" if mono else "logo.svg"
            svg = (self._resources / "logo" / file).read_text(encoding="utf-8")
            pixmap = self._render(svg.replace("currentColor", mono or ""), size)
            self._icons[key] = pixmap
        return pixmap

    def name_colour(self, index: int) -> str:
        """The colour of a sender's name in a bubble."""
        return (tokens.NAMES_DARK if self.palette.is_dark else tokens.AVATARS)[index % len(tokens.AVATARS)]

    def close(self) -> None:
        """Let go of the application: translator, style hints and all functions."""
        QGuiApplication.styleHints().colorSchemeChanged.disconnect(self._system_changed)
        self.translation.close()
        self._live.clear()

    def _blank(self, size: float) -> QPixmap:
        screen = QGuiApplication.primaryScreen()
        ratio = screen.devicePixelRatio() if screen is not None else 1.0
        pixmap = QPixmap(round(size * ratio), round(size * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(QColor(Qt.GlobalColor.transparent))
        return pixmap

    def _render(self, svg: str, size: float) -> QPixmap:
        pixmap = self._blank(size)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size, size))
        painter.end()
        return pixmap

    def _choose(self) -> Palette:
        dark = self.theme == "dark"
        if self.theme == "system":
            dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return tokens.DARK if dark else tokens.LIGHT

    def _system_changed(self, *_: object) -> None:
        self._apply()

    def _apply(self, force: bool = False) -> None:
        palette = self._choose()
        if palette is self.palette and not force:
            return
        self.palette = palette
        self._live = [(owner, function) for owner, function in self._live if shiboken6.isValid(owner)]
        for owner, function in tuple(self._live):
            if shiboken6.isValid(owner):
                function()
        self.changed.emit()
