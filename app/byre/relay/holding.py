"""The way of a message to the store and out of it again, with the room that it takes up in its lane.

```
 put ─▶ is_storing ─▶ committed: bucket known, body dropped, sender told STORED │ failed: ERR disk, or still in memory
 settle: what is only in memory goes to the disk; a live-only message ends
```
"""

from __future__ import annotations

from collections.abc import Callable

from byre.errors import ByreError
from byre.relay.admission import Admission
from byre.relay.clock import Clock
from byre.relay.counters import Counters
from byre.relay.held_store import HeldStore
from byre.relay.lane import Entry, Lane
from byre.relay.refusal import Refusal
from byre.wire.frames import Err


class Holding:
    """Lanes' messages on their way to and from the disk.

    Args:
        pump: goes on with a lane after something changed for it.
    """

    def __init__(
        self,
        *,
        admission: Admission,
        store: HeldStore,
        store_epoch: Callable[[], bytes],
        counters: Counters,
        clock: Clock,
        pump: Callable[[Lane], None],
    ) -> None:
        self._admission = admission
        self._store = store
        self._store_epoch = store_epoch
        self._counters = counters
        self._clock = clock
        self._pump = pump

    def put(self, lane: Lane, entry: Entry, *, is_spill: bool) -> None:
        """Start to write a message that is in memory, and before it every older one of its lane that is only there.

        A relay that is killed later then has no newer message without the older ones: the order holds over it.
        """
        if is_spill:
            for older in [*lane.sent.values(), *lane.todo]:
                if older.seq >= entry.seq:
                    break
                if older.bucket is None and not (older.is_storing or older.is_live_only or older.is_acknowledged):
                    self._write(lane, older, is_spill=True, is_copy=True)
        self._write(lane, entry, is_spill=is_spill)

    def _write(self, lane: Lane, entry: Entry, *, is_spill: bool, is_copy: bool = False) -> None:
        body = entry.body
        if body is None:
            return
        entry.is_storing = True
        lane.note_held(entry, 1)
        if is_spill:
            self._counters.count("spill")

        def on_stored(bucket: int) -> None:
            entry.is_storing = False
            entry.bucket = bucket
            if entry.is_acknowledged or lane.entries.get(entry.mid) is not entry:
                self.drop(lane, entry)
                return
            entry.body = None
            if entry.sender is not None:
                entry.sender.stored(entry.mid, self._store_epoch())
                entry.sender = None
            self._pump(lane)

        def on_failed(fault: ByreError) -> None:
            entry.is_storing = False
            lane.note_held(entry, -1)
            if entry.mid in lane.sent or entry.is_acknowledged or (is_copy and lane.socket is not None):
                entry.since_s = self._clock.monotonic_s()  # still in memory and at the recipient: try again later
                return
            self.forget(lane, entry)
            if entry.sender is not None:
                entry.sender.push(Err("disk", 10_000, entry.mid))
            self._pump(lane)

        self._store.put(
            mailbox=lane.mailbox,
            mid=entry.mid,
            seq=entry.seq,
            expires_at=entry.expires_at,
            body=body,
            on_stored=on_stored,
            on_failed=on_failed,
        )

    def settle(self, lane: Lane, entry: Entry) -> None:
        """Get an entry that is only in memory onto the disk; a live-only one ends here."""
        if entry.bucket is not None:
            entry.body = None
        elif entry.is_live_only:
            self.end_live_only(lane, entry)
        elif not entry.is_storing:
            try:
                self._admission.check_room(lane, entry)
            except Refusal as refusal:
                self.forget(lane, entry)
                if entry.sender is not None:
                    entry.sender.push(refusal.frame(entry.mid))
            else:
                self.put(lane, entry, is_spill=True)

    def end_live_only(self, lane: Lane, entry: Entry) -> None:
        """Nobody took a live-only message in time: tell its sender and forget it."""
        self._counters.count("dropped")
        self.forget(lane, entry)
        if entry.sender is not None and not entry.is_relayed:
            entry.sender.push(Refusal("absent").frame(entry.mid))

    def forget(self, lane: Lane, entry: Entry) -> None:
        """Drop an entry from its lane, with the room that it took up."""
        if lane.entries.get(entry.mid) is entry:
            del lane.entries[entry.mid]
        if entry.bucket is not None:
            lane.note_held(entry, -1)
        if lane.sent.pop(entry.mid, None) is not None and lane.socket is not None:
            lane.socket.unsettled_frames -= 1
            lane.socket.unsettled_bytes -= entry.size_bytes

    def drop(self, lane: Lane, entry: Entry) -> None:
        """Erase the row of an entry that nobody needs any more."""
        lane.note_held(entry, -1)
        if entry.bucket is not None:
            self._store.erase(entry.bucket, lane.mailbox, entry.mid)
