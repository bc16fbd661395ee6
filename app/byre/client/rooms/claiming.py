"""Claims of own commits: asked of the home, kept until it names the commit at its head, asked again if it does not.

A grant alone proves nothing: a home may grant and forget, or grant two commits for one epoch. The claim of a merged
commit was signed with a key of the epoch that it ended, which is gone by then: it is kept as it was sent. The same
claim id is granted again, so that asking twice harms nobody. A claim that the home has confirmed is kept for as long
as the home would keep it, too: it may be put back from an older copy (`reordering`).
"""

from __future__ import annotations

from enum import StrEnum

from byre.client.connection.results import ClaimResult, ConflictingCommit, Granted
from byre.client.context import Context
from byre.client.rooms.live_room import LiveRoom
from byre.errors import EnvironmentFault, PeerError
from byre.identity.room_head import claim_key, commit_hash, sign_claim
from byre.mls import PendingCommit
from byre.store import PendingCommitRow, SignedClaimRow, Transaction
from byre.wire.ids import ClaimId


class Standing(StrEnum):
    """What the home makes of a claim that it had granted."""

    ORDERED = "ordered"
    OVERRULED = "overruled"  # another commit ended that epoch: this device is off the head
    UNKNOWN = "unknown"


class Claiming:
    """Asks homes to order own commits."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def ask(
        self, room: LiveRoom, made: PendingCommit, pending: PendingCommitRow
    ) -> tuple[SignedClaimRow, ClaimResult]:
        """Ask the room's home to order a pending commit.

        Raises:
            EnvironmentFault, PeerError: there is no answer, or a refusal.
        """
        relay = self._context.network.relay(room.context.home_url)
        next_public, digest = claim_key(made.group.export_secret).public, commit_hash(pending.message)
        signature = sign_claim(
            claim_key(room.group.export_secret),
            relay_id=await relay.relay_id(),
            group_tag=room.context.group_tag,
            epoch=pending.epoch,
            claim_id=ClaimId(pending.claim_id),
            commit_hash=digest,
            next_claim_public=next_public,
        )
        claim = SignedClaimRow(
            room.group_id,
            pending.epoch,
            room.context.home_url,
            room.context.group_tag,
            pending.claim_id,
            digest,
            next_public,
            signature,
            pending.claim,
        )
        return claim, await self.send(claim)

    async def again(self, group_id: bytes) -> Standing:
        """Ask once more for the order of an own commit that the home granted and does not name."""
        claim = await self._context.store.read(lambda tx: tx.claims.granted(group_id))
        if claim is None:
            return Standing.UNKNOWN
        try:
            result = await self.send(claim)
        except (EnvironmentFault, PeerError):
            return Standing.UNKNOWN
        if isinstance(result, ConflictingCommit):
            return Standing.ORDERED if result.commit_hash == claim.commit_hash else Standing.OVERRULED
        return Standing.ORDERED if isinstance(result, Granted) else Standing.UNKNOWN

    async def confirmed(self, group_id: bytes) -> None:
        """The home names what it granted: nothing is to be claimed again, unless the home loses it."""
        if await self._context.store.read(lambda tx: tx.claims.granted(group_id)) is not None:
            now_ms = self._context.clock.now_ms()
            await self._context.store.write(lambda tx: tx.claims.mark_ordered(group_id, now_ms))

    async def unconfirmed(self) -> list[bytes]:
        """Return the groups with a granted commit that the home has not named."""
        return await self._context.store.read(lambda tx: tx.claims.groups_with_granted())

    async def send(self, claim: SignedClaimRow) -> ClaimResult:
        """Make a signed claim, for the first time or again. Raises as `ask`."""
        return await self._context.network.relay(claim.home_url).claim(
            group_tag=claim.group_tag,
            epoch=claim.epoch,
            claim_id=claim.claim_id,
            commit_hash=claim.commit_hash,
            next_claim_public=claim.next_claim_public,
            signature=claim.signature,
            body=claim.body,
        )


def keep_claim(tx: Transaction, claim: SignedClaimRow, now_ms: int) -> None:
    """Keep a granted claim, in the transaction that merges its commit: what was granted before it was ordered."""
    tx.claims.mark_ordered(claim.group_id, now_ms)
    tx.claims.put(claim)
