"""On the phone: giving a PC its outer secret back, to who has the PC in front of them.

The same steps for the user as in linking: scan, agree, type the code that the PC shows. Nothing is stored: a handshake
that a crash cuts off is begun anew.
"""

from __future__ import annotations

import asyncio

from byre.client.context import Context
from byre.client.events import LinkEnded
from byre.client.key_copies import KeptCopy, kept_copy
from byre.client.rendezvous import (
    ANSWER,
    GRANT,
    OFFER,
    REVEAL,
    as_usage,
    offer_expired,
    put_blob,
    spoil,
    wait_for_blob,
)
from byre.client.views import LinkRequest
from byre.errors import PeerError, UsageError
from byre.identity.linking.key_return import KeyHolder
from byre.identity.linking.phone import PhoneState
from byre.store import Transaction
from byre.wire.link import KEY_URI

BLOB1_WAIT_MS = 10_000
REVEAL_WAIT_S = 20.0
TASK_REVEAL, TASK_TELL = "key: wait for the nonce", "key: tell the PC"


class KeyGiving:
    """The phone's half; one at a time."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._holder: KeyHolder | None = None
        self._kept: KeptCopy | None = None
        self._revealed = asyncio.Event()

    @property
    def is_under_way(self) -> bool:
        """Whether a code is waited for."""
        return self._holder is not None

    async def accept(self, uri: str) -> LinkRequest:
        """Answer a PC that has lost its key; the call is the user's agreement.

        Raises:
            UsageError: code bad_link, offer_expired, offer_used, link_failed, not_allowed (no primary), or no_key_copy:
                this phone keeps no key for that PC.
            EnvironmentFault: code relay_unreachable.
        """
        own, clock = self._context.own, self._context.clock
        own.require_account_key()
        await self.cancel()
        try:
            holder = KeyHolder(uri, now_ms=clock.now_ms())
            relay, rendezvous = self._context.network.relay(holder.payload.relay_url), holder.payload.rendezvous
            until_ms = min(holder.payload.expires_ms, clock.now_ms() + BLOB1_WAIT_MS)
            blob1 = await wait_for_blob(clock, relay, rendezvous, OFFER, until_ms=until_ms)
            if blob1 is None:
                raise offer_expired()
            holder.receive_blob1(blob1, now_ms=clock.now_ms())
            wanted = holder.wanted()
            kept, name = await self._context.store.read(lambda tx: _kept_with_name(tx, wanted.profile_id))
            if kept is None or kept.copy.generation != wanted.generation:
                raise UsageError("This phone keeps no key for that PC.", code="no_key_copy")
            blob2 = holder.agree(
                account_public=own.account_public,
                handle=own.handle,
                host=own.host,
                now_ms=clock.now_ms(),
                random=self._context.random,
            )
        except PeerError as error:
            raise as_usage(error) from None
        await put_blob(relay, rendezvous, ANSWER, blob2)
        self._holder, self._kept, self._revealed = holder, kept, asyncio.Event()
        self._context.tasks.spawn(self._await_nonce(holder, self._revealed), TASK_REVEAL)
        return LinkRequest(name, "", holder.deadline_ms, wants_key=True)

    async def confirm(self, code: str) -> None:
        """Take the code that the user typed; if it is right, the PC gets its key.

        Raises:
            UsageError: code wrong_state, code_mismatch (the third ends it), offer_used, offer_expired, link_failed.
            EnvironmentFault: code relay_unreachable: it may be typed again.
        """
        holder, kept = self._holder, self._kept
        if holder is None or kept is None:
            raise UsageError("No PC waits for its key.", code="wrong_state")
        try:
            async with asyncio.timeout(REVEAL_WAIT_S):
                await self._revealed.wait()
        except TimeoutError:
            raise UsageError("The PC has not answered yet.", code="wrong_state") from None
        clock = self._context.clock
        try:
            if holder.state is not PhoneState.MATCHED:
                holder.enter_code(code, now_ms=clock.now_ms())
            blob4 = holder.give(kept.copy, now_ms=clock.now_ms())
        except PeerError as error:
            if holder.state is PhoneState.DEAD:
                self._tell_pc(holder)
            raise as_usage(error) from None
        relay = self._context.network.relay(holder.payload.relay_url)
        await put_blob(relay, holder.payload.rendezvous, GRANT, blob4)
        self._holder = self._kept = None

    async def cancel(self) -> None:
        """End it; nothing happens when none is under way."""
        if self._holder is not None:
            self._tell_pc(self._holder)
        self._context.tasks.cancel(TASK_REVEAL)
        self._holder = self._kept = None

    def _tell_pc(self, holder: KeyHolder) -> None:
        relay, random = self._context.network.relay(holder.payload.relay_url), self._context.random
        self._context.tasks.spawn(spoil(relay, holder.payload.rendezvous, GRANT, random), TASK_TELL)

    async def _await_nonce(self, holder: KeyHolder, revealed: asyncio.Event) -> None:
        clock = self._context.clock
        relay = self._context.network.relay(holder.payload.relay_url)
        blob3 = await wait_for_blob(clock, relay, holder.payload.rendezvous, REVEAL, until_ms=holder.deadline_ms)
        code = "offer_expired"
        if blob3 is not None:
            try:
                holder.receive_blob3(blob3, now_ms=clock.now_ms())
                code = ""
            except PeerError as error:
                code = as_usage(error).code
        if code:
            holder.cancel()
            self._context.events.publish(LinkEnded(code))
        revealed.set()


def is_key_uri(uri: str) -> bool:
    """Whether a QR is that of a PC that has lost its key, not of one that wants to be linked."""
    return uri.strip().startswith(KEY_URI)


def _kept_with_name(tx: Transaction, profile_id: bytes) -> tuple[KeptCopy | None, str]:
    kept = kept_copy(tx, profile_id)
    row = None if kept is None else tx.own_devices.get(bytes.fromhex(kept.holder_of))
    return kept, "" if row is None else row.name
