"""Theme, language and send key, kept in the engine's encrypted settings and applied while running."""

from __future__ import annotations

from PySide6.QtCore import QObject

from byre.ui.bridge import Bridge
from byre.ui.i18n import LANGUAGES
from byre.ui.look import THEMES, Look
from byre.ui.messenger import Messenger

NAMES = ("ui.theme", "ui.language", "ui.send_key")


class Preferences(QObject):
    """Reads them once the store is open; unknown values are ignored."""

    def __init__(self, look: Look, bridge: Bridge) -> None:
        super().__init__()
        self._look, self._bridge = look, bridge
        self._messenger: Messenger | None = None

    def apply_to(self, messenger: Messenger) -> None:
        """Follow the settings page of `messenger` and load what was kept."""
        self._messenger = messenger
        messenger.settings_pane.chosen.connect(self.choose)
        for name in NAMES:
            self._load(name)

    def choose(self, name: str, value: str) -> None:
        """The user chose; apply and keep."""
        self._apply(name, value)
        self._bridge.run(self._bridge.engine.settings.put(name, value))

    def _load(self, name: str) -> None:
        def loaded(value: object | None) -> None:
            if isinstance(value, str):
                self._apply(name, value)

        self._bridge.run(self._bridge.engine.settings.get(name), loaded, lambda _code: None)

    def _apply(self, name: str, value: str) -> None:
        if name == "ui.theme":
            for theme in THEMES:
                if theme == value:
                    self._look.set_theme(theme)
        elif name == "ui.language":
            for language in LANGUAGES:
                if language == value:
                    self._look.set_language(language)
        elif name == "ui.send_key" and value in ("enter", "ctrl") and self._messenger is not None:
            self._messenger.settings_pane.send_with_ctrl = value == "ctrl"
            self._messenger.room_pane.composer_bar.set_send_key(value == "ctrl")
