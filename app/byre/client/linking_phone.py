"""Linking on the phone (P): from the scanned offer to a PC that is in every room, or to a list without it.

The handshake is `identity.linking.PhoneLink`; here it meets the relay, the store and the rooms. After the grant the
admission is in the store, and `_follow` carries it on, in this process or after a restart.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from byre.client.admission import (
    Admission,
    Stage,
    delete_admission,
    is_list_pending,
    read_admission,
    write_admission,
)
from byre.client.context import Context
from byre.client.events import LinkEnded
from byre.client.handshake import ScannedOffer, told_plainly
from byre.client.leaf_check import credential_of
from byre.client.own_list import OwnList
from byre.client.reconcile import Reconcile
from byre.client.rendezvous import DONE, GRANT, put_blob, wait_for_blob
from byre.client.room_keeper import RoomKeeper
from byre.client.views import LinkRequest
from byre.errors import EnvironmentFault, PeerError, UsageError
from byre.identity.certificate import DeviceCertificate
from byre.identity.device_list import DeviceList
from byre.identity.linking import PhoneLink
from byre.mls.cipher_suite import suite_by_id
from byre.mls.key_package import KeyPackage
from byre.mls.profile import HYBRID
from byre.store import OwnDeviceRow, Transaction

log = logging.getLogger(__name__)

END_WAIT_S = 10.0
RETRY_S = 5.0
REFUSED_S = 60.0
TASK_FOLLOW = "link: admit"


class PhoneLinking:
    """The phone's half of `LinkingApi`; one linking at a time."""

    def __init__(
        self,
        context: Context,
        keeper: RoomKeeper,
        own_list: OwnList,
        reconcile: Reconcile,
        *,
        on_ended: Callable[[], Awaitable[None]],
    ) -> None:
        """`on_ended` is awaited after an admission has ended: other lists may be signed again."""
        self._context = context
        self._keeper = keeper
        self._own_list = own_list
        self._reconcile = reconcile
        self._on_ended = on_ended
        self._offer: ScannedOffer[PhoneLink] | None = None

    async def accept(self, uri: str) -> LinkRequest:
        """Answer the PC's offer; the call is the user's agreement.

        Raises:
            UsageError: code bad_link, offer_expired, offer_used, link_failed (the PC is not the one of the QR),
                not_allowed (no primary), or no_device_room (restored, and no PC was there since). An earlier linking
                that still waits for its PC is withdrawn.
            EnvironmentFault: code relay_unreachable.
        """
        self._context.own.require_account_key()
        await self.settle()
        await self._require_device_room()
        offer = ScannedOffer(self._context, PhoneLink, uri)
        request = await offer.request()
        await offer.answer()
        if self._offer is not None:  # another PC, whose code nobody will type any more
            self._offer.tell_pc()
        self._forget()
        self._offer = offer
        return LinkRequest(request.device_name, request.platform, offer.link.deadline_ms)

    async def _require_device_room(self) -> None:
        """A restored phone waits for its other PCs to let it in: a second device room would part them for good."""
        is_alone = len(self._context.own.device_list.devices) == 1
        if not is_alone and not await self._keeper.has_device_room():
            raise UsageError(
                "One of the account's PCs must come online first, or be removed from the account.",
                code="no_device_room",
            )

    async def confirm(self, code: str) -> None:
        """Take the code that the user typed; if it is right, grant.

        Raises:
            UsageError: code wrong_state, code_mismatch (the third kills the offer), offer_used, offer_expired.
            EnvironmentFault: disk_full and the like: nothing was granted.
        """
        offer = self._offer
        if offer is None:
            raise UsageError("No linking is under way.", code="wrong_state")
        await offer.enter_code(code)
        own, link = self._context.own, offer.link
        with told_plainly():
            granted = link.grant(
                own.require_account_key(),
                device_list=own.device_list,
                binding=own.binding,
                display_name=own.name,
                relay_url=own.relay,
                now_ms=self._context.clock.now_ms(),
                random=self._context.random,
            )
        admission = Admission(
            stage=Stage.GRANTED,
            link=link.to_bytes(),
            blob4=granted.blob4,
            certificate=granted.certificate.encoded,
            device_list=granted.device_list.encoded,
            name=offer.device_name,
        )
        try:
            await self._context.store.write(lambda tx: write_admission(tx, admission))
        except EnvironmentFault:
            offer.tell_pc()  # a grant that nobody remembers leads nowhere: the PC begins anew
            raise
        finally:
            self._forget()
        self._context.tasks.spawn(self._follow(admission), TASK_FOLLOW)

    async def cancel(self) -> None:
        """End the linking under way; a grant is withdrawn by a new list."""
        if self._offer is not None:
            self._offer.tell_pc()
        self._forget()
        admission = await self._context.store.read(read_admission)
        if admission is None or admission.stage is not Stage.GRANTED:
            return
        self._context.tasks.cancel(TASK_FOLLOW)
        withdrawn = admission.at(Stage.WITHDRAWN)
        await self._context.store.write(lambda tx: write_admission(tx, withdrawn))
        self._context.tasks.spawn(self._follow(withdrawn), TASK_FOLLOW)

    async def resume(self) -> None:
        """Go on with what a crash or a stop interrupted."""
        admission = await self._context.store.read(read_admission)
        if admission is not None and not self._context.tasks.is_running(TASK_FOLLOW):
            self._context.tasks.spawn(self._follow(admission), TASK_FOLLOW)

    async def is_list_pending(self) -> bool:
        """Whether a signed list of a linking waits to be published: no other list may be signed meanwhile."""
        return await self._context.store.read(is_list_pending)

    async def settle(self) -> None:
        """End a linking: a grant that waits for its PC is withdrawn, what comes after is waited for.

        Raises:
            EnvironmentFault: code relay_unreachable; the lists that were signed are not published yet.
        """
        admission = await self._context.store.read(read_admission)
        if admission is not None and admission.stage is Stage.GRANTED:
            await self.cancel()
        await self._wait_for_end()
        if await self._context.store.read(is_list_pending):
            raise EnvironmentFault("The relay cannot be reached.", code="relay_unreachable")

    async def _wait_for_end(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_WAIT_S):
                await self._context.tasks.ended(TASK_FOLLOW)

    def _forget(self) -> None:
        if self._offer is not None:
            self._offer.drop()
        self._offer = None

    async def _follow(self, admission: Admission) -> None:
        """Carry the admission to its end; whatever the relay or the disk refuses now is tried again."""
        step: Admission | None = admission
        while step is not None:
            try:
                step = await self._advance(step)
            except EnvironmentFault:
                await self._context.clock.sleep(RETRY_S)
            except PeerError as error:
                log.warning("the relay refuses a step of an admission: %s", error.code)
                await self._context.clock.sleep(REFUSED_S)
        await self._on_ended()

    async def _advance(self, admission: Admission) -> Admission | None:
        following: Admission | None = None
        match admission.stage:
            case Stage.GRANTED:
                following = await self._await_done(admission)
            case Stage.ANSWERED:
                following = await self._admit(admission)
            case Stage.INTRODUCED:
                await self._reconcile.introduce()
                self._reconcile.start()
            case Stage.WITHDRAWN:
                await self._withdraw(admission)

        def store(tx: Transaction) -> None:
            if following is None:
                delete_admission(tx)
            else:
                write_admission(tx, following)
                if following.stage is Stage.ANSWERED:
                    self._write_device(tx, following)

        await self._context.store.write(store)
        return following

    def _write_device(self, tx: Transaction, admission: Admission) -> None:
        """Know the PC by the name that its user gave it, from the moment on in which it is listed.

        It tells its name itself once it is reachable, which is when it counts as linked: until then it has no date. One
        that gives up after blob 5 never tells it, and is removed by this name.
        """
        certificate = DeviceCertificate.decode(admission.certificate, self._context.own.account_public)
        if tx.own_devices.get(certificate.device_id) is None:
            tx.own_devices.put(OwnDeviceRow(certificate.device_id, admission.name, "linked", linked_at=0))

    async def _await_done(self, admission: Admission) -> Admission:
        link = PhoneLink.from_bytes(admission.link)
        clock, relay = self._context.clock, self._context.network.relay(link.payload.relay_url)
        try:
            await put_blob(relay, link.payload.rendezvous, GRANT, admission.blob4)
            blob5 = await wait_for_blob(clock, relay, link.payload.rendezvous, DONE, until_ms=link.deadline_ms)
            if blob5 is not None:
                package = link.receive_blob5(blob5, now_ms=clock.now_ms())
                _check_admitted(package, admission)
                return admission.at(Stage.ANSWERED, key_package=package)
        except (UsageError, PeerError) as error:
            # The slot is written once: after a forged or late blob nothing better can come.
            self._context.events.publish(LinkEnded(error.code if error.code == "offer_expired" else "link_failed"))
        else:
            self._context.events.publish(LinkEnded("offer_expired"))
        return admission.at(Stage.WITHDRAWN)

    async def _admit(self, admission: Admission) -> Admission:
        own = self._context.own
        device_list = DeviceList.decode(admission.device_list, own.account_public)
        certificate = DeviceCertificate.decode(admission.certificate, own.account_public)
        await self._own_list.publish(device_list)
        await self._keeper.ensure_own_rooms()
        await self._keeper.add_to_device_room(certificate.device_id, admission.key_package)
        return admission.at(Stage.INTRODUCED)

    async def _withdraw(self, admission: Admission) -> None:
        own = self._context.own
        device_list = DeviceList.decode(admission.device_list, own.account_public)
        certificate = DeviceCertificate.decode(admission.certificate, own.account_public)
        await self._own_list.publish(device_list)
        await self._own_list.publish_without([certificate.device_id])


def _check_admitted(package: bytes, admission: Admission) -> None:
    """Refuse a key package of anybody but the granted device: whoever photographed the QR could post one."""
    key_package = KeyPackage.decode(package)
    key_package.verify(suite_by_id(HYBRID))
    if credential_of(key_package.leaf_node).certificate.encoded != admission.certificate:
        raise PeerError("the key package at the rendezvous is not the admitted device's", code="invalid_key_package")
