"""Fresh keys in every room: an active device renews its leaf and its path every seven days, give or take twelve hours.

Whoever copied a device's keys reads on until they are replaced; a path of our own replaces them. Every commit of ours
has one, so that only quiet devices make a commit for this alone. A device that is away renews nothing: it catches up
first. When a room is due is kept in the store; the jitter keeps the devices of a room from meeting at its head.
"""

from __future__ import annotations

from byre.client.context import Context
from byre.client.rooms.commits import Commits
from byre.client.rooms.groups import Groups
from byre.client.rooms.intents import RenewLeaf
from byre.client.rooms.renewals import is_anything_due, take_due


class Freshness:
    """Renews this device's leaves."""

    def __init__(self, context: Context, groups: Groups, commits: Commits) -> None:
        self._context = context
        self._groups = groups
        self._commits = commits

    async def turn(self) -> None:
        """Have every leaf renewed that is due; a room that is not known yet becomes due in a week."""
        now_ms, random = self._context.clock.now_ms(), self._context.random
        if not await self._context.store.read(lambda tx: is_anything_due(tx, now_ms)):
            return
        for group_id in await self._context.store.write(lambda tx: take_due(tx, now_ms, random)):
            room = await self._groups.current(group_id)
            if room is not None and len(room.facts.leaves) > 1:
                await self._commits.add(group_id, RenewLeaf(room.own_seat.package_key))
