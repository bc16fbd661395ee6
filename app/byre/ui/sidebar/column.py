"""The frame of every list column: title, action buttons, search field, then the list."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from byre.ui import tokens
from byre.ui.look import Look
from byre.ui.widgets.buttons import IconButton, StateChip
from byre.ui.widgets.cards import Surface
from byre.ui.widgets.fields import Field
from byre.ui.widgets.labels import PlainLabel


class Column(Surface):
    """Title at (16, 24), buttons at the right, field at y 66, content from y 106 on."""

    def __init__(
        self,
        look: Look,
        title: Callable[[], str],
        *,
        placeholder: Callable[[], str] | None = None,
        actions: tuple[IconButton, ...] = (),
        always_field: bool = True,
    ) -> None:
        super().__init__(look, "panel", line="right")
        self.look = look
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 18, 0, 0)
        self.column.setSpacing(0)
        head = self.head = QHBoxLayout()
        head.setContentsMargins(16, 0, 12, 8)
        head.setSpacing(0)
        self.title = PlainLabel(look, tokens.DISPLAY, text=title)
        self.title.setMinimumHeight(40)
        head.addWidget(self.title)
        head.addSpacing(10)
        self.state = StateChip(look)
        self.state.hide()
        head.addWidget(self.state, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addStretch(1)
        for action in actions:
            head.addWidget(action)
        self.column.addLayout(head)
        self.field: Field | None = None
        if placeholder is not None:
            self.field = Field(look, placeholder, placeholder=placeholder, icon="search", clear=True)
            self.field_row = QHBoxLayout()
            self.field_row.setContentsMargins(16, 0, 16, 10)
            self.field_row.addWidget(self.field)
            self.column.addLayout(self.field_row)
            self.field.setVisible(always_field)
