"""Where a window stands and how it looks, for the process that goes on in its place: `x,y,width,height,normal,dark,ko`.

Read back from the environment, so anything may stand there: what is no place on a screen is left out.
"""

from __future__ import annotations

import re
from typing import cast

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from byre.ui.i18n import Language
from byre.ui.look import Theme

_PLACEMENT = re.compile(
    r"(-?\d{1,5}),(-?\d{1,5}),(\d{1,5}),(\d{1,5}),(normal|maximized|minimized)(?:,\w+)*\Z", re.ASCII
)
_LOOKS = re.compile(r".*,(system|light|dark),(ko|en)\Z", re.ASCII)
_TITLE = 40
_VISIBLE = 80  # so much of a window must lie on a screen, in pixels, that it can be taken hold of


def placement_of(window: QWidget) -> str:
    """Where `window` stands. One that is hidden in the tray comes back minimised: nothing else would show it."""
    rect = window.normalGeometry() if window.isMaximized() or window.isMinimized() else window.geometry()
    kind = "minimized" if window.isMinimized() or not window.isVisible() else "normal"
    kind = "maximized" if window.isMaximized() and kind == "normal" else kind
    return f"{rect.x()},{rect.y()},{rect.width()},{rect.height()},{kind}"


def looks_in(placement: str) -> tuple[Theme | None, Language | None]:
    """The theme and the language that the placement names: what the user chose lies in a store that is locked."""
    parsed = _LOOKS.match(placement)
    return (None, None) if parsed is None else (cast(Theme, parsed[1]), cast(Language, parsed[2]))


def show_at(window: QWidget, placement: str) -> None:
    """Show `window` where the placement says, as far as a screen is there; else as it is."""
    parsed = _PLACEMENT.match(placement)
    if parsed is None:
        screen = window.screen()
        if QGuiApplication.platformName() != "offscreen":  # its screen is nobody's
            window.resize(fitting(window.size(), screen.availableGeometry().size()))
        window.show()
        return
    x, y, width, height = (int(number) for number in parsed.groups()[:4])
    place = QRect(x, y, max(width, window.minimumWidth()), max(height, window.minimumHeight()))
    if any(_is_within(place, screen.availableGeometry()) for screen in QGuiApplication.screens()):
        window.setGeometry(place)
    state = {"maximized": Qt.WindowState.WindowMaximized, "minimized": Qt.WindowState.WindowMinimized}.get(parsed[5])
    if state is not None:
        window.setWindowState(state)
    window.show()


def fitting(wanted: QSize, screen: QSize) -> QSize:
    """The size of a window that is wanted, or what a smaller screen leaves for it and its title."""
    return wanted.boundedTo(QSize(screen.width(), screen.height() - _TITLE))


def _is_within(place: QRect, screen: QRect) -> bool:
    seen = place.intersected(screen)
    return seen.width() >= _VISIBLE and seen.height() >= _VISIBLE
