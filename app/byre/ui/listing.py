"""The rooms and contacts that the columns show: asked of the engine once for a burst of events."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from PySide6.QtCore import QObject, QTimer, Signal

from byre.client.events import ContactChanged, MessageSent, MessageStateChanged, RoomChanged, RoomErased, RoomRequested
from byre.client.views import ContactView, RoomView
from byre.errors import UsageError
from byre.ui.bridge import Bridge

RELOAD_PAUSE_MS = 40


class Listing(QObject):
    """`rooms_listed(all rooms)`, `contacts_listed(contacts)`; `contacts` are those of the last answer."""

    rooms_listed = Signal(object)
    contacts_listed = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.contacts: tuple[ContactView, ...] = ()
        self._is_asked = False
        self._are_contacts_asked = self._are_contacts_older = False
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(RELOAD_PAUSE_MS)
        self.timer.timeout.connect(self.reload_now)
        bridge.happened.connect(self._happened)

    def reload(self) -> None:
        """Ask for the rooms again, once for a burst of events."""
        if not self.timer.isActive():
            self.timer.start()

    def reload_now(self) -> None:
        """Ask for the rooms at once, unless an answer is under way."""
        if self._is_asked:  # the answer under way may be older than what happened since
            self.timer.start()
            return
        with suppress(UsageError):  # locked or closed since it was asked for
            self._bridge.run(self._bridge.engine.rooms.list(), self._rooms, self._not_listed)
            self._is_asked = True

    def reload_contacts(self) -> None:
        """Ask for the contacts again: at once, or when the answer under way has come; a crowd of names asks twice."""
        if self._are_contacts_asked:
            self._are_contacts_older = True
            return
        self._bridge.run(self._bridge.engine.contacts.list(), self._contacts, self._no_contacts)
        self._are_contacts_asked = True

    def _happened(self, event: object) -> None:
        if isinstance(event, RoomChanged | RoomRequested | RoomErased | MessageStateChanged | MessageSent):
            self.reload()
        if isinstance(event, ContactChanged):
            self.reload_contacts()
            self.reload()  # the shield of a person stands beside rooms too

    def _rooms(self, rooms: Sequence[RoomView]) -> None:
        self._is_asked = False
        self.rooms_listed.emit(tuple(rooms))

    def _not_listed(self, code: str) -> None:
        self._is_asked = False

    def _contacts(self, contacts: Sequence[ContactView]) -> None:
        self.contacts = tuple(contacts)
        self.contacts_listed.emit(self.contacts)
        self._are_contacts_asked = False
        if self._are_contacts_older:
            self._are_contacts_older = False
            self.reload_contacts()

    def _no_contacts(self, code: str) -> None:
        self._are_contacts_asked = self._are_contacts_older = False
