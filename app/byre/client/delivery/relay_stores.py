"""Which store each relay had when it was last reached: one that has another now has lost what it held.

What a relay keeps in memory only (durability ram) keeps its ciphertext here until the end-to-end receipt, and is sent
again as it is. What a relay with a disk had confirmed was freed here; after a disaster there it is sealed anew for its
device, under its old message id, so that nothing is shown twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from byre.client.context import Context
from byre.client.delivery.outbox import Outbox
from byre.store import OutboxRow, Transaction

log = logging.getLogger(__name__)

_SETTING = "delivery.relay_stores"


class RelayStores:
    """Compares stores.

    Args:
        seal_again: encrypts anew what expired for a device of a room.
    """

    def __init__(self, context: Context, outbox: Outbox, seal_again: Callable[[bytes, bytes], None]) -> None:
        self._context = context
        self._outbox = outbox
        self._seal_again = seal_again

    def begin(self) -> None:
        """Look at the relays that were reached before this session began."""
        for relay_url, store_epoch in self._context.network.store_epochs.items():
            self.reached(relay_url, store_epoch)

    def reached(self, relay_url: str, store_epoch: bytes) -> None:
        """A relay said which store it has."""
        self._context.tasks.spawn(self._compare(relay_url, store_epoch), "compare a relay's store")

    def put_back(self, relay_url: str) -> None:
        """A relay's data are an older copy, whatever it calls them: what it had confirmed since is lost."""
        self._context.tasks.spawn(self._replace(relay_url), "seal anew what a relay lost")

    async def _replace(self, relay_url: str) -> None:
        self._send_again(*await self._context.store.write(lambda tx: _held_by(tx, relay_url)))

    async def _compare(self, relay_url: str, store_epoch: bytes) -> None:
        self._send_again(*await self._context.store.write(lambda tx: _lost(tx, relay_url, store_epoch)))

    def _send_again(self, again: list[OutboxRow], lost: list[tuple[bytes, bytes]]) -> None:
        if again or lost:
            log.warning("a relay lost its store: %d envelopes are sent again, %d sealed anew", len(again), len(lost))
        self._outbox.dispatch(again)
        for group_id, device_id in lost:
            self._seal_again(group_id, device_id)


def _lost(tx: Transaction, relay_url: str, store_epoch: bytes) -> tuple[list[OutboxRow], list[tuple[bytes, bytes]]]:
    """Return the rows to send as they are, and the (group, device) for which others are to be sealed anew."""
    value = tx.settings.get(_SETTING)
    known = dict(value) if isinstance(value, dict) else {}
    before = known.get(relay_url)
    if before == store_epoch.hex():
        return [], []
    tx.settings.put(_SETTING, {**known, relay_url: store_epoch.hex()})
    return ([], []) if before is None else _held_by(tx, relay_url)


def _held_by(tx: Transaction, relay_url: str) -> tuple[list[OutboxRow], list[tuple[bytes, bytes]]]:
    """Take back what a relay held: rows to send as they are, and (group, device) to seal others anew for."""
    again: list[OutboxRow] = []
    lost: dict[tuple[bytes, bytes], None] = {}
    for row in tx.outbox.lost_by(relay_url):
        if row.ciphertext is not None:
            again.append(row)
            continue
        room = None if row.room is None else tx.rooms.by_number(row.room)
        if room is not None:
            lost[room.group_id, row.device_id] = None
    return again, list(lost)
