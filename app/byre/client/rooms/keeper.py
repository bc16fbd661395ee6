"""Builds rooms, delivery, messages and wipes of one open profile and joins them: the port that the rest codes against.

The parts know each other only through what is passed here; this module decides nothing itself beyond what follows
from what: an epoch changed, a device was heard, the relay came back.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any

from byre.client.api import ErasuresApi, MessagesApi, RoomsApi, WipesApi
from byre.client.contacts import Contacts
from byre.client.context import Context
from byre.client.delivery.contents import Contents
from byre.client.delivery.doubts import Doubts
from byre.client.delivery.inbox import Inbox, InboxPorts
from byre.client.delivery.ledger import StateChange
from byre.client.delivery.outbox import CONTENT, MESSAGE, REJOIN, Outbox
from byre.client.delivery.receipts import Receipts
from byre.client.delivery.reception import Reception
from byre.client.delivery.refusals import Refusals
from byre.client.delivery.relay_stores import RelayStores
from byre.client.delivery.sending import Sending
from byre.client.directory import Directory
from byre.client.key_packages import KeyPackages
from byre.client.mailbox import MailboxTokens
from byre.client.messages.service import Messages
from byre.client.name_telling import Names
from byre.client.peers import Peers
from byre.client.room_keeper import DeviceContentHandler, JoinedHandler
from byre.client.rooms.catch_up import CatchUp
from byre.client.rooms.claiming import Claiming
from byre.client.rooms.commit_fan_out import CommitFanOut
from byre.client.rooms.commit_making import CommitMaker
from byre.client.rooms.commit_steps import CommitPorts, CommitSteps
from byre.client.rooms.commits import Commits
from byre.client.rooms.founding import Founding
from byre.client.rooms.freshness import Freshness
from byre.client.rooms.groups import Groups
from byre.client.rooms.homeless import Homeless
from byre.client.rooms.joining import Joining
from byre.client.rooms.judging import JudgedCommit
from byre.client.rooms.leaving import Leaving
from byre.client.rooms.merging import Merging
from byre.client.rooms.own_devices import OwnDevices
from byre.client.rooms.parcels import ParcelPorts, Parcels
from byre.client.rooms.rejoining import Rejoining
from byre.client.rooms.reordering import Reordering
from byre.client.rooms.service import Rooms
from byre.client.rooms.showing import Showing
from byre.client.rooms.standstill import Dispute, Standstill
from byre.client.rooms.turning import Turning
from byre.client.rooms.upkeep import Upkeep
from byre.client.rooms.waiting import Waiting
from byre.client.wiping.erasing import Erasing
from byre.client.wiping.fading import Fading
from byre.client.wiping.service import Wiping
from byre.store import OutboxRow
from byre.wire.content_bodies import Back, Body, Wipe, WipeReport, WipeUndone
from byre.wire.ids import DeviceId


class Keeper(Reception):
    """`RoomServices`: what the session and the network call."""

    def __init__(
        self,
        context: Context,
        tokens: MailboxTokens,
        key_packages: KeyPackages,
        directory: Directory,
        peers: Peers,
        contacts: Contacts,
    ) -> None:
        self._context = context
        showing = Showing(peers, context.clock.now_ms)
        groups = Groups(context.store)
        self._outbox = Outbox(context, self._states_changed, self._refused)
        self._sending = Sending(context, groups, self._outbox)
        self._refusals = Refusals(context, groups, self._sending)
        self._names = Names(context, groups, self._sending, peers)
        self._receipts = Receipts(context, self._sending)
        self._contents = Contents(context, showing, receipts_due=self._receipts.due, heard=self._heard)
        self._contents.on_profile(self._names.take)
        merging = Merging(context, peers)
        standstill = Standstill(context, merging)
        self._joining = Joining(context, groups, peers, showing, self._joined, standstill.write_back)
        self._rejoining = rejoining = Rejoining(
            context, groups, self._outbox, key_packages, lambda: self._commits, directory, peers
        )
        self._inbox = Inbox(
            context,
            groups,
            self._contents,
            merging,
            InboxPorts(
                welcome=self._joining.take,
                rejoin_request=rejoining.on_request,
                removed=rejoining.on_removed,
                blob=lambda tx, pointer, mid: self._parcels.on_pointer(tx, pointer, mid),
                missing_commits=lambda group_id: self._catch_up.ask_later(group_id),
                epoch_changed=self._epoch_changed,
                proposal_came=lambda group_id: self._leaving.proposal_came(group_id),
            ),
        )
        self._parcels = Parcels(context, ParcelPorts(message=self._inbox.take_fetched, welcome=self._welcome_fetched))
        self._catch_up = CatchUp(
            context,
            groups,
            commit_in=self._parcels.commit_in,
            take_commit=self._inbox.take_commit,
            rejoin=self._rejoin,
            jammed=standstill.jam,
        )
        maker, claiming = CommitMaker(context, tokens), Claiming(context)
        waiting = Waiting()
        steps = CommitSteps(
            context,
            groups,
            self._outbox,
            merging,
            maker,
            CommitFanOut(context, self._outbox, maker, self._parcels),
            claiming,
            CommitPorts(
                commit_in=self._parcels.commit_in,
                take_commit=self._inbox.take_commit,
                retry_kept=self._inbox.retry_kept,
                epoch_changed=self._epoch_changed,
                rejoin=self._rejoin,
                jammed=standstill.jam,
                home_refuses=Homeless(context).refused,
                head_names=self._catch_up.head_names,
            ),
            waiting,
        )
        self._commits = Commits(context, steps, waiting)
        self._leaving = Leaving(context, groups, self._outbox, self._commits)
        founding = Founding(context, groups, self._commits, tokens, key_packages, self._joining.announce)
        self._upkeep = Upkeep(
            context,
            groups,
            self._commits,
            key_packages,
            renew_leaves=Freshness(context, groups, self._commits).turn,
            changed=self._states_changed,
            ask_rejoins=rejoining.ask_due,
        )
        self._reordering = Reordering(
            context,
            groups,
            claiming,
            word=self._catch_up.word,
            told=lambda group_id: self._sending.content(group_id, Back()),
            put_back=lambda relay_url: self._relay_stores.put_back(relay_url),
        )
        self._turning = Turning(
            context,
            groups,
            self._sending,
            self._receipts,
            self._commits,
            self._leaving,
            self._joining,
            self._catch_up,
            self._upkeep,
            standstill,
            claiming,
            rejoining,
            self._reordering,
            self._names.tell,
        )
        self._own_devices = OwnDevices(context, groups, self._commits, founding, self._sending)
        self.rooms: RoomsApi = Rooms(
            context, groups, self._commits, founding, self._leaving, contacts, showing, self._turning.accepted
        )
        self.messages: MessagesApi = Messages(
            context,
            self._sending,
            peers,
            showing,
            receipts_due=self._receipts.due,
            check_listing=lambda group_id: self._spawn(self._upkeep.check_listing(group_id), "listed devices"),
            seal_again=self._heard,
        )
        self._wiping = Wiping(context, self._own_devices.send, self._sending, peers)
        self.wipes: WipesApi = self._wiping
        self.erasures: ErasuresApi = Erasing(context)
        self._fading = Fading(context)
        for kind in (Wipe, WipeReport, WipeUndone):
            self._contents.on_device_content(kind.KIND, self._wiping.on_device_content)
        self._contents.on_wiping(self._wiping.on_room_content)
        self._doubts = Doubts(context, self._sending, has_caught_up=lambda: self._upkeep.has_caught_up)
        relay_stores = RelayStores(context, self._outbox, self._heard)
        super().__init__(self._inbox, self._outbox, self._connected, relay_stores, self._receipts.came)

    async def start(self) -> None:
        """Begin to deliver."""
        self._spawn(self._fading.run(), "disappearing messages")  # first: a time may come while the rest begins
        await self._upkeep.begin()
        await self._outbox.resume()
        self._relay_stores.begin()
        await self._receipts.resume()
        self._parcels.fetch_soon()
        self._commits.wake_all()
        await self._names.tell_everywhere()
        self._spawn(self._upkeep.run(), "upkeep of rooms")
        self._spawn(self._turning.run(), "rooms that stand still")
        self._spawn(self._doubts.run(), "what was not confirmed")
        self._spawn(self._wiping.run(), "wipes that are not done")

    async def start_reading(self) -> None:
        """Only what needs no network: a wipe that was begun is completed."""
        self._spawn(self._wiping.run(), "wipes that are not done")
        self._spawn(self._fading.run(), "disappearing messages")

    async def stop(self) -> None:
        """End delivery; the context's tasks are stopped by their owner, the store has all that counts."""
        self._names.close()
        self._commits.close()
        await self._sending.close()
        await self._inbox.close()
        await self._outbox.close()

    async def ensure_own_rooms(self) -> None:
        """Create the device room and the note room where they are missing."""
        await self._own_devices.ensure_rooms()

    async def has_device_room(self) -> bool:
        """Whether this device is a member of its account's device room."""
        return await self._own_devices.device_room() is not None

    async def is_in_device_room(self, device_id: bytes) -> bool:
        """Whether an own device has a leaf in the device room."""
        return await self._own_devices.is_in_device_room(device_id)

    async def add_to_device_room(self, device_id: bytes, key_package: bytes) -> None:
        """Add an own device to the device room; returns when the relay has granted the commit."""
        await self._own_devices.add_to_device_room(device_id, key_package)

    async def rooms_lacking(self, device_id: bytes) -> Sequence[bytes]:
        """Return joined rooms without that own device, newest activity first."""
        return await self._own_devices.rooms_lacking(device_id)

    async def add_own_device(self, group_id: bytes, key_package: bytes) -> None:
        """Add an own device to one room."""
        await self._own_devices.add(group_id, key_package)

    async def remove_own_device(self, device_id: bytes) -> None:
        """Remove an own device, which the newest own list lacks, from every room."""
        await self._own_devices.remove(device_id)

    async def say_back(self) -> None:
        """Tell every room that this device is reached again: what expired for it meanwhile is sent anew."""
        await self._turning.say_back()

    async def send_to_own_devices(self, body: Body, *, to: DeviceId | None = None) -> None:
        """Send content in the device room, or `to` one device there, through the outbox."""
        await self._own_devices.send(body, to=to)

    async def tell_name(self, *, is_changed_here: bool) -> None:
        """Tell the own name in every room where somebody has not heard it."""
        await self._names.tell_everywhere(is_changed_here)

    def on_device_content(self, kind: str, handler: DeviceContentHandler) -> None:
        """Register the one handler of a device-room content kind, before `start`."""
        self._contents.on_device_content(kind, handler)

    def on_joined(self, handler: JoinedHandler) -> None:
        """Register a handler of rooms that this device joins, before `start`."""
        self._joining.on_joined(handler)

    def _connected(self, relay_url: str, is_connected: bool) -> None:
        is_own = relay_url == self._context.own.relay
        if is_connected:
            self._commits.wake_all()
            self._spawn(self._reordering.connected(relay_url), "look at homes")
            if is_own:
                self._parcels.fetch_soon()
                self._spawn(self._turning.came_back(), "after a connection")
        elif is_own:
            self._turning.went_away()

    def _states_changed(self, changes: Sequence[StateChange]) -> None:
        for change in changes:
            self._context.events.publish(change.event())

    async def _rejoin(self, group_id: bytes, dispute: Dispute | None = None) -> None:
        """Ask to be brought back, unless a Welcome that came too early does it."""
        await self._rejoining.begin(group_id, dispute)
        await self._joining.retry(group_id)

    async def _welcome_fetched(self, mid: bytes, welcome: bytes, tree: bytes) -> None:
        """Take a Welcome whose tree came in a blob."""
        group_id = await self._joining.take(welcome, mid, is_known=True, tree=tree)
        if group_id is not None:
            await self._inbox.retry_kept(group_id)

    def _refused(self, rows: Sequence[OutboxRow]) -> None:
        for row in rows:
            if row.kind == REJOIN:
                self._spawn(self._rejoining.ask_anew(row), "a refused rejoin request")
        contents = [row for row in rows if row.kind in (MESSAGE, CONTENT)]
        if contents:
            self._spawn(self._refusals.address_anew(contents), "refused messages")

    def _heard(self, group_id: bytes, device_id: bytes) -> None:
        self._spawn(self._seal_again(group_id, device_id), "sealing again")

    async def _seal_again(self, group_id: bytes, device_id: bytes) -> None:
        await self._sending.seal_again(group_id, device_id)

    def _joined(self, group_id: bytes) -> None:
        self._spawn(self._turning.joined(group_id), "after a join")

    def _epoch_changed(self, group_id: bytes, judged: JudgedCommit | None) -> None:
        self._spawn(self._turning.epoch_changed(group_id, judged), "after a commit")

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._context.tasks.spawn(work, name)
