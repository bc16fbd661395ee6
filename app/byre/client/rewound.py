"""A profile that was put back from an older copy: its ratchets may have been used since, and must not be used again.

```
 opened: the database's number is behind the key store's ──────────┐
 connected: the directory has a later record of ours (`own_record`) ┼─▶ new run id, MLS state dropped, rooms rejoined
 catching up: the home has a commit of ours that we lack ───────────┘
```
A ratchet that is used twice gives the same keys and nonces for two messages: whoever has both reads both. So nothing
is encrypted before the rooms have brought this device back; without a key store (key mode C) that begins with the
relay's answer, and what was sent in the moment before is sealed anew. What is not noticed: a copy since which nothing
was sealed for longer than ten seconds (the key store's number is raised at each start, every ten minutes, and ten
seconds after something was sealed), in mode C one from within the last ten minutes (the directory's record is put at
each connection and every ten minutes), and a copy together with the key store's entry while the relay withholds the
record.
"""

from __future__ import annotations

import dataclasses
import logging

from byre.client.clock import Clock
from byre.crypto.random import Random
from byre.errors import EnvironmentFault
from byre.store import KeyMode, ProfileVault, RejoiningRow, Store, Transaction
from byre.store.archive import RESTORED
from byre.wire.ids import RUN_ID_SIZE, RunId

log = logging.getLogger(__name__)

LOOK_EVERY_S = 10.0
RAISE_EVERY_MS = 600_000
SLOW_MS = 1000
_MARK = "engine.mark"
_LIVE = ("active", "request", "jammed", "rejoining")


class Marking:
    """When the key store's number is to be raised, beside each start: every ten minutes, and soon after a seal."""

    def __init__(self) -> None:
        self._sealed = -1
        self._raised_at_ms = 0
        self._is_slow = False

    async def keep_up(self, vault: ProfileVault, store: Store, clock: Clock) -> None:
        """Raise the number if it is due; look every `LOOK_EVERY_S`.

        A key store that takes its time, asks its user or fails is asked every ten minutes only.
        """
        try:
            sealed, now_ms = await store.read(lambda tx: tx.outbox.sealed_ever()), clock.now_ms()
        except EnvironmentFault:
            return  # whoever needs the store hears of it
        has_waited = not 0 <= now_ms - self._raised_at_ms < RAISE_EVERY_MS
        if has_waited or (sealed != self._sealed and not self._is_slow and vault.mode() is not KeyMode.C):
            was_raised = await _raise_both(vault, store) is not None
            self._is_slow = not was_raised or clock.now_ms() - now_ms > SLOW_MS
            self._sealed, self._raised_at_ms = sealed, now_ms


async def raise_mark(vault: ProfileVault, store: Store) -> bool:
    """Raise both numbers. True if the database was behind: it was put back from an older copy.

    The database is written first: only a copy is ever behind the key store. A key store that does not answer is passed
    over; the next time tells as much.
    """
    return await _raise_both(vault, store) or False


async def _raise_both(vault: ProfileVault, store: Store) -> bool | None:
    """`raise_mark`; None where the number was not raised."""
    try:
        kept = await vault.mark() or 0
        mine = await store.write(lambda tx: _raise(tx, kept))
        await vault.mark(max(mine, kept) + 1)
    except EnvironmentFault as error:
        log.warning("the profile's number was not raised: %s", error.code)
        return None
    return mine < kept


def begin_anew(tx: Transaction, *, random: Random, now_ms: int) -> RunId:
    """Drop the MLS state and have every room rejoined under a new run id, which is returned."""
    run_id = RunId(random(RUN_ID_SIZE))
    account = tx.account.get()
    if account is not None:
        tx.account.put(dataclasses.replace(account, run_id=run_id))
    for row in tx.rooms.all(with_hidden=True):
        if row.state not in _LIVE:
            continue
        tx.outbox.expire(now_ms, room=row.id)  # sealed by keys that others have used: sealed anew when we are back
        tx.groups.delete(row.group_id)
        tx.groups.delete_pending(row.group_id)
        tx.intents.delete_group(row.group_id)
        tx.rooms.change(row.id, state="rejoining")
        own_device = b"" if account is None else account.device_id
        if any(member.device_id != own_device for member in tx.members.of_room(row.id)):
            tx.joins.put_rejoining(RejoiningRow(row.group_id, b"", b"", now_ms, now_ms))
    tx.settings.put(RESTORED, now_ms)
    return run_id


def _raise(tx: Transaction, kept: int) -> int:
    """Write the next number; returns the one that was there, 0 for none."""
    value = tx.settings.get(_MARK)
    mine = value if isinstance(value, int) else 0
    tx.settings.put(_MARK, max(mine, kept) + 1)
    return mine
