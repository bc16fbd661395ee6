"""Sends receipts: one a second per room at most (`receipt_pace`), from what the store says is due.

What is due was written in the transaction that received the message, and is deleted in the one that queues the
receipt; between them a crash loses nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Collection

from byre.client.context import Context
from byre.client.delivery.receipt_pace import ReceiptPace
from byre.client.delivery.sending import Sending
from byre.client.delivery.unread import take_erased
from byre.errors import EnvironmentFault
from byre.store import RoomRow, Transaction
from byre.wire.content_bodies import Body, Receipt
from byre.wire.ids import MessageId

MOST_IDS = 768  # 18 bytes each: a full receipt stays within the 16 KiB bucket
_AUTHORS_LOOKED_AT = 256
RETRY_S = 10.0
log = logging.getLogger(__name__)


class Receipts:
    """Flushes receipts room by room, each in a task of its own that ends when nothing is due."""

    def __init__(self, context: Context, sending: Sending) -> None:
        self._context = context
        self._sending = sending
        self._pace = ReceiptPace()
        self._running: set[bytes] = set()
        self._more: set[bytes] = set()

    def due(self, group_id: bytes) -> None:
        """Send what is due in the room as soon as the pace allows; loop only."""
        self._more.add(group_id)
        if group_id not in self._running:
            self._running.add(group_id)
            self._context.tasks.spawn(self._flush(group_id), f"receipts of {group_id.hex()[:8]}")

    def came(self, count: int) -> None:
        """Note how many envelopes came together: while many do, receipts wait for more; loop only."""
        self._pace.came(count, self._context.clock.now_ms())

    async def resume(self) -> None:
        """Take up, after a start, what a crash left due."""

        def rooms(tx: Transaction) -> list[bytes]:
            now_ms = self._context.clock.now_ms()
            numbers = {due.room for due in tx.receipts.due(now_ms)} | {
                due.room for due in tx.receipts.due_reads(now_ms)
            }
            rows = [tx.rooms.by_number(number) for number in numbers]
            return [row.group_id for row in rows if row is not None]

        for group_id in await self._context.store.read(rooms):
            self.due(group_id)

    async def _flush(self, group_id: bytes) -> None:
        try:
            while group_id in self._more:
                while wait_ms := self._pace.wait_ms(group_id, self._context.clock.now_ms()):
                    await self._context.clock.sleep(wait_ms / 1000)
                self._more.discard(group_id)  # what falls due from here on asks for another round
                try:
                    has_sent = await self._sending.receipt(group_id, self._take)
                except EnvironmentFault as error:
                    log.warning("receipts wait: %s", error.code)
                    self._more.add(group_id)
                    await self._context.clock.sleep(RETRY_S)
                    continue
                if has_sent:
                    self._pace.sent(group_id, self._context.clock.now_ms())
                    self._more.add(group_id)
        finally:
            self._running.discard(group_id)

    def _take(self, tx: Transaction, row: RoomRow) -> tuple[Body, Collection[bytes]] | None:
        now_ms = self._context.clock.now_ms()
        due = tx.receipts.due_in(row.id, now_ms, MOST_IDS)
        read = next((d for d in tx.receipts.due_reads(now_ms) if d.room == row.id), None)
        tx.receipts.done(*due)
        accounts = {one.account_id for one in due} | {self._context.own.account_id}
        if read is not None:
            tx.receipts.done_read(read)
            page = tx.messages.page(row.id, _AUTHORS_LOOKED_AT, before=read.read_up_to + 1)
            accounts |= {message.account_id for message in page if message.kind != "system"}
        if not due and read is None:
            return None
        delivered = tuple(MessageId(one.message_id) for one in due)
        if read is None:
            return Receipt(delivered), accounts
        return Receipt(delivered, MessageId(read.message_id), take_erased(tx, row.id)), accounts
