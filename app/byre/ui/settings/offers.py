"""The pages that only offer choices or tell: notifications, privacy, theme, typing, language, about."""

from __future__ import annotations

from functools import partial

from byre import __version__
from byre.ui.i18n import LANGUAGES, tr
from byre.ui.keymap import KEYS
from byre.ui.look import THEMES
from byre.ui.pages.top_bar import LANGUAGE_NAMES
from byre.ui.settings.page import SettingsPage, Words

TEXT_SIZES = ("80", "90", "100", "110", "125", "150", "175", "200")


def put_notices(page: SettingsPage) -> None:
    """Notifications, and what closing the window does."""
    page.put_title(lambda: tr("Notifications"), lambda: tr("While Byre is locked nothing is shown at all."))
    page.put_choices(
        "ui.notify",
        (("on", "bell", lambda: tr("Show notifications")), ("off", "bell-off", lambda: tr("No notifications"))),
    )
    page.put_heading(
        lambda: tr("What a notification shows"),
        lambda: tr("Notifications are kept by your system, outside of Byre's encrypted store."),
    )
    page.put_choices(
        "ui.previews",
        (
            ("none", "eye-off", lambda: tr("Neither names nor texts")),
            ("names", "user-round", lambda: tr("Names only")),
            ("all", "eye", lambda: tr("Names and texts")),
        ),
    )
    page.put_heading(lambda: tr("When the window is closed"))
    page.put_choices(
        "ui.on_close",
        (
            ("quit", "log-out", lambda: tr("Quit Byre")),
            ("hide", "bell", lambda: tr("Stay in the notification area")),
        ),
    )


def put_privacy(page: SettingsPage) -> None:
    """What is seen on this screen, and what others are told."""
    page.put_title(lambda: tr("Privacy"), lambda: tr("What others and this screen get to see."))
    page.put_choices(
        "ui.list_previews",
        (
            ("on", "eye", lambda: tr("Show last messages in the list")),
            ("off", "eye-off", lambda: tr("Show only how many are unread")),
        ),
    )
    page.column.addSpacing(24)
    page.put_card(
        (
            ("eye-off", lambda: tr("When you are online, or typing"), lambda: tr("Never told")),
            ("globe", lambda: tr("Previews of links"), lambda: tr("Never loaded")),
            ("check-check", lambda: tr("That you read a message"), lambda: tr("Told to the room")),
        )
    )


def put_theme(page: SettingsPage) -> None:
    """Light or dark, and the size of what is read."""
    page.put_title(lambda: tr("Theme and text"))
    names = {"system": lambda: tr("Like the system"), "light": lambda: tr("Light"), "dark": lambda: tr("Dark")}
    icons = {"system": "monitor", "light": "sun", "dark": "moon"}
    page.put_choices("ui.theme", [(theme, icons[theme], names[theme]) for theme in THEMES])
    page.put_heading(
        lambda: tr("Size of the text"), lambda: tr("For the text of conversations and the field where you write.")
    )
    page.put_choices("ui.text_scale", [(size, "file-text", _said(f"{size} %")) for size in TEXT_SIZES])


def put_keys(page: SettingsPage) -> None:
    """Which key sends, and all shortcuts."""
    page.put_title(lambda: tr("Typing and shortcuts"))
    page.put_choices(
        "ui.send_key",
        (
            ("enter", "keyboard", lambda: tr("Enter sends · Shift+Enter breaks the line")),
            ("ctrl", "keyboard", lambda: tr("Ctrl+Enter sends · Enter breaks the line")),
        ),
    )
    page.column.addSpacing(24)
    page.put_card([(key.icon, key.words, _said(key.keys)) for key in KEYS])


def put_language(page: SettingsPage) -> None:
    """The language of the window."""
    page.put_title(lambda: tr("Language"))
    page.put_choices("ui.language", [(each, "languages", _said(LANGUAGE_NAMES[each])) for each in LANGUAGES])


def put_about(page: SettingsPage) -> None:
    """What this is, and under which licences."""
    page.put_title(lambda: tr("About and licences"))
    page.put_card(
        (
            ("info", lambda: tr("Byre"), _said(__version__)),
            ("file-text", lambda: tr("Licence"), _said("AGPL-3.0-or-later")),
            ("file-text", _said("Pretendard"), _said("OFL-1.1")),
            ("file-text", _said("Lucide"), _said("ISC, MIT")),
            ("file-text", _said("Qt for Python"), _said("LGPL-3.0")),
        )
    )


def _said(words: str) -> Words:
    """The same in every language."""
    return partial(str, words)
