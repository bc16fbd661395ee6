"""The rolling snapshot: what a damaged profile is salvaged from.

```
 never taken                   ──▶ taken soon: nothing costs less than that of a new profile
 there, and younger than a day ──▶ nothing, unless the profile has become twice as large since
 a day old                     ──▶ taken anew
 not there: a wipe or an erasure destroyed it ──▶ taken once the app idles for a while
```
Erasures often come in numbers, and each one destroys it: it is not taken anew more often than every quarter of an hour.
"""

from __future__ import annotations

import contextlib

from byre.client.context import Context
from byre.client.events import Event, MessageReceived, MessageSent
from byre.errors import ByreError
from byre.store import Transaction

SNAPSHOT_AFTER_MS = 24 * 3600 * 1000
ANEW_AFTER_MS = 15 * 60 * 1000
IDLE_MS = 2 * 60 * 1000
SOON_S = 20.0
FIRST_LOOK_S = 300.0
LOOK_EVERY_S = 300.0
_TAKEN_AT = "snapshot.taken_at"
_TAKEN_OF = "snapshot.taken_of_bytes"


async def keep_snapshot(context: Context) -> None:
    """Take the rolling snapshot when it is due, for ever, and not while the app starts; it needs nobody to wait."""
    keeper = _Keeper(context)
    unsubscribe = context.events.subscribe(keeper.heard)
    try:
        await context.clock.sleep(SOON_S)
        await keeper.look(is_first=True)
        await context.clock.sleep(FIRST_LOOK_S - SOON_S)
        while True:
            await keeper.look()
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

    async def look(self, *, is_first: bool = False) -> None:
        """Take it if it is due; the first time only if there never was one."""
        with contextlib.suppress(ByreError):  # no room for it, or a wipe that cannot end: it is looked at again
            taken_at, of_bytes = await self._context.store.read(
                lambda tx: (tx.settings.get(_TAKEN_AT), tx.settings.get(_TAKEN_OF))
            )
            if taken_at is None if is_first else self._is_due(taken_at, of_bytes):
                await self._take()

    def _is_due(self, taken_at: object, of_bytes: object) -> bool:
        snapshots, now_ms = self._context.store.snapshots, self._context.clock.now_ms()
        age_ms = now_ms - taken_at if isinstance(taken_at, int) and taken_at <= now_ms else SNAPSHOT_AFTER_MS
        if age_ms >= SNAPSHOT_AFTER_MS:
            return True
        has_grown = isinstance(of_bytes, int) and snapshots.source_bytes() >= 2 * of_bytes
        if age_ms < ANEW_AFTER_MS or (snapshots.is_there() and not has_grown):
            return False
        return now_ms - self._active_at >= IDLE_MS

    async def _take(self) -> None:
        store, now_ms = self._context.store, self._context.clock.now_ms()
        of_bytes = store.snapshots.source_bytes()
        await store.snapshots.take()

        def note(tx: Transaction) -> None:
            tx.settings.put(_TAKEN_AT, now_ms)
            tx.settings.put(_TAKEN_OF, of_bytes)

        await store.write(note)
