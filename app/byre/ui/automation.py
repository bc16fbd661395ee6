"""What QA may do with the window over the RPC: look, open, type, send; and hear what was really painted.

Every method takes a params mapping and returns a result mapping; bad params are `UsageError`. See `ui/README.md`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QImage, QPainter

from byre.errors import EnvironmentFault, UsageError
from byre.ui.i18n import LANGUAGES
from byre.ui.look import THEMES
from byre.ui.main_window import MainWindow

if TYPE_CHECKING:
    from byre.ui.messenger import Messenger

Params = Mapping[str, object]
Method = Callable[[Params], Awaitable[dict[str, object]]]
Listener = Callable[[str, dict[str, object]], None]
PLACES = ("chats", "friends", "note", "search", "settings", "lock")
SETTLE_ROUNDS = 8
AHEAD_ROUNDS = 250
"""How long a caller waits for a window that has not shown yet what the engine says: five seconds."""


class Automation:
    """`methods` by name, and events for listeners: `ui.shown {message_id, room_id, at_ns}`, `ui.page {page}`."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._listeners: list[Listener] = []
        self.methods: Mapping[str, Method] = {
            "ui.screenshot": self._screenshot,
            "ui.open_room": self._open_room,
            "ui.type": self._type,
            "ui.send": self._send,
            "ui.show": self._show,
            "ui.state": self._state,
            "ui.search": self._search,
            "ui.open_link": self._open_link,
            "ui.close": self._close,
        }
        window.shown.connect(self._shown)
        window.page_shown.connect(lambda page: self._tell("ui.page", {"page": page}))

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear later events; returns the function that ends it."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def _tell(self, name: str, params: dict[str, object]) -> None:
        for listener in tuple(self._listeners):
            listener(name, params)

    def _shown(self, message_id: str, room_id: str, at_ns: object) -> None:
        self._tell("ui.shown", {"message_id": message_id, "room_id": room_id, "at_ns": at_ns})

    async def _settle(self) -> None:
        """Let intents finish, pauses end and frames be painted."""
        for _ in range(SETTLE_ROUNDS):
            if self._window.bridge is not None:
                await self._window.bridge.idle()
            await asyncio.sleep(0.02)

    async def _screenshot(self, params: Params) -> dict[str, object]:
        window, look = self._window, self._window.look
        path = Path(_text(params, "path"))
        for theme in THEMES:
            if params.get("theme") == theme:
                look.set_theme(theme)
        for language in LANGUAGES:
            if params.get("language") == language:
                look.set_language(language)
        width, height = params.get("width", window.width()), params.get("height", window.height())
        if not isinstance(width, int) or not isinstance(height, int) or not (0 < width <= 8000 and 0 < height <= 8000):
            raise UsageError("width and height are pixels.", code="bad_params")
        window.resize(QSize(width, height))
        await self._settle()
        ratio = window.devicePixelRatioF()
        image = QImage(QSize(int(window.width() * ratio), int(window.height() * ratio)), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        window.render(painter, QPoint(0, 0))
        painter.end()
        if not image.save(str(path)):
            raise EnvironmentFault("The picture could not be written.", code="io_error")
        return {"path": str(path), "width": window.width(), "height": window.height()}

    async def _conversations(self) -> Messenger:
        """Return the window's conversations: whoever speaks through the pipe is often a few frames ahead of it.

        Raises:
            UsageError: code wrong_state; there are none to be shown.
        """
        from byre.ui.flows.first_run import page_for

        window = self._window
        for _ in range(AHEAD_ROUNDS):
            if window.messenger is not None:
                return window.messenger
            bridge = window.bridge
            if bridge is None or page_for(bridge.engine.account.status(), window.options.role_hint) != "chats":
                break
            await asyncio.sleep(0.02)
        raise UsageError("No conversations are open.", code="wrong_state")

    async def _open_room(self, params: Params) -> dict[str, object]:
        messenger = await self._conversations()
        from byre.client.views import RoomId

        room_id = RoomId(_text(params, "room_id"))
        bridge = self._window.bridge
        if bridge is not None:
            await bridge.engine.rooms.get(room_id)  # raises no_such_room here rather than as a notice
        messenger.open_room(room_id)
        await self._settle()
        return {}

    async def _type(self, params: Params) -> dict[str, object]:
        messenger = self._window.messenger
        if messenger is None or messenger.room_pane.room is None:
            raise UsageError("No room is open.", code="wrong_state")
        messenger.room_pane.composer_bar.composer.insertPlainText(_text(params, "text"))
        return {}

    async def _send(self, params: Params) -> dict[str, object]:
        messenger = self._window.messenger
        if messenger is None or messenger.room_pane.room is None:
            raise UsageError("No room is open.", code="wrong_state")
        messenger.room_pane.composer_bar.composer.send()
        return {}

    async def _show(self, params: Params) -> dict[str, object]:
        self._go(_text(params, "page"))
        await self._settle()
        return {}

    def _go(self, name: str) -> None:
        """A place (`chats`, `friends`, `settings-look`, …), `info`, `new-chat`, `link-pc`, `own-window` or `wipe`.

        Raises:
            UsageError: code bad_params; there is no such place.
        """
        window, messenger = self._window, self._window.messenger
        if messenger is None:
            return
        room = messenger.room_pane.room
        if name == "info":
            messenger.toggle_drawer()
        elif name == "new-chat":
            messenger.new_chat.emit()
        elif name == "link-pc":
            window.link_pc()
        elif name == "own-window" and room is not None and window.desktop is not None:
            window.desktop.open_own(room.room_id)
        elif name == "wipe" and room is not None and window.wiping is not None:
            window.wiping.ask(room.room_id)
        else:
            base, _, page = name.partition("-")
            is_page = base == "settings" and page in messenger.settings.rows
            if base not in PLACES or (base != name and not is_page):
                raise UsageError("page must be a place of the window.", code="bad_params")
            messenger.go(name)

    async def _search(self, params: Params) -> dict[str, object]:
        messenger = await self._conversations()
        messenger.search_all(_text(params, "query"))
        await self._settle()
        return {"found": len(messenger.search.model.found)}

    async def _state(self, params: Params) -> dict[str, object]:
        messenger = self._window.messenger
        room = messenger.room_pane.room if messenger is not None else None
        rows = len(messenger.room_pane.transcript.items.items) if messenger is not None else 0
        return {
            "page": self._window.page_name,
            "place": messenger.place if messenger is not None else None,
            "room_id": room.room_id if room is not None else None,
            "rows": rows,
            "notice": self._window.notice.words if self._window.notice.isVisible() else None,
        }

    async def _open_link(self, params: Params) -> dict[str, object]:
        self._window.open_link(_text(params, "uri"))
        return {}

    async def _close(self, params: Params) -> dict[str, object]:
        self._window.quit()
        return {}


def _text(params: Params, name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str):
        raise UsageError(f"{name} must be a string.", code="bad_params")
    return value
