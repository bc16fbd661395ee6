"""Batching of end-to-end receipts: at most one a second per room, for several authors at once.

Pure: the clock is an argument. What is waiting is also in the store (a received message without its receipt sent),
so a crash loses no receipt: the batch is refilled at start.
"""

from __future__ import annotations

from dataclasses import dataclass, field

INTERVAL_MS = 1000
MAX_IDS = 256  # 16 bytes each: a full receipt stays within the 16 KiB bucket


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt to send: (message id, author) delivered, the last message read and whom that concerns."""

    delivered: tuple[tuple[bytes, bytes], ...]
    read_up_to: bytes | None
    readers_for: frozenset[bytes]

    @property
    def ids(self) -> tuple[bytes, ...]:
        """The delivered message ids."""
        return tuple(message_id for message_id, _ in self.delivered)

    @property
    def authors(self) -> frozenset[bytes]:
        """The accounts whose devices are told."""
        return self.readers_for | {author for _, author in self.delivered}


@dataclass(slots=True)
class _Waiting:
    delivered: dict[bytes, bytes] = field(default_factory=dict)  # message id -> author, in order of arrival
    read_up_to: bytes | None = None
    readers_for: set[bytes] = field(default_factory=set)
    not_before: int = 0

    def is_empty(self) -> bool:
        return not self.delivered and self.read_up_to is None


class ReceiptBatch:
    """What is to be acknowledged, by room."""

    def __init__(self) -> None:
        self._rooms: dict[bytes, _Waiting] = {}

    def delivered(self, room: bytes, author: bytes, message_id: bytes) -> None:
        """Note that a message of `author` arrived (again: a second copy is answered once more)."""
        self._rooms.setdefault(room, _Waiting()).delivered[message_id] = author

    def read(self, room: bytes, up_to: bytes, authors: set[bytes]) -> None:
        """Note that everything up to message `up_to`, written by `authors`, was read."""
        waiting = self._rooms.setdefault(room, _Waiting())
        waiting.read_up_to = up_to
        waiting.readers_for |= authors

    def due(self, now_ms: int) -> list[bytes]:
        """Return the rooms whose next receipt may go out."""
        return [room for room, w in self._rooms.items() if not w.is_empty() and w.not_before <= now_ms]

    def next_due_ms(self) -> int | None:
        """Return when the next receipt may go out, or None when nothing waits."""
        times = [w.not_before for w in self._rooms.values() if not w.is_empty()]
        return min(times, default=None)

    def take(self, room: bytes, now_ms: int) -> Receipt | None:
        """Take up to `MAX_IDS` of what waits for `room`; the next one is due a second later."""
        waiting = self._rooms.get(room)
        if waiting is None or waiting.is_empty():
            return None
        ids = list(waiting.delivered)[:MAX_IDS]
        delivered = tuple((message_id, waiting.delivered.pop(message_id)) for message_id in ids)
        receipt = Receipt(delivered, waiting.read_up_to, frozenset(waiting.readers_for))
        waiting.read_up_to = None
        waiting.readers_for = set()
        waiting.not_before = now_ms + INTERVAL_MS
        return receipt

    def put_back(self, room: bytes, receipt: Receipt) -> None:
        """Return a receipt that could not be sent; a newer read mark stays."""
        waiting = self._rooms.setdefault(room, _Waiting())
        for message_id, author in receipt.delivered:
            waiting.delivered.setdefault(message_id, author)
        waiting.readers_for |= receipt.readers_for
        if waiting.read_up_to is None:
            waiting.read_up_to = receipt.read_up_to

    def forget(self, room: bytes) -> None:
        """Drop what waits for `room` (left, removed)."""
        self._rooms.pop(room, None)
