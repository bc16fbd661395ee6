"""Admission of a message: is its token good, is it too fast, is there room to hold it."""

from __future__ import annotations

from collections.abc import Callable

from byre.relay.clock import Clock
from byre.relay.counters import Counters
from byre.relay.held_store import HeldStore
from byre.relay.lane import Entry, Lane
from byre.relay.rates import PAUSE_S, Rates
from byre.relay.refusal import Refusal
from byre.relay.settings import Limits
from byre.wire.frames import TOKEN_SLOW


class Admission:
    """The limits on sending.

    Args:
        free_disk_percent: how much of the data directory's disk is free.
        is_memory_short: whether the process nears the memory that it may use: then only live messages pass.
    """

    def __init__(
        self,
        *,
        store: HeldStore,
        limits: Limits,
        counters: Counters,
        clock: Clock,
        free_disk_percent: Callable[[], float],
        is_memory_short: Callable[[], bool] = bool,
    ) -> None:
        self._store = store
        self._limits = limits
        self._counters = counters
        self._free_disk_percent = free_disk_percent
        self._is_memory_short = is_memory_short
        self._normal = Rates(limits.token_burst, limits.token_per_s, clock.monotonic_s, pause_s=PAUSE_S)
        self._slow = Rates(limits.slow_token_burst, limits.slow_token_per_hour / 3600, clock.monotonic_s)

    def check_rate(self, kind: int, token_hash: bytes, now_s: float) -> None:
        """Take one send from the token's rate.

        Raises:
            Refusal: "rate".
        """
        wait_ms = (self._slow if kind == TOKEN_SLOW else self._normal).take(token_hash, now_s)
        if wait_ms:
            self._counters.count("rate_fail")
            raise Refusal("rate", retry_after_ms=wait_ms)

    def may_store(self) -> bool:
        """Tell whether the disk has room for held messages."""
        return self._free_disk_percent() >= self._limits.free_disk_store_percent

    def check_room(self, lane: Lane, entry: Entry) -> None:
        """Check that one more message may be held for this mailbox.

        Raises:
            Refusal: "quota" (mailbox full, or this token's share of it), "disk" (too little free), "busy" (too much is
                on its way to the disk, or memory is short).
        """
        size_bytes = entry.size_bytes
        messages, held_bytes = lane.share_of(entry.token)
        if (
            lane.held_messages >= self._limits.held_messages
            or lane.held_bytes + size_bytes > self._limits.held_bytes
            or messages >= self._limits.held_messages_per_token
            or held_bytes + size_bytes > self._limits.held_bytes_per_token
        ):
            self._counters.count("quota_fail")
            raise Refusal("quota", retry_after_ms=60_000)
        if not self.may_store():
            self._counters.count("disk_fail")
            raise Refusal("disk", retry_after_ms=60_000)
        if self._store.pending_bytes + size_bytes > self._limits.pending_bytes:
            raise Refusal("busy", retry_after_ms=1000)
        if self._is_memory_short():
            raise Refusal("busy", retry_after_ms=10_000)
