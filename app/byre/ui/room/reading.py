"""Tells the engine what was read in the open room: what is at the end, on a visible and active window, and no more."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from byre.client.views import MessageId, RoomState
from byre.ui.bridge import Bridge
from byre.ui.room.window import RoomWindow
from byre.ui.transcript.view import Transcript

PAUSE_MS = 300


class Reading(QObject):
    """Belongs to one room pane. A burst of messages is told at once, and none of them twice."""

    def __init__(self, bridge: Bridge, window_model: RoomWindow, transcript: Transcript) -> None:
        super().__init__(transcript)
        self._bridge, self._model, self._transcript = bridge, window_model, transcript
        self._told: MessageId | None = None
        self.may_tell = False
        """Whether the others of the room are to know: one writes here, and takes part."""
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(PAUSE_MS)
        self.timer.timeout.connect(self._tell)

    def begin(self) -> None:
        """Another room is shown."""
        self._told = None

    def tell_soon(self) -> None:
        """Something more may be in sight."""
        if not self.timer.isActive():
            self.timer.start()

    def tell_what_waits(self) -> None:
        """The room goes out of sight."""
        if self.timer.isActive():
            self.timer.stop()
            self._tell()

    def _tell(self) -> None:
        room, transcript = self._model.room, self._transcript
        if room is None or not transcript.isVisible() or not transcript.window().isActiveWindow():
            return
        is_over = room.state in (RoomState.LEFT, RoomState.REMOVED)  # nobody is told of it any more
        may_tell = room.state is RoomState.ACTIVE and self.may_tell
        if not transcript.sticks or not self._model.at_end or not (is_over or may_tell):
            return
        last = next((m for m in reversed(self._model.messages) if not m.is_own), None)
        if last is not None and last.message_id != self._told:
            self._told = last.message_id
            told = self._bridge.engine.messages.mark_read(room.room_id, last.message_id)
            self._bridge.run(told, lambda _none: self._model.follow_timers(), lambda _code: None)
