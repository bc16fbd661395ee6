"""Keeps what is being written as the room's draft in the encrypted store, soon after each pause in typing.

So a draft survives a crash, not only a change of room. The unfinished syllable of an input method is not committed for
it; it is saved when the composer is put away. What is on its way to the store, which may take a while, is known here.
"""

from __future__ import annotations

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
        self._on_the_way: dict[RoomId, str] = {}
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

        if room_id in self._on_the_way:
            loaded(self._on_the_way[room_id])
        else:
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

    def give_back(self, room_id: str, text: str) -> None:
        """A text could not be sent: it stands before what was written there since."""
        room = RoomId(room_id)
        if room == self._room:
            self._composer.finish_composing()
            rest = self._composer.toPlainText()
            self._composer.put(joined(text, rest))
        elif room in self._on_the_way:
            self._put(room, joined(text, self._on_the_way[room]))
        else:
            with suppress(UsageError):
                draft = self._bridge.engine.messages.draft(room)
                self._bridge.run(draft, lambda rest: self._put(room, joined(text, rest)), lambda _code: None)

    def _changed(self) -> None:
        if self._room is not None:
            self.timer.start()

    def _put(self, room_id: RoomId, text: str) -> None:
        if room_id == self._room:
            self._saved = text

        def kept(_none: None) -> None:
            if self._on_the_way.get(room_id) is text:
                del self._on_the_way[room_id]
            if shiboken6.isValid(self):  # the window may have gone meanwhile
                self.kept.emit()

        with suppress(UsageError):  # locked, or destroyed: there is no place for it any more
            saved = self._bridge.engine.messages.save_draft(room_id, text)
            self._on_the_way[room_id] = text
            self._bridge.run(saved, kept, lambda _code: None, is_text=True)


def joined(text: str, rest: str) -> str:
    """Both, one below the other."""
    return f"{text}\n{rest}" if rest.strip() else text
