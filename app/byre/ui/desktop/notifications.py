"""Notifications of new messages: what is said, and when nothing is said. Previews are off unless the user wants them.

Nothing is said while locked, for quiet rooms, for the room that is open in an active window, and for own messages.
One notification per room: a later message replaces the former.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from byre.client.views import MessageKind, MessageView, RoomKind, RoomView
from byre.ui.i18n import tr
from byre.ui.naming import person_name
from byre.ui.plain import one_line
from byre.ui.sidebar.rooms_model import room_title

BODY_LIMIT = 120


class Shower(Protocol):
    """Whatever shows a notification: portal, tray, a test."""

    def show(self, key: str, title: str, body: str) -> None: ...
    def withdraw(self, key: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user wants: `previews` is none, names or all."""

    is_on: bool = True
    previews: str = "none"


def words(message: MessageView, room: RoomView | None, previews: str) -> tuple[str, str]:
    """(title, body) of a notification: with `none` neither a name nor a text leaves the app."""
    if previews == "none" or room is None:
        return tr("Byre"), tr("New message")
    title = _unmarked(room_title(room))
    sender = person_name(message.sender.name, message.sender.handle)
    if previews == "names":
        return title, tr("New message")
    body = one_line(message.text, BODY_LIMIT)
    return title, _unmarked(f"{sender}: {body}" if room.kind is RoomKind.GROUP else body)


def _unmarked(text: str) -> str:
    """Foreign text without tags: servers of notifications read markup, links and pictures too, in what they show."""
    return text.replace("<", "‹")


class Notifier:
    """Decides for each message. `watching(room_id)` tells whether the user looks at that room."""

    def __init__(
        self, shower: Shower, *, watching: Callable[[str], bool], is_muted: Callable[[str], bool],
        room_of: Callable[[str], RoomView | None],
    ) -> None:  # fmt: skip
        self._shower = shower
        self._watching, self._is_muted, self._room_of = watching, is_muted, room_of
        self._shown: dict[str, str] = {}  # room: the message that is told of
        self.wishes = Wishes()
        self.is_locked = False

    def arrived(self, message: MessageView) -> bool:
        """A message came. Returns whether the user was told."""
        room_id = message.room_id
        if self.is_locked or not self.wishes.is_on or message.is_own or message.kind is not MessageKind.TEXT:
            return False
        if self._is_muted(room_id) or self._watching(room_id):
            return False
        title, body = words(message, self._room_of(room_id), self.wishes.previews)
        self._shower.show(room_id, title, body)
        self._shown[room_id] = message.message_id
        return True

    def asked(self, room_id: str) -> None:
        """A stranger wants to talk: never with a name, which the stranger chose."""
        if not self.is_locked and self.wishes.is_on:
            self._shower.show(room_id, tr("Byre"), tr("Somebody wants to talk to you"))
            self._shown[room_id] = ""

    def seen(self, room_id: str) -> None:
        """The room was opened: its notification goes."""
        if room_id in self._shown:
            del self._shown[room_id]
            self._shower.withdraw(room_id)

    def erased(self, room_id: str, message_ids: Collection[str]) -> None:
        """Messages are gone, by a timer or by hand: what told of one of them goes, too."""
        if self._shown.get(room_id, "") in message_ids:
            self.seen(room_id)

    def lock(self) -> None:
        """All notifications go, and none comes until `is_locked` is taken back."""
        self.is_locked = True
        for room_id in tuple(self._shown):
            self.seen(room_id)
