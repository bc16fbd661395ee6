"""A profile that was put back from an older copy: its ratchets may have been used since, and must not be used again.

```
 opened: the database's number is behind the key store's ──────────┐
 connected: the directory has a later record of ours (`own_record`) ┼─▶ new run id, MLS state dropped, rooms rejoined
 catching up: the home has a commit of ours that we lack ───────────┘
```
A ratchet that is used twice gives the same keys and nonces for two messages: whoever has both reads both. So nothing
is encrypted before the rooms have brought this device back; without a key store (key mode C) that begins with the
relay's answer, and what was sent in the moment before is sealed anew. What is not noticed: a copy from within the last
ten minutes (the numbers are raised at each start, at each connection and every ten minutes), and a copy together with
the key store's entry while the relay withholds the record.
"""

from __future__ import annotations

import dataclasses
import logging

from byre.crypto.random import Random
from byre.errors import EnvironmentFault
from byre.store import ProfileVault, RejoiningRow, Store, Transaction
from byre.store.archive import RESTORED
from byre.wire.ids import RUN_ID_SIZE, RunId

log = logging.getLogger(__name__)

_MARK = "engine.mark"
_LIVE = ("active", "request", "jammed", "rejoining")


async def raise_mark(vault: ProfileVault, store: Store) -> bool:
    """Raise both numbers. True if the database was behind: it was put back from an older copy.

    The database is written first: only a copy is ever behind the key store. A key store that does not answer is passed
    over; the next time tells as much.
    """
    try:
        kept = await vault.mark() or 0
        mine = await store.write(lambda tx: _raise(tx, kept))
        await vault.mark(max(mine, kept) + 1)
    except EnvironmentFault as error:
        log.warning("the profile's number was not raised: %s", error.code)
        return False
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
