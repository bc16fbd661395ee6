"""What the window is made of once there is an engine. Imported after the first paint, so that it does not delay it."""

from byre.client.events import DeviceLinked, OwnListForked, RoomRequested, StatusChanged
from byre.client.views import ProfileState
from byre.ui import keymap
from byre.ui.asking import Asking
from byre.ui.desktop.desktop import Desktop
from byre.ui.erasing import Erasing
from byre.ui.flows.first_run import page_for
from byre.ui.managing import Managing
from byre.ui.messenger import Messenger
from byre.ui.onboarding import Onboarding
from byre.ui.pages.lock import LockPage
from byre.ui.phone_linking import PhoneLinking
from byre.ui.preferences import Preferences
from byre.ui.removal import Removal
from byre.ui.searching import Searching
from byre.ui.wiping import Wiping

__all__ = [
    "Asking",
    "Desktop",
    "DeviceLinked",
    "Erasing",
    "LockPage",
    "Managing",
    "Messenger",
    "Onboarding",
    "OwnListForked",
    "PhoneLinking",
    "Preferences",
    "ProfileState",
    "Removal",
    "RoomRequested",
    "Searching",
    "StatusChanged",
    "Wiping",
    "keymap",
    "page_for",
]
