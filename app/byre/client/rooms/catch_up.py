"""Fetching the commits that this device missed from the room's home, up to the head.

A future epoch seen in a message, a return after a day, a lost race: all mean that commits were missed. Each is opened
with the epoch that it ends, checked against the relay's hash and processed like one that came by fan-out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from enum import StrEnum

from byre.client.connection.results import CommitResult, Found, Gone, NothingYet
from byre.client.context import Context
from byre.client.delivery.inbox import MISSING_PROPOSAL
from byre.client.rooms.claim_outcome import is_jam
from byre.client.rooms.groups import Groups
from byre.client.rooms.judging import JudgedCommit
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.standstill import Dispute
from byre.errors import ByreError, EnvironmentFault, PeerError
from byre.identity.room_head import claim_key, expect_commit, sign_get_commit

log = logging.getLogger(__name__)

ASK_AFTER_S = 10
_MOST_COMMITS = 10_000
_MOST_TRIES = 60


class Word(StrEnum):
    """What a home makes of an epoch."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    SILENT = "silent"


class CatchUp:
    """Asks homes for commits.

    Args:
        commit_in: opens a claim body, and fetches what it points to.
        take_commit: processes one commit of the room's present epoch.
        rejoin: asks the members to be brought back, with what only the home says.
        jammed: told of a room whose head names a commit that nobody can follow, with what only the home says.
    """

    def __init__(
        self,
        context: Context,
        groups: Groups,
        *,
        commit_in: Callable[[LiveRoom, bytes], Awaitable[bytes]],
        take_commit: Callable[[bytes, int, bytes], Awaitable[JudgedCommit]],
        rejoin: Callable[[bytes, Dispute | None], Awaitable[None]],
        jammed: Callable[[bytes, Dispute | None], Awaitable[None]],
    ) -> None:
        self._context = context
        self._groups = groups
        self._commit_in = commit_in
        self._take_commit = take_commit
        self._rejoin = rejoin
        self._jammed = jammed
        self._locks: dict[bytes, asyncio.Lock] = {}

    def ask_later(self, group_id: bytes) -> None:
        """Ask the home in ten seconds if commits are still missing then."""
        name = f"missing commits of {group_id.hex()[:8]}"
        if not self._context.tasks.is_running(name):
            self._context.tasks.spawn(self._ask_later(group_id), name)

    async def word(self, dispute: Dispute) -> Word:
        """Compare the commit that opened the present epoch with the room's head.

        Who joined by a Welcome does not know that commit: the home then knows the epoch's claim key, or the Welcome
        led into a room of somebody's own. Somebody who fans out a commit that was never ordered leads the room apart;
        a wrong next claim key jams it. A home that cannot be reached, or a head that has moved on, says nothing.
        """
        room = await self._groups.current(dispute.group_id)
        if room is None or room.epoch != dispute.epoch:
            return Word.SILENT
        try:
            head = await self._ask(room)
        except (EnvironmentFault, PeerError) as error:
            return _refused(error)
        if not isinstance(head, NothingYet):
            return Word.SILENT
        return Word.AGREES if dispute.digest in (b"", head.commit_hash) else Word.DISAGREES

    async def head_names(self, room: LiveRoom, digest: bytes) -> bool:
        """Whether the home, asked by itself, names this commit as the one that ended the room's epoch."""
        try:
            found = await self._ask(room)
        except (EnvironmentFault, PeerError):
            return False
        return isinstance(found, Found) and found.commit_hash == digest

    async def look(self, dispute: Dispute) -> Word:
        """Ask the home again about what it had not confirmed."""
        room = await self._groups.current(dispute.group_id)
        if room is None:
            return Word.SILENT
        try:
            found = await self._ask(room)
        except (EnvironmentFault, PeerError) as error:
            return _refused(error)
        if isinstance(found, NothingYet):
            is_same = room.epoch != dispute.epoch or dispute.digest in (b"", found.commit_hash)
            return Word.AGREES if is_same else Word.DISAGREES
        if isinstance(found, Found):
            try:
                await self._open(room, found)
            except EnvironmentFault:
                return Word.SILENT
            except PeerError:
                return Word.DISAGREES
            return Word.AGREES
        if found.head_epoch <= room.epoch:
            return Word.SILENT
        return Word.DISAGREES if dispute.is_gone else Word.AGREES  # what is gone is found out by going on

    async def _open(self, room: LiveRoom, found: Found) -> bytes:
        commit = await self._commit_in(room, found.body)
        expect_commit(commit, found.commit_hash)
        return commit

    async def _ask(self, room: LiveRoom) -> CommitResult:
        relay, tag = self._context.network.relay(room.context.home_url), room.context.group_tag
        key = claim_key(room.group.export_secret)
        signature = sign_get_commit(key, relay_id=await relay.relay_id(), group_tag=tag, epoch=room.epoch)
        return await relay.get_commit(group_tag=tag, epoch=room.epoch, signature=signature)

    async def _ask_later(self, group_id: bytes) -> None:
        for _ in range(_MOST_TRIES):
            await self._context.clock.sleep(ASK_AFTER_S)
            room = await self._groups.current(group_id)
            if room is None or not await self._has_later(group_id, room.epoch) or await self.room(group_id):
                return

    async def _has_later(self, group_id: bytes, epoch: int) -> bool:
        """Whether something kept proves that commits or proposals are missing."""
        kept = await self._context.store.read(lambda tx: tx.inbox.kept(group_id))
        return any(
            row.epoch is not None and (row.epoch > epoch or (row.epoch == epoch and row.reason == MISSING_PROPOSAL))
            for row in kept
        )

    async def room(self, group_id: bytes, *, is_late: bool = False) -> bool:
        """Process every commit up to the head; False when the home cannot be reached or the room must be rejoined.

        Args:
            is_late: this device was away for longer than commits are kept. A home that says nothing about the room
                then means that they are gone; otherwise it may have lost the room, and text goes on in the epoch.
        """
        async with self._locks.setdefault(group_id, asyncio.Lock()):
            for _ in range(_MOST_COMMITS):
                try:
                    is_more = await self._next(group_id, is_late)
                except EnvironmentFault:
                    return False
                except _Disputed as error:
                    log.warning("catching up ended: %s", error.code)
                    await (self._rejoin if error.dispute.is_gone else self._jammed)(group_id, error.dispute)
                    return False
                except ByreError as error:
                    log.warning("catching up ended: %s", error.code)
                    if is_jam(error.code):
                        await self._jammed(group_id, None)
                    elif not error.code.startswith("relay_"):
                        await self._rejoin(group_id, None)
                    return False
                if not is_more:
                    return True
        return False

    async def _is_pending(self, group_id: bytes) -> bool:
        """Whether a commit of ours waits to be merged."""
        return await self._context.store.read(lambda tx: tx.groups.pending(group_id)) is not None

    async def _next(self, group_id: bytes, is_late: bool) -> bool:
        """Process the commit that ended the present epoch; False at the head."""
        room = await self._groups.current(group_id)
        if room is None:
            return False
        try:
            found = await self._ask(room)
        except PeerError as error:
            if error.code != "relay_auth":
                raise
            raise _Disputed(Dispute(group_id, room.epoch), error.code) from None
        if isinstance(found, Gone):
            if found.head_epoch > room.epoch or is_late or await self._has_later(group_id, room.epoch):
                raise _Disputed(Dispute(group_id, room.epoch, is_gone=True), "commits_gone")
            return False
        if not isinstance(found, Found):
            return False
        current = await self._groups.current(group_id)
        if current is None or current.epoch != room.epoch:
            return True  # it came by fan-out meanwhile
        try:
            commit = await self._open(room, found)
        except PeerError as error:
            if not is_jam(error.code):
                raise
            log.warning("the home serves a commit that cannot be read: %s", error.code)
            raise _Disputed(Dispute(group_id, room.epoch), "relay_lied") from None
        try:
            await self._take_commit(group_id, room.epoch, commit)
        except PeerError as error:
            is_lacking = error.code == "own_message" and not await self._is_pending(group_id)
            if error.code not in ("wrong_epoch", "own_message") or is_lacking:
                raise  # a commit of ours that this profile lacks: it was put back from an older copy
            return error.code == "wrong_epoch"  # an own commit is merged by the pipeline that made it
        return True


class _Disputed(PeerError):
    """What the home says of an epoch cannot be followed: its word alone."""

    def __init__(self, dispute: Dispute, code: str) -> None:
        super().__init__("the home says what cannot be followed", code=code)
        self.dispute = dispute


def _refused(error: ByreError) -> Word:
    return Word.DISAGREES if error.code == "relay_auth" else Word.SILENT
