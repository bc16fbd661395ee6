"""What stands in the composer's place, and over it: why one cannot write into a room, or what does not work in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from byre.client.api import EngineApi
from byre.client.views import RoomKind, RoomState, RoomView, Trust
from byre.ui.i18n import tr
from byre.ui.plain import isolated, shown_address
from byre.ui.sidebar.rooms_model import room_title

Act = Literal["decline", "accept", "compare"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A sentence with an icon, and what can be done: (words, kind of button, act)."""

    icon: str
    words: str
    acts: tuple[tuple[Callable[[], str], str, Act], ...] = ()


def standing_of(room: RoomView, *, is_removed: bool, host: str) -> Standing | None:
    """Why nothing can be written into `room`; None where one can write. `host` is that of the own relay."""
    if is_removed:
        return Standing("unlink", tr("This PC was removed"))
    if room.state is RoomState.REQUEST:
        name = isolated(room_title(room))
        is_group = room.kind is RoomKind.GROUP
        words = tr("You are invited: {title}", title=name) if is_group else tr("{name} wants to talk to you", name=name)
        if room.peer_handle:  # the name is what the stranger chose, the handle is what the relay knows
            words += f" · {isolated(shown_address(room.peer_handle, host, 60))}"
        return Standing(
            "user-plus",
            words,
            ((lambda: tr("Decline"), "quiet", "decline"), (lambda: tr("Accept"), "primary", "accept")),
        )
    if room.state in (RoomState.LEFT, RoomState.REMOVED):
        return Standing("user-minus", tr("You are no longer in this room"))
    if room.state is RoomState.REJOINING:
        return Standing("refresh-cw", tr("Coming back into this room. Messages wait until then."))
    if room.trust is Trust.CHANGED:
        compare: tuple[Callable[[], str], str, Act] = (lambda: tr("Compare safety number"), "soft", "compare")
        return Standing("lock", tr("You cannot send until the key is checked"), (compare,))
    if room.kind is not RoomKind.NOTE and room.state is RoomState.ACTIVE and room.member_count <= 1:
        return Standing("user-minus", tr("Nobody else is in this room any more"))
    return None


async def decline(engine: EngineApi, room: RoomView) -> None:
    """Leave a room that was asked for. What was written there is not waited for, and nobody is told that it is read."""
    await engine.rooms.leave(room.room_id)
    if room.last_message is not None:
        await engine.messages.mark_read(room.room_id, room.last_message.message_id)


def warning_of(room: RoomView) -> str:
    """What does not work in a room into which one can write."""
    if room.state is RoomState.JAMMED:
        return tr("The room's relay contradicts its members. Texts go on; members and name cannot change.")
    return ""
