"""Says beside the title of the list that there is no connection, where no open room's strip says it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from byre.client.events import ConnectionChanged
from byre.ui.bridge import Bridge
from byre.ui.guard import guarded
from byre.ui.sidebar.chats import ChatsColumn


class OfflineMark(QObject):
    """Nothing is said before the first try has failed: a start would flash."""

    def __init__(self, bridge: Bridge, chats: ChatsColumn, room_pane: QWidget) -> None:
        super().__init__(chats)
        self._chats, self._room_pane = chats, room_pane
        self._is_offline = False
        bridge.rarer.connect(self._happened)
        room_pane.installEventFilter(self)

    @guarded(False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            self._say()
        return False

    def _happened(self, event: object) -> None:
        if isinstance(event, ConnectionChanged):
            self._is_offline = not event.connected
            self._say()

    def _say(self) -> None:
        self._chats.show_offline(self._is_offline and not self._room_pane.isVisible())
