"""Leaving a room: proposals by reference for all own leaves, which any member who stays commits.

The user is out at once; the group's state stays until the commit has come, because a proposal dies with its epoch and
must then be made again. Who stays commits after a pause by rank: the lowest leaf first, so that few claims collide.
"""

from __future__ import annotations

from byre.client.context import Context
from byre.client.delivery.fan_out import seal_for_all
from byre.client.delivery.outbox import COMMIT, Outbox
from byre.client.events import RoomChanged
from byre.client.rooms.commits import Commits
from byre.client.rooms.groups import Groups
from byre.client.rooms.intents import CommitLeaving
from byre.client.views import RoomId
from byre.store import OutboxRow, Transaction
from byre.wire.envelope import MLS_MESSAGE
from byre.wire.ids import MESSAGE_ID_SIZE

RANK_PAUSE_MS = 2_000
JITTER_MS = 1_000


class Leaving:
    """Leaves rooms and commits the leaving of others."""

    def __init__(self, context: Context, groups: Groups, outbox: Outbox, commits: Commits) -> None:
        self._context = context
        self._groups = groups
        self._outbox = outbox
        self._commits = commits

    async def leave(self, group_id: bytes) -> None:
        """Leave at once for the user; the members' commit follows."""

        def mark(tx: Transaction) -> None:
            row = tx.rooms.get(group_id)
            if row is not None:
                tx.rooms.change(row.id, state="left")
                tx.intents.delete_group(group_id)
                tx.groups.delete_pending(group_id)
                tx.receipts.delete_room(row.id)

        async with self._groups.held(group_id):
            await self._context.store.write(mark)
        await self.propose(group_id)
        self._context.events.publish(RoomChanged(RoomId(group_id.hex())))

    async def propose(self, group_id: bytes) -> None:
        """Propose, in the present epoch, that all own leaves go; with nobody left to commit it the room just ends."""
        own_account, random = self._context.own.account_id, self._context.random
        async with self._groups.held(group_id) as room:
            if room is None:
                return
            if room.accounts() == {own_account}:
                await self._context.store.write(lambda tx: tx.groups.delete(group_id))
                self._groups.forget(group_id)
                return
            group = room.group
            mine = [seat.leaf_index for seat in room.seats() if seat.account_id == own_account]
            messages = []
            for leaf_index in mine:
                group, message = group.propose_remove(leaf_index, random=random)
                messages.append(message)
            after, before = group, room

            def work(tx: Transaction) -> list[OutboxRow]:
                tx.groups.save_epoch(group_id, after.epoch, after.epoch_bytes(), after.ratchet_bytes())
                row = tx.rooms.get(group_id)
                rows: list[OutboxRow] = []
                for message in messages:
                    sealed = seal_for_all(before.recipients(), MLS_MESSAGE, message, random)
                    number = None if row is None else row.id
                    rows += self._outbox.rows(random(MESSAGE_ID_SIZE), sealed, room=number, kind=COMMIT)
                tx.outbox.add(rows)
                return rows

            rows = await self._context.store.write(work)
            self._groups.put(room.with_group(group))
        self._outbox.dispatch(rows)

    def proposal_came(self, group_id: bytes) -> None:
        """Commit what was proposed, unless somebody of lower rank is faster; loop only."""
        self._context.tasks.spawn(self._commit_later(group_id), f"leaving of {group_id.hex()[:8]}")

    async def _commit_later(self, group_id: bytes) -> None:
        room = await self._groups.current(group_id)
        if room is None:
            return
        situation = room.situation()
        if not situation.leaving or not situation.is_whole or room.group.own_leaf_index in situation.leaving:
            return
        staying = sorted(seat.leaf_index for seat in situation.seats if seat.leaf_index not in situation.leaving)
        rank = staying.index(room.group.own_leaf_index)
        jitter_ms = int.from_bytes(self._context.random(2), "big") % JITTER_MS if rank else 0
        await self._commits.add(group_id, CommitLeaving(), delay_ms=rank * RANK_PAUSE_MS + jitter_ms)
