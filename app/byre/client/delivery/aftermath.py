"""What follows a transaction that received something: collected inside it, run in the loop after the commit.

Messages are told one by one and in order, everything else once: a room whose line changed fifty times is told once,
an own message's state as far as it got.
"""

from __future__ import annotations

from collections.abc import Callable

from byre.client.delivery.ledger import StateChange
from byre.client.events import Event, MessageReceived, RoomChanged
from byre.client.room_keeper import AfterCommit
from byre.client.views import MessageView, RoomId


class Aftermath:
    """Events and tasks to come."""

    def __init__(self) -> None:
        self._shown: list[MessageView] = []
        self._changes: dict[bytes, StateChange] = {}
        self._changed_rooms: dict[bytes, None] = {}
        self._due: dict[tuple[object, ...], AfterCommit] = {}
        self._others: list[AfterCommit] = []

    def show(self, view: MessageView) -> None:
        """A message is to be shown."""
        self._shown.append(view)
        self.room_changed(bytes.fromhex(view.room_id))

    def state_changed(self, change: StateChange) -> None:
        """An own message's state moved; only where it got to is told."""
        self._changes[change.message_id] = change

    def room_changed(self, group_id: bytes) -> None:
        """A room's line in the list is another one."""
        self._changed_rooms[group_id] = None

    def once(self, key: tuple[object, ...], effect: AfterCommit) -> None:
        """Run `effect` after the commit, once for all that name the same key."""
        self._due.setdefault(key, effect)

    def then(self, effect: AfterCommit) -> None:
        """Run `effect` after the commit."""
        self._others.append(effect)

    def effects(self, publish: Callable[[Event], None]) -> list[AfterCommit]:
        """What runs after the commit, in order: messages first."""
        events = self._events()

        def tell() -> None:
            for event in events:
                publish(event)

        return [tell, *self._others, *self._due.values()]

    def _events(self) -> list[Event]:
        last = {view.room_id: at for at, view in enumerate(self._shown)}
        return [
            *(MessageReceived(view, is_followed=last[view.room_id] != at) for at, view in enumerate(self._shown)),
            *(change.event() for change in self._changes.values()),
            *(RoomChanged(RoomId(group_id.hex())) for group_id in self._changed_rooms),
        ]
