"""Keeps what is being written as the room's draft in the encrypted store, soon after each pause in typing.

So a draft survives a crash, not only a change of room. The unfinished syllable of an input method is not committed for
it; it is saved when the composer is put away.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal

from byre.client.views import RoomId
from byre.errors import UsageError
from byre.ui.bridge import Bridge
from byre.ui.composer import Composer

PAUSE_MS = 800


class Drafts(QObject):
    """The drafts of one composer that moves from room to room. `kept` after one was saved or forgotten."""

    kept = Signal()

    def __init__(self, bridge: Bridge, composer: Composer) -> None:
        super().__init__(composer)
        self._bridge, self._composer = bridge, composer
        self._room: RoomId | None = None
        self._saved = ""
        self.saving: asyncio.Task[None] | None = None
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(PAUSE_MS)
        self.timer.timeout.connect(self.keep)
        composer.changed.connect(self._changed)

    def begin(self, room_id: RoomId) -> None:
        """The composer belongs to this room now: show its draft, if nothing was typed meanwhile."""
        self._room, self._saved = room_id, ""

        def loaded(text: str) -> None:
            if self._room == room_id:
                self._saved = text
                if text and not self._composer.has_text():
                    self._composer.put(text)

        self._bridge.run(self._bridge.engine.messages.draft(room_id), loaded, lambda _code: None)

    def end(self) -> None:
        """Save all of it, the unfinished syllable included, and empty the composer."""
        self.timer.stop()
        text = self._composer.take()
        room, self._room = self._room, None
        self.timer.stop()
        if room is not None:
            self._put(room, text)

    def sent(self) -> None:
        """What was written is a message now."""
        self.timer.stop()
        if self._room is not None and self._saved:
            self._put(self._room, "")

    def keep(self) -> None:
        """Save what is there now."""
        self.timer.stop()
        text = self._composer.toPlainText()
        if self._room is not None and text != self._saved:
            self._put(self._room, text)

    def put(self, room_id: RoomId, text: str) -> None:
        """Save a text that could not be sent, for a room that is not shown any more."""
        self._put(room_id, text)

    def _changed(self) -> None:
        if self._room is not None:
            self.timer.start()

    def _put(self, room_id: RoomId, text: str) -> None:
        if room_id == self._room:
            self._saved = text
        with suppress(UsageError):  # locked, or destroyed: there is no place for it any more
            saved = self._bridge.engine.messages.save_draft(room_id, text)
            self.saving = self._bridge.run(saved, lambda _none: self._told(), lambda _code: None)

    def _told(self) -> None:
        if shiboken6.isValid(self):  # the window may have gone meanwhile
            self.kept.emit()
