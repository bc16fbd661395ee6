"""The keyboard map: every shortcut once, for the window that obeys them and for the settings page that lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from byre.ui.i18n import tr


@dataclass(frozen=True, slots=True)
class Key:
    """`keys` as Qt spells them, `act` the name of what it does."""

    keys: str
    act: str
    icon: str
    words: Callable[[], str]


KEYS: tuple[Key, ...] = (
    Key("Ctrl+K", "find_name", "search", lambda: tr("Find by name")),
    Key("Ctrl+N", "new_chat", "square-pen", lambda: tr("New chat")),
    Key("Alt+Up", "previous", "chevron-up", lambda: tr("Conversation above")),
    Key("Alt+Down", "next", "chevron-down", lambda: tr("Conversation below")),
    Key("Ctrl+F", "find_here", "search", lambda: tr("Search in this room")),
    Key("F3", "next_hit", "chevron-down", lambda: tr("Next hit")),
    Key("Shift+F3", "previous_hit", "chevron-up", lambda: tr("Previous hit")),
    Key("Ctrl+G", "go_to_date", "calendar-days", lambda: tr("Go to a date")),
    Key("Ctrl+J", "to_end", "arrow-down", lambda: tr("To the newest message")),
    Key("Ctrl+Shift+F", "search_all", "search", lambda: tr("Search all messages")),
    Key("Ctrl+I", "info", "panel-right", lambda: tr("Conversation info")),
    Key("Ctrl+Shift+O", "own_window", "app-window", lambda: tr("Open in its own window")),
    Key("Ctrl+Shift+M", "mute", "bell-off", lambda: tr("Make quiet, or notify again")),
    Key("Ctrl+1", "chats", "messages-square", lambda: tr("Chats")),
    Key("Ctrl+2", "friends", "users", lambda: tr("Friends")),
    Key("Ctrl+3", "note", "notebook-pen", lambda: tr("Note to self")),
    Key("Ctrl+,", "settings", "settings", lambda: tr("Settings")),
    Key("Ctrl+L", "lock", "lock", lambda: tr("Lock")),
    Key("Ctrl+Q", "quit", "log-out", lambda: tr("Quit Byre")),
)
ESCAPE = "Esc"


def install(owner: QWidget, acts: Mapping[str, Callable[[], object]], is_busy: Callable[[], bool]) -> None:
    """Let `owner` obey all keys, unless a sheet is open."""
    for key in KEYS:
        act = acts[key.act]
        shortcut = QShortcut(QKeySequence(key.keys), owner)
        shortcut.activated.connect(lambda do=act: None if is_busy() else do())
