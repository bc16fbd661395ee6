"""A burst: what the arrivals of one transaction share, and what is to follow it.

A catching-up device takes dozens of messages in one transaction. What they have in common (the room's row, the
sender's name and window of counters, the ratchets) is read once and written once; what the window is told is told
after the commit, once per room. A burst of one message is the everyday case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from byre.client.delivery.ledger import StateChange
from byre.client.events import Event, MessageReceived, RoomChanged
from byre.client.room_keeper import AfterCommit
from byre.client.rooms.groups import write_ratchets
from byre.client.rooms.live_room import LiveRoom
from byre.client.views import MessageView, RoomId, Sender
from byre.mls import Group
from byre.store import ReceiptDueRow, RoomRow, Transaction
from byre.store.seen import SeenWindow


class Burst:
    """Lives as long as one transaction, on the store's thread; `effects` are for the loop after the commit.

    Args:
        tx: the transaction.
        rooms: the groups that are held, by group id; None for one that this device has no state of.
    """

    def __init__(self, tx: Transaction, rooms: Mapping[bytes, LiveRoom | None]) -> None:
        self.tx = tx
        self._groups = dict(rooms)
        self._past: dict[tuple[bytes, int], LiveRoom | None] = {}
        self._moved_groups: set[bytes] = set()
        self._moved_past: set[tuple[bytes, int]] = set()
        self._rows: dict[bytes, RoomRow | None] = {}
        self._windows: dict[tuple[int, bytes, bytes], SeenWindow] = {}
        self._senders: dict[tuple[bytes, bytes], Sender] = {}
        self._heard: set[tuple[int, bytes]] = set()
        self._receipts: list[ReceiptDueRow] = []
        self._shown: list[MessageView] = []
        self._changes: dict[bytes, StateChange] = {}
        self._changed_rooms: dict[bytes, None] = {}
        self._due: dict[tuple[object, ...], AfterCommit] = {}
        self._others: list[AfterCommit] = []

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
            self._past[key] = (
                LiveRoom.read(Group.load(row.epoch_bytes, row.ratchet_bytes, past=True)) if row and is_past else None
            )
        return self._past[key]

    def move(self, room: LiveRoom, *, is_past: bool = False) -> None:
        """Take over a room whose ratchets moved; they are stored by `finish`."""
        if is_past:
            self._past[room.group_id, room.epoch] = room
            self._moved_past.add((room.group_id, room.epoch))
        else:
            self._groups[room.group_id] = room
            self._moved_groups.add(room.group_id)

    # -- rows

    def row(self, group_id: bytes) -> RoomRow | None:
        """The room's row; its counters and last message may be older than this burst."""
        if group_id not in self._rows:
            self._rows[group_id] = self.tx.rooms.get(group_id)
        return self._rows[group_id]

    def settle(self) -> None:
        """Write what was collected and read it anew: somebody else works on rows or counters in this transaction."""
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

    # -- what follows

    def show(self, view: MessageView) -> None:
        """A message is to be shown."""
        self._shown.append(view)
        self.room_changed(bytes.fromhex(view.room_id))

    def state_changed(self, change: StateChange) -> None:
        """An own message's state moved; only where it got to is told."""
        self._changes[change.message_id] = change

    def room_changed(self, group_id: bytes) -> None:
        """A room's line in the list is another one."""
        self._changed_rooms[group_id] = None

    def once(self, key: tuple[object, ...], effect: AfterCommit) -> None:
        """Run `effect` after the commit, once for all that name the same key."""
        self._due.setdefault(key, effect)

    def then(self, effect: AfterCommit) -> None:
        """Run `effect` after the commit."""
        self._others.append(effect)

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

    def effects(self, publish: Callable[[Event], None]) -> list[AfterCommit]:
        """What runs after the commit, in order: messages first."""
        events = self._events()

        def tell() -> None:
            for event in events:
                publish(event)

        return [tell, *self._others, *self._due.values()]

    def _events(self) -> list[Event]:
        last = {view.room_id: at for at, view in enumerate(self._shown)}
        return [
            *(MessageReceived(view, is_followed=last[view.room_id] != at) for at, view in enumerate(self._shown)),
            *(change.event() for change in self._changes.values()),
            *(RoomChanged(RoomId(group_id.hex())) for group_id in self._changed_rooms),
        ]
