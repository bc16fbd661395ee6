"""Sends on their way to one relay: each goes out with the same mid until its answer is final.

```
 queued ──window free──▶ in flight ──RELAYED──▶ relayed ──ACKED──▶ done
   ▲                        │   │ STORED ─────────────────────────▶ done
   └── ERR with a time, no answer, socket lost (back-off 1 s … 60 s)       ERR for good: failed
```
Order per mailbox is kept: while one waits for its back-off, later ones for the same mailbox wait behind it. The queue
is memory only: the outbox in the store is what survives.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from byre.client.clock import Clock
from byre.client.connection.backoff import Backoff
from byre.client.connection.results import Progress
from byre.wire.frames import Acked, Err, Hello, Relayed, Send, Stored

ANSWER_MS: Final = 10_000
FINAL_MS: Final = 60_000
FOR_GOOD: Final = frozenset({"token", "size", "proto", "absent"})
PER_MAILBOX: Final = 32
"""Unanswered sends to one mailbox: a stalled recipient must not take the whole window from the others."""
DEFAULT_WINDOW: Final = (64, 512 * 1024)


@dataclass(slots=True, eq=False)
class _Item:
    frame: Send
    order: int
    backoff: Backoff
    not_before_ms: int = 0
    answer_by_ms: int = 0


@dataclass(slots=True, eq=False)
class _Lane:
    """The sends to one mailbox: `waiting` in order, and how many are in flight."""

    waiting: OrderedDict[bytes, _Item] = field(default_factory=OrderedDict)
    flying: int = 0

    def put_back(self, item: _Item) -> None:
        """Let a send wait again, in its old place: almost always before all others, which are looked at only if not."""
        first = next(iter(self.waiting.values()), None)
        self.waiting[item.frame.mid] = item
        if first is not None and item.order < first.order:
            self.waiting.move_to_end(item.frame.mid, last=False)
        elif first is not None:
            ordered = sorted(self.waiting.values(), key=lambda each: each.order)
            self.waiting = OrderedDict((each.frame.mid, each) for each in ordered)


class SendQueue:
    """The queue of one relay.

    Args:
        push: sends a frame soon; False when the socket is not open.
        on_progress, on_failed: see `NetworkCallbacks`.
    """

    def __init__(
        self,
        *,
        push: Callable[[Send], bool],
        on_progress: Callable[[bytes, Progress], None],
        on_failed: Callable[[bytes, str, int], None],
        clock: Clock,
        random: Callable[[int], bytes],
    ) -> None:
        self._push = push
        self._on_progress = on_progress
        self._on_failed = on_failed
        self._clock = clock
        self._random = random
        self._order = 0
        self._lanes: OrderedDict[bytes, _Lane] = OrderedDict()
        self._waiting: dict[bytes, _Item] = {}
        self._flying: dict[bytes, _Item] = {}
        self._relayed: dict[bytes, _Item] = {}
        self._window = DEFAULT_WINDOW
        self._flying_bytes = 0
        self._is_open = False

    def __len__(self) -> int:
        return len(self._waiting) + len(self._flying) + len(self._relayed)

    def add(self, frame: Send) -> None:
        """Queue a send; a mid that is queued already is not queued again."""
        if frame.mid in self._waiting or frame.mid in self._flying or frame.mid in self._relayed:
            return
        self._order += 1
        item = _Item(frame, self._order, Backoff(self._random))
        self._waiting[frame.mid] = item
        self._lanes.setdefault(frame.mailbox, _Lane()).waiting[frame.mid] = item
        self.pump()

    def cancel(self, mid: bytes) -> None:
        """Forget a send."""
        self._remove(mid)
        self.pump()

    def opened(self, hello: Hello) -> None:
        """The socket is open: everything unanswered goes again."""
        frames = hello.limits.get("window_frames", DEFAULT_WINDOW[0])
        size_bytes = hello.limits.get("window_bytes", DEFAULT_WINDOW[1])
        self.resize(frames, size_bytes)
        self._is_open = True
        self.pump()

    def resize(self, frames: int, size_bytes: int) -> None:
        """The relay's window changed (HELLO or CREDIT)."""
        self._window = (max(1, frames), max(1, size_bytes))

    def lost(self) -> None:
        """The socket is gone: whatever has no final answer waits for the next one, in the old order."""
        self._is_open = False
        removed = [self._remove(mid) for mid in [*self._relayed, *self._flying]]
        items = sorted((item for item in removed if item is not None), key=lambda item: item.order)
        for item in items:
            self._lanes.setdefault(item.frame.mailbox, _Lane())
        for item in reversed(items):  # each before the ones behind it: a lane with thousands is not sorted for each
            self._wait(item, 0)

    def answered(self, frame: Relayed | Acked | Stored) -> None:
        """The relay got further with a send."""
        item = self._remove(frame.mid)
        if item is None:
            return
        if isinstance(frame, Relayed) and not item.frame.flags:  # nobody waits for the end of a live-only one
            item.answer_by_ms = self._clock.now_ms() + FINAL_MS
            self._relayed[frame.mid] = item
        self._on_progress(frame.mid, _PROGRESS[type(frame)])
        self.pump()

    def refused(self, error: Err) -> bool:
        """The relay refused a send; False when the error is about something else."""
        mid = error.subject
        if mid is None:
            return False
        item = self._remove(mid)
        if item is None:
            return False
        if error.code in FOR_GOOD or item.frame.flags:
            self._on_failed(mid, error.code, 0)
        else:
            wait_ms = max(error.retry_after_ms, int(1000 * item.backoff.next_s()))
            self._wait(item, wait_ms)
            self._on_failed(mid, error.code, wait_ms)
        self.pump()
        return True

    def tick(self) -> None:
        """Once a second while there is anything queued: send again what has had no answer for too long."""
        now_ms = self._clock.now_ms()
        for flight in (self._flying, self._relayed):
            for mid, item in list(flight.items()):
                if item.answer_by_ms <= now_ms:
                    self._remove(mid)
                    if item.frame.flags:
                        self._on_failed(mid, "absent", 0)
                    else:
                        self._wait(item, 0)
        self.pump()

    def pump(self) -> None:
        """Send what may go now."""
        frames, size_bytes = self._window
        if not self._is_open or len(self._flying) >= frames:  # for each of the thousand sends to a large room
            return
        now_ms = self._clock.now_ms()
        for mailbox in list(self._lanes):  # keys alone: a list of a thousand pairs costs twenty times as much
            lane = self._lanes[mailbox]
            while lane.waiting and lane.flying < PER_MAILBOX:
                mid, item = next(iter(lane.waiting.items()))
                if item.not_before_ms > now_ms:
                    break
                body_bytes = len(item.frame.body)
                if len(self._flying) >= frames or (self._flying and self._flying_bytes + body_bytes > size_bytes):
                    return
                if not self._push(item.frame):
                    return
                del lane.waiting[mid], self._waiting[mid]
                self._flying[mid] = item
                self._flying_bytes += body_bytes
                lane.flying += 1
                item.answer_by_ms = now_ms + ANSWER_MS
                self._lanes.move_to_end(mailbox)  # the next window begins with somebody else

    def _wait(self, item: _Item, wait_ms: int) -> None:
        item.not_before_ms = self._clock.now_ms() + wait_ms
        self._waiting[item.frame.mid] = item
        self._lanes.setdefault(item.frame.mailbox, _Lane()).put_back(item)

    def _remove(self, mid: bytes) -> _Item | None:
        """Take a send out of whatever state it is in."""
        relayed = self._relayed.pop(mid, None)
        if relayed is not None:
            return relayed
        waiting, flying = self._waiting.pop(mid, None), self._flying.pop(mid, None)
        item = waiting or flying
        if item is None:
            return None
        lane = self._lanes[item.frame.mailbox]
        if flying is not None:
            self._flying_bytes -= len(item.frame.body)
            lane.flying -= 1
        else:
            del lane.waiting[mid]
        if not lane.waiting and not lane.flying:
            del self._lanes[item.frame.mailbox]
        return item


_PROGRESS: Final[dict[type, Progress]] = {
    Relayed: Progress.RELAYED,
    Stored: Progress.STORED,
    Acked: Progress.ACKED,
}
