"""One mailbox in memory: what waits for it, what its socket has not acknowledged, and who may send to it.

```
 entries   mid -> Entry: everything not acknowledged, wherever its body is (memory, on its way to disk, disk)
 todo      entries not yet given to the attached socket, in seq order
 sent      entries given to it and not acknowledged, in seq order
```
A lane is plain state; `delivery.py` moves it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from byre.wire.frames import Frame


class Sender(Protocol):
    """The send socket that a message came by."""

    def push(self, frame: Frame) -> None:
        """Queue a frame for it; never waits."""

    def release(self, mid: bytes) -> None:
        """Another socket is told of this message from now on."""

    def relayed(self, mid: bytes) -> None:
        """Tell that its recipient was given this message."""

    def acked(self, mid: bytes) -> None:
        """Tell that its recipient has this message."""

    def stored(self, mid: bytes, store_epoch: bytes) -> None:
        """Tell that this message is on the disk."""


class Receiver(Protocol):
    """The receive socket that a mailbox is attached to."""

    window_frames: int
    window_bytes: int
    unsettled_frames: int
    unsettled_bytes: int
    lanes: dict[bytes, Lane]

    def push(self, frame: Frame) -> None:
        """Queue a frame for it; never waits."""

    def deliver(self, mailbox: bytes, seq: int, mid: bytes, body: bytes) -> None:
        """Queue a message for it; never waits."""

    def close_soon(self, code: int) -> None:
        """Close it once what is queued is written."""


@dataclass(slots=True, eq=False)
class Entry:
    """One message on its way. `body` is None while it is only on disk."""

    mid: bytes
    seq: int
    size_bytes: int
    expires_at: int
    body: bytes | None
    since_s: float = 0.0
    """Monotonic time of acceptance, later of sending."""
    token: bytes | None = None
    """SHA-256 of the token it came by, while this process lives: for that token's share of the mailbox's room."""
    sender: Sender | None = None
    is_live_only: bool = False
    is_urgent: bool = False
    bucket: int | None = None
    is_storing: bool = False
    is_relayed: bool = False
    is_acknowledged: bool = False


@dataclass(slots=True, eq=False)
class Lane:
    """A mailbox's registration (as cached from the durable file) and its messages."""

    mailbox: bytes
    auth_public: bytes
    tokens: dict[bytes, tuple[int, int | None]]
    """SHA-256 of a delivery token -> (kind, dies_at or None)."""
    entries: dict[bytes, Entry] = field(default_factory=dict)
    todo: deque[Entry] = field(default_factory=deque)
    sent: dict[bytes, Entry] = field(default_factory=dict)
    acknowledged: dict[bytes, float] = field(default_factory=dict)
    """mid -> when, oldest first: a repeat of these is answered without a second delivery."""
    socket: Receiver | None = None
    generation: int = 0
    next_seq: int = 1
    held_messages: int = 0
    held_bytes: int = 0
    held_by_token: dict[bytes, list[int]] | None = None
    """Token hash -> [messages, bytes] held, for those that this process stored."""
    waiting_frames: int = 0
    waiting_bytes: int = 0
    is_reading: bool = False
    used_s: float = 0.0

    def token_kind(self, token_hash: bytes, now_ms: int) -> int | None:
        """Return the kind of a registered, living token."""
        found = self.tokens.get(token_hash)
        if found is None or (found[1] is not None and found[1] <= now_ms):
            return None
        return found[0]

    def note_held(self, entry: Entry, by: int) -> None:
        """Count a message that takes up room in the store (by 1), or does no more (by -1)."""
        self.held_messages += by
        self.held_bytes += by * entry.size_bytes
        if entry.token is None:
            return
        if self.held_by_token is None:
            self.held_by_token = {}
        share = self.held_by_token.setdefault(entry.token, [0, 0])
        share[0] += by
        share[1] += by * entry.size_bytes
        if share[0] <= 0:
            del self.held_by_token[entry.token]

    def share_of(self, token: bytes | None) -> tuple[int, int]:
        """Return how many messages and bytes of this token are held."""
        messages, size_bytes = (self.held_by_token or {}).get(token or b"", (0, 0))
        return messages, size_bytes

    def is_idle(self) -> bool:
        """Tell whether forgetting this lane loses nothing that is not in the durable files."""
        return (
            self.socket is None
            and not self.acknowledged
            and not self.is_reading
            and all(entry.bucket is not None and not entry.is_storing for entry in self.entries.values())
        )
