"""Leaving a room: proposals by reference for all own leaves, which any member who stays commits.

The user is out at once; the group's state stays until the commit has come, because a proposal dies with its epoch and
must then be made again. Who stays commits after a pause by rank: the lowest leaf first, so that few claims collide.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from byre.client.context import Context
from byre.client.delivery.fan_out import seal_for_all
from byre.client.delivery.outbox import COMMIT, Outbox
from byre.client.events import RoomChanged
from byre.client.rooms.commits import Commits
from byre.client.rooms.groups import Groups
from byre.client.rooms.intents import CommitLeaving
from byre.client.rooms.live_room import LiveRoom
from byre.client.views import RoomId
from byre.crypto.random import Random
from byre.mls import Group
from byre.store import OutboxRow, RoomRow, Transaction
from byre.wire.envelope import MLS_MESSAGE
from byre.wire.ids import MESSAGE_ID_SIZE

RANK_PAUSE_MS = 2_000
JITTER_MS = 1_000
AGAIN_AFTER_MS = 24 * 3600 * 1000


class Leaving:
    """Leaves rooms and commits the leaving of others."""

    def __init__(self, context: Context, groups: Groups, outbox: Outbox, commits: Commits) -> None:
        self._context = context
        self._groups = groups
        self._outbox = outbox
        self._commits = commits
        self._proposed_at: dict[bytes, int] = {}

    async def leave(self, group_id: bytes) -> None:
        """Leave at once for the user; the members' commit follows. The word and its proposals are stored together."""
        await self._turn(group_id, self._mark)
        self._context.events.publish(RoomChanged(RoomId(group_id.hex())))

    async def propose(self, group_id: bytes) -> None:
        """Propose, in the present epoch, that all own leaves go; with nobody left to commit it the room just ends."""
        await self._turn(group_id, lambda tx, row: None)

    async def propose_due(self) -> None:
        """Propose again where this device still has a leaf in a room that was left: once a start, then once a day.

        A proposal dies with its epoch, and on its way where nobody came for it in time.
        """
        now_ms = self._context.clock.now_ms()

        def left(tx: Transaction) -> list[bytes]:
            rows = [row for row in tx.rooms.all(with_hidden=True) if row.state == "left"]
            quiet = [row for row in rows if not tx.outbox.of_kind(COMMIT, room=row.id)]
            return [row.group_id for row in quiet if tx.groups.current(row.group_id) is not None]

        for group_id in await self._context.store.read(left):
            if now_ms - self._proposed_at.get(group_id, -AGAIN_AFTER_MS) >= AGAIN_AFTER_MS:
                await self.propose(group_id)

    def _mark(self, tx: Transaction, row: RoomRow | None) -> None:
        if row is not None:
            tx.rooms.change(row.id, state="left")
            tx.erasures.start_all_own(self._context.clock.now_ms(), row.id)
            tx.intents.delete_group(row.group_id)
            tx.groups.delete_pending(row.group_id)
            tx.receipts.delete_room(row.id)

    async def _turn(self, group_id: bytes, mark: Callable[[Transaction, RoomRow | None], None]) -> None:
        """Store what `mark` writes and the proposals in one transaction, then send them."""
        own_account, random = self._context.own.account_id, self._context.random
        async with self._groups.held(group_id) as room:
            is_over = room is not None and room.accounts() == {own_account}
            group, messages = (None, []) if room is None or is_over else _proposals(room, own_account, random)
            recipients = [] if room is None else room.recipients()

            def work(tx: Transaction) -> list[OutboxRow]:
                row = tx.rooms.get(group_id)
                mark(tx, row)
                if is_over:
                    tx.groups.delete(group_id)
                if group is None:
                    return []
                tx.groups.save_epoch(group_id, group.epoch, group.epoch_bytes(), group.ratchet_bytes())
                number = None if row is None else row.id
                rows: list[OutboxRow] = []
                for message in messages:
                    sealed = seal_for_all(recipients, MLS_MESSAGE, message, random)
                    rows += self._outbox.rows(random(MESSAGE_ID_SIZE), sealed, room=number, kind=COMMIT)
                tx.outbox.add(rows)
                return rows

            rows = await self._context.store.write(work)
            if is_over:
                self._groups.forget(group_id)
            if room is not None and group is not None:
                self._groups.put(room.with_group(group))
                self._proposed_at[group_id] = self._context.clock.now_ms()
        self._outbox.dispatch(rows)

    def proposal_came(self, group_id: bytes) -> None:
        """Commit what was proposed, unless somebody of lower rank is faster; loop only."""
        self._context.tasks.spawn(self._commit_later(group_id), f"leaving of {group_id.hex()[:8]}")

    async def _commit_later(self, group_id: bytes) -> None:
        room = await self._groups.current(group_id)
        if room is None:
            return
        situation = await asyncio.to_thread(room.situation)  # it takes as long as the room is large
        if not situation.leaving or not situation.is_whole or room.group.own_leaf_index in situation.leaving:
            return
        staying = sorted(seat.leaf_index for seat in situation.seats if seat.leaf_index not in situation.leaving)
        rank = staying.index(room.group.own_leaf_index)
        jitter_ms = int.from_bytes(self._context.random(2), "big") % JITTER_MS if rank else 0
        await self._commits.add(group_id, CommitLeaving(), delay_ms=rank * RANK_PAUSE_MS + jitter_ms)


def _proposals(room: LiveRoom, own_account: bytes, random: Random) -> tuple[Group, list[bytes]]:
    """Return the group that knows of them, and one proposal for each leaf of the account."""
    group, messages = room.group, []
    for leaf_index in [seat.leaf_index for seat in room.seats() if seat.account_id == own_account]:
        group, message = group.propose_remove(leaf_index, random=random)
        messages.append(message)
    return group, messages
