"""What the relay counts: plain numbers without labels, the only thing that its log and metrics ever say.

No mailbox, token, mid, handle, room tag or address may become a label or a value here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

COUNTED: Final = {
    "accepted": "messages accepted from senders",
    "live": "messages handed to a recipient from memory, never written",
    "stored": "messages written to the store",
    "acked": "messages acknowledged by their recipients",
    "expired": "messages deleted at their end of life",
    "dup": "repeated sends answered without a second copy",
    "spill": "messages of attached recipients that had to be stored",
    "dropped": "live-only messages that nobody was there for",
    "replaced": "receive sockets replaced by newer ones",
    "token_fail": "sends and takes with an unknown token or mailbox",
    "auth_fail": "failed mailbox authentications",
    "quota_fail": "sends refused because a mailbox was full",
    "rate_fail": "frames refused by a rate limit",
    "disk_fail": "messages refused because the disk is full or failing",
    "files_damaged": "files of held messages that turned out damaged while the relay ran",
    "messages_lost": "held messages and commit bodies that could not be read any more",
    "proto_fail": "malformed or misplaced frames",
    "http_fail": "HTTP requests that broke off or made no sense",
    "dead_closed": "sockets cut because nothing was heard for two heartbeats",
    "unproven_cut": "connections cut that did not say in time what they want, or that made room for newer ones",
    "slow_closed": "sockets closed because they did not read",
    "outbox_full": "times a recipient's outbox in memory was full",
    "claims_granted": "room commits granted",
    "claims_refused": "room commits refused because another one was there",
    "packages_taken": "key packages handed out",
    "blobs_made": "blobs made room for",
    "blobs_fetched": "read capabilities of blobs used up",
    "blobs_erased": "blobs erased because everybody had fetched them, or their sender withdrew them",
    "blobs_expired": "blobs erased at their end of life, or unfinished for too long",
    "blob_bytes_in": "bytes of blob chunks written",
    "blob_bytes_out": "bytes of blobs read",
    "links_opened": "linking rendezvous opened",
    "checkpoints": "erasing checkpoints",
    "commits": "store commits",
    "commit_us": "microseconds spent in store commits",
}


OBSERVED: Final = {
    "fsync_s": "seconds until a commit of held messages was on the disk",
    "blob_chunk_s": "seconds until a chunk of a blob was on the disk",
}
BOUNDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)


@dataclass(slots=True)
class Distribution:
    """How many values fell up to which bound of `BOUNDS`, the last count beyond all of them."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0


class Counters:
    """Counts up, and asks gauges when read."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(COUNTED, 0)
        self._gauges: dict[str, tuple[str, Callable[[], int]]] = {}
        self._distributions = {name: Distribution() for name in OBSERVED}

    def count(self, name: str, by: int = 1) -> None:
        """Add to one counter of `COUNTED`."""
        self._counts[name] += by

    def gauge(self, name: str, meaning: str, read: Callable[[], int]) -> None:
        """Add a number that is asked for when read."""
        self._gauges[name] = (meaning, read)

    def snapshot(self) -> dict[str, int]:
        """Return every number by name."""
        return {**self._counts, **{name: read() for name, (_, read) in self._gauges.items()}}

    def observe(self, name: str, value: float) -> None:
        """Note one value of a distribution of `OBSERVED`."""
        distribution = self._distributions[name]
        distribution.counts[bisect_left(BOUNDS, value)] += 1
        distribution.total += value

    def gauges(self) -> dict[str, tuple[str, int]]:
        """Return what is asked for when read: name -> (meaning, number)."""
        return {name: (meaning, read()) for name, (meaning, read) in self._gauges.items()}

    def distribution(self, name: str) -> Distribution:
        """Return a distribution of `OBSERVED`."""
        return self._distributions[name]
