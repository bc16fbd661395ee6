"""Linking on the PC (N): from the offer to the device room's Welcome.

The handshake is `identity.linking.NewDeviceLink`. Until the user has confirmed whose account this is, nothing is
written anywhere; then everything is, in one transaction, and only the Welcome makes it count:

```
 offer ──blob 2──▶ code shown ──blob 4──▶ asked ──finish──▶ stored, incomplete ──blob 5, Welcome──▶ linked
   └─────────────────┴─────────────────────┴── cancel, expiry ──▶ new ◀── no Welcome by the deadline ──┘
```
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field

from byre.client.clock import now_s
from byre.client.context import REMOVED, OwnIdentity, write_own
from byre.client.devices import device_name
from byre.client.events import DeviceLinked, LinkEnded, LinkReady, StatusChanged
from byre.client.handshake import await_reply, ending_of, post_offer, tell_phone
from byre.client.interruption import Interrupted
from byre.client.joining_pc import Joining, delete_joining, read_joining, write_joining
from byre.client.key_packages import bundle_row, generate_bundle
from byre.client.mailbox import TokenUse, put_tokens, relay_tokens, token_rows
from byre.client.peers import shown_account
from byre.client.profile import Profile
from byre.client.profile_states import require_new
from byre.client.rendezvous import DONE, is_taken, offer_expired, offer_used, put_blob
from byre.client.room_keeper import AfterCommit, JoinedRoom
from byre.client.session import Session, Surroundings
from byre.client.tasks import TaskSupervisor
from byre.client.views import DeviceId as ShownDeviceId
from byre.client.views import LinkOffer, Status
from byre.crypto.secret import Secret
from byre.errors import ByreError, EnvironmentFault, PeerError, UsageError
from byre.identity.directory_entry import verify_lookup
from byre.identity.linking import NewDeviceLink, ReceivedGrant
from byre.identity.linking.new_device import NewDeviceState
from byre.identity.mailbox import MailboxKeys
from byre.store import OwnDeviceRow, Transaction
from byre.wire.content_bodies import DeviceName
from byre.wire.ids import DELIVERY_TOKEN_SIZE, RUN_ID_SIZE, DeliveryToken, RunId

TASK_HANDSHAKE, TASK_FINISH, TASK_TELL = "link: handshake", "link: finish", "link: tell the phone"
WELCOME_GRACE_MS = 60_000
LOOK_EVERY_S = 5.0
RETRY_S = 3.0
MAILBOX_DELETE_S = 3.0


@dataclass(slots=True)
class _Offer:
    """The offer under way; it lives in memory only."""

    link: NewDeviceLink
    name: str
    platform: str
    passphrase: str | None = field(repr=False)
    grant: ReceivedGrant | None = None


class PcLinking:
    """The PC's half of `LinkingApi`."""

    def __init__(
        self,
        profile: Profile,
        surroundings: Surroundings,
        tasks: TaskSupervisor,
        *,
        platform: str,
        status: Callable[[], Status],
    ) -> None:
        self._profile = profile
        self._around = surroundings
        self._tasks = tasks
        self._platform = platform
        self._status = status
        self._offer: _Offer | None = None
        self._welcomed = asyncio.Event()
        self._refused = asyncio.Event()
        self._offering = asyncio.Lock()

    async def offer(self, *, relay: str, name: str, passphrase: str | None) -> LinkOffer:
        """Post an offer at `relay`; an earlier one is dead then, and a phone that scans it is told.

        Raises:
            UsageError: code bad_params, bad_relay, passphrase_required, wrong_state, locked.
            EnvironmentFault: code relay_unreachable.
        """
        require_new(self._profile, is_removed_fine=True)
        if self._profile.incomplete is not None:
            raise UsageError("A linking is being finished.", code="wrong_state")
        name = device_name(name)
        async with self._offering:  # two offers at once: the later one drops the earlier one, whole
            if self._profile.removed is None:  # otherwise the profile keeps the lock that it has
                await self._profile.require_lockable(passphrase)
            if self._offer is not None:
                self._tasks.spawn(tell_phone(self._around, self._offer.link), TASK_TELL)
            self._drop()
            link = await post_offer(self._around, relay, lambda url, now_ms: self._link(url, name, now_ms))
            self._offer = _Offer(link, name, self._platform, passphrase)
            self._tasks.spawn(self._handshake(self._offer), TASK_HANDSHAKE)
        return LinkOffer(link.uri, link.payload.expires_ms)

    def _link(self, relay_url: str, name: str, now_ms: int) -> NewDeviceLink:
        random = self._around.random
        return NewDeviceLink(
            relay_url=relay_url, device_name=name, platform=self._platform, now_ms=now_ms, random=random
        )

    async def finish(self, accept: bool) -> ShownDeviceId | None:
        """Install what the phone granted, if the user says yes, and wait until the phone has let this PC in.

        Raises:
            UsageError: code wrong_state; offer_used when somebody else wrote into the rendezvous or the phone has
                withdrawn, offer_expired when no Welcome came in time: the PC is `new` again.
            EnvironmentFault: relay_unreachable, disk_full, …: nothing is installed.
        """
        offer = self._offer
        if offer is None or offer.grant is None:
            raise UsageError("The phone has not granted anything yet.", code="wrong_state")
        if not accept:
            self._tasks.spawn(tell_phone(self._around, offer.link), TASK_TELL)
            self._drop()
            return None
        removed = self._profile.removed
        if removed is not None and removed.context.own.account_id != offer.grant.account_id:
            raise UsageError("Here are messages of another account: erase them first.", code="other_account")
        payload = offer.link.payload
        if await is_taken(self._around.network.relay(payload.relay_url), payload.rendezvous, DONE):
            self._fail(offer, "offer_used")  # not by us: the phone has read it, or will, and withdraws
            raise offer_used()
        self._tasks.cancel(TASK_HANDSHAKE)
        self._offer = None
        try:
            async with self._profile.changing:
                session, joining = await self._install(offer, offer.grant)
        except (EnvironmentFault, Interrupted):
            if offer.link.state is NewDeviceState.GRANTED:  # nothing was done yet: the user may try again
                self._offer = offer
            raise
        self._begin_finish(session, joining)
        await self._tasks.ended(TASK_FINISH)
        if not session.is_complete:
            raise offer_used() if self._refused.is_set() else offer_expired()
        return ShownDeviceId(session.context.own.device_id.hex())

    async def cancel(self) -> bool:
        """End the linking under way; the PC is `new`. Returns whether there was one.

        One that the phone has let in is linked: it is too late then, and it is removed like any other device.
        """
        offer = self._offer
        had_offer = offer is not None
        if offer is not None:
            self._tasks.spawn(tell_phone(self._around, offer.link), TASK_TELL)
        self._drop()
        joining = self._profile.incomplete
        if joining is not None and self._tasks.is_running(TASK_FINISH):
            if await joining.context.store.read(_is_linked) or self._welcomed.is_set():
                return True
            self._tasks.cancel(TASK_FINISH)
            if not await self._give_up(joining):
                await self._go_on(joining)
                return True
            had_offer = True
        if had_offer:
            self._around.events.publish(LinkEnded("cancelled"))
        return had_offer

    async def resume(self, session: Session) -> None:
        """Go on with a linking that was confirmed before this process started."""
        joining = await session.context.store.read(read_joining)
        if joining is None:
            await self._profile.destroy()
            return
        self._begin_finish(session, joining)

    def _drop(self) -> None:
        self._tasks.cancel(TASK_HANDSHAKE)
        if self._offer is not None:
            self._offer.link.cancel()
            self._offer = None

    async def _handshake(self, offer: _Offer) -> None:
        link, clock = offer.link, self._around.clock
        try:
            grant = await await_reply(self._around, link, lambda blob, now_ms: link.receive_blob4(blob, now_ms=now_ms))
            offer.grant = grant
            ready = LinkReady(grant.binding.handle, grant.binding.host, shown_account(grant.account_id))
            self._around.events.publish(ready)
            await clock.sleep(max(0.0, (link.deadline_ms - clock.now_ms()) / 1000))
            self._fail(offer, "offer_expired")
        except ByreError as error:
            self._fail(offer, ending_of(error))

    def _fail(self, offer: _Offer, code: str) -> None:
        if self._offer is offer:
            offer.link.cancel()
            self._offer = None
            self._around.events.publish(LinkEnded(code))

    async def _install(self, offer: _Offer, grant: ReceivedGrant) -> tuple[Session, Joining]:
        """Register the mailbox, then store everything in one transaction."""
        random, clock, link = self._around.random, self._around.clock, offer.link
        own = OwnIdentity(
            account_id=grant.account_id,
            account_public=grant.account_public,
            account_key=None,
            device_key=link.device_key,
            certificate=grant.certificate,
            device_list=grant.device_list,
            binding=grant.binding,
            mailbox=MailboxKeys.generate(random),
            introduction_token=Secret(random(DELIVERY_TOKEN_SIZE)),
            relay=grant.relay_url,
            name=grant.display_name,
            run_id=RunId(random(RUN_ID_SIZE)),
        )
        token = DeliveryToken(random(DELIVERY_TOKEN_SIZE))
        network, mailbox_id = self._around.network, own.mailbox.mailbox_id
        relay = network.relay(own.relay)
        waits = self._profile.relay_waits
        async with waits.wait():
            await relay.mailbox_new(own.mailbox)
        network.attach(own.relay, own.mailbox)
        try:
            async with waits.wait():
                await relay.token_put(mailbox_id, relay_tokens([token], TokenUse.LEAF))
            bundle = generate_bundle(own, token, now_s=now_s(clock), random=random)
            now_ms = clock.now_ms()
            try:
                blob5 = link.confirm(bundle.key_package.encoded, now_ms=now_ms, random=random)
            except PeerError:
                raise offer_expired() from None
            payload = link.payload
            joining = Joining(
                payload.relay_url, payload.rendezvous, blob5, link.deadline_ms, offer.name, offer.platform
            )

            def fill(tx: Transaction) -> None:
                write_own(tx, own, now_ms, is_published=True, is_linked=False)
                tx.key_packages.put(bundle_row(bundle, token, "used", now_ms))
                put_tokens(tx, token_rows(mailbox_id, [token], TokenUse.LEAF, "registered", now_ms))
                _write_devices(tx, own, offer.name, now_ms)
                write_joining(tx, joining)

            if self._profile.removed is None:
                session = await self._profile.begin(offer.passphrase, own, fill)
            else:
                session = await self._profile.begin_anew(own, fill)
        except BaseException:
            network.detach(own.relay, mailbox_id)
            raise
        return session, joining

    def _begin_finish(self, session: Session, joining: Joining) -> None:
        self._welcomed.clear()
        self._refused.clear()
        session.rooms.on_joined(self._joined)
        self._tasks.spawn(self._finish(session, joining), TASK_FINISH)

    def _joined(self, tx: Transaction, joined: JoinedRoom) -> AfterCommit | None:
        """In the transaction of the Welcome: this device is linked."""
        account = tx.account.get()
        if joined.kind != "device" or account is None or account.is_linked:
            return None
        tx.account.put(dataclasses.replace(account, is_linked=True))
        tx.settings.delete(REMOVED)
        return self._welcomed.set

    async def introduce(self, session: Session) -> None:
        """Be reachable first, then tell the own devices this one's name: they announce it when they hear that."""
        joining = await session.context.store.read(read_joining)
        if joining is None:
            return
        own = session.context.own
        with contextlib.suppress(ByreError):  # the relay is away: maintenance goes on with it
            await session.registration.publish_device()
            await session.key_packages.publish_first()
        await session.rooms.send_to_own_devices(DeviceName(own.device_id, joining.name, joining.platform))
        await session.context.store.write(lambda tx: delete_joining(tx))

    async def _complete(self, session: Session, joining: Joining) -> None:
        await self.introduce(session)
        with contextlib.suppress(EnvironmentFault):
            await session.context.store.fold()  # without its mark a linked PC would be given up as unfinished
        session.complete()
        own = session.context.own
        self._around.events.publish(DeviceLinked(ShownDeviceId(own.device_id.hex()), joining.name))
        self._around.events.publish(StatusChanged(self._status()))

    async def _finish(self, session: Session, joining: Joining) -> None:
        """Post blob 5 and wait for the Welcome; give the account up when it does not come."""
        clock = self._around.clock
        await session.start_delivery()
        posting = asyncio.ensure_future(self._post(joining))
        looking = asyncio.ensure_future(self._look_for_withdrawal(session))
        welcomed = asyncio.ensure_future(self._welcomed.wait())
        refused = asyncio.ensure_future(self._refused.wait())
        left_s = max(30.0, (joining.deadline_ms + WELCOME_GRACE_MS - clock.now_ms()) / 1000)
        over = asyncio.ensure_future(clock.sleep(left_s))
        try:
            await asyncio.wait({welcomed, refused, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting = (posting, looking, welcomed, refused, over)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        if not self._welcomed.is_set() and await self._give_up(session):
            self._around.events.publish(LinkEnded("offer_used" if self._refused.is_set() else "offer_expired"))
        else:
            await self._complete(session, joining)

    async def _go_on(self, session: Session) -> None:
        """The Welcome came while this PC gave up."""
        joining = await session.context.store.read(read_joining)
        if joining is not None:
            self._tasks.spawn(self._complete(session, joining), TASK_FINISH)

    async def _post(self, joining: Joining) -> None:
        relay = self._around.network.relay(joining.relay)
        while True:
            try:
                await put_blob(relay, joining.rendezvous, DONE, joining.blob5)
                return
            except EnvironmentFault:
                await self._around.clock.sleep(RETRY_S)
            except ByreError as error:
                if error.code == "offer_used":  # other bytes than ours: the phone reads those, and withdraws
                    self._refused.set()
                return  # dead, as after a restart: only the Welcome can tell now

    async def _look_for_withdrawal(self, session: Session) -> None:
        """Look at the directory now and then: a later list without this device is the phone's no."""
        own = session.context.own
        while True:
            await self._around.clock.sleep(LOOK_EVERY_S)
            with contextlib.suppress(ByreError):
                answer = await session.context.own_relay.directory_get(account_id=own.account_id)
                if answer is None:
                    continue
                entry = verify_lookup(
                    answer.account_record, answer.device_lists, answer.device_records, account_id=own.account_id
                )
                newest = entry.record.device_list
                if newest.version > own.device_list.version and not newest.has(own.certificate):
                    self._refused.set()

    async def _give_up(self, session: Session) -> bool:
        """Be `new` again; False where the phone's Welcome came first: this PC is linked, and stays so."""
        if await session.context.store.read(_is_linked):
            return False
        own, relay = session.context.own, session.context.own_relay
        with contextlib.suppress(ByreError, TimeoutError):
            async with asyncio.timeout(MAILBOX_DELETE_S):  # a courtesy: the next list without this device does it, too
                await relay.mailbox_delete(own.mailbox.mailbox_id)
        async with self._profile.changing:
            try:
                await self._profile.give_up()
            except (
                UsageError
            ):  # wrong_state: it came while the relay was asked, whose maintenance makes the mailbox anew
                return False
        self._around.events.publish(StatusChanged(self._status()))
        return True


def _is_linked(tx: Transaction) -> bool:
    """Whether the phone's Welcome has been taken."""
    account = tx.account.get()
    return account is not None and account.is_linked


def _write_devices(tx: Transaction, own: OwnIdentity, name: str, now_ms: int) -> None:
    """Note the account's devices: the others are nameless until the device room says more."""
    for entry in own.device_list.devices:
        is_self = entry.device_id == own.device_id
        row = OwnDeviceRow(entry.device_id, name if is_self else "", "linked", linked_at=now_ms)
        tx.own_devices.put(row)
