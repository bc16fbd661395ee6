"""On the phone: giving a PC its outer secret back, to who has the PC in front of them.

The same steps for the user as in linking: scan, agree, type the code that the PC shows. Nothing is stored: a handshake
that a crash cuts off is begun anew.
"""

from __future__ import annotations

from byre.client.context import Context
from byre.client.handshake import ScannedOffer, told_plainly
from byre.client.key_copies import KeptCopy, kept_copy
from byre.client.views import LinkRequest
from byre.errors import UsageError
from byre.identity.linking.key_return import KeyHolder
from byre.store import Transaction
from byre.wire.link import KEY_URI


class KeyGiving:
    """The phone's half; one at a time."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._offer: ScannedOffer[KeyHolder] | None = None
        self._kept: KeptCopy | None = None
        self._blob4: bytes | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether a code is waited for."""
        return self._offer is not None

    async def accept(self, uri: str) -> LinkRequest:
        """Answer a PC that has lost its key; the call is the user's agreement.

        Raises:
            UsageError: code bad_link, offer_expired, offer_used, link_failed, not_allowed (no primary), or no_key_copy:
                this phone keeps no key for that PC.
            EnvironmentFault: code relay_unreachable.
        """
        self._context.own.require_account_key()
        await self.cancel()
        offer = ScannedOffer(self._context, KeyHolder, uri)
        await offer.request()
        with told_plainly():
            wanted = offer.link.wanted()
        kept, name = await self._context.store.read(lambda tx: _kept_with_name(tx, wanted.profile_id))
        if kept is None or kept.copy.generation != wanted.generation:
            raise UsageError("This phone keeps no key for that PC.", code="no_key_copy")
        await offer.answer()
        self._forget()  # another QR may have been scanned meanwhile
        self._offer, self._kept = offer, kept
        return LinkRequest(name, "", offer.link.deadline_ms, wants_key=True)

    async def confirm(self, code: str) -> None:
        """Take the code that the user typed; if it is right, the PC gets its key.

        Raises:
            UsageError: code wrong_state, code_mismatch (the third ends it), offer_used, offer_expired, link_failed.
            EnvironmentFault: code relay_unreachable: it may be typed again.
        """
        offer, kept = self._offer, self._kept
        if offer is None or kept is None:
            raise UsageError("No PC waits for its key.", code="wrong_state")
        if self._blob4 is None:
            await offer.enter_code(code)
            with told_plainly():
                self._blob4 = offer.link.give(kept.copy, now_ms=self._context.clock.now_ms())
        await offer.post(self._blob4)
        self._forget()

    async def cancel(self) -> None:
        """End it; nothing happens when none is under way."""
        if self._offer is not None:
            self._offer.tell_pc()
        self._forget()

    def _forget(self) -> None:
        if self._offer is not None:
            self._offer.drop()
        self._offer = self._kept = self._blob4 = None


def is_key_uri(uri: str) -> bool:
    """Whether a QR is that of a PC that has lost its key, not of one that wants to be linked."""
    return uri.strip().startswith(KEY_URI)


def _kept_with_name(tx: Transaction, profile_id: bytes) -> tuple[KeptCopy | None, str]:
    kept = kept_copy(tx, profile_id)
    row = None if kept is None else tx.own_devices.get(bytes.fromhex(kept.holder_of))
    return kept, "" if row is None else row.name
