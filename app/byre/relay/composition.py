"""Puts the parts of one relay together over a locked data directory: files opened, services built, nothing started."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from byre.relay.admission import Admission
from byre.relay.blob_files import BlobFiles
from byre.relay.blobs import Blobs
from byre.relay.buckets import Buckets
from byre.relay.clock import Clock, ExpiryClock
from byre.relay.counters import Counters
from byre.relay.delivery import Delivery
from byre.relay.directory import Directory
from byre.relay.disk import DataDirectory
from byre.relay.durable import Durable
from byre.relay.heads import Heads
from byre.relay.held_store import HeldStore
from byre.relay.key_packages import KeyPackages
from byre.relay.lookalikes import Lookalikes
from byre.relay.losses import LOST_BUCKETS
from byre.relay.mailboxes import Mailboxes
from byre.relay.memory import Memory
from byre.relay.quotas import Quotas
from byre.relay.ram_store import RamStore
from byre.relay.rates import Rates
from byre.relay.refusal import Refusal
from byre.relay.rendezvous import Rendezvous
from byre.relay.services import Services
from byre.relay.settings import DAY_S, Limits
from byre.relay.tasks import Tasks
from byre.wire.frames import DURABILITY_DISK, DURABILITY_RAM


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The services of a relay and the files behind them."""

    services: Services
    durable: Durable
    store: HeldStore
    store_epoch_after_loss: Callable[[], bytes]
    """What HELLO says from now on, when something that was held is lost."""


async def open_parts(
    directory: DataDirectory,
    *,
    origins: tuple[str, ...],
    limits: Limits,
    clock: Clock,
    random: Callable[[int], bytes],
    is_in_ram: bool = False,
) -> Parts:
    """Open (or, in an empty directory, make) the files and build what works on them.

    Raises:
        EnvironmentFault: the data directory is damaged or unusable; nothing in it was changed, nothing stays open.
    """
    async with AsyncExitStack() as undo:
        parts = await _opened(
            directory, undo, origins=origins, limits=limits, clock=clock, random=random, is_in_ram=is_in_ram
        )
        undo.pop_all()
    return parts


async def _opened(
    directory: DataDirectory,
    undo: AsyncExitStack,
    *,
    origins: tuple[str, ...],
    limits: Limits,
    clock: Clock,
    random: Callable[[int], bytes],
    is_in_ram: bool,
) -> Parts:
    tasks, counters = Tasks(), Counters()
    keys = directory.keys(random)
    erase_delay_s = limits.erase_delay_ms / 1000
    durable = await Durable.open(directory.path, keys, tasks, erase_delay_s=erase_delay_s, random=random)
    undo.push_async_callback(durable.close)
    undo.push_async_callback(tasks.stop)
    expiry = ExpiryClock(clock, last_seen_ms=await durable.setting("last_seen_ms"))
    lost = await durable.setting(LOST_BUCKETS)
    counters.gauge("lost_buckets", "files of held messages that the operator accepted as lost", lambda: lost)
    buckets = Buckets(directory.path, keys, 1000 * limits.bucket_s, random)
    undo.push_async_callback(buckets.close)
    await buckets.open_all()
    files = BlobFiles(directory.path / "blobs", random)
    memory = Memory(limits.memory_bytes, clock)
    store = HeldStore(buckets, clock=clock, expiry=expiry, counters=counters, erase_delay_s=erase_delay_s)
    is_memory_short = memory.is_short
    if is_in_ram:
        store = in_ram = RamStore(
            buckets,
            clock=clock,
            expiry=expiry,
            counters=counters,
            erase_delay_s=erase_delay_s,
            most_bytes=limits.held_ram_bytes,
        )

        def is_memory_short() -> bool:
            return memory.is_short() or in_ram.is_nearly_full()

    await store.healing.heal_unopened()

    def store_epoch() -> bytes:
        return random(16) if is_in_ram else keys.store_epoch  # in memory: whatever was held is lost with the process

    admission = Admission(
        store=store,
        limits=limits,
        counters=counters,
        clock=clock,
        free_disk_percent=directory.free_percent,
        is_memory_short=is_memory_short,
    )
    mailboxes = Mailboxes(durable=durable, store=store, limits=limits, clock=clock, expiry=expiry)
    delivery = Delivery(
        lane_of=mailboxes.lane,
        admission=admission,
        store=store,
        store_epoch=store_epoch(),
        limits=limits,
        counters=counters,
        clock=clock,
        expiry=expiry,
        tasks=tasks,
    )

    def has_disk() -> bool:
        return directory.free_percent() >= limits.free_disk_new_percent

    async def drop_mailbox(mailbox: bytes) -> None:
        lane = await mailboxes.forget(mailbox)
        if lane is not None and lane.socket is not None:
            attached = lane.socket
            delivery.detach(lane, attached)
            attached.push(Refusal("auth").frame(mailbox))

    blobs = Blobs(
        durable=durable,
        files=files,
        lane_of=mailboxes.lane,
        limits=limits,
        counters=counters,
        clock=clock,
        expiry=expiry,
        random=random,
        free_percent_after=directory.free_percent_after,
    )
    await blobs.start()
    services = Services(
        relay_id=keys.relay_id,
        durability=DURABILITY_RAM if is_in_ram else DURABILITY_DISK,
        origins=origins,
        limits=limits,
        counters=counters,
        clock=clock,
        expiry=expiry,
        random=random,
        tasks=tasks,
        mailboxes=mailboxes,
        delivery=delivery,
        key_packages=KeyPackages(durable=durable, limits=limits, counters=counters, clock=clock, expiry=expiry),
        directory=Directory(
            durable=durable,
            limits=limits,
            expiry=expiry,
            origins=origins,
            lookalikes=Lookalikes(),
            has_disk=has_disk,
            drop_mailbox=drop_mailbox,
        ),
        heads=Heads(
            relay_id=keys.relay_id,
            durable=durable,
            store=store,
            limits=limits,
            counters=counters,
            expiry=expiry,
            may_store=admission.may_store,
        ),
        rendezvous=Rendezvous(durable=durable, limits=limits, counters=counters, expiry=expiry),
        blobs=blobs,
        new_mailboxes=_daily(limits.mailboxes_per_address_day, clock),
        new_records=_daily(limits.records_per_address_day, clock),
        commit_bytes=Quotas(limits.commit_bytes_per_address_day, clock.monotonic_s),
        has_disk_for_mailboxes=has_disk,
    )

    return Parts(services=services, durable=durable, store=store, store_epoch_after_loss=store_epoch)


def _daily(count: int, clock: Clock) -> Rates:
    return Rates(count, count / DAY_S, clock.monotonic_s)
