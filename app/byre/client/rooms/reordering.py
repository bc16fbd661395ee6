"""Homes that were put back from an older copy: whoever had a room's commits ordered since makes the same claims again.

A device that lacked those commits finds them at the home then, as if nothing had been lost. The claims are the very
bytes that the home granted once, each signed with a key of the epoch that it ends: whatever a relay says of itself,
they can bring about no other order than there was, nor tell it anything new. Where something else was ordered in the
meantime they are refused, and the room is in doubt as for any two commits of one epoch (`standstill`). An epoch that
somebody else ended is waited for: its committer does the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from byre.client.connection.results import ConflictingCommit, Granted
from byre.client.context import Context
from byre.client.rooms.catch_up import Word
from byre.client.rooms.claiming import Claiming
from byre.client.rooms.groups import Groups
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.standstill import Dispute
from byre.errors import EnvironmentFault, PeerError

log = logging.getLogger(__name__)

KEPT_MS = 72 * 3600 * 1000
"""As long as the home keeps what ended an epoch: a head that is older than that is not brought forward any more."""


class Reordering:
    """Brings heads forward that went back.

    Args:
        word: compares a room's epoch with its head.
        told: called when a home has the whole order again: who lacks commits is to hear that there are some.
        put_back: called with a relay whose data are an older copy: what it held since is gone, too.
    """

    def __init__(
        self,
        context: Context,
        groups: Groups,
        claiming: Claiming,
        *,
        word: Callable[[Dispute], Awaitable[Word]],
        told: Callable[[bytes], Awaitable[object]],
        put_back: Callable[[str], None],
    ) -> None:
        self._context = context
        self._groups = groups
        self._claiming = claiming
        self._word = word
        self._told = told
        self._put_back = put_back
        self._behind: dict[bytes, int] = {}
        """Groups whose home does not know their epoch, and the first epoch that is to be claimed again."""
        self._looking = asyncio.Lock()

    async def connected(self, relay_url: str) -> None:
        """After a connection: look whether the relay still knows what it had ordered for this device."""
        async with self._looking:
            for group_id in await self._context.store.read(lambda tx: tx.claims.groups_with_order()):
                room = await self._groups.current(group_id)
                if room is not None and room.context.home_url == relay_url:
                    self._behind.pop(group_id, None)
                    await self._look(room)

    async def look_again(self) -> None:
        """Go on where a home is still behind, and forget what is too old to be of use."""
        async with self._looking:
            useless = self._context.clock.now_ms() - KEPT_MS
            if await self._context.store.read(lambda tx: tx.claims.is_any_ordered(useless)):
                await self._context.store.write(lambda tx: tx.claims.drop_ordered(useless))
            for group_id in list(self._behind):
                room = await self._groups.current(group_id)
                if room is None or not await self._context.store.read(lambda tx, g=group_id: tx.claims.ordered(g)):  # type: ignore[misc]
                    del self._behind[group_id]
                else:
                    await self._look(room)

    async def _look(self, room: LiveRoom) -> None:
        group_id, epoch = room.group_id, room.epoch
        was_behind = group_id in self._behind
        word = await self._word(Dispute(group_id, epoch))
        if word is Word.DISAGREES:
            if not was_behind:
                log.warning("a room's home is behind what it had ordered")
                self._put_back(room.context.home_url)
            was_behind = True
            self._behind.setdefault(group_id, 0)
            if await self._claim_again(group_id):
                word = await self._word(Dispute(group_id, epoch))
        if word is Word.AGREES:
            self._behind.pop(group_id, None)
            if was_behind:
                await self._told(group_id)

    async def _claim_again(self, group_id: bytes) -> bool:
        """Make the room's claims again, in order, as far as the home takes them; False when none was taken."""
        is_any = False
        for claim in await self._context.store.read(lambda tx: tx.claims.ordered(group_id)):
            if claim.epoch < self._behind[group_id]:
                continue
            try:
                result = await self._claiming.send(claim)
            except (EnvironmentFault, PeerError):
                break  # somebody else's come first
            if isinstance(result, ConflictingCommit) and result.commit_hash != claim.commit_hash:
                log.warning("a room's home has ordered something else since")
                await self._context.store.write(lambda tx: tx.claims.forget_ordered(group_id))
                break
            if isinstance(result, Granted):
                is_any = True
                self._behind[group_id] = claim.epoch + 1
        return is_any
