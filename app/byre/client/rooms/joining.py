"""Joining a room by its Welcome: the group, its row and its members in one transaction, the used package gone with it.

A contact's room is joined for the user at once; a stranger's is joined at MLS level and shown as a request. A Welcome
into a room that this device is in already counts only while the room is being rejoined: otherwise any member could
lead it into a fork. It is kept until the commit that explains it has come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from byre.client.clock import now_s
from byre.client.context import Context, OwnIdentity
from byre.client.events import RoomChanged, RoomRequested
from byre.client.peers import Peers
from byre.client.room_keeper import AfterCommit, JoinedHandler, JoinedRoom
from byre.client.rooms.acceptance import settled_state
from byre.client.rooms.groups import Groups, write_ended
from byre.client.rooms.intent_codec import stored
from byre.client.rooms.intents import RenewLeaf
from byre.client.rooms.live_room import LiveRoom, expect_room_suite, validated_leaf
from byre.client.rooms.merging import learn_all
from byre.client.rooms.renewals import note_renewed
from byre.client.rooms.showing import Showing, member_rows
from byre.client.rooms.twins import settle_twins
from byre.client.views import RoomId
from byre.errors import InternalBug, PeerError
from byre.identity.membership import judge_joined
from byre.identity.room_context import RoomKind
from byre.identity.room_facts import MemberLeaf, RoomFacts
from byre.identity.room_policy import kept_retention
from byre.mls import HYBRID, Group, KeyPackageBundle, LeafContext, LeafNode, MLSMessage, Welcome
from byre.store import IntentRow, KeptEnvelopeRow, KeyPackageRow, RoomRow, Transaction, UndecryptableRow
from byre.wire.tls import Reader, Writer

WELCOME, WELCOME_AND_TREE = "welcome", "welcome+tree"
"""Reasons of a kept Welcome, the latter with the tree that came in a blob."""


@dataclass(frozen=True, slots=True)
class _Welcomed:
    """An opened Welcome: the room, who vouched for it, the package that it used up."""

    room: LiveRoom
    welcomer: MemberLeaf
    package: KeyPackageRow


class Joining:
    """Opens Welcomes.

    Args:
        joined: called in the loop after a join, to greet and to look after the room.
        brought_back: called in the transaction that joins a room again in which this device had lost its way.
    """

    def __init__(
        self,
        context: Context,
        groups: Groups,
        peers: Peers,
        showing: Showing,
        joined: Callable[[bytes], None],
        brought_back: Callable[[Transaction, RoomRow], None],
    ) -> None:
        self._context = context
        self._groups = groups
        self._peers = peers
        self._showing = showing
        self._joined = joined
        self._brought_back = brought_back
        self._handlers: list[JoinedHandler] = []

    def on_joined(self, handler: JoinedHandler) -> None:
        """Register a handler of rooms that this device joins."""
        self._handlers.append(handler)

    async def announce(self, group_id: bytes, kind: str) -> None:
        """Tell the handlers of a room that this device opened: own devices may lack in it."""

        def work(tx: Transaction) -> list[AfterCommit]:
            effects = [handler(tx, JoinedRoom(group_id, kind)) for handler in self._handlers]
            return [effect for effect in effects if effect is not None]

        for effect in await self._context.store.write(work):
            effect()

    async def take(self, message: bytes, mid: bytes, is_known: bool = False, tree: bytes | None = None) -> bytes | None:
        """Take a Welcome; returns the group if it was joined. What cannot be joined is recorded.

        Args:
            is_known: the mid was taken before, with the pointer to the blob that the Welcome or its tree came in.
            tree: the ratchet tree, where it does not stand in the Welcome itself.
        """
        mailbox_id, now_ms = self._context.own.mailbox.mailbox_id, self._context.clock.now_ms()

        def is_first(tx: Transaction) -> bool:
            return is_known or tx.inbox.take_mid(mailbox_id, mid, now_ms)

        return await self._take(message, mid, is_first, tree)

    async def retry(self, group_id: bytes) -> bool:
        """Try the Welcomes kept for a group again; True if one let us in."""
        rows = await self._context.store.read(lambda tx: tx.inbox.kept(group_id))
        is_in = False
        for row in rows:
            if row.reason in (WELCOME, WELCOME_AND_TREE):
                message, tree = _unpacked(row)
                is_in = await self._take(message, row.mid, partial(_drop, row.id), tree) is not None or is_in
        return is_in

    async def _take(
        self, message: bytes, mid: bytes, is_first: Callable[[Transaction], bool], tree: bytes | None
    ) -> bytes | None:
        """Take a Welcome for which `is_first`, asked in the transaction that stores what comes of it, is true."""
        try:
            welcomed = await self._open(message, tree)
        except PeerError as error:
            await self._record(mid, error.code, is_first)
            return None
        group_id = welcomed.room.group_id
        async with self._groups.held(group_id) as held:

            def work(tx: Transaction) -> tuple[bool, list[AfterCommit]]:
                row = tx.rooms.get(group_id)
                if not is_first(tx):
                    return False, []
                if row is not None and held is not None and not _is_awaited(tx, row):
                    tx.inbox.keep(self._kept(message, mid, welcomed.room, tree))
                    return False, []
                return True, self._write(tx, row, held, welcomed)

            is_in, effects = await self._context.store.write(work)
            if is_in:
                self._groups.put(welcomed.room)
        for effect in effects:
            effect()
        if is_in:
            self._joined(group_id)
        return group_id if is_in else None

    async def _open(self, message: bytes, tree: bytes | None) -> _Welcomed:
        welcome = MLSMessage.decode(message).message
        if not isinstance(welcome, Welcome):
            raise PeerError("this message is no Welcome", code="malformed")
        names = [entry.new_member for entry in welcome.secrets]

        def find(tx: Transaction) -> KeyPackageRow | None:
            rows = (tx.key_packages.get(name) for name in names)
            return next((row for row in rows if row is not None), None)

        package = await self._context.store.read(find)
        if package is None:
            raise PeerError("a Welcome is for no package of ours", code="not_for_us")
        if welcome.suite_id != HYBRID:
            raise PeerError("a room of another suite", code="unsupported_suite")
        own, now = self._context.own, now_s(self._context.clock)
        return await asyncio.to_thread(_join, own, message, tree, package, now)

    def _write(
        self, tx: Transaction, row: RoomRow | None, held: LiveRoom | None, welcomed: _Welcomed
    ) -> list[AfterCommit]:
        room, now_ms = welcomed.room, self._context.clock.now_ms()
        group, group_id = room.group, room.group_id
        if held is not None and held.epoch < group.epoch:
            write_ended(tx, held.group, now_ms)
        elif held is not None:
            tx.groups.delete(group_id)
        tx.groups.delete_pending(group_id)
        tx.groups.save_epoch(group_id, group.epoch, group.epoch_bytes(), group.ratchet_bytes())
        number, is_request = self._write_room(tx, row, welcomed, now_ms)
        tx.members.replace(number, member_rows(number, room))
        self._use_up(tx, welcomed)
        note_renewed(tx, group_id, now_ms, self._context.random)
        tx.joins.delete_rejoining(group_id)
        effects = learn_all(tx, self._peers, room.facts.leaves)
        kind = room.context.kind.name.lower()
        for handler in self._handlers:
            after = handler(tx, JoinedRoom(group_id, kind))
            effects += [after] if after is not None else []
        if room.context.kind is RoomKind.DIRECT:
            settle_twins(tx, self._context.own, _peer_of(room, self._context.own.account_id))
        return [*effects, self._tell(tx, group_id, welcomed.welcomer, is_request=is_request)]

    def _write_room(self, tx: Transaction, row: RoomRow | None, welcomed: _Welcomed, now_ms: int) -> tuple[int, bool]:
        room, welcomer, own = welcomed.room, welcomed.welcomer, self._context.own.account_id
        context, timer_s = room.context, kept_retention(room.context.retention_s)
        if row is not None and row.state in ("rejoining", "jammed"):
            if row.state == "jammed":  # what was sent off the head, nobody on it could read
                tx.outbox.expire(now_ms, room=row.id)
            self._brought_back(tx, row)
            state = settled_state(row)  # who brought this device back decides nothing that its user has not decided
            tx.rooms.change(row.id, state=state, relay=context.home_url, title=context.title, timer_s=timer_s)
            return row.id, False
        is_request = welcomer.account_id != own and not self._peers.is_contact(tx, welcomer.account_id)
        state = "request" if is_request else "active"
        requester = (welcomer.account_id, welcomer.device_id) if is_request else (None, None)
        if row is not None:
            tx.rooms.change(
                row.id,
                state=state,
                relay=context.home_url,
                title=context.title,
                timer_s=timer_s,
                last_activity=now_ms,
                requester_account=requester[0],
                requester_device=requester[1],
            )
            return row.id, is_request
        number = tx.rooms.add(
            RoomRow(
                id=0,
                group_id=room.group_id,
                kind=context.kind.name.lower(),
                state=state,
                relay=context.home_url,
                group_tag=context.group_tag,
                created_at=now_ms,
                last_activity=now_ms,
                title=context.title,
                peer_account=_peer_of(room, own) if context.kind is RoomKind.DIRECT else None,
                requester_account=requester[0],
                requester_device=requester[1],
                policy_version=context.policy_version,
                timer_s=timer_s,
            )
        )
        return number, is_request

    def _use_up(self, tx: Transaction, welcomed: _Welcomed) -> None:
        package = welcomed.package
        room, now_ms = welcomed.room, self._context.clock.now_ms()
        if package.is_last_resort:
            kind, payload = stored(RenewLeaf(room.own_seat.package_key))
            tx.intents.add(IntentRow(0, room.group_id, kind, payload, now_ms, now_ms))
        else:
            tx.key_packages.delete(package.reference)
        tx.tokens.bind(room.own_recipient.address.token, room.group_id)

    def _tell(self, tx: Transaction, group_id: bytes, welcomer: MemberLeaf, *, is_request: bool) -> AfterCommit:
        sender = self._showing.sender(tx, welcomer.account_id, welcomer.device_id)
        room_id, publish = RoomId(group_id.hex()), self._context.events.publish

        def after() -> None:
            if is_request and sender.handle:
                publish(RoomRequested(room_id, sender))
            elif is_request:
                self._context.tasks.spawn(self._ask_by_name(room_id, welcomer), f"who invites to {room_id[:8]}")
            publish(RoomChanged(room_id))

        return after

    async def _ask_by_name(self, room_id: RoomId, welcomer: MemberLeaf) -> None:
        """A stranger's handle is not in its leaf: tell of the invitation when the directory has named it, or cannot."""
        await self._peers.learn_name(welcomer.account_id, welcomer.info.address.relay_url)
        account_id, device_id = welcomer.account_id, welcomer.device_id
        sender = await self._context.store.read(lambda tx: self._showing.sender(tx, account_id, device_id))
        self._context.events.publish(RoomRequested(room_id, sender))
        self._context.events.publish(RoomChanged(room_id))

    def _kept(self, message: bytes, mid: bytes, room: LiveRoom, tree: bytes | None) -> KeptEnvelopeRow:
        mailbox_id, now_ms = self._context.own.mailbox.mailbox_id, self._context.clock.now_ms()
        reason = WELCOME if tree is None else WELCOME_AND_TREE
        packed = message if tree is None else Writer().opaque_v(message).opaque_v(tree).done()
        return KeptEnvelopeRow(0, mailbox_id, mid, reason, room.group_id, None, packed, now_ms)

    async def _record(self, mid: bytes, code: str, is_first: Callable[[Transaction], bool]) -> None:
        row = UndecryptableRow(0, mid, None, None, code, self._context.clock.now_ms())

        def work(tx: Transaction) -> None:
            if is_first(tx):
                tx.inbox.add_undecryptable(row)

        await self._context.store.write(work)


