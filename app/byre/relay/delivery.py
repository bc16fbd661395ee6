"""Moves messages: from a send socket through memory to the recipient's socket, or to the store when nobody is there.

```
 send ──▶ ACCEPTED (seq given) ── attached, nothing before it, window free ──▶ RELAYED ── ACK ──▶ ACKED (forgotten)
             │                                                                   │ socket lost, 20 s, drain
             │ attached, but must wait: memory (bounded), then store             ▼
             └ detached ──▶ STORED (committed first, then told) ── attach ──▶ sent ── ACK ──▶ erased
```
Laws: while sender and recipient are connected nothing touches the disk; nothing is confirmed (STORED) before it is on
the disk; nothing is forgotten before the recipient's ACK; per lane everything leaves in seq order; `send` never waits
for a recipient's socket. Mids are idempotent per mailbox.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, Iterable
from itertools import islice

from byre.crypto.hashes import sha256
from byre.relay.admission import Admission
from byre.relay.clock import Clock, ExpiryClock
from byre.relay.counters import Counters
from byre.relay.held_store import HeldStore
from byre.relay.holding import Holding
from byre.relay.lane import Entry, Lane, Receiver, Sender
from byre.relay.refusal import Refusal
from byre.relay.settings import CLEAN_S, Limits
from byre.relay.tasks import Tasks
from byre.wire.frames import (
    FLAG_LIVE_ONLY,
    FLAG_URGENT,
    TOKEN_INTRO,
    Err,
    Ready,
    Send,
)

CLOSE_REPLACED = 4409


class Delivery:
    """All lanes and what happens in them.

    Args:
        lane_of: returns the lane of a mailbox, loaded from disk if need be; None for an unknown mailbox.
        admission: who may send, how fast, and whether there is room.
    """

    def __init__(
        self,
        *,
        lane_of: Callable[[bytes], Awaitable[Lane | None]],
        admission: Admission,
        store: HeldStore,
        store_epoch: bytes,
        limits: Limits,
        counters: Counters,
        clock: Clock,
        expiry: ExpiryClock,
        tasks: Tasks,
    ) -> None:
        self._lane_of = lane_of
        self._admission = admission
        self._store = store
        self.store_epoch = store_epoch
        """What HELLO and STORED say: a new one tells senders that what was stored before may be gone."""
        self._holding = Holding(
            admission=admission,
            store=store,
            store_epoch=lambda: self.store_epoch,
            counters=counters,
            clock=clock,
            pump=self._pump,
        )
        self._limits = limits
        self._counters = counters
        self._clock = clock
        self._expiry = expiry
        self._tasks = tasks
        self._watched: dict[Lane, None] = {}
        """Lanes with live messages that time can change."""

    # --- from senders -------------------------------------------------------------------------------------------

    async def send(self, frame: Send, sender: Sender) -> None:
        """Look the mailbox up and `take`."""
        self.take(await self._lane_of(frame.mailbox), frame, sender)

    def take(self, lane: Lane | None, frame: Send, sender: Sender, moment: tuple[float, int] | None = None) -> None:
        """Accept one message for a lane and start it on its way; progress goes to `sender`.

        Args:
            moment: monotonic and expiry time of its arrival, if they are known already.

        Raises:
            Refusal: size, token (unknown mailbox, token or both: the same), rate, quota, busy.
        """
        body = frame.body
        size_bytes = len(body)
        if size_bytes > self._limits.body_bytes:
            raise Refusal("size")
        now_s, now_ms = moment or (self._clock.monotonic_s(), self._expiry.now_ms())
        token_hash = sha256(frame.token)
        kind = None if lane is None else lane.token_kind(token_hash, now_ms)
        if lane is None or kind is None or kind == TOKEN_INTRO:
            self._counters.count("token_fail")
            raise Refusal("token")
        lane.used_s = now_s
        mid = frame.mid
        if mid in lane.entries or mid in lane.acknowledged:
            self._counters.count("dup")
            self._tell_again(lane, mid, sender, now_ms)
            return
        self._admission.check_rate(kind, token_hash, now_s)
        flags = frame.flags
        entry = Entry(
            mid,
            lane.next_seq,
            size_bytes,
            now_ms + 1000 * self._limits.ttl_s(frame.ttl_s),
            body,
            now_s,
            token_hash,
            sender,
            bool(flags & FLAG_LIVE_ONLY),
            flags == FLAG_URGENT,
        )
        socket = lane.socket
        if socket is not None and not lane.todo and not lane.is_reading and _has_room(socket, size_bytes):
            lane.next_seq += 1
            self._counters.count("accepted")
            lane.entries[mid] = entry
            self._hand_over(lane, socket, entry, body, now_s)
            return
        must_store = socket is None or (bool(lane.todo) and not self._fits_in_memory(lane, entry))
        if must_store:
            if entry.is_live_only:
                self._counters.count("dropped")
                raise Refusal("absent")
            self._admission.check_room(lane, entry)
        lane.next_seq += 1
        self._counters.count("accepted")
        lane.entries[mid] = entry
        if socket is not None:
            lane.todo.append(entry)
            lane.waiting_frames += 1
            lane.waiting_bytes += size_bytes
        if must_store:
            self._holding.put(lane, entry, is_spill=socket is not None)
        if socket is not None:
            self._pump(lane)
            if lane.todo:
                self._watched[lane] = None

    def _tell_again(self, lane: Lane, mid: bytes, sender: Sender, now_ms: int) -> None:
        entry = lane.entries.get(mid)
        if entry is None:
            sender.acked(mid)
        elif entry.expires_at <= now_ms and (entry.bucket is not None or entry.is_storing):
            # over, its row about to go: STORED would be a promise that nobody keeps, and a new row would go too
            raise Refusal("busy", retry_after_ms=1000 * CLEAN_S)
        elif entry.bucket is not None:
            sender.stored(mid, self.store_epoch)
        else:
            if entry.sender is not None and entry.sender is not sender:
                entry.sender.release(mid)
            entry.sender = sender
            if mid in lane.sent:
                sender.relayed(mid)

    def _fits_in_memory(self, lane: Lane, entry: Entry) -> bool:
        fits = (
            lane.waiting_frames < self._limits.outbox_frames
            and lane.waiting_bytes + entry.size_bytes <= self._limits.outbox_bytes
        )
        if not fits:
            self._counters.count("outbox_full")
        return fits

    # --- to recipients ------------------------------------------------------------------------------------------

    def attach(self, lane: Lane, socket: Receiver) -> None:
        """Deliver this mailbox to `socket` from now on; the newest attach wins."""
        if lane.socket is not None and lane.socket is not socket:
            old = lane.socket
            self._counters.count("replaced")
            self.detach(lane, old)
            old.push(Err("replaced", 0, lane.mailbox))
            if not old.lanes:
                old.close_soon(CLOSE_REPLACED)
        elif lane.socket is socket:
            self.detach(lane, socket)
        lane.socket = socket
        lane.generation += 1
        lane.used_s = self._clock.monotonic_s()
        socket.lanes[lane.mailbox] = lane
        now_ms = self._expiry.now_ms()
        waiting = sorted(lane.entries.values(), key=lambda entry: entry.seq)
        lane.todo.extend(entry for entry in waiting if entry.expires_at > now_ms)
        lane.waiting_frames = len(lane.todo)
        lane.waiting_bytes = sum(entry.size_bytes for entry in lane.todo)
        if lane.todo:
            self._watched[lane] = None
        socket.push(Ready(lane.mailbox, len(lane.todo), lane.generation))
        self._pump(lane)

    def detach(self, lane: Lane, socket: Receiver) -> None:
        """Stop delivery to `socket`; what it has not acknowledged goes to the store."""
        if lane.socket is not socket:
            return
        lane.socket = None
        socket.lanes.pop(lane.mailbox, None)
        for entry in lane.sent.values():
            socket.unsettled_frames -= 1
            socket.unsettled_bytes -= entry.size_bytes
        lane.sent.clear()
        lane.todo.clear()
        lane.waiting_frames = lane.waiting_bytes = 0
        for entry in list(lane.entries.values()):
            self._holding.settle(lane, entry)
        self._watched.pop(lane, None)

    def acknowledge(self, lane: Lane, socket: Receiver, mids: Iterable[bytes]) -> None:
        """Forget what the recipient has: from memory at once, from the disk within the erase delay."""
        if lane.socket is not socket:
            return
        now_s = self._clock.monotonic_s()
        count = 0
        for mid in mids:
            entry = lane.entries.pop(mid, None)
            if entry is None:
                continue
            count += 1
            entry.is_acknowledged = True
            if lane.sent.pop(mid, None) is not None:
                socket.unsettled_frames -= 1
                socket.unsettled_bytes -= entry.size_bytes
            lane.acknowledged[mid] = now_s
            if entry.bucket is not None:
                self._holding.drop(lane, entry)
            if entry.sender is not None:
                entry.sender.acked(mid)
        self._counters.count("acked", count)
        self._forget_acknowledged(lane)
        self.pump_all(socket)  # the window is the socket's: other mailboxes may have waited for it

    def _forget_acknowledged(self, lane: Lane) -> None:
        """Keep memory bounded: recipients themselves know every mid for a week."""
        excess = len(lane.acknowledged) - self._limits.remember_acked
        if excess > 0:
            for mid in list(islice(lane.acknowledged, excess)):
                del lane.acknowledged[mid]

    def pump_all(self, socket: Receiver) -> None:
        """Go on after the socket's window changed."""
        for lane in list(socket.lanes.values()):
            if lane.todo:
                self._pump(lane)

    def _pump(self, lane: Lane) -> None:
        socket = lane.socket
        if socket is None:
            return
        now_s = self._clock.monotonic_s()
        while lane.todo and not lane.is_reading:
            entry = lane.todo[0]
            if entry.is_acknowledged or lane.entries.get(entry.mid) is not entry:  # the same mid may have come anew
                self._leave_todo(lane)
                continue
            if not _has_room(socket, entry.size_bytes):
                return
            if entry.body is None:
                self._tasks.spawn(self._read_ahead(lane))
                lane.is_reading = True
                return
            self._leave_todo(lane)
            self._hand_over(lane, socket, entry, entry.body, now_s)

    def _hand_over(self, lane: Lane, socket: Receiver, entry: Entry, body: bytes, now_s: float) -> None:
        mid = entry.mid
        lane.sent[mid] = entry
        socket.unsettled_frames += 1
        socket.unsettled_bytes += entry.size_bytes
        entry.since_s = now_s
        socket.deliver(lane.mailbox, entry.seq, mid, body)
        if entry.bucket is not None:
            entry.body = None
        elif not entry.is_storing:
            self._counters.count("live")
            self._watched[lane] = None
            entry.is_relayed = True
            if entry.sender is not None:
                entry.sender.relayed(mid)

    def _leave_todo(self, lane: Lane) -> None:
        entry = lane.todo.popleft()
        lane.waiting_frames -= 1
        lane.waiting_bytes -= entry.size_bytes

    async def _read_ahead(self, lane: Lane) -> None:
        """Load the bodies of the next entries that are on disk, as many as a window takes, then go on."""
        try:
            wanted: list[Entry] = []
            size_bytes = 0
            most = lane.socket.window_frames if lane.socket is not None else self._limits.window_frames
            for entry in lane.todo:
                if entry.body is None and entry.bucket is not None and not entry.is_acknowledged:
                    if wanted and (entry.bucket != wanted[0].bucket or size_bytes > self._limits.window_bytes):
                        break
                    wanted.append(entry)
                    size_bytes += entry.size_bytes
                    if len(wanted) >= most:
                        break
            bodies: dict[bytes, bytes] = {}
            if wanted and wanted[0].bucket is not None:
                bodies = await self._store.bodies(wanted[0].bucket, lane.mailbox, [entry.mid for entry in wanted])
            # also for an attachment that is newer than the read: a device that comes and goes faster than the disk
            # reads would never get anything
            if lane.socket is not None:
                for entry in wanted:
                    entry.body = bodies.get(entry.mid)
                    if entry.body is None and lane.entries.get(entry.mid) is entry:  # expired meanwhile
                        self._holding.forget(lane, entry)
        finally:
            lane.is_reading = False
        self._pump(lane)

    # --- time ---------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Once a second: store what waits too long for its acknowledgement, drop stale live-only messages."""
        now_s, now_ms = self._clock.monotonic_s(), self._expiry.now_ms()
        for lane in list(self._watched):
            for entry in [*lane.sent.values(), *lane.todo]:
                if entry.bucket is not None or entry.is_storing or entry.is_acknowledged:
                    continue
                if now_s - entry.since_s < self._patience_s(entry, is_sent=entry.mid in lane.sent):
                    continue
                if entry.is_live_only:
                    self._holding.end_live_only(lane, entry)
                elif entry.expires_at <= now_ms:  # also while a full disk would take nothing
                    self._holding.forget(lane, entry)
                    if entry.sender is not None:
                        entry.sender.release(entry.mid)
                elif self._admission.may_store():
                    self._holding.put(lane, entry, is_spill=True)
            if not lane.sent and not lane.todo:
                del self._watched[lane]
            self._pump(lane)  # a read that failed is tried again

    def _patience_s(self, entry: Entry, *, is_sent: bool) -> int:
        if entry.is_live_only:
            return self._limits.live_only_timeout_s
        if not is_sent:  # what only waits for a window holds up its sender's own window: it is stored soon
            return self._limits.outbox_wait_s
        return self._limits.urgent_timeout_s if entry.is_urgent else self._limits.ack_timeout_s

    def forget_expired(self, lane: Lane, mid: bytes) -> None:
        """The store deleted a message at its end of life."""
        entry = lane.entries.get(mid)
        if entry is not None and entry.bucket is not None:
            self._holding.forget(lane, entry)

    def forget_lost(self, lanes: Iterable[Lane], bucket: int, saved: Container[bytes]) -> None:
        """A file was damaged: what it held and was not saved is unknown from now on, so that it may be sent again.

        Args:
            saved: mailbox ‖ mid of what was.
        """
        for lane in lanes:
            for entry in list(lane.entries.values()):
                if entry.bucket == bucket and lane.mailbox + entry.mid not in saved:
                    self._holding.forget(lane, entry)

    def settle_all(self, lanes: Iterable[Lane]) -> None:
        """Drain: put everything that is only in memory onto the disk."""
        for lane in lanes:
            for entry in list(lane.entries.values()):
                if not entry.is_live_only:
                    self._holding.settle(lane, entry)


def _has_room(socket: Receiver, size_bytes: int) -> bool:
    """Tell whether the recipient's window takes one more message of this size; an empty one takes any."""
    return socket.unsettled_frames < socket.window_frames and (
        not socket.unsettled_frames or socket.unsettled_bytes + size_bytes <= socket.window_bytes
    )
