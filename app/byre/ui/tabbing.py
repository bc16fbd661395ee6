"""Where Tab leads: through all that is in sight as one reads it, part by part and line by line.

Qt goes in the order in which widgets were made, and much is made anew while the window is open.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

SAME_LINE = 10
AROUND = 50


def step(root: QWidget, parts: Sequence[QWidget], forward: bool) -> None:
    """Give the focus to the stop after the one that has it, or before; from the last on to the first.

    `parts` of `root` in the order in which they are read; each may be hidden.
    """
    stops = [stop for part in parts for stop in _as_read(root, _stops(part))]
    if not stops:
        return
    now = QApplication.focusWidget()
    at = stops.index(now) if now in stops else (-1 if forward else 0)
    target = stops[(at + (1 if forward else -1)) % len(stops)]
    target.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    around = target.parentWidget()
    while around is not None and around is not root:
        if isinstance(around, QScrollArea):  # Qt scrolls in the area that was left, not in the one that is entered
            around.ensureWidgetVisible(target, 0, AROUND)
        around = around.parentWidget()


def _stops(part: QWidget) -> list[QWidget]:
    return [
        w
        for w in part.findChildren(QWidget)
        if w.isVisible() and w.isEnabled() and w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.focusProxy() is None
    ]


def _as_read(root: QWidget, widgets: Sequence[QWidget]) -> list[QWidget]:
    """Line by line, whatever was made first: rows are put in while a sheet is open."""
    middles = {widget: widget.mapTo(root, widget.rect().center()) for widget in widgets}
    lines: list[list[QWidget]] = []
    for widget in sorted(widgets, key=lambda each: middles[each].y()):
        if not lines or middles[widget].y() - middles[lines[-1][0]].y() > SAME_LINE:
            lines.append([])
        lines[-1].append(widget)
    return [widget for line in lines for widget in sorted(line, key=lambda each: middles[each].x())]