def _join(own: OwnIdentity, message: bytes, tree: bytes | None, package: KeyPackageRow, now: int) -> _Welcomed:
    """Open a Welcome and verify every leaf once; beside the loop, since it takes as long as the room is large.

    Raises:
        PeerError: MLS, identity or the law of rooms refuses it.
    """
    leaves: list[MemberLeaf] = []

    def validate(leaf: LeafNode, context: LeafContext) -> None:
        if context.leaf_index is None:
            raise InternalBug("a joiner looks at leaves that stand nowhere")
        leaves.append(validated_leaf(context.leaf_index, leaf))

    group = Group.join(
        message,
        bundle=KeyPackageBundle.from_bytes(package.bundle.reveal()),
        signature_key=own.device_key,
        ratchet_tree=tree,
        validate=validate,
        now_s=now,
    )
    expect_room_suite(group)
    room = LiveRoom(group, RoomFacts.read(leaves, [(e.extension_type, e.data) for e in group.extensions]))
    judge_joined(room.facts)
    welcomer = room.facts.leaf(-1 if group.welcomed_by is None else group.welcomed_by)
    if room.context.kind in (RoomKind.DEVICE, RoomKind.NOTE) and room.accounts() != {own.account_id}:
        raise PeerError("a room of own devices holds somebody else", code="not_allowed")
    return _Welcomed(room, welcomer, package)


def _unpacked(row: KeptEnvelopeRow) -> tuple[bytes, bytes | None]:
    if row.reason == WELCOME:
        return row.envelope, None
    reader = Reader(row.envelope)
    return reader.opaque_v(), reader.opaque_v()


def _is_awaited(tx: Transaction, row: RoomRow) -> bool:
    """Whether this device has lost its way in a room that it is in, or has asked to be brought back to its head."""
    return row.state == "rejoining" or (row.state == "jammed" and tx.joins.rejoining(row.group_id) is not None)


def _drop(number: int, tx: Transaction) -> bool:
    tx.inbox.drop(number)
    return True


def _peer_of(room: LiveRoom, own_account: bytes) -> bytes:
    """Return the other account of a direct room."""
    others: Sequence[bytes] = [account for account, _ in room.context.roles if account != own_account]
    return others[0] if others else own_account
