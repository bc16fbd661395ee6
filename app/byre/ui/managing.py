"""What an admin does in a room, asked first: roles, removal, how long messages stay; and leaving it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from byre.client.views import MemberView, RoomId, RoomView
from byre.ui.asking import Asking
from byre.ui.bridge import Bridge
from byre.ui.dialogs.question import Question
from byre.ui.dialogs.timer import TimerEntry
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.messenger import Messenger
from byre.ui.naming import person_name
from byre.ui.plain import isolated

Words = Callable[[], str]


class Managing(QObject):
    """Answers the drawer."""

    def __init__(self, look: Look, bridge: Bridge, asking: Asking, window: QWidget) -> None:
        super().__init__(window)
        self._look, self._bridge, self._asking, self._window = look, bridge, asking, window

    def serve(self, messenger: Messenger) -> None:
        """Answer the drawer of this messenger."""
        drawer = messenger.drawer
        drawer.timer_wanted.connect(self.timer)
        drawer.leave.connect(self.leave)

        def asked(room_id: str, member: MemberView, what: str) -> None:
            if what == "compare":
                messenger.compare.emit(member.account_id)
            elif what == "chat":
                messenger.chat_with(member.account_id)
            elif what == "remove":
                self.remove(RoomId(room_id), member)
            else:
                self.role(RoomId(room_id), member, what)

        drawer.member_asked.connect(asked)

    def timer(self, room: RoomView) -> None:
        """A time of one's own for the room's messages."""
        sheet = TimerEntry(self._look, self._window, room.retention_s)
        rooms = self._bridge.engine.rooms
        sheet.chosen.connect(lambda seconds: self._bridge.run(rooms.set_retention(room.room_id, seconds)))
        self._asking.open(sheet)

    def remove(self, room_id: RoomId, member: MemberView) -> None:
        """Take somebody out, with all devices."""
        name = isolated(person_name(member.name, member.handle))
        self._ask(
            lambda: tr("Remove {name} from the room?", name=name),
            lambda: tr(
                "They can no longer read what is written from now on. What they already have stays with them, and the "
                "room says who removed them."
            ),
            lambda: tr("Remove"),
            lambda: self._bridge.run(self._bridge.engine.rooms.remove(room_id, member.account_id)),
        )

    def role(self, room_id: RoomId, member: MemberView, role: str) -> None:
        """Make somebody more, or less."""
        rooms, name = self._bridge.engine.rooms, isolated(person_name(member.name, member.handle))

        def give() -> None:
            self._bridge.run(rooms.set_role(room_id, member.account_id, role))

        if role == "member":
            give()
            return
        title = (
            (lambda: tr("Make {name} an owner?", name=name))
            if role == "owner"
            else (lambda: tr("Make {name} an admin?", name=name))
        )
        self._ask(
            title,
            lambda: tr("They can then invite and remove people, and choose how long messages stay."),
            lambda: tr("Make it so"),
            give,
        )

    def leave(self, room_id: str) -> None:
        """Go away from a group; what is here stays here."""
        self._ask(
            lambda: tr("Leave the room?"),
            lambda: tr(
                "You can no longer read or write in it, on all your devices. What you already have stays on them until "
                "you erase it."
            ),
            lambda: tr("Leave"),
            lambda: self._bridge.run(self._bridge.engine.rooms.leave(RoomId(room_id))),
        )

    def _ask(self, title: Words, why: Words, yes: Words, act: Callable[[], object]) -> None:
        sheet = Question(self._look, self._window, title, why, yes=yes)
        sheet.answered.connect(lambda agreed: act() if agreed else None)
        self._asking.open(sheet)
