"""Requests about room heads: open one, claim an epoch, fetch a commit. Signatures are the caller's."""

from __future__ import annotations

from byre.client.connection.link import Link
from byre.client.connection.requester import Requester
from byre.client.connection.results import (
    ClaimResult,
    CommitResult,
    ConflictingCommit,
    Found,
    Gone,
    Granted,
    NothingYet,
)
from byre.errors import PeerError
from byre.wire import frames


class HeadRequests:
    """The room head requests of a relay client; see `RelayClient` for errors."""

    _requester: Requester
    _anonymous: Link

    async def create_head(self, *, group_tag: bytes, claim_public: bytes, signature: bytes, epoch: int = 0) -> None:
        """Open a room's head; PeerError "relay_taken" when the tag is somebody else's."""
        req_id = self._requester.new_id()
        frame = frames.HeadCreate(req_id, group_tag, epoch, claim_public, signature)
        await self._requester.ask(req_id, lambda hello: frame, (frames.Done,), road=self._anonymous)

    async def claim(
        self,
        *,
        group_tag: bytes,
        epoch: int,
        claim_id: bytes,
        commit_hash: bytes,
        next_claim_public: bytes,
        signature: bytes,
        body: bytes,
    ) -> ClaimResult:
        """Ask the relay to end `epoch` with our commit; the same claim id is granted again."""
        req_id = self._requester.new_id()
        frame = frames.Claim(req_id, group_tag, epoch, claim_id, commit_hash, next_claim_public, signature, body)
        answer: frames.Grant | frames.Conflict | frames.Gone = await self._requester.ask(
            req_id, lambda hello: frame, (frames.Grant, frames.Conflict, frames.Gone), road=self._anonymous
        )
        if isinstance(answer, frames.Grant):
            if answer.claim_id != claim_id or answer.head_epoch <= epoch:
                raise PeerError("The relay granted another claim.", code="relay_lied")
            return Granted(answer.head_epoch)
        if isinstance(answer, frames.Conflict):
            return ConflictingCommit(answer.head_epoch, answer.claim_id, answer.commit_hash, answer.body)
        return Gone(answer.head_epoch)

    async def get_commit(self, *, group_tag: bytes, epoch: int, signature: bytes) -> CommitResult:
        """Fetch the commit that ended `epoch`."""
        req_id = self._requester.new_id()
        frame = frames.GetCommit(req_id, group_tag, epoch, signature)
        answer: frames.CommitFound | frames.Gone = await self._requester.ask(
            req_id, lambda hello: frame, (frames.CommitFound, frames.Gone), road=self._anonymous
        )
        if not isinstance(answer, frames.CommitFound):
            return Gone(answer.head_epoch)
        if answer.body is None:
            return NothingYet(answer.head_epoch, answer.claim_id, answer.commit_hash)
        return Found(answer.head_epoch, answer.claim_id, answer.commit_hash, answer.body)
