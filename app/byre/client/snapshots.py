"""The rolling snapshot: what a damaged profile is salvaged from.

```
 there, and younger than a day ──▶ nothing
 a day old                     ──▶ taken anew
 not there: a wipe or an erasure destroyed it, or it was never taken ──▶ taken once the app idles for a while
```
Erasures often come in numbers, and each one destroys it: it is not taken anew more often than every quarter of an hour.
"""

from __future__ import annotations

import contextlib

from byre.client.context import Context
from byre.client.events import Event, MessageReceived, MessageSent
from byre.errors import ByreError

SNAPSHOT_AFTER_MS = 24 * 3600 * 1000
ANEW_AFTER_MS = 15 * 60 * 1000
IDLE_MS = 2 * 60 * 1000
FIRST_LOOK_S = 300.0
LOOK_EVERY_S = 300.0
_TAKEN_AT = "snapshot.taken_at"


async def keep_snapshot(context: Context) -> None:
    """Take the rolling snapshot when it is due, for ever, and not while the app starts; it needs nobody to wait."""
    keeper = _Keeper(context)
    unsubscribe = context.events.subscribe(keeper.heard)
    try:
        await context.clock.sleep(FIRST_LOOK_S)
        while True:
            with contextlib.suppress(ByreError):  # no room for it, or a wipe that cannot end: it is looked at again
                await keeper.take_if_due()
            await context.clock.sleep(LOOK_EVERY_S)
    finally:
        unsubscribe()


class _Keeper:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._active_at = 0

    def heard(self, event: Event) -> None:
        if isinstance(event, MessageReceived | MessageSent):
            self._active_at = self._context.clock.now_ms()

    async def take_if_due(self) -> None:
        store, now_ms = self._context.store, self._context.clock.now_ms()
        taken_at = await store.read(lambda tx: tx.settings.get(_TAKEN_AT))
        age_ms = now_ms - taken_at if isinstance(taken_at, int) and taken_at <= now_ms else SNAPSHOT_AFTER_MS
        if store.snapshots.is_there() and age_ms < SNAPSHOT_AFTER_MS:
            return
        if age_ms < ANEW_AFTER_MS or (age_ms < SNAPSHOT_AFTER_MS and now_ms - self._active_at < IDLE_MS):
            return
        await store.snapshots.take()
        await store.write(lambda tx: tx.settings.put(_TAKEN_AT, now_ms))
