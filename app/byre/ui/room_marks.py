"""Rooms that the user made quiet or pinned, kept in the engine's encrypted settings."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from byre.ui.bridge import Bridge

NAME = "ui.room_marks"
MOST = 500


class RoomMarks(QObject):
    """`changed` when a room was muted, pinned or the reverse. Unknown content of the setting is ignored."""

    changed = Signal()

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._marks: dict[str, list[str]] = {"muted": [], "pinned": []}
        self._bridge.run(bridge.engine.settings.get(NAME), self._loaded, lambda _code: None)

    def is_muted(self, room_id: str) -> bool:
        """No notifications, a grey badge."""
        return room_id in self._marks["muted"]

    def is_pinned(self, room_id: str) -> bool:
        """Above the others."""
        return room_id in self._marks["pinned"]

    def toggle_mute(self, room_id: str) -> None:
        """Make it quiet, or loud again."""
        self._toggle("muted", room_id)

    def toggle_pin(self, room_id: str) -> None:
        """Pin it, or let it go."""
        self._toggle("pinned", room_id)

    def _toggle(self, kind: str, room_id: str) -> None:
        rooms = self._marks[kind]
        self._marks[kind] = [r for r in rooms if r != room_id] if room_id in rooms else [room_id, *rooms][:MOST]
        self.changed.emit()
        self._bridge.run(self._bridge.engine.settings.put(NAME, dict(self._marks)))

    def _loaded(self, value: object | None) -> None:
        if isinstance(value, dict):
            for kind in self._marks:
                rooms = value.get(kind)
                if isinstance(rooms, list):
                    self._marks[kind] = [room for room in rooms if isinstance(room, str)][:MOST]
            self.changed.emit()
