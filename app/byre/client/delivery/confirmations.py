"""What receipts say of messages: of those that are here, and of those that are still on their way.

A receipt goes to all devices of the author, and each message travels on a lane of its own per device: another own
device may hear that somebody has a message before the message itself. What it hears is kept until the message comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from byre.client.delivery import ledger
from byre.client.delivery.burst import Burst
from byre.store import EarlyReceiptRow, MessageRow, RoomRow
from byre.wire.content_bodies import Receipt


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A receipt with its sender: a device of an account, in the room that shows what it names."""

    room: RoomRow
    account_id: bytes
    device_id: bytes
    receipt: Receipt
    received_at: int

    def early(self, message_id: bytes, *, is_read: bool) -> EarlyReceiptRow:
        """What is kept of it for one message to come."""
        return EarlyReceiptRow(
            message_id, self.room.id, self.account_id, self.device_id, is_read=is_read, received_at=self.received_at
        )


def take(burst: Burst, said: Confirmation, own_account: bytes) -> None:
    """Count what a receipt confirms; keep what names a message that is not here."""
    tx, early = burst.tx, list[EarlyReceiptRow]()
    burst.write_messages()  # what it names may have come just before
    # What an own device received is confirmed to its author; here it counts where there is nobody else.
    is_counted = said.account_id != own_account or said.room.kind == "note"
    for message_id in said.receipt.delivered:
        if tx.messages.own(message_id) is not None:
            _delivered(burst, message_id, said.account_id, said.device_id, own_account)
        elif not tx.outbox.settle(message_id, said.device_id) and is_counted:
            early.append(said.early(message_id, is_read=False))
    ledger.gone_unread(tx, said.receipt.unread, said.account_id)
    mark = said.receipt.read_up_to
    if mark is not None:
        row = tx.messages.get(said.room.id, mark)
        if row is None:
            early.append(said.early(mark, is_read=True))
        else:
            _read_up_to(burst, said.room.group_id, row, said.account_id, said.received_at, own_account)
    if early:
        tx.receipts.add_early(early)


def take_early(
    burst: Burst, room: RoomRow, row: MessageRow, receipts: Sequence[EarlyReceiptRow], own_account: bytes
) -> None:
    """Count what was confirmed of a message before it came."""
    for each in receipts:
        if not each.is_read:
            _delivered(burst, row.message_id, each.account_id, each.device_id, own_account)
    for each in receipts:
        if each.is_read:
            _read_up_to(burst, room.group_id, row, each.account_id, each.received_at, own_account)


def _delivered(burst: Burst, message_id: bytes, account_id: bytes, device_id: bytes, own_account: bytes) -> None:
    change = ledger.delivered(burst.tx, message_id, account_id, device_id, own_account)
    if change is not None:
        burst.aftermath.state_changed(change)


def _read_up_to(
    burst: Burst, group_id: bytes, mark: MessageRow, account_id: bytes, read_at: int, own_account: bytes
) -> None:
    tx = burst.tx
    if account_id == own_account:
        has_started = tx.erasures.start_timers(mark.room, mark.id, read_at) > 0
        if tx.rooms.mark_read(mark.room, mark.id) or has_started:
            burst.aftermath.room_changed(group_id)
    else:
        for change in ledger.read_up_to(tx, mark.room, mark.id, account_id, own_account):
            burst.aftermath.state_changed(change)
