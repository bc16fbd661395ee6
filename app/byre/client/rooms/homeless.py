"""A room whose home does not know it any more: the relay has lost its heads.

Whoever holds the claim key of any epoch, a removed member of an old one too, could open the head again there, and what
was decided since would be undone. So a head is opened again only by a device that is alone in its room, where nobody
else can have gone on. Otherwise the room says so: it can be read and written in its epoch, and not changed.
"""

from __future__ import annotations

from byre.client.context import Context
from byre.client.rooms.live_room import LiveRoom
from byre.errors import ByreError, EnvironmentFault, PeerError, UsageError
from byre.identity.room_head import claim_key, sign_create


class Homeless:
    """Opens heads again where that is safe."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def refused(self, room: LiveRoom) -> ByreError | None:
        """Return what the user is told, or None when the head is there again: ask once more."""
        if len(room.facts.leaves) > 1:
            return _lost()
        relay = self._context.network.relay(room.context.home_url)
        key, group_tag = claim_key(room.group.export_secret), room.context.group_tag
        try:
            signature = sign_create(key, relay_id=await relay.relay_id(), group_tag=group_tag)
            await relay.create_head(group_tag=group_tag, epoch=room.epoch, claim_public=key.public, signature=signature)
        except EnvironmentFault as fault:
            return fault
        except PeerError:
            return _lost()  # somebody has opened it, in another epoch
        return None


def _lost() -> UsageError:
    return UsageError("The room's home has lost it: it goes on as it is, but nobody can change it.", code="home_lost")
