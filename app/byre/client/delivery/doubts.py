"""Relays that say that they have something, and do not bring it: what was not confirmed end to end is sealed again.

```
 stored, relayed, acked ──its device speaks, half a minute later or more, and does not confirm it──▶ sealed again
         relayed, acked ──three hours without any word──────────────────────────────────────────▶ sealed again
 stored ──a day without any word────────────────────────────────────────────────────────────────▶ sealed again
```
A relay that throws away what it has confirmed must not keep a text from its reader until the time limit is over. It
says `stored`, and a device that is away looks just the same: so that word is believed for longest, until the device
speaks. Each pause is twice the one before, so that nobody's mailbox fills up with copies; the time limit stays that of
the first. Who gets two copies shows one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from byre.client.context import Context
from byre.client.delivery.sending import Sending
from byre.store import Transaction
from byre.store.outbox import Doubt

log = logging.getLogger(__name__)

EVERY_S: Final = 30.0
HEARD_MS: Final = 30_000
PAUSE_MS: Final = 60_000
SILENCE_MS: Final = 3 * 3600 * 1000


class Doubts:
    """Seals again what should have been confirmed.

    Args:
        has_caught_up: the own relay is connected, and what was missed has been fetched: receipts, too.
    """

    def __init__(self, context: Context, sending: Sending, *, has_caught_up: Callable[[], bool]) -> None:
        self._context = context
        self._sending = sending
        self._has_caught_up = has_caught_up

    async def run(self) -> None:
        """Take a turn every half minute, for ever."""
        while True:
            await self._context.clock.sleep(EVERY_S)
            if self._has_caught_up():
                await self.turn()

    async def turn(self) -> None:
        """Seal again what is in doubt now."""
        doubt = Doubt(self._context.clock.now_ms(), HEARD_MS, PAUSE_MS, SILENCE_MS)

        def rooms(tx: Transaction) -> list[bytes]:
            rows = [tx.rooms.by_number(number) for number in tx.reseals.rooms_in_doubt(doubt)]
            return [row.group_id for row in rows if row is not None]

        for group_id in await self._context.store.read(rooms):
            count = await self._sending.replace(
                group_id, lambda tx, row: tx.reseals.oldest_in_doubt(row.id, doubt), is_retry=True
            )
            if count:
                log.info("%d contents that a relay had were not confirmed and are sent again", count)
