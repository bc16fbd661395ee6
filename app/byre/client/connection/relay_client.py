"""One relay as the engine uses it: queued sends, and requests with a time limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from byre.client.connection.results import ClaimResult, CommitResult, DirectoryAnswer, TakenKeyPackage

if TYPE_CHECKING:
    from byre.client.connection.network import MailboxCredentials


class RelayClient:
    """One relay. Requests raise `EnvironmentFault` ("relay_unreachable") after `timeout_s`, `PeerError` ("relay_" +
    the relay's code: relay_taken, relay_token, relay_auth, relay_quota, relay_stale, ...) when the relay refuses and
    ("malformed", "relay_lied") when it does not keep to the protocol. Every request may be repeated safely."""

    def send(
        self, *, mid: bytes, mailbox: bytes, token: bytes, ttl_s: int, body: bytes, is_live_only: bool = False
    ) -> None:
        """Queue one envelope; retried with the same mid until final, in order per mailbox."""

    def cancel(self, mid: bytes) -> None:
        """Forget a queued send."""

    async def mailbox_new(self, credentials: MailboxCredentials) -> None: ...
    async def mailbox_delete(self, mailbox: bytes) -> None: ...
    async def token_put(self, mailbox: bytes, tokens: Sequence[tuple[bytes, int]]) -> None: ...
    async def token_delete(self, mailbox: bytes, tokens: Sequence[bytes], *, after_s: int = 0) -> None: ...
    async def key_packages_put(
        self, mailbox: bytes, one_time: Sequence[bytes], *, last_resort: bytes | None = None, replace: bool = False
    ) -> None: ...
    async def key_packages_take(self, mailbox: bytes, token: bytes) -> TakenKeyPackage: ...
    async def directory_put_account(self, record: bytes, *, recovery_file: bytes | None = None) -> None: ...
    async def directory_put_device(self, mailbox: bytes, record: bytes) -> None: ...
    async def directory_get(
        self,
        *,
        handle: str | None = None,
        account_id: bytes | None = None,
        since_list: int = 0,
        fetch_key: bytes | None = None,
    ) -> DirectoryAnswer | None: ...
    async def rendezvous_put(self, rendezvous: bytes, slot: int, blob: bytes) -> None: ...
    async def rendezvous_get(self, rendezvous: bytes, slot: int, *, wait_s: float = 0) -> bytes | None: ...
    async def create_head(self, *, group_tag: bytes, epoch: int, claim_public: bytes, signature: bytes) -> None: ...
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
    ) -> ClaimResult: ...
    async def get_commit(self, *, group_tag: bytes, epoch: int, signature: bytes) -> CommitResult: ...
