"""A new recovery code, in place of one that somebody may have seen.

```
 propose ─▶ shown, written down ─▶ confirm: typed back ─▶ stored: file, fetch key, copy key, due ─▶ relay ─▶ not due
   └──── the old code is good ────────────────────────────────────────────────────────────────┴─ the new one is ──
```
Nothing changes before its user has shown that they hold it; the relay puts the one file in the place of the other in
one transaction: at each instant one of the two opens the account. What was stored is published after a crash, and with
every list that is signed meanwhile. The account's key stays the same: a new code helps against who finds the paper,
not against who has used it, nor against a relay that kept the old file and learns the old code.
"""

from __future__ import annotations

import logging

from byre.client.context import Context
from byre.client.events import RecoveryCodeChanged
from byre.client.key_copies import COPY_PUBLIC, STATE, KeyCopies
from byre.client.own_list import OwnList
from byre.client.registration import follow_newer_code, write_recovery
from byre.crypto.secret import same
from byre.errors import ByreError, PeerError, UsageError
from byre.identity.records import AccountRecord
from byre.identity.recovery import copy_key_pair, fetch_key, new_recovery_code, normalise_code, seal_recovery_file
from byre.store import Transaction

log = logging.getLogger(__name__)

_DUE = "engine.recovery_due"
"""Setting: the relay has not confirmed the stored recovery file yet."""


class RecoveryCode:
    """`RecoveryCodeApi`; on the primary alone."""

    def __init__(self, context: Context, own_list: OwnList, copies: KeyCopies) -> None:
        self._context = context
        self._own_list = own_list
        self._copies = copies
        self._proposed = ""

    async def propose(self) -> str:
        """Return a new code for its user to write down; it is not in force, and forgotten if the process ends.

        Raises:
            UsageError: code not_allowed on a linked or removed device.
        """
        self._need_primary()
        self._proposed = new_recovery_code(self._context.random)
        return self._proposed

    async def confirm(self, code: str) -> bool:
        """Put the proposed code, typed back from paper, in force. True once the relay has it, and the old one is void.

        False while the relay cannot be reached: it is told when it is back (`RecoveryCodeChanged`), and until then the
        old code may still be the one in force.

        Raises:
            UsageError: code not_allowed, wrong_state (none was proposed) or wrong_recovery_code (another one was).
            EnvironmentFault: code disk_full and the like; nothing was changed.
        """
        self._need_primary()
        if not self._proposed:
            raise UsageError("No new recovery code was made.", code="wrong_state")
        typed = _typed(code)
        if not same(typed.encode(), self._proposed.encode()):
            raise _wrong()
        file = seal_recovery_file(typed, self._context.own.require_account_key(), self._context.random)
        fetch, copy_public = fetch_key(typed), copy_key_pair(typed)[1].hex()
        now_ms = self._context.clock.now_ms()

        def write(tx: Transaction) -> None:
            write_recovery(tx, file, fetch, since_ms=now_ms)
            tx.settings.put(COPY_PUBLIC, copy_public)
            tx.settings.delete(STATE)  # the copy of the present key is sealed for the old code
            tx.settings.put(_DUE, True)

        await self._context.store.write(write)
        self._proposed = ""
        try:
            await self.resume()
        except ByreError as error:
            log.info("a new recovery code waits for the relay: %s", error.code)
            return False
        return True

    async def is_pending(self) -> bool:
        """Whether a confirmed code is not known to be in force yet."""
        return await self._context.store.read(lambda tx: tx.settings.get(_DUE) is not None)

    async def resume(self) -> None:
        """Publish what the relay has not confirmed, with the key's copy for the new code beside it.

        Raises:
            ByreError: the relay is away or refuses; it is tried again.
        """
        if not await self.is_pending():
            return
        await self._copies.run()
        await self._own_list.republish()
        await self._context.store.write(lambda tx: tx.settings.delete(_DUE))
        self._context.events.publish(RecoveryCodeChanged())

    async def look_back(self) -> None:
        """After the profile came out of a copy: a code that was made since the copy stays in force.

        Raises:
            ByreError: the relay is away, or its record does not verify.
        """
        own = self._context.own
        if own.account_key is None:
            return
        answer = await self._context.own_relay.directory_get(account_id=own.account_id)
        if answer is None:
            return
        record = AccountRecord.decode(answer.account_record)
        if record.account_id != own.account_id:
            raise PeerError("the relay shows another account's record", code="wrong_account")

        def follow(tx: Transaction) -> None:
            if follow_newer_code(tx, record):
                for name in (COPY_PUBLIC, STATE, _DUE):  # made with the code that is void
                    tx.settings.delete(name)

        await self._context.store.write(follow)

    def _need_primary(self) -> None:
        own = self._context.own
        own.require_listed()
        own.require_account_key()


def _typed(code: str) -> str:
    try:
        return normalise_code(code)
    except PeerError:
        raise _wrong() from None


def _wrong() -> UsageError:
    return UsageError("This is not the new recovery code.", code="wrong_recovery_code")
