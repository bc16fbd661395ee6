"""One open profile at work: its services, wired, and what runs in their background.

A session exists from the moment a profile is open. It is `complete` when the account is published (phone) or the
device room's Welcome has come (PC); before that only what completes it runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from byre.client.clock import Clock
from byre.client.connection import Network
from byre.client.contacts import Contacts
from byre.client.context import Context, OwnIdentity
from byre.client.device_room import DeviceRoom
from byre.client.devices import Devices
from byre.client.directory import Directory
from byre.client.events import Event, EventBus, ProfileOutrun, RoomErased
from byre.client.key_copies import KeyCopies
from byre.client.key_giving import KeyGiving
from byre.client.key_packages import KeyPackages
from byre.client.linking_phone import PhoneLinking
from byre.client.mailbox import MailboxTokens
from byre.client.names import OwnName
from byre.client.own_list import OwnList
from byre.client.own_record import Witness
from byre.client.peers import Peers
from byre.client.reconcile import Reconcile
from byre.client.recovery_code import RecoveryCode
from byre.client.registration import Registration
from byre.client.room_keeper import AfterCommit, JoinedRoom, RoomServices
from byre.client.settings import Settings
from byre.client.snapshots import keep_snapshot
from byre.client.stretch import Turns
from byre.client.sweeping import sweep_pages
from byre.client.tasks import TaskSupervisor
from byre.crypto.random import Random
from byre.errors import ByreError, PeerError, UsageError
from byre.store import Store, Transaction
from byre.store.archive import RESTORED, is_restored
from byre.store.vault_return import KeyReturn

MAINTENANCE_EVERY_S = 600.0
RETRY_S = 10.0
LOW_STOCK = 20
LAST_ENVELOPE_S = 2.0
log = logging.getLogger(__name__)

TASK_MAINTENANCE, TASK_STOCK, TASK_SNAPSHOT = "maintenance", "key packages", "rolling snapshot"
TASK_SWEEP = "sweep for damage"

MakeRooms = Callable[[Context, MailboxTokens, KeyPackages, Directory, Peers, Contacts], RoomServices]
Joined = Callable[[Transaction, JoinedRoom], AfterCommit | None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an engine gives to each of its sessions."""

    network: Network
    events: EventBus
    turns: Turns
    clock: Clock
    random: Random
    make_rooms: MakeRooms
    key_package_stock: int
    on_bug: Callable[[str, BaseException], None] | None


