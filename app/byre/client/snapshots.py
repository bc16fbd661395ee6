"""The rolling snapshot, once a day: what a damaged profile is salvaged from."""

from __future__ import annotations

import contextlib

from byre.client.context import Context
from byre.errors import ByreError

SNAPSHOT_AFTER_MS = 24 * 3600 * 1000
FIRST_LOOK_S = 300.0
LOOK_EVERY_S = 3600.0
_TAKEN_AT = "snapshot.taken_at"


async def keep_snapshot(context: Context) -> None:
    """Take the rolling snapshot once a day, for ever, and not while the app starts; it needs nobody to wait."""
    await context.clock.sleep(FIRST_LOOK_S)
    while True:
        with contextlib.suppress(ByreError):  # no room for it, or a wipe that cannot end: there is another hour
            await _take_if_due(context)
        await context.clock.sleep(LOOK_EVERY_S)


async def _take_if_due(context: Context) -> None:
    now_ms = context.clock.now_ms()
    taken_at = await context.store.read(lambda tx: tx.settings.get(_TAKEN_AT))
    if isinstance(taken_at, int) and 0 <= now_ms - taken_at < SNAPSHOT_AFTER_MS:
        return
    await context.store.snapshots.take()
    await context.store.write(lambda tx: tx.settings.put(_TAKEN_AT, now_ms))
