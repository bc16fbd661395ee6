"""One page of the settings: title, headings, cards of rows, lists to choose from.

It is filled once, when it is shown: its words follow the language by themselves, and `refresh` takes what became of the
account. What has the focus, and what one is writing (the unfinished syllable of an input method, too), stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from byre.client.views import Status
from byre.ui import tokens
from byre.ui.look import Look
from byre.ui.plain import one_line
from byre.ui.widgets.cards import Box, Line
from byre.ui.widgets.choices import Choices
from byre.ui.widgets.labels import Icon, PlainLabel

Words = Callable[[], str]


class SettingsPage(QWidget):
    """`chosen(name, value)`; `choices(name)` tells what holds now."""

    chosen = Signal(str, str)

    def __init__(self, look: Look, choices: Callable[[str], str]) -> None:
        super().__init__()
        self.look, self._value_of = look, choices
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)

    def refresh(self, status: Status) -> None:
        """Take what is different about the account now; a page that shows nothing of it stays as it is."""

    def put_title(self, words: Words, why: Words | None = None) -> None:
        """The page's name, and what it is about."""
        self.column.addWidget(PlainLabel(self.look, tokens.H1, wrap=True, text=words))
        self.column.addSpacing(6)
        if why is not None:
            self.column.addWidget(self._small(why))
        self.column.addSpacing(20)

    def put_heading(self, words: Words, why: Words | None = None) -> None:
        """The name of what follows."""
        self.column.addSpacing(24)
        self.column.addWidget(PlainLabel(self.look, tokens.TITLE, weight=600, text=words))
        if why is not None:
            self.column.addSpacing(4)
            self.column.addWidget(self._small(why))
        self.column.addSpacing(12)

    def put_choices(self, setting: str, options: Sequence[tuple[str, str, Words]]) -> Choices:
        """Options of (value, icon, words) of one setting."""
        choices = Choices(self.look, options, self._value_of(setting))
        choices.chosen.connect(lambda value: self.chosen.emit(setting, value))
        self.column.addWidget(choices)
        return choices

    def put_card(self, rows: Sequence[tuple[str, Words, Words]]) -> InfoCard:
        """Rows of (icon, name, value)."""
        card = InfoCard(self.look, rows)
        self.column.addWidget(card)
        return card

    def put_widget(self, widget: QWidget, *, left: bool = False) -> None:
        """Anything else."""
        self.column.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag(0))

    def _small(self, words: Words) -> PlainLabel:
        return PlainLabel(self.look, tokens.LABEL, "text2", weight=400, wrap=True, line_height=20, text=words)


class InfoCard(Box):
    """Rows that only tell: icon, name, value."""

    def __init__(self, look: Look, rows: Sequence[tuple[str, Words, Words]]) -> None:
        super().__init__(look, "card", line="line", radius=16)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._values: list[tuple[PlainLabel, Words]] = []
        for at, (icon, name, value) in enumerate(rows):
            if at:
                column.addWidget(Line(look))
            holder = QWidget()
            holder.setMinimumHeight(60)
            row = QHBoxLayout(holder)
            row.setContentsMargins(20, 8, 20, 8)
            row.setSpacing(16)
            row.addWidget(Icon(look, icon, "text2", 20))
            row.addWidget(PlainLabel(look, tokens.LABEL, text=name))
            shown = PlainLabel(look, tokens.LABEL, "text2", weight=400, align=Qt.AlignmentFlag.AlignRight)
            self._values.append((shown, value))
            row.addWidget(shown, 1)
            column.addWidget(holder)
        look.live(self, self.say)

    def say(self) -> None:
        """Say the values again."""
        for shown, value in self._values:
            shown.set_text(one_line(value(), 120))
