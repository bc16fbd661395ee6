"""What a socket needs of its relay, as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from byre.relay.blobs import Blobs
from byre.relay.clock import Clock, ExpiryClock
from byre.relay.counters import Counters
from byre.relay.delivery import Delivery
from byre.relay.directory import Directory
from byre.relay.heads import Heads
from byre.relay.key_packages import KeyPackages
from byre.relay.mailboxes import Mailboxes
from byre.relay.quotas import Quotas
from byre.relay.rates import Rates
from byre.relay.refusal import Refusal
from byre.relay.rendezvous import Rendezvous
from byre.relay.settings import Limits
from byre.relay.tasks import Tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The parts of one relay. `origins` are the base URLs by which clients may dial it."""

    relay_id: bytes
    durability: int
    origins: tuple[str, ...]
    limits: Limits
    counters: Counters
    clock: Clock
    expiry: ExpiryClock
    random: Callable[[int], bytes]
    tasks: Tasks
    mailboxes: Mailboxes
    delivery: Delivery
    key_packages: KeyPackages
    directory: Directory
    heads: Heads
    rendezvous: Rendezvous
    blobs: Blobs
    new_mailboxes: Rates
    new_records: Rates
    commit_bytes: Quotas
    has_disk_for_mailboxes: Callable[[], bool]

    def count_record(self, address: str | None) -> None:
        """Count what lies on the disk for long and needs no authorisation, per network address.

        Raises:
            Refusal: "rate".
        """
        wait_ms = self.new_records.take(address) if address is not None else 0
        if wait_ms:
            self.counters.count("rate_fail")
            raise Refusal("rate", retry_after_ms=wait_ms)

    def count_commit(self, address: str | None, size_bytes: int) -> None:
        """Count what the disk keeps of room commits, per network address.

        Raises:
            Refusal: "quota".
        """
        if address is None:
            return
        wait_ms = self.commit_bytes.wait_ms(address, size_bytes)
        if wait_ms:
            self.counters.count("quota_fail")
            raise Refusal("quota", retry_after_ms=wait_ms)
        self.commit_bytes.take(address, size_bytes)