class Session:
    """Builds and runs the services of an open store."""

    def __init__(
        self, surroundings: Surroundings, store: Store, own: OwnIdentity, returning: KeyReturn | None = None
    ) -> None:
        self.context = Context(
            store=store,
            network=surroundings.network,
            events=surroundings.events,
            clock=surroundings.clock,
            random=surroundings.random,
            tasks=TaskSupervisor(surroundings.on_bug),
            turns=surroundings.turns,
            own=own,
        )
        self.is_complete = False
        self.is_removed = own.is_removed
        self._has_started = False
        self._is_mailbox_lost = False
        self._is_relay_new = True
        self._is_due = asyncio.Event()
        self._taking = asyncio.Lock()
        self.tokens = MailboxTokens(self.context)
        self.peers = Peers(self.context)
        self.directory = Directory(self.context, self.peers)
        self.key_packages = KeyPackages(self.context, self.tokens, self.directory, stock=surroundings.key_package_stock)
        self.registration = Registration(self.context, self.tokens, self.key_packages)
        self.contacts = Contacts(self.context, self.directory)
        self.rooms = surroundings.make_rooms(
            self.context, self.tokens, self.key_packages, self.directory, self.peers, self.contacts
        )
        self.contacts.attach(self.rooms)
        self.own_list = OwnList(self.context, self.directory, self.registration)
        self.devices = Devices(self.context, self.own_list, self.rooms)
        self.own_name = OwnName(self.context)
        self.reconcile = Reconcile(
            self.context, self.rooms, self.key_packages, self.directory, self.contacts, self.own_name
        )
        self.linking = PhoneLinking(
            self.context,
            self.rooms,
            self.own_list,
            self.reconcile,
            on_ended=self.devices.execute_removals,
        )
        self.devices.settle_first(self.linking.settle)
        self.key_copies = KeyCopies(self.context, self.rooms, self.registration, returning)
        self.recovery_code = RecoveryCode(self.context, self.own_list, self.key_copies)
        self.key_giving = KeyGiving(self.context)
        self._unsubscribe = surroundings.events.subscribe(self._heard)
        self.settings = Settings(self.context)
        DeviceRoom(self.context, self.contacts, self.devices, self.reconcile, self.own_list, self.own_name).register(
            self.rooms
        )
        self.rooms.on_joined(self._joined)
        self.peers.when_learnt(own_list=self.own_list.learn, nameless=self.directory.learn_name)
        self.own_list.when_changed(self._own_list_changed)

    async def start_delivery(self) -> None:
        """Receive and deliver from now on; the mailbox is registered."""
        if not self._has_started:
            self._has_started = True
            self.context.network.attach(self.context.own.relay, self.context.own.mailbox)
            await self.rooms.start()

    def complete(self) -> None:
        """The account is ours and published: run everything."""
        self.is_complete = True
        self.context.tasks.spawn(self._maintain(), TASK_MAINTENANCE)
        self.context.tasks.spawn(keep_snapshot(self.context), TASK_SNAPSHOT)
        self.context.tasks.spawn(sweep_pages(self.context), TASK_SWEEP)

    async def start_reading(self) -> None:
        """The account removed this device: nothing connects any more, what is there can be read and wiped."""
        self.is_removed = True
        await self.rooms.start_reading()

    def _heard(self, event: Event) -> None:
        if isinstance(event, RoomErased):
            self._is_due.set()  # a wipe has made another outer secret: its copy follows

    async def stop(self) -> None:
        """End everything that runs, also where the caller is cancelled; the store stays open."""
        self._unsubscribe()
        self.context.network.detach(self.context.own.relay, self.context.own.mailbox.mailbox_id)
        try:
            with contextlib.suppress(TimeoutError):  # the envelope in hand is taken to its end before the store closes
                async with asyncio.timeout(LAST_ENVELOPE_S), self._taking:
                    pass
        finally:
            try:
                if self._has_started:
                    await self.rooms.stop()
            finally:
                await self.context.tasks.stop()

    async def on_envelopes(self, relay_url: str, mailbox_id: bytes, envelopes: Sequence[tuple[bytes, bytes]]) -> None:
        """Take envelopes; they are acknowledged when this returns."""
        async with self._taking:
            await self.rooms.on_envelopes(relay_url, mailbox_id, envelopes)

    def on_key_package_count(self, one_time: int, has_last_resort: bool, is_last_resort_used: bool) -> None:
        """The relay told its stock of our key packages: fill it when it runs low."""
        needs_last_resort = not has_last_resort or is_last_resort_used
        if not self.is_complete or self.key_packages.is_publishing:
            return
        if (one_time < LOW_STOCK or needs_last_resort) and not self.context.tasks.is_running(TASK_STOCK):
            work = self.key_packages.publish(one_time, needs_last_resort=needs_last_resort)
            self.context.tasks.spawn(work, TASK_STOCK)

    def on_connection(self, relay_url: str, is_connected: bool) -> None:
        """A relay came or went: on our own one's return, look after what waited for it."""
        self.rooms.on_connection(relay_url, is_connected)
        if is_connected and relay_url == self.context.own.relay:
            self.reconcile.reconnected()
            self._is_relay_new = True
            self._is_due.set()

    def on_mailbox_refused(self) -> None:
        """The relay dropped our mailbox: this device is no longer listed, which the directory tells, or its data are
        gone."""
        self._is_mailbox_lost = True
        self._is_due.set()

    def _joined(self, tx: Transaction, joined: JoinedRoom) -> AfterCommit | None:
        return self.reconcile.start if self.is_complete else None

    def _own_list_changed(self) -> None:
        if self.is_complete and self.context.own.is_listed:
            self.reconcile.start()

    async def _maintain(self) -> None:
        """Keep registered, listed and reconciled: at start, at reconnection, and every ten minutes."""
        while True:
            self._is_due.clear()
            is_done = await self._maintain_once()
            pause = self.context.clock.sleep(MAINTENANCE_EVERY_S if is_done else RETRY_S)
            waiting = [asyncio.ensure_future(pause), asyncio.ensure_future(self._is_due.wait())]
            try:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in waiting:
                    task.cancel()
                await asyncio.gather(*waiting, return_exceptions=True)

    async def _ensure_own_rooms(self) -> None:
        """A restored primary with linked devices is brought into the rooms that there are, and makes none."""
        is_alone = len(self.context.own.device_list.devices) == 1
        if is_alone or await self.rooms.has_device_room():
            await self.rooms.ensure_own_rooms()

    async def _refresh_list(self) -> Witness:
        """Look at the directory; where it holds nothing or something older of our own account, publish it again.

        A relay that holds something older was put back from a copy: the tokens of later leaves are unknown there, and
        packages that were given out are given again. It is believed once a connection.
        """
        witness = Witness.AGREES
        try:
            witness = await self.own_list.look()
        except (UsageError, PeerError) as error:
            log.warning("the directory does not answer for the own account: %s", error.code)
            if error.code == "list_rollback":
                witness = Witness.RELAY_IS_OLD
            if self.context.own.is_primary and error.code in ("no_such_handle", "list_rollback"):
                await self.registration.publish_account(self.context.own.device_list)
        if witness is Witness.RELAY_IS_OLD and self._is_relay_new:
            log.warning("the relay was put back from an older copy")
            self.rooms.on_store_put_back(self.context.own.relay)
            self._is_mailbox_lost = True
        self._is_relay_new = False
        return witness

    async def _replace_lost_packages(self) -> None:
        """A profile out of a backup lacks the private parts of what the relay hands out for it."""
        if await self.context.store.read(lambda tx: is_restored(tx.settings)):
            await self.key_packages.publish(0, needs_last_resort=True, replace=True)
            await self.context.store.write(lambda tx: tx.settings.delete(RESTORED))

    async def _maintain_once(self) -> bool:
        try:
            if await self._refresh_list() is Witness.PROFILE_IS_OLD:
                self.context.events.publish(ProfileOutrun())
                return True
            if not self.context.own.is_listed:
                return True
            if await self.context.store.read(lambda tx: is_restored(tx.settings)):
                await self.recovery_code.look_back()
            if self._is_mailbox_lost:
                await self.registration.register_anew()
                self._is_mailbox_lost = False
                await self.rooms.say_back()
            await self.registration.publish_device()
            await self._replace_lost_packages()
            await self.linking.resume()
            if self.context.own.is_primary and not await self.linking.is_list_pending():
                await self.own_list.resume()
                await self.devices.execute_removals()
                await self._ensure_own_rooms()
                await self.recovery_code.resume()
            await self.reconcile.run()
            await self.key_copies.run()
        except ByreError as error:
            log.info("maintenance is tried again: %s", error.code)
            return False  # the relay is away or refuses for now; the next round tries again
        return True
