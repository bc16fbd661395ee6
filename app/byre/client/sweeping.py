"""The sweep: every page of the database is looked at now and then, in idle slices, so that damage is met early; then
the search index is put in order, in small steps as well.

A page that nobody reads for months may be damaged for months; by then the snapshot of the healthy state is long
replaced. Damage is told by the store itself (`ProfileDamaged`); here it only ends the round.
"""

from __future__ import annotations

import logging

from byre.client.context import Context
from byre.errors import ByreError

FIRST_S = 120.0
EVERY_S = 6 * 3600.0
PAUSE_S = 0.25
"""Between two slices of 4 MiB: 1 GB takes a minute, and a twentieth of one core."""

log = logging.getLogger(__name__)


async def sweep_pages(context: Context) -> None:
    """Look at all pages soon after the start and every six hours, for ever."""
    await context.clock.sleep(FIRST_S)
    while True:
        try:
            following = await context.store.sweep.slice()
            while following is not None:
                await context.clock.sleep(PAUSE_S)
                following = await context.store.sweep.slice(following)
            while await context.store.write(lambda tx: tx.search.tend()):
                await context.clock.sleep(PAUSE_S)
        except ByreError as error:
            log.warning("the sweep ended early: %s", error.code)
        await context.clock.sleep(EVERY_S)
