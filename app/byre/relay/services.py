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
from byre.relay.rates import Rates
from byre.relay.rendezvous import Rendezvous
from byre.relay.settings import Limits
from byre.relay.tasks import Tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The parts of one relay. `origins` are the base URLs by which clients may dial it."""

    relay_id: bytes
    store_epoch: bytes
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
    has_disk_for_mailboxes: Callable[[], bool]
