"""Being brought back: a device that lost its way asks, any member re-Adds it in one commit (Remove + Add, rule (d)).

```
 lost ──request (own devices first, daily)──> members ──commit──> Welcome ──> active
                                                └── no leaf any more ──"removed" ──> removed
```
Own devices answer at once, others after up to a minute, and whoever sees the request's package in the tree is silent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from byre.client.context import Context
from byre.client.delivery.fan_out import Recipient, seal_for_all
from byre.client.delivery.outbox import REJOIN, Outbox
from byre.client.delivery.outbox import REMOVED as REMOVED_KIND
from byre.client.directory import Directory
from byre.client.events import RoomChanged
from byre.client.key_packages import KeyPackages
from byre.client.leaf_check import credential_of, leaf_info
from byre.client.peers import Peers
from byre.client.rooms.commit_rows import was_brought_back_by
from byre.client.rooms.commits import Commits
from byre.client.rooms.groups import Groups
from byre.client.rooms.intents import Package, ReAdd, Seat
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.standstill import Dispute, forget_dispute, write_dispute
from byre.client.views import RoomId
from byre.errors import ByreError, PeerError
from byre.identity.credential import VerifiedCredential
from byre.identity.leaf import LeafInfo
from byre.identity.rejoin import RejoinRequest, RejoinRequestIn, RemovedAnswer, RemovedAnswerIn
from byre.mls import HYBRID, KeyPackage, suite_by_id
from byre.store import OutboxRow, RejoiningRow, Transaction
from byre.wire.envelope import REJOIN_REQUEST, REMOVED
from byre.wire.ids import MESSAGE_ID_SIZE, AccountId, DeviceId, GroupId

log = logging.getLogger(__name__)

AGAIN_AFTER_MS = 24 * 3600 * 1000
JITTER_MS = 60_000
_ASKING = ("rejoining", "jammed")
_ANSWERING = ("active", "request", "jammed")


class Rejoining:
    """Asks to be brought back, and brings others back."""

    def __init__(
        self,
        context: Context,
        groups: Groups,
        outbox: Outbox,
        key_packages: KeyPackages,
        commits: Callable[[], Commits],
        directory: Directory | None = None,
        peers: Peers | None = None,
    ) -> None:
        """`directory`: where the keys of members are looked up once the room's tree is gone, too.

        `peers`: learns what an own device that asks has to tell of the account.
        """
        self._context = context
        self._groups = groups
        self._outbox = outbox
        self._key_packages = key_packages
        self._commits = commits
        self._directory = directory
        self._peers = peers

    async def begin(self, group_id: bytes, dispute: Dispute | None = None) -> None:
        """Mark the room as being rejoined and ask now; asked again every day until a Welcome comes.

        `dispute`: what only the home said; when it takes that back the room is what it was.
        """

        def work(tx: Transaction) -> bool:
            row = tx.rooms.get(group_id)
            if row is None or row.state not in ("active", "request"):
                return False
            tx.rooms.change(row.id, state="rejoining")
            if dispute is None:
                forget_dispute(tx, group_id)
            else:
                write_dispute(tx, replace(dispute, since=self._context.clock.now_ms()))
            tx.groups.delete_pending(group_id)
            now_ms = self._context.clock.now_ms()
            tx.joins.put_rejoining(RejoiningRow(group_id, b"", b"", now_ms, now_ms))
            return True

        if await self._context.store.write(work):
            self._context.events.publish(RoomChanged(RoomId(group_id.hex())))
            self._context.tasks.spawn(self.ask_due(), "rejoin requests")

    async def ask_back(self, group_id: bytes) -> None:
        """Ask to be brought back into a room that is in doubt: meanwhile text goes on in the epoch that there is."""

        def work(tx: Transaction) -> bool:
            row = tx.rooms.get(group_id)
            if row is None or row.state != "jammed" or tx.joins.rejoining(group_id) is not None:
                return False
            now_ms = self._context.clock.now_ms()
            tx.joins.put_rejoining(RejoiningRow(group_id, b"", b"", now_ms, now_ms))
            return True

        if await self._context.store.write(work):
            self._context.tasks.spawn(self.ask_due(), "rejoin requests")

    async def ask_due(self) -> None:
        """Send the requests whose time has come."""
        now_ms = self._context.clock.now_ms()
        for row in await self._context.store.read(lambda tx: tx.joins.rejoins_due(now_ms)):
            try:
                await self._ask(row)
            except ByreError as error:
                log.warning("a rejoin request waits: %s", error.code)

    async def _ask(self, row: RejoiningRow) -> None:
        own, now_ms, group_id = self._context.own, self._context.clock.now_ms(), row.group_id
        bundle = await self._key_packages.fresh_bundle()
        request = RejoinRequest.issue(
            own.device_key, group_id=GroupId(group_id), key_package=bundle.key_package.encoded, now_ms=now_ms
        )

        def work(tx: Transaction) -> list[OutboxRow]:
            room = tx.rooms.get(group_id)
            if room is None or room.state not in _ASKING:
                tx.joins.delete_rejoining(group_id)
                return []
            members = tx.members.of_room(room.id)
            others = [m for m in members if m.device_id != own.device_id]
            # Own devices first: they answer at once, and the others see that it is done.
            others.sort(key=lambda m: m.account_id != own.account_id)
            recipients = [Recipient(m.account_id, m.device_id, LeafInfo.decode(m.address).address) for m in others]
            rows = self._rows(recipients, REJOIN_REQUEST, request.encoded, room.id, REJOIN)
            tx.outbox.add(rows)
            again = RejoiningRow(
                group_id, request.hash, bundle.reference, row.started_at, now_ms + AGAIN_AFTER_MS, row.tries + 1
            )
            tx.joins.put_rejoining(again)
            return rows

        self._outbox.dispatch(await self._context.store.write(work))

    async def ask_anew(self, refused: OutboxRow) -> None:
        """Send a refused request once more, to the address in a package that the device left at its relay."""
        if refused.attempts or refused.content is None:
            return
        try:
            taken = await self._key_packages.take_device(AccountId(refused.account_id), DeviceId(refused.device_id))
        except ByreError as error:
            log.warning("a member cannot be asked to bring this device back: %s", error.code)
            return
        address = leaf_info(taken.key_package.leaf_node).address
        to = Recipient(refused.account_id, refused.device_id, address)
        request = refused.content

        def work(tx: Transaction) -> list[OutboxRow]:
            rows = [replace(row, attempts=1) for row in self._rows([to], REJOIN_REQUEST, request, refused.room, REJOIN)]
            tx.outbox.add(rows)
            return rows

        self._outbox.dispatch(await self._context.store.write(work))

    async def on_request(self, data: bytes, mid: bytes) -> None:
        """Answer another device's request: bring it back, or say that it has no leaf here."""
        try:
            asked = RejoinRequestIn.decode(data)
            package = KeyPackage.decode(asked.unverified_key_package)
            package.verify(suite_by_id(HYBRID))
            credential = credential_of(package.leaf_node)
            request = asked.verified(credential.device_key)
            address = leaf_info(package.leaf_node).address
        except PeerError as error:
            log.warning("a rejoin request does not verify: %s", error.code)
            return
        if credential.account_id == self._context.own.account_id and request.is_fresh(self._context.clock.now_ms()):
            await self._learn(credential)
        room = await self._groups.current(asked.group_id)
        key, own = package.leaf_node.encryption_key, self._context.own
        state, is_used = await self._context.store.read(
            lambda tx: (_state_of(tx, asked.group_id), was_brought_back_by(tx, key, own))
        )
        if room is None or state not in _ANSWERING or not request.is_fresh(self._context.clock.now_ms()):
            return
        seats = [
            s for s in room.seats() if (s.account_id, s.device_id) == (credential.account_id, credential.device_id)
        ]
        if is_used or any(seat.package_key == key for seat in seats):
            return
        if not seats:
            await self._answer_removed(room, request, Recipient(credential.account_id, credential.device_id, address))
            return
        if seats[0].device_key != credential.device_key:
            return
        is_own = credential.account_id == self._context.own.account_id
        delay_ms = 0 if is_own else int.from_bytes(self._context.random(4), "big") % JITTER_MS
        wanted = Package(credential.account_id, credential.device_id, key, package.encoded)
        await self._commits().add(asked.group_id, ReAdd(wanted), delay_ms=delay_ms)

    async def _learn(self, credential: VerifiedCredential) -> None:
        """An own device asks: what it knows of the account may be newer, a restored phone's list above all."""
        peers = self._peers
        if peers is not None:
            after = await self._context.store.write(lambda tx: peers.learn(tx, credential))
            if after is not None:
                after()

    async def on_removed(self, data: bytes, mid: bytes) -> None:
        """Believe a member that says that this device has no leaf any more.

        Who has lost the tree as well (a restored device) goes by its list of members, and by the keys that their
        accounts certify in the directory.
        """
        try:
            told = RemovedAnswerIn.decode(data)
            room = await self._groups.current(told.group_id)
            if room is None:
                self._context.tasks.spawn(self._ask_directory(told), "who says that this device was removed")
                return
            seat = _seat_of(room, told.account_id, told.device_id)
            if seat is not None:
                await self._end(told.verified(seat.device_key))
        except PeerError as error:
            log.warning("a removed answer does not verify: %s", error.code)

    async def _ask_directory(self, told: RemovedAnswerIn) -> None:
        """Look the answering member up; away, or no member: the request is sent, and answered, again tomorrow."""

        def is_member(tx: Transaction) -> bool:
            row = tx.rooms.get(told.group_id)
            members = [] if row is None or row.state not in _ASKING else tx.members.of_room(row.id)
            return any((m.account_id, m.device_id) == (told.account_id, told.device_id) for m in members)

        if self._directory is None or not await self._context.store.read(is_member):
            return
        try:
            account = await self._directory.lookup_known(told.account_id)
            record = account.devices.get(told.device_id)
            if record is not None:
                await self._end(told.verified(record.certificate.device_key))
        except ByreError as error:
            log.warning("a removed answer cannot be verified: %s", error.code)

    async def _end(self, answer: RemovedAnswer) -> None:
        """This device is not in the room any more: it asks no longer."""
        group_id = answer.group_id

        def work(tx: Transaction) -> bool:
            row, asked = tx.rooms.get(group_id), tx.joins.rejoining(group_id)
            if row is None or row.state not in _ASKING or asked is None or asked.request_hash != answer.request_hash:
                return False
            tx.groups.delete(group_id)
            tx.joins.delete_rejoining(group_id)
            forget_dispute(tx, group_id)
            tx.intents.delete_group(group_id)
            tx.erasures.start_all_own(self._context.clock.now_ms(), row.id)
            tx.rooms.change(row.id, state="removed")
            return True

        async with self._groups.held(group_id):
            if await self._context.store.write(work):
                self._groups.forget(group_id)
        self._context.events.publish(RoomChanged(RoomId(group_id.hex())))

    async def _answer_removed(self, room: LiveRoom, request: RejoinRequest, to: Recipient) -> None:
        own = self._context.own
        answer = RemovedAnswer.issue(
            own.device_key,
            group_id=GroupId(room.group_id),
            request_hash=request.hash,
            account_id=own.account_id,
            device_id=own.device_id,
        )

        def work(tx: Transaction) -> list[OutboxRow]:
            rows = self._rows([to], REMOVED, answer.encoded, None, REMOVED_KIND)
            tx.outbox.add(rows)
            return rows

        self._outbox.dispatch(await self._context.store.write(work))

    def _rows(
        self, recipients: Sequence[Recipient], envelope_type: int, body: bytes, room: int | None, kind: str
    ) -> list[OutboxRow]:
        rows: list[OutboxRow] = []
        for recipient in recipients:  # one at a time: the order, own devices first, is meant
            sealed = seal_for_all([recipient], envelope_type, body, self._context.random)
            item = self._context.random(MESSAGE_ID_SIZE)
            rows += self._outbox.rows(item, sealed, room=room, kind=kind, content=body)
        return rows


def _state_of(tx: Transaction, group_id: bytes) -> str:
    row = tx.rooms.get(group_id)
    return "" if row is None else row.state


def _seat_of(room: LiveRoom, account_id: bytes, device_id: bytes) -> Seat | None:
    return next((s for s in room.seats() if (s.account_id, s.device_id) == (account_id, device_id)), None)
