"""Room heads: which commit ended an epoch, decided once, durably, by a claim signed with that epoch's key.

```
 CREATE            head {epoch, claim key}                                           write-once
 CLAIM of epoch e  e == head: body to a bucket file, then head := e+1 in one transaction ─▶ GRANT
                   e <  head: same claim id ─▶ GRANT again, other ─▶ CONFLICT with the winner's body, forgotten ─▶ GONE
 GETC of epoch e   ─▶ the body that ended it, NONE at the head, GONE
```
Both writes are synced before GRANT. A body whose head was never written (a crash between the two) is never served and
expires. The relay cannot read bodies; it sees a random tag, an epoch number, sizes and times.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

from byre.db import Connection
from byre.errors import PeerError
from byre.identity.room_head import verify_claim, verify_create, verify_get_commit
from byre.relay.clock import ExpiryClock
from byre.relay.counters import Counters
from byre.relay.durable import Durable
from byre.relay.held_store import HeldStore
from byre.relay.refusal import Refusal
from byre.relay.settings import Limits
from byre.wire.frames import Claim, CommitFound, Conflict, Frame, GetCommit, Gone, Grant, HeadCreate
from byre.wire.ids import ClaimId, GroupTag

NO_CLAIM: Final = bytes(16)
NO_COMMIT: Final = bytes(48)
TOUCH_MS: Final = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class _Head:
    epoch: int
    claim_public: bytes
    claim_id: bytes
    commit_hash: bytes
    used_at: int


@dataclass(frozen=True, slots=True)
class _Ended:
    claim_public: bytes
    claim_id: bytes
    commit_hash: bytes
    bucket: int


class Heads:
    """The heads of all rooms whose home this relay is."""

    def __init__(
        self,
        *,
        relay_id: bytes,
        durable: Durable,
        store: HeldStore,
        limits: Limits,
        counters: Counters,
        expiry: ExpiryClock,
        may_store: Callable[[], bool],
    ) -> None:
        self._relay_id = relay_id
        self._durable = durable
        self._store = store
        self._limits = limits
        self._counters = counters
        self._expiry = expiry
        self._may_store = may_store
        self._claiming: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    async def create(self, frame: HeadCreate) -> None:
        """Register a room's head; the same again is fine.

        Raises:
            Refusal: "auth", "taken" (another key or epoch was there first, or the head has moved on).
        """
        self._check(
            lambda: verify_create(
                frame.claim_public,
                relay_id=self._relay_id,
                group_tag=GroupTag(frame.group_tag),
                signature=frame.signature,
            )
        )
        now_ms = self._expiry.now_ms()

        def work(connection: Connection) -> bool:
            connection.execute(
                "INSERT INTO head (group_tag, epoch, claim_public, claim_id, commit_hash, used_at)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (frame.group_tag, frame.epoch, frame.claim_public, NO_CLAIM, NO_COMMIT, now_ms),
            )
            head = _head(connection, frame.group_tag)
            return head is not None and (head.epoch, head.claim_public) == (frame.epoch, frame.claim_public)

        if not await self._durable.write(work):
            raise Refusal("taken")

    async def claim(self, frame: Claim) -> Frame:
        """Decide a claim; return GRANT, CONFLICT or GONE.

        Raises:
            Refusal: "auth" for an unknown room, a wrong signature or an epoch that is still to come, "disk".
        """
        lock = self._claiming.setdefault(frame.group_tag, asyncio.Lock())
        async with lock:  # reads and two writes: nobody may come in between
            head, ended = await self._look(frame.group_tag, frame.epoch)
            if head is None or frame.epoch > head.epoch:
                raise self._auth_failure()
            if frame.epoch == head.epoch:
                self._check_claim(frame, head.claim_public)
                await self._grant(frame, head)
                self._counters.count("claims_granted")
                return Grant(frame.req_id, frame.epoch + 1, frame.claim_id)
        if ended is None:  # forgotten after 72 hours; the last winner still learns that it won
            if head.epoch == frame.epoch + 1 and head.claim_id == frame.claim_id:
                return Grant(frame.req_id, head.epoch, frame.claim_id)
            return Gone(frame.req_id, 0)
        self._check_claim(frame, ended.claim_public)
        if ended.claim_id == frame.claim_id and ended.commit_hash == frame.commit_hash:
            return Grant(frame.req_id, frame.epoch + 1, frame.claim_id)
        self._counters.count("claims_refused")
        body = await self._store.commit_body(ended.bucket, frame.group_tag, frame.epoch, ended.claim_id)
        if body is None:
            return Gone(frame.req_id, head.epoch)
        return Conflict(frame.req_id, head.epoch, ended.claim_id, ended.commit_hash, body)

    async def get(self, frame: GetCommit) -> Frame:
        """Return the commit that ended an epoch, NONE at the head, or GONE.

        Raises:
            Refusal: "auth" as for `claim`.
        """
        head, ended = await self._look(frame.group_tag, frame.epoch)
        if head is None or frame.epoch > head.epoch:
            raise self._auth_failure()
        if frame.epoch < head.epoch and ended is None:
            return Gone(frame.req_id, 0)
        public = ended.claim_public if ended is not None else head.claim_public
        self._check(
            lambda: verify_get_commit(
                public,
                relay_id=self._relay_id,
                group_tag=GroupTag(frame.group_tag),
                epoch=frame.epoch,
                signature=frame.signature,
            )
        )
        await self._touch(frame.group_tag, head)
        if ended is None:
            return CommitFound(frame.req_id, head.epoch, head.claim_id, head.commit_hash, None)
        body = await self._store.commit_body(ended.bucket, frame.group_tag, frame.epoch, ended.claim_id)
        if body is None:
            return Gone(frame.req_id, head.epoch)
        return CommitFound(frame.req_id, head.epoch, ended.claim_id, ended.commit_hash, body)

    async def expire(self) -> None:
        """Forget ended epochs after 72 hours and heads that nobody used for 400 days."""
        now_ms = self._expiry.now_ms()
        unused_ms = now_ms - 1000 * self._limits.head_unused_s

        def due(connection: Connection) -> bool:
            row = connection.execute(
                "SELECT EXISTS (SELECT 1 FROM ended_epoch WHERE expires_at <= ?)"
                " OR EXISTS (SELECT 1 FROM head WHERE used_at <= ?)",
                (now_ms, unused_ms),
            ).fetchone()
            return bool(row and row[0])

        def work(connection: Connection) -> None:
            connection.execute("DELETE FROM ended_epoch WHERE expires_at <= ?", (now_ms,))
            connection.execute("DELETE FROM head WHERE used_at <= ?", (unused_ms,))

        if await self._durable.read(due):
            await self._durable.erase(work)

    async def _look(self, group_tag: bytes, epoch: int) -> tuple[_Head | None, _Ended | None]:
        now_ms = self._expiry.now_ms()

        def work(connection: Connection) -> tuple[_Head | None, _Ended | None]:
            row = connection.execute(
                "SELECT claim_public, claim_id, commit_hash, bucket FROM ended_epoch"
                " WHERE group_tag = ? AND epoch = ? AND expires_at > ?",
                (group_tag, epoch, now_ms),
            ).fetchone()
            return _head(connection, group_tag), _Ended(*row) if row else None

        return await self._durable.read(work)

    async def _grant(self, frame: Claim, head: _Head) -> None:
        if not self._may_store():
            self._counters.count("disk_fail")
            raise Refusal("disk", retry_after_ms=60_000)
        now_ms = self._expiry.now_ms()
        expires_at = now_ms + 1000 * self._limits.commit_body_s
        bucket = await self._store.put_commit(frame.group_tag, frame.epoch, frame.claim_id, expires_at, frame.body)

        def work(connection: Connection) -> None:
            connection.execute(
                "INSERT INTO ended_epoch (group_tag, epoch, claim_public, claim_id, commit_hash, bucket, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    frame.group_tag,
                    frame.epoch,
                    head.claim_public,
                    frame.claim_id,
                    frame.commit_hash,
                    bucket,
                    expires_at,
                ),
            )
            connection.execute(
                "UPDATE head SET epoch = ?, claim_public = ?, claim_id = ?, commit_hash = ?, used_at = ?"
                " WHERE group_tag = ? AND epoch = ?",
                (
                    frame.epoch + 1,
                    frame.next_claim_public,
                    frame.claim_id,
                    frame.commit_hash,
                    now_ms,
                    frame.group_tag,
                    frame.epoch,
                ),
            )

        await self._durable.write(work)

    async def _touch(self, group_tag: bytes, head: _Head) -> None:
        now_ms = self._expiry.now_ms()
        if now_ms - head.used_at > TOUCH_MS:
            await self._durable.write(
                lambda connection: (
                    connection.execute("UPDATE head SET used_at = ? WHERE group_tag = ?", (now_ms, group_tag)).rowcount
                )
            )

    def _check_claim(self, frame: Claim, public: bytes) -> None:
        self._check(
            lambda: verify_claim(
                public,
                relay_id=self._relay_id,
                group_tag=GroupTag(frame.group_tag),
                epoch=frame.epoch,
                claim_id=ClaimId(frame.claim_id),
                commit_hash=frame.commit_hash,
                next_claim_public=frame.next_claim_public,
                signature=frame.signature,
            )
        )

    def _check(self, verify: Callable[[], None]) -> None:
        try:
            verify()
        except PeerError:
            raise self._auth_failure() from None

    def _auth_failure(self) -> Refusal:
        self._counters.count("auth_fail")
        return Refusal("auth")


def _head(connection: Connection, group_tag: bytes) -> _Head | None:
    row = connection.execute(
        "SELECT epoch, claim_public, claim_id, commit_hash, used_at FROM head WHERE group_tag = ?", (group_tag,)
    ).fetchone()
    return _Head(*row) if row else None
