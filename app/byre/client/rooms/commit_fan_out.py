"""What leaves the device for a commit of ours: the commit to all leaves of the old epoch, a Welcome to each new one.

Small rooms: both in envelopes, one Welcome for all with the tree inside. Large ones: what no envelope holds is laid
down as blobs before the claim, and the room's newcomers get a Welcome of their own with a pointer to the tree. Which
blobs there are is kept with the pending commit, so that the merge after the grant needs no network.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from byre.client.context import Context
from byre.client.delivery.fan_out import Recipient, Sealed, seal_for_all
from byre.client.delivery.outbox import COMMIT, TTL_S, WELCOME, WELCOME_TTL_S, Outbox
from byre.client.rooms.commit_making import CommitMaker, fits
from byre.client.rooms.commit_rows import has_tree_beside
from byre.client.rooms.judging import JudgedCommit, judge_commit
from byre.client.rooms.live_room import LiveRoom, recipient_of
from byre.client.rooms.parcel_codec import Parcel, restore_parcels, store_parcels
from byre.client.rooms.parcels import Parcels
from byre.errors import PeerError
from byre.mls import AddProposal, PendingCommit
from byre.store import OutboxRow, PendingCommitRow, Transaction
from byre.wire.blob_pointer import MESSAGE_IN_BLOB
from byre.wire.envelope import MLS_MESSAGE
from byre.wire.ids import MESSAGE_ID_SIZE

BUILT, READY = "built", "sent"
"""States of a pending commit: its blobs are not all laid down yet; it may be claimed."""
_COMMIT, _TREE = "commit", "tree"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A stored commit of ours, read back and judged."""

    made: PendingCommit
    judged: JudgedCommit


class CommitFanOut:
    """Lays blobs down and makes outbox rows."""

    def __init__(self, context: Context, outbox: Outbox, maker: CommitMaker, parcels: Parcels) -> None:
        self._context = context
        self._outbox = outbox
        self._maker = maker
        self._parcels = parcels

    async def prepare(self, room: LiveRoom, pending: PendingCommitRow) -> Prepared:
        """Read a stored commit back; beside the loop, as it takes as long as the room is large."""
        return await asyncio.to_thread(_prepare, room, pending)

    async def lay_down(self, room: LiveRoom, prepared: Prepared, pending: PendingCommitRow) -> PendingCommitRow:
        """Return the pending commit with all its blobs at the relays, stored; nothing to do for a small room.

        Raises:
            EnvironmentFault: a relay cannot be reached; nothing was stored.
            PeerError: a relay refuses.
        """
        if pending.state == READY:
            return pending
        parcels: dict[str, Parcel] = {}
        claim = pending.claim
        if not fits(pending.message):
            home = self._at_home(room)
            readers = [*room.recipients(), home]
            parcel = await self._parcels.put(pending.message, readers, own=room.own_recipient)
            parcel, pointer = parcel.pointer(home.address.relay_url, MESSAGE_IN_BLOB)
            claim = self._maker.claim_body(room, pointer.encode())
            parcels[_COMMIT] = parcel
        if has_tree_beside(pending):
            tree, joiners = await asyncio.to_thread(
                lambda: (prepared.made.group.ratchet_tree, list(_joiners(prepared).values()))
            )
            parcels[_TREE] = await self._parcels.put(tree, joiners, own=room.own_recipient)
        ready = replace(pending, state=READY, claim=claim, fan_out=store_parcels(parcels))
        await self._context.store.write(lambda tx: tx.groups.put_pending(ready))
        return ready

    def write(
        self, tx: Transaction, prepared: Prepared, pending: PendingCommitRow, room: int | None
    ) -> list[OutboxRow]:
        """Store the rows that carry a granted commit and its Welcomes; return them to be dispatched."""
        parcels = restore_parcels(pending.fan_out)
        before, random = prepared.judged.before.recipients(), self._context.random
        if _COMMIT in parcels:
            commits = self._parcels.pointers(parcels[_COMMIT], before)
        else:
            commits = seal_for_all(before, MLS_MESSAGE, pending.message, random)
        rows = self._rows(commits, room, COMMIT, TTL_S)
        rows += self._rows(self._welcomes(prepared, parcels.get(_TREE)), room, WELCOME, WELCOME_TTL_S)
        tx.outbox.add(rows)
        return rows

    async def withdraw(self, pending: PendingCommitRow) -> None:
        """Erase the blobs of a commit that came to nothing."""
        for parcel in restore_parcels(pending.fan_out).values():
            await self._parcels.withdraw(parcel)

    def _welcomes(self, prepared: Prepared, tree: Parcel | None) -> list[Sealed]:
        joiners, welcomes = _joiners(prepared), prepared.made.welcomes
        if tree is not None:
            return self._parcels.welcomes(
                tree, ((joiners[name], each.message) for each in welcomes for name in each.references)
            )
        random = self._context.random
        return [
            sealed
            for each in welcomes
            for sealed in seal_for_all([joiners[n] for n in each.references], MLS_MESSAGE, each.message, random)
        ]

    def _rows(self, sealed: list[Sealed], room: int | None, kind: str, ttl_s: int) -> list[OutboxRow]:
        item = self._context.random(MESSAGE_ID_SIZE)
        return self._outbox.rows(item, sealed, room=room, kind=kind, ttl_s=ttl_s)

    def _at_home(self, room: LiveRoom) -> Recipient:
        """Return somebody whose mailbox lies at the room's home: with its token the claim's blob is left there."""
        home = room.context.home_url
        for each in (room.own_recipient, *room.recipients()):
            if each.address.relay_url == home:
                return each
        raise PeerError("nobody in the room is at its home relay", code="room_too_large")


def _prepare(room: LiveRoom, pending: PendingCommitRow) -> Prepared:
    made = PendingCommit.from_bytes(pending.pending, before=room.group)
    return Prepared(made, judge_commit(room, made.staged, pending.message))


def _joiners(prepared: Prepared) -> Mapping[bytes, Recipient]:
    """Return who joins by which KeyPackageRef."""
    suite, facts = prepared.made.group.suite, prepared.judged.facts
    return {
        applied.proposal.key_package.reference(suite): recipient_of(facts.leaf(applied.leaf_index))
        for applied in prepared.made.staged.applied
        if isinstance(applied.proposal, AddProposal) and applied.leaf_index is not None
    }
