"""What each shortcut of the keyboard map does inside the messenger."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from byre.ui.messenger import Messenger


def acts_of(messenger: Messenger) -> dict[str, Callable[[], object]]:
    """What the keys do inside the messenger."""
    pane = messenger.room_pane

    def find_name() -> None:
        messenger.go("chats")
        if messenger.chats.field is not None:
            messenger.chats.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def find_here() -> None:
        if pane.room is not None:
            pane.finder.open()

    def step(by: int) -> None:
        room_id = messenger.chats.neighbour(by)
        if room_id is not None:
            messenger.open_room(room_id)

    def mute() -> None:
        if pane.room is not None:
            messenger.marks.toggle_mute(pane.room.room_id)

    return {
        "find_name": find_name,
        "new_chat": messenger.new_chat.emit,
        "previous": lambda: step(-1),
        "next": lambda: step(1),
        "find_here": find_here,
        "next_hit": lambda: messenger.step_hit(1),
        "previous_hit": lambda: messenger.step_hit(-1),
        "go_to_date": pane.go_to_date,
        "to_end": pane.to_end,
        "search_all": messenger.search_all,
        "info": messenger.toggle_drawer,
        "mute": mute,
        "chats": lambda: messenger.go("chats"),
        "friends": lambda: messenger.go("friends"),
        "note": lambda: messenger.go("note"),
        "settings": lambda: messenger.go("settings"),
        "lock": lambda: messenger.go("lock"),
    }
