"""Language and network, top right of the pages before there is an account."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from byre.ui.i18n import LANGUAGES, Language, tr
from byre.ui.look import Look
from byre.ui.widgets.buttons import Button

LANGUAGE_NAMES: dict[Language, str] = {"ko": "한국어", "en": "English"}


class TopBar(QWidget):
    """`network`, `language_chosen(str)`."""

    network = Signal()
    language_chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 15, 14, 0)
        row.setSpacing(0)
        row.addStretch(1)
        self.language_button = Button(
            look, lambda: LANGUAGE_NAMES[look.language], "quiet", height=36, icon="languages", padding=10, chevron=True
        )
        self.language_button.clicked.connect(self._languages)
        self.network_button = Button(look, lambda: tr("Network settings"), "quiet", height=36, icon="globe", padding=10)
        self.network_button.clicked.connect(self.network)
        row.addWidget(self.language_button)
        row.addWidget(self.network_button)

    def _languages(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for language in LANGUAGES:
            action = menu.addAction(LANGUAGE_NAMES[language])
            action.triggered.connect(lambda _=False, chosen=language: self.language_chosen.emit(chosen))
        menu.popup(self.language_button.mapToGlobal(self.language_button.rect().bottomLeft()))
