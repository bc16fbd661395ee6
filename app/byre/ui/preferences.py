"""What the user chose: theme, language, keys, notifications, lock; kept in the engine's encrypted settings."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from byre.ui.bridge import Bridge
from byre.ui.i18n import LANGUAGES
from byre.ui.look import THEMES, Look
from byre.ui.messenger import Messenger

OPTIONS: dict[str, tuple[str, ...]] = {
    "ui.theme": THEMES,
    "ui.language": LANGUAGES,
    "ui.text_scale": ("100", "80", "90", "110", "125", "150", "175", "200"),
    "ui.send_key": ("enter", "ctrl"),
    "ui.notify": ("on", "off"),
    "ui.previews": ("none", "names", "all"),
    "ui.list_previews": ("on", "off"),
    "ui.idle_minutes": ("0", "1", "5", "10", "30", "60"),
    "ui.screen_lock": ("on", "off"),
    "ui.on_close": ("quit", "hide"),
    "ui.keep_days": ("0", "7", "30", "90", "365"),
}
"""Name of each choice and its values; the first one holds until the user chooses (theme and language: the system's)."""


class Preferences(QObject):
    """Reads them once the store is open; unknown values are ignored. `changed(name, value)`."""

    changed = Signal(str, str)

    def __init__(self, look: Look, bridge: Bridge) -> None:
        super().__init__()
        self._look, self._bridge = look, bridge
        self._values = {name: values[0] for name, values in OPTIONS.items()}
        self._messenger: Messenger | None = None
        self._early: dict[str, str] = {}
        self._newer: set[str] = set()
        """What the user chose since the kept values were asked for: those answers come too late."""

    def value(self, name: str) -> str:
        """What holds now."""
        if name == "ui.theme":
            return self._look.theme
        if name == "ui.language":
            return self._look.language
        return self._values[name]

    def apply_to(self, messenger: Messenger) -> None:
        """Follow the settings page of `messenger` and load what was kept."""
        self._messenger = messenger
        messenger.settings_pane.choices = self.value
        messenger.settings_pane.chosen.connect(self.choose)
        early, self._early = self._early, {}
        self._newer.clear()
        for name in OPTIONS:
            if name in early:
                self.choose(name, early[name])
            else:
                self._load(name)

    def choose_early(self, name: str, value: str) -> None:
        """The user chose before there is an account: it holds now, and is kept once there is a store."""
        if self._apply(name, value):
            self._early[name] = value

    def choose(self, name: str, value: str) -> None:
        """The user chose; apply and keep."""
        if not self._apply(name, value):
            return
        self._newer.add(name)
        settings = self._bridge.engine.settings
        self._bridge.run(settings.put(name, value))
        if name == "ui.keep_days":  # what the engine goes by
            self._bridge.run(settings.put("keep_messages_for_s", int(value) * 86_400))

    def _load(self, name: str) -> None:
        def loaded(value: object | None) -> None:
            if isinstance(value, str) and name not in self._newer:
                self._apply(name, value)

        self._bridge.run(self._bridge.engine.settings.get(name), loaded, lambda _code: None)

    def _apply(self, name: str, value: str) -> bool:
        if value not in OPTIONS.get(name, ()):
            return False
        self._values[name] = value
        messenger = self._messenger
        if name == "ui.theme":
            self._look.set_theme(next(theme for theme in THEMES if theme == value))
        elif name == "ui.language":
            self._look.set_language(next(language for language in LANGUAGES if language == value))
        elif name == "ui.text_scale":
            self._look.set_text_scale(int(value))
        elif name == "ui.send_key" and messenger is not None:
            messenger.room_pane.composer_bar.set_send_key(value == "ctrl")
        elif name == "ui.list_previews" and messenger is not None:
            messenger.chats.model.set_previews(value == "on")
        self.changed.emit(name, value)
        return True
