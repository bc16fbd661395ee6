"""Finding inside one room: the whole of it in the store, not only the rows that are loaded.

The engine names the hits, newest first; the transcript marks those that it shows, and jumps to the one that is looked
at. Pages of hits are asked for on the way to older ones.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from byre.client.views import MessageId, RoomId, SearchHitView
from byre.ui.bridge import Bridge
from byre.ui.plain import utf16_length
from byre.ui.room.findbar import FindBar
from byre.ui.room.window import RoomWindow
from byre.ui.transcript.view import Spans, Transcript

TYPING_PAUSE_MS = 120
PAGE = 200
MOST_PAGES = 5
"""How many pages are looked through for a hit that was chosen elsewhere before its number is given up."""


class RoomFinder(QObject):
    """Owns what the find bar finds. `closed` when the user is done with it."""

    opened = Signal(bool)
    closed = Signal()

    def __init__(self, bridge: Bridge, bar: FindBar, model: RoomWindow, transcript: Transcript) -> None:
        super().__init__(bar)
        self._bridge, self._bar, self._model, self._transcript = bridge, bar, model, transcript
        self.query = ""
        self.hits: list[MessageId] = []
        self.at = -1
        self._spans: dict[str, Spans] = {}
        self._has_more = False
        self._serial = 0
        self._wanted = ""
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(TYPING_PAUSE_MS)
        self.timer.timeout.connect(self._search)
        bar.edited.connect(self._edited)
        bar.step.connect(self.step)
        bar.closed.connect(self.close)
        model.arrived.connect(lambda _message: self._edited(self.query) if self.query else None)

    @property
    def current(self) -> str:
        """The hit that is looked at."""
        return self.hits[self.at] if 0 <= self.at < len(self.hits) else ""

    def open(self, query: str = "") -> None:
        """Open the bar, ready to type."""
        self._bar.show()
        self.opened.emit(True)
        if query:
            self._bar.field.set_text(query)
        self._bar.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._bar.field.line.selectAll()

    def open_at(self, message_id: str, query: str) -> None:
        """Open the bar on a hit that was found elsewhere; the focus stays where it is."""
        if not query:
            return
        self._bar.show()
        self.opened.emit(True)
        self._bar.field.blockSignals(True)
        self._bar.field.set_text(query)
        self._bar.field.blockSignals(False)
        self.query, self._wanted = query, message_id
        self._search()

    def close(self) -> None:
        """The user is done: close the bar and unmark."""
        was_open = not self._bar.isHidden()
        self.end()
        if was_open:
            self.closed.emit()

    def end(self) -> None:
        """Close the bar and unmark, without a word: another room is shown."""
        self._serial += 1
        self.timer.stop()
        self.query, self._wanted, self.hits, self.at, self._spans = "", "", [], -1, {}
        self._has_more = False
        self._bar.hide()
        self._bar.field.blockSignals(True)
        self._bar.field.clear()
        self._bar.field.blockSignals(False)
        self.opened.emit(False)
        self._transcript.mark({}, "")

    def step(self, by: int) -> None:
        """Go to the next newer (1) or older (-1) hit; around at either end."""
        if not self.hits:
            self._tell()
            return
        at = self.at - by
        if at >= len(self.hits) and self._has_more:
            self._more(lambda: self._go(self.at + 1))
            return
        self._go(at % len(self.hits))

    def mark(self) -> None:
        """Mark the hits again, after the rows have changed."""
        if self.query:
            self._transcript.mark(self._spans, self.current)

    # -- inside

    def _edited(self, text: str) -> None:
        self.query = text.strip()
        if self.query:
            self.timer.start()
        else:
            self._search()

    def _search(self) -> None:
        self.timer.stop()
        self._serial += 1
        room, serial, query = self._model.room_id, self._serial, self.query
        self._wanted = self._wanted or self.current
        self.hits, self.at, self._spans, self._has_more = [], -1, {}, False
        if not query or room is None:
            self._wanted = ""
            self._tell()
            return
        pages = 0

        def found(page: Sequence[SearchHitView]) -> None:
            nonlocal pages
            if serial != self._serial:
                return
            pages += 1
            self._add(page)
            if self._wanted and self._wanted not in self.hits and self._has_more and pages < MOST_PAGES:
                self._bridge.run(self._page(query, room), found, self._failed)
                return
            wanted, self._wanted = self._wanted, ""
            at = self.hits.index(MessageId(wanted)) if wanted in self.hits else 0 if self.hits else -1
            self._go(at)

        self._bridge.run(self._page(query, room), found, self._failed)

    def _page(self, query: str, room: RoomId) -> Coroutine[Any, Any, Sequence[SearchHitView]]:
        before = self.hits[-1] if self.hits else None
        return self._bridge.engine.messages.find(query, room_id=room, before=before, limit=PAGE)

    def _more(self, then: Callable[[], None]) -> None:
        room, serial = self._model.room_id, self._serial
        if room is None:
            return
        self._has_more = False

        def found(page: Sequence[SearchHitView]) -> None:
            if serial == self._serial:
                self._add(page)
                then()

        self._bridge.run(self._page(self.query, room), found, self._failed)

    def _add(self, page: Sequence[SearchHitView]) -> None:
        self._has_more = len(page) >= PAGE
        for hit in page:
            message_id = hit.message.message_id
            if message_id not in self._spans:
                self.hits.append(message_id)
                self._spans[message_id] = _spans(hit)

    def _failed(self, _code: str) -> None:
        self._tell()

    def _go(self, at: int) -> None:
        self.at = at if self.hits else -1
        self._tell()
        if self.current:
            self._model.jump(MessageId(self.current))

    def _tell(self) -> None:
        self._bar.tell(self.at + 1, len(self.hits), has_more=self._has_more)
        self._transcript.mark(self._spans, self.current)


def _spans(hit: SearchHitView) -> Spans:
    """Where the hit lies in the message's text, in the units of Qt."""
    text = hit.message.text
    return tuple(
        (utf16_length(text[:start]), utf16_length(text[start:end]))
        for start, end in hit.highlights
        if 0 <= start < end <= len(text)
    )
