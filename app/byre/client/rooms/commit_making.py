"""Builds one commit from a plan: proposals, own fresh leaf, the claim that asks for its order.

No store and no network but for the token, which the relay must know before a leaf that carries it leaves the device.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from byre.client.clock import now_s
from byre.client.context import Context
from byre.client.leaf_check import validate_leaf
from byre.client.mailbox import MailboxTokens
from byre.client.rooms.intents import CommitPlan, Intent, RemoveDevices
from byre.client.rooms.judging import judge_commit
from byre.client.rooms.live_room import LiveRoom
from byre.identity.commit_data import CommitData
from byre.identity.room_head import seal_claim_body
from byre.mls import (
    ROOM_CONTEXT,
    AddProposal,
    Extension,
    GroupContextExtensionsProposal,
    KeyPackage,
    PendingCommit,
    Proposal,
    RemoveProposal,
)
from byre.wire.ids import AccountId, DeliveryToken

_LARGEST_MESSAGE = 60 * 1024
"""What an envelope and a claim body carry; more goes as a blob."""
INLINE_DEVICES = 12
"""Up to so many devices the tree fits into the Welcome; beyond, it goes as a blob and each joiner gets its Welcome."""


@dataclass(frozen=True, slots=True)
class Made:
    """A commit and how its Welcomes travel."""

    pending: PendingCommit
    tree_beside: bool


def fits(message: bytes) -> bool:
    """Whether an envelope and a claim body hold a message."""
    return len(message) <= _LARGEST_MESSAGE


class CommitMaker:
    """Makes pending commits."""

    def __init__(self, context: Context, tokens: MailboxTokens) -> None:
        self._context = context
        self._tokens = tokens

    async def fresh_token(self) -> DeliveryToken:
        """Return a new delivery token for the leaf of the next commit; the old one dies with the epochs that use it."""
        return await self._tokens.fresh()

    async def retire_token(self, ended: LiveRoom) -> None:
        """Let the token of the leaf that a commit of ours replaced die at the relay, if this room alone had it."""
        token = ended.own_recipient.address.token
        row = await self._context.store.read(lambda tx: tx.tokens.get(token))
        if row is not None and row.speed == "normal" and row.state == "registered":
            await self._tokens.retire([token])

    async def make(self, room: LiveRoom, intent: Intent, plan: CommitPlan, token: DeliveryToken) -> Made:
        """Return the commit that `plan` asks for, judged by the room's law before anybody else does.

        It is made beside the loop: in a room of a thousand a commit seals a thousand secrets.

        Raises:
            PeerError: the law refuses it, or a package is no good.
        """
        devices = len(room.facts.leaves) - len(plan.removes) + len(plan.adds)
        made = await asyncio.to_thread(self._make, room, intent, plan, token, devices > INLINE_DEVICES)
        if made.tree_beside or all(fits(each.message) for each in made.pending.welcomes):
            return made
        return await asyncio.to_thread(self._make, room, intent, plan, token, True)

    def _make(self, room: LiveRoom, intent: Intent, plan: CommitPlan, token: DeliveryToken, tree_beside: bool) -> Made:
        proposals: list[Proposal] = [RemoveProposal(leaf) for leaf in plan.removes]
        proposals += [AddProposal(KeyPackage.decode(package.key_package)) for package in plan.adds]
        if plan.context is not None:
            others = [each for each in room.group.extensions if each.extension_type != ROOM_CONTEXT]
            proposals.append(GroupContextExtensionsProposal((*others, Extension(ROOM_CONTEXT, plan.context.encode()))))
        justification = CommitData()
        if isinstance(intent, RemoveDevices) and intent.signed_list:
            justification = CommitData(((AccountId(intent.account_id), intent.signed_list),))
        pending = room.group.commit(
            proposals,
            include_pending=plan.include_leaving,
            authenticated_data=justification.encode(),
            leaf_extensions=(self._tokens.leaf_extension(token),),
            leaf_credential=self._context.own.credential(),
            validate=validate_leaf,
            now_s=now_s(self._context.clock),
            random=self._context.random,
            tree_in_welcome=not tree_beside,
            split_welcomes=tree_beside,
        )
        judge_commit(room, pending.staged, pending.message)
        return Made(pending, tree_beside and bool(pending.welcomes))

    def claim_body(self, room: LiveRoom, content: bytes) -> bytes:
        """Return the commit, or the pointer to it, sealed for the members of the epoch that it ends."""
        return seal_claim_body(
            room.group.export_secret,
            group_tag=room.context.group_tag,
            epoch=room.epoch,
            commit=content,
            random=self._context.random,
        )
