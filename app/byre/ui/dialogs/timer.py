"""A time of one's own after which messages disappear: so many of a unit, between five seconds and four weeks."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from byre.ui.dialogs.sheet import Sheet
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.forms import FormRow
from byre.ui.timers import DAY, HOUR, LONGEST, MINUTE, SHORTEST, UNITS, WEEK, parts, timer_words
from byre.ui.widgets.buttons import Button, Chip

NAMES: dict[int, Callable[[], str]] = {
    1: lambda: tr("Seconds"),
    MINUTE: lambda: tr("Minutes"),
    HOUR: lambda: tr("Hours"),
    DAY: lambda: tr("Days"),
    WEEK: lambda: tr("Weeks"),
}


def _reach() -> str:
    return tr("From {shortest} to {longest}.", shortest=timer_words(SHORTEST), longest=timer_words(LONGEST))


class TimerEntry(Sheet):
    """`chosen(seconds)`."""

    chosen = Signal(int)

    def __init__(self, look: Look, window: QWidget, seconds: int) -> None:
        super().__init__(look, window, width=440)
        count, self.unit = parts(seconds)
        self.head(
            lambda: tr("Disappearing messages"),
            lambda: tr(
                "New messages disappear on all devices of the room this long after they were read; your own, after "
                "they were sent."
            ),
        )
        self.row = FormRow(look, lambda: tr("After how long"), hint=_reach)
        self.row.field.set_text(str(count))
        self.row.field.line.setMaxLength(7)
        self.row.field.submitted.connect(self._done)
        self.row.field.edited.connect(lambda _text: self._say())
        self.body.addWidget(self.row)
        self.body.addSpacing(12)
        chips = QHBoxLayout()
        chips.setSpacing(6)
        self._group = QButtonGroup(self)
        self.chips: dict[int, Chip] = {}
        for unit in UNITS:
            chip = Chip(look, NAMES[unit])
            chip.setChecked(unit == self.unit)
            chip.clicked.connect(lambda _=False, u=unit: self._use(u))
            self._group.addButton(chip)
            chips.addWidget(chip)
            self.chips[unit] = chip
        chips.addStretch(1)
        self.body.addLayout(chips)
        cancel = Button(look, lambda: tr("Cancel"), "secondary")
        cancel.clicked.connect(self.close_sheet)
        self.save = Button(look, lambda: tr("Save"))
        self.save.clicked.connect(self._done)
        self.foot(cancel, self.save)
        self._say()

    def focus_first(self) -> None:
        """Into the field."""
        self.row.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.row.field.line.selectAll()

    def seconds(self) -> int | None:
        """The time as written, None when it is none or out of reach."""
        words = self.row.text().strip()
        if not (words.isascii() and words.isdecimal()):
            return None
        seconds = int(words) * self.unit
        return seconds if SHORTEST <= seconds <= LONGEST else None

    def _use(self, unit: int) -> None:
        self.unit = unit
        for chip in self.chips.values():
            chip.updateGeometry()
        self._say()

    def _say(self) -> None:
        seconds = self.seconds()
        self.save.setEnabled(seconds is not None)
        self.row.set_error("bad_timer" if seconds is None and self.row.text().strip() else "")

    def _done(self) -> None:
        seconds = self.seconds()
        if seconds is not None:
            self.chosen.emit(seconds)
            self.close_sheet()
