"""A burst: what the arrivals of one transaction share.

A catching-up device takes hundreds of messages in one transaction. What they have in common (the room's row, the
sender's name and window of counters, the ratchets) is read once and written once, and the messages themselves are
written together: by `settle`, before anybody else reads them. A burst of one message is the everyday case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from byre.client.delivery.aftermath import Aftermath
from byre.client.rooms.groups import PAST_EPOCH_LIFE_MS, write_ratchets
from byre.client.rooms.intents import Seat
from byre.client.rooms.live_room import LiveRoom
from byre.client.views import Sender
from byre.mls import Group
from byre.store import EarlyReceiptRow, MessageRow, NewMessage, ReceiptDueRow, RoomRow, Transaction
from byre.store.seen import SeenWindow

Then = Callable[[MessageRow, Sequence[EarlyReceiptRow]], None]
"""What follows a stored message, with what others confirmed of it before it came."""


class Burst:
    """Lives as long as one transaction, on the store's thread; `aftermath` is for the loop after it.

    Args:
        tx: the transaction.
        rooms: the groups that are held, by group id; None for one that this device has no state of.
    """

    def __init__(self, tx: Transaction, rooms: Mapping[bytes, LiveRoom | None]) -> None:
        self.tx = tx
        self._groups = dict(rooms)
        self._past: dict[tuple[bytes, int], LiveRoom | None] = {}
        self._ended_at: dict[tuple[bytes, int], int] = {}
        self._seats: dict[tuple[bytes, int, int], Seat] = {}
        self._moved_groups: set[bytes] = set()
        self._moved_past: set[tuple[bytes, int]] = set()
        self._rows: dict[bytes, RoomRow | None] = {}
        self._windows: dict[tuple[int, bytes, bytes], SeenWindow] = {}
        self._senders: dict[tuple[bytes, bytes], Sender] = {}
        self._heard: set[tuple[int, bytes]] = set()
        self._receipts: list[ReceiptDueRow] = []
        self._messages: list[tuple[NewMessage, Then]] = []
        self.aftermath = Aftermath()

    # -- groups

    def group(self, group_id: bytes) -> LiveRoom | None:
        """The room in its present epoch, with the ratchets as this burst left them."""
        return self._groups[group_id]

    def past(self, group_id: bytes, epoch: int) -> LiveRoom | None:
        """A past epoch, good for reading what was sent in it; None when it is no longer kept."""
        key = (group_id, epoch)
        if key not in self._past:
            row = self.tx.groups.at(group_id, epoch)
            is_past = row is not None and row.expires_at is not None
            if row is not None and row.expires_at is not None:
                self._ended_at[key] = row.expires_at - PAST_EPOCH_LIFE_MS
            self._past[key] = (
                LiveRoom.read(Group.load(row.epoch_bytes, row.ratchet_bytes, past=True)) if row and is_past else None
            )
        return self._past[key]

    def ended_at(self, group_id: bytes, epoch: int) -> int:
        """When this device merged the commit that ended a past epoch, in milliseconds; `past` has read it."""
        return self._ended_at[group_id, epoch]

    def move(self, room: LiveRoom, *, is_past: bool = False) -> None:
        """Take over a room whose ratchets moved; they are stored by `finish`."""
        if is_past:
            self._past[room.group_id, room.epoch] = room
            self._moved_past.add((room.group_id, room.epoch))
        else:
            self._groups[room.group_id] = room
            self._moved_groups.add(room.group_id)

    def seat(self, room: LiveRoom, leaf_index: int) -> Seat:
        """Return who sits at `leaf_index` of `room`, put together once."""
        key = (room.group_id, room.epoch, leaf_index)
        found = self._seats.get(key)
        if found is None:
            found = self._seats[key] = room.seat(leaf_index)
        return found

    # -- rows

    def row(self, group_id: bytes) -> RoomRow | None:
        """The room's row; its counters and last message may be older than this burst."""
        if group_id not in self._rows:
            self._rows[group_id] = self.tx.rooms.get(group_id)
        return self._rows[group_id]

    def add(self, message: NewMessage, then: Then) -> None:
        """Store a message with the others of this burst; `then` runs in their order, unless it was taken before."""
        self._messages.append((message, then))

    def write_messages(self) -> None:
        """Write the messages that were added: somebody looks for them in this transaction."""
        if not self._messages:
            return
        messages, self._messages = self._messages, []
        rows = self.tx.messages.add_many([message for message, _ in messages])
        early: dict[tuple[int, bytes], list[EarlyReceiptRow]] = {}
        for receipt in self.tx.receipts.take_early([row.message_id for row in rows if row is not None]):
            early.setdefault((receipt.room, receipt.message_id), []).append(receipt)
        for row, (_, then) in zip(rows, messages, strict=True):
            if row is not None:
                then(row, early.get((row.room, row.message_id), ()))

    def settle(self) -> None:
        """Write what was collected and read it anew: somebody else works on rows or counters in this transaction."""
        self.write_messages()
        for (number, device_id, run_id), window in self._windows.items():
            self.tx.seen.save(number, device_id, run_id, window)
        self._windows.clear()
        self._rows.clear()
        self._senders.clear()

    def window(self, room: int, device_id: bytes, run_id: bytes) -> SeenWindow:
        """The counters of a device's run; what it accepts is stored by `finish`."""
        key = (room, device_id, run_id)
        found = self._windows.get(key)
        if found is None:
            found = self._windows[key] = self.tx.seen.window(*key)
        return found

    def sender(
        self, account_id: bytes, device_id: bytes, find: Callable[[Transaction, bytes, bytes], Sender]
    ) -> Sender:
        """Who wrote, asked once."""
        key = (account_id, device_id)
        found = self._senders.get(key)
        if found is None:
            found = self._senders[key] = find(self.tx, account_id, device_id)
        return found

    def hears_first(self, room: int, device_id: bytes) -> bool:
        """Whether this is the device's first word in the burst."""
        is_first = (room, device_id) not in self._heard
        self._heard.add((room, device_id))
        return is_first

    def confirm(self, row: ReceiptDueRow) -> None:
        """A receipt falls due; `finish` stores it."""
        self._receipts.append(row)

    def finish(self) -> None:
        """Write what was collected; the last step of the transaction."""
        for group_id in self._moved_groups:
            room = self._groups[group_id]
            if room is not None:
                write_ratchets(self.tx, room.group)
        for key in self._moved_past:
            past = self._past[key]
            if past is not None:
                write_ratchets(self.tx, past.group)
        self.tx.receipts.add(*self._receipts)
        self.settle()

    def moved(self) -> list[LiveRoom]:
        """The rooms whose ratchets moved, to be put in place after the commit."""
        return [room for group_id in self._moved_groups if (room := self._groups[group_id]) is not None]
