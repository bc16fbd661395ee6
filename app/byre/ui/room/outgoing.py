"""Texts that were sent and are not stored yet: shown as waiting, until the engine tells of what each became.

Storing takes a moment, and now and then longer: a busy disk, the last step of a wipe. Until then nothing else knows of
the text, so it stands here; it is shown once, and what cannot be stored goes back to be written.
"""

from __future__ import annotations

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal

from byre.client.events import MessageSent
from byre.client.views import AccountId, DeviceId, MessageId, MessageState, MessageView, RoomId, Sender
from byre.ui.bridge import Bridge
from byre.ui.room.drafts import joined
from byre.ui.transcript.items import UNSTORED

SHOWN_AFTER_MS = 100
"""Mostly the message itself comes first: a row that another one replaces at once would be painted for nothing."""


class Outgoing(QObject):
    """`changed` when another text waits in sight, or one does no longer; `refused(room_id, text)` gives one back.

    Made before what shows the messages, so that it hears of each before that does.
    """

    changed = Signal()
    refused = Signal(str, str)

    def __init__(self, bridge: Bridge, now_ms: Callable[[], int]) -> None:
        super().__init__()
        self._bridge, self._now_ms = bridge, now_ms
        self._count = 0
        self._waiting: list[MessageView] = []
        self._shown = 0
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(SHOWN_AFTER_MS)
        self.timer.timeout.connect(self._show)
        bridge.happened.connect(self._happened)

    def send(self, room_id: RoomId, text: str) -> None:
        """Send `text` into a room."""
        self._count += 1
        key = MessageId(f"{UNSTORED}{self._count}")
        status = self._bridge.engine.account.status()
        me = Sender(
            status.account_id or AccountId(""), status.handle or "", status.device_id or DeviceId(""), status.name or ""
        )
        state, now = MessageState.QUEUED, self._now_ms()
        self._waiting.append(MessageView(key, room_id, me, text, now, state, position=0, is_own=True))
        if not self.timer.isActive():
            self.timer.start()

        def refused(code: str) -> None:
            if shiboken6.isValid(self):
                self._drop(key)
                self.refused.emit(room_id, text)
                self._bridge.failed.emit(code)

        bridge, messages = self._bridge, self._bridge.engine.messages
        is_kept = False

        async def keep() -> None:
            """Nobody can wait any longer: it is a draft, too, unless it is stored after all."""
            nonlocal is_kept
            await messages.save_draft(room_id, joined(text, await messages.draft(room_id)))
            is_kept = True

        async def keep_no_longer() -> None:
            draft = await messages.draft(room_id)
            if draft == text or draft.startswith(f"{text}\n"):
                await messages.save_draft(room_id, draft[len(text) + 1 :])

        def stored(_message_id: MessageId) -> None:
            self._drop(key)
            if is_kept:
                bridge.run(keep_no_longer(), None, lambda _code: None)

        bridge.run(messages.send(room_id, text), stored, refused, is_text=True, instead=keep)

    def waiting_in(self, room_id: RoomId) -> list[MessageView]:
        """What is shown as waiting in a room, below all of its messages."""
        return [m for m in self._waiting[: self._shown] if m.room_id == room_id]

    def _show(self) -> None:
        if self._shown < len(self._waiting):
            self._shown = len(self._waiting)
            self.changed.emit()

    def _happened(self, event: object) -> None:
        """A message was stored: the text is not to be seen twice."""
        if isinstance(event, MessageSent):
            for waiting in self._waiting:
                if (waiting.room_id, waiting.text) == (event.message.room_id, event.message.text):
                    self._forget(waiting)
                    return

    def _drop(self, key: MessageId) -> None:
        if not shiboken6.isValid(self):
            return
        for waiting in self._waiting:
            if waiting.message_id == key:
                self._forget(waiting)
                self.changed.emit()
                return

    def _forget(self, waiting: MessageView) -> None:
        at = self._waiting.index(waiting)
        del self._waiting[at]
        self._shown -= at < self._shown
