"""What the window is made of once there is an engine. Imported after the first paint, so that it does not delay it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from byre.client.events import OwnListForked, StatusChanged
from byre.client.views import ProfileState
from byre.ui.asking import Asking
from byre.ui.copying import Copying
from byre.ui.desktop.desktop import Desktop
from byre.ui.erasing import Erasing
from byre.ui.flows.first_run import page_for
from byre.ui.input_watch import InputWatch
from byre.ui.key_acts import acts_of
from byre.ui.keymap import install
from byre.ui.locking import Locking
from byre.ui.look import Look
from byre.ui.managing import Managing
from byre.ui.messenger import Messenger
from byre.ui.news import News
from byre.ui.onboarding import Onboarding
from byre.ui.phone_linking import PhoneLinking
from byre.ui.preferences import Preferences
from byre.ui.removal import Removal
from byre.ui.searching import Searching
from byre.ui.wiping import Wiping

__all__ = [
    "Asking",
    "Copying",
    "Desktop",
    "Erasing",
    "InputWatch",
    "Locking",
    "Messenger",
    "News",
    "Onboarding",
    "OwnListForked",
    "PhoneLinking",
    "Preferences",
    "ProfileState",
    "Removal",
    "StatusChanged",
    "Wiping",
    "install_keys",
    "page_for",
    "serve",
]


def serve(messenger: Messenger, look: Look, asking: Asking, copying: Copying, wiping: Wiping, window: QWidget) -> None:
    """Let what this messenger's search, rooms, links and settings ask for be answered."""
    Searching(look, asking, window).serve(messenger)
    Managing(look, messenger.bridge, asking, window).serve(messenger)
    pane = messenger.settings_pane
    pane.backup_wanted.connect(copying.export)
    pane.lock_change_wanted.connect(copying.change_lock)
    pane.recovery_code_wanted.connect(copying.new_recovery_code)
    pane.said.connect(copying.said)
    pane.certificate_wanted.connect(wiping.show_certificate)


def install_keys(
    messenger: Messenger, desktop: Desktop, close: Callable[[], object], is_busy: Callable[[], bool]
) -> None:
    """Let this messenger obey the keyboard map."""

    def own_window() -> None:
        if messenger.room_pane.room is not None:
            desktop.open_own(messenger.room_pane.room.room_id)

    acts = {**acts_of(messenger), "own_window": own_window, "quit": close}
    install(messenger, acts, is_busy)
